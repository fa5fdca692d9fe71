//! A desk that believes nothing.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use deskbell_clock::{Entropy, SystemClock};
use deskbell_protocol::event::{
    Change, ChangeKind, ConnectAuth, ConnectRefused, NAMESPACE, RefusalCode, Replay, Welcome,
};
use deskbell_protocol::http::ReservationList;
use deskbell_protocol::{API, Epoch, Position, Seq};
use deskbell_socketio::client::{Client, ClientConfig, ClientEvent, Transports, connect};
use deskbell_socketio::{Args, Backoff};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::book::{Book, Entry};

/// How long an attempt to connect may take; longer than a busy machine needs.
const CONNECT: Duration = Duration::from_secs(20);

/// Short, so that a soak is not all waiting.
const BACKOFF: Backoff = Backoff {
    base: Duration::from_millis(20),
    cap: Duration::from_millis(200),
};

/// The list of every reservation.
const ALL: &str = "/v1/reservations?received_since=2000-01-01T00:00:00Z";

/// How often a list is asked for that does not come.
const TRIES: u32 = 100;

/// Who a desk is, and how it gets through.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) http: reqwest::Client,
    /// Where it connects: the gateway, or a proxy before it.
    pub(crate) address: SocketAddr,
    pub(crate) transports: Transports,
    /// Its hospital's.
    pub(crate) slug: String,
    pub(crate) token: String,
}

/// A desk: its link, which comes and goes, and its book, which stays.
pub(crate) struct Desk {
    who: Identity,
    entropy: Arc<dyn Entropy>,
    link: Option<(Client, mpsc::Receiver<ClientEvent>)>,
    cursors: Arc<Mutex<Cursors>>,
    /// The seq that must come next on this link; `None` until the first has come of a replay.
    next: Option<u64>,
    /// The list was refused: it ends soon.
    signed_out: bool,
    pub(crate) book: Book,
    pub(crate) seen: Seen,
}

/// Where a desk is, and where it said it was.
#[derive(Default)]
struct Cursors {
    now: Option<Position>,
    /// Those it went on from, oldest first; a link may begin after any of them.
    said: VecDeque<u64>,
}

/// What happened at desks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Links made.
    pub(crate) links: u64,
    /// Reservations that came again at the beginning of a link, after the cursor that the desk had said.
    pub(crate) repeated: u64,
    /// Lists fetched.
    pub(crate) lists: u64,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Self) {
        self.links += other.links;
        self.repeated += other.repeated;
        self.lists += other.lists;
    }
}

/// Whether a desk goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stays {
    Yes,
    /// It was told that it is signed out.
    Revoked,
}

impl Desk {
    /// A desk that knows nothing and fetches the list; with an epoch, one that has everything sent from the beginning on.
    pub(crate) fn new(who: Identity, epoch: Option<Epoch>, entropy: Arc<dyn Entropy>) -> Self {
        let now = epoch.map(|epoch| Position { epoch, seq: Seq(0) });
        Self {
            who,
            entropy,
            link: None,
            cursors: Arc::new(Mutex::new(Cursors {
                now,
                said: VecDeque::new(),
            })),
            next: None,
            signed_out: false,
            book: Book::default(),
            seen: Seen::default(),
        }
    }

    /// The life of its hospital's log, once it has been told.
    pub(crate) fn epoch(&self) -> Option<Epoch> {
        let cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        cursors.now.as_ref().map(|now| now.epoch.clone())
    }

    /// Comes, unless it is there.
    pub(crate) fn come(&mut self) -> Result<()> {
        if self.link.is_some() {
            return Ok(());
        }
        let config = ClientConfig {
            url: format!("http://{}", self.who.address).parse()?,
            namespace: NAMESPACE.to_owned(),
            http: self.who.http.clone(),
            connect_timeout: CONNECT,
            backoff: BACKOFF,
            transports: self.who.transports,
        };
        let (cursors, token) = (Arc::clone(&self.cursors), self.who.token.clone());
        let auth = move || {
            let mut cursors = cursors.lock().unwrap_or_else(PoisonError::into_inner);
            let cursor = cursors.now.clone();
            cursors.said.extend(cursor.as_ref().map(|cursor| cursor.seq.0));
            let auth = ConnectAuth {
                token: token.clone(),
                api: API,
                client: concat!("soak/", env!("CARGO_PKG_VERSION")).to_owned(),
                cursor,
            };
            serde_json::to_value(auth).unwrap_or_default()
        };
        self.link = Some(connect(
            config,
            auth,
            Arc::new(SystemClock),
            Arc::clone(&self.entropy),
        ));
        Ok(())
    }

    /// Goes in good order. What it was sent and has not read is lost to it.
    pub(crate) fn go(&mut self) {
        self.link = None;
    }

    /// What the link tells next; never, without a link. Nothing is lost if it is dropped.
    pub(crate) async fn hear(&mut self) -> Result<ClientEvent> {
        match &mut self.link {
            Some((_, events)) => events.recv().await.context("the link's task has ended"),
            None => std::future::pending().await,
        }
    }

    /// Takes in what was heard.
    ///
    /// # Errors
    /// When something is missing, out of order, of another hospital, or no desk is sent it.
    pub(crate) async fn take_in(&mut self, event: ClientEvent) -> Result<Stays> {
        match event {
            ClientEvent::Connected { .. } => self.seen.links += 1,
            ClientEvent::Upgraded | ClientEvent::Disconnected { .. } => {}
            ClientEvent::Refused { data, .. } => {
                let refused: Option<ConnectRefused> = data.and_then(|data| serde_json::from_value(data).ok());
                match refused.map(|refused| refused.code) {
                    Some(RefusalCode::DeskRevoked) => return Ok(Stays::Revoked),
                    other => bail!("refused: {other:?}"),
                }
            }
            ClientEvent::Event { name, args, .. } => match name.as_str() {
                Welcome::NAME => self.welcomed(read(&args)?).await?,
                Change::NAME => self.changed(&read(&args)?)?,
                "caught_up" | "head" | "shutdown" => {}
                other => bail!("an event {other} came"),
            },
        }
        Ok(Stays::Yes)
    }

    async fn welcomed(&mut self, welcome: Welcome) -> Result<()> {
        ensure!(
            welcome.hospital.slug == self.who.slug,
            "welcomed by {}",
            welcome.hospital.slug
        );
        let epoch = welcome.position.epoch;
        match welcome.replay {
            Replay::Cursor => self.next = None,
            Replay::Resync => bail!("asked to fetch the list, though nothing was taken away"),
            Replay::None => {
                self.next = Some(welcome.position.seq.0 + 1);
                match self.list().await? {
                    Some(list) => {
                        self.know(&list)?;
                        self.stand_at(epoch);
                    }
                    // At this very moment. Its link will say so too; what that still brings has no place without a list.
                    None => self.signed_out = true,
                }
            }
        }
        Ok(())
    }

    fn changed(&mut self, change: &Change) -> Result<()> {
        let (seq, entry) = (change.reservation.seq, Entry::of(&change.reservation));
        self.check_hospital(&entry)?;
        if self.signed_out {
            return Ok(());
        }
        ensure!(
            change.kind == ChangeKind::Created,
            "nobody asked for {:?}",
            change.kind
        );
        match self.next {
            Some(next) => ensure!(seq.0 == next, "seq {} came, not {next}", seq.0),
            None => self.began_after(seq.0.saturating_sub(1))?,
        }
        self.next = Some(seq.0 + 1);
        if !self.book.apply(seq, entry)? {
            self.seen.repeated += 1;
            return Ok(());
        }
        let mut cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(now) = &mut cursors.now {
            now.seq = seq;
        }
        Ok(())
    }

    /// That a replay goes on from where the desk said it was.
    fn began_after(&self, seq: u64) -> Result<()> {
        let mut cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        let said = cursors.said.iter().position(|said| *said == seq);
        let said = said.with_context(|| format!("a replay after {seq}, where the desk was not"))?;
        // Links begin in the order in which they were asked for.
        cursors.said.drain(..said);
        Ok(())
    }

    /// Takes in a list, of which what is known already must be a part.
    pub(crate) fn know(&mut self, list: &ReservationList) -> Result<()> {
        self.seen.lists += 1;
        let entries = list.reservations.iter().map(|reservation| {
            let entry = Entry::of(reservation);
            self.check_hospital(&entry)?;
            Ok((reservation.seq, entry))
        });
        let book = Book::of(entries.collect::<Result<_>>()?)?;
        ensure!(
            list.position.seq.0 <= book.head() && book.entries().starts_with(self.book.entries()),
            "the list lacks what was there before"
        );
        self.book = book;
        Ok(())
    }

    /// The list of all there are; `None` where the desk is signed out. It is asked for again when it is cut off on its way,
    /// or the gateway is busy.
    pub(crate) async fn list(&self) -> Result<Option<ReservationList>> {
        let url = format!("http://{}{ALL}", self.who.address);
        for _ in 0..TRIES {
            let asked = self.who.http.get(&url).bearer_auth(&self.who.token).send().await;
            if let Ok(answer) = asked {
                match answer.status() {
                    StatusCode::OK => {
                        if let Ok(list) = answer.json().await {
                            return Ok(Some(list));
                        }
                    }
                    StatusCode::UNAUTHORIZED => return Ok(None),
                    StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {}
                    other => bail!("the list was answered {other}"),
                }
            }
            sleep(BACKOFF.cap).await;
        }
        bail!("the list did not come in {TRIES} tries");
    }

    fn stand_at(&self, epoch: Epoch) {
        let mut cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        cursors.now = Some(Position {
            epoch,
            seq: Seq(self.book.head()),
        });
    }

    fn check_hospital(&self, entry: &Entry) -> Result<()> {
        let its = entry.name.split_once(' ').map(|(slug, _)| slug);
        ensure!(
            its == Some(&*self.who.slug),
            "a reservation of another hospital: {}",
            entry.name
        );
        Ok(())
    }
}

fn read<T: DeserializeOwned>(args: &Args) -> Result<T> {
    serde_json::from_str(args.first().get()).context("an event that cannot be read")
}
