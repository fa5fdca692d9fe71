//! The persistent connection to a gateway: from Socket.IO events to [`Update`]s. Holds no reservation.

use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, Entropy};
use deskbell_protocol::event::{
    CaughtUp, Change, ConnectAuth, ConnectRefused, Head, NAMESPACE, RefusalCode, Shown, Shutdown, Welcome,
};
use deskbell_protocol::{API, Position};
use deskbell_socketio::client::{Client, ClientConfig, ClientEvent, DisconnectReason, Transports, connect};
use deskbell_socketio::{Args, Backoff};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, watch};
use url::Url;

use crate::credentials::Token;
use crate::gateway::{CONNECT_TIMEOUT, Http};
use crate::update::{LinkFault, LinkUpdate, Refusal, Update};

/// How long a gateway may take to acknowledge `shown`.
const ACK_TIMEOUT: Duration = Duration::from_secs(10);

/// So many updates may wait for the desk; then the gateway waits.
const UPDATES: usize = 64;

/// What a subscription needs to know.
#[derive(Clone)]
pub(crate) struct SubscriptionConfig {
    /// The gateways, in the order in which they are tried; at least one.
    pub servers: Vec<Url>,
    /// The desk's secret.
    pub token: Token,
    /// The app's version.
    pub version: String,
    /// The connections' settings.
    pub http: Http,
    /// The clock of deadlines.
    pub clock: Arc<dyn Clock>,
    /// The chance in waits.
    pub entropy: Arc<dyn Entropy>,
}

/// What the desk wants of its subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A change is missing: connect anew from the cursor.
    StartOver,
    /// Somebody is looking: do not wait any longer.
    Hurry,
    /// Tell the gateway that everything up to here is decided.
    TellShown(Position),
}

/// The desk's end of a subscription. Dropping it ends the subscription.
#[derive(Debug)]
pub(crate) struct Subscription {
    updates: mpsc::Receiver<Update>,
    wishes: mpsc::UnboundedSender<Wish>,
    cursor: watch::Sender<Option<Position>>,
}

impl Subscription {
    /// A subscription from `cursor` on, and the task that is its other end, to be spawned.
    pub(crate) fn new(
        config: SubscriptionConfig,
        cursor: Option<Position>,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (update_sender, updates) = mpsc::channel(UPDATES);
        let (wishes, wish_receiver) = mpsc::unbounded_channel();
        let (cursor, cursor_receiver) = watch::channel(cursor);
        let line = Line {
            config,
            cursor: cursor_receiver,
            updates: update_sender,
            wishes: wish_receiver,
            failures: 0,
        };
        let subscription = Self {
            updates,
            wishes,
            cursor,
        };
        (subscription, line.run())
    }

    /// The next update; `None` once the task has ended.
    pub(crate) async fn next(&mut self) -> Option<Update> {
        self.updates.recv().await
    }

    /// The next update, if one is there.
    pub(crate) fn try_next(&mut self) -> Option<Update> {
        self.updates.try_recv().ok()
    }

    /// From where the next connection goes on.
    pub(crate) fn move_cursor(&self, cursor: Option<&Position>) {
        self.cursor.send_if_modified(|at| {
            let moved = at.as_ref() != cursor;
            if moved {
                *at = cursor.cloned();
            }
            moved
        });
    }

    /// Passes a wish on.
    pub(crate) fn wish(&self, wish: Wish) {
        // Its task has ended: the desk learns that by `next`, and nothing is left to wish for.
        let _ = self.wishes.send(wish);
    }
}

/// The task's end.
struct Line {
    config: SubscriptionConfig,
    cursor: watch::Receiver<Option<Position>>,
    updates: mpsc::Sender<Update>,
    wishes: mpsc::UnboundedReceiver<Wish>,
    /// Attempts in a row that did not catch up.
    failures: u32,
}

/// What ends the talk with one gateway.
enum End {
    /// The desk wants no more.
    Dropped,
    /// The gateway does not want the desk.
    Refused(Refusal),
    /// The gateway will be back after this.
    Stopping(Duration),
    /// The desk wants a new connection.
    StartOver,
    /// The gateway is of no use now.
    Away(LinkFault),
}

/// The desk has dropped its end.
struct Dropped;

impl Line {
    async fn run(mut self) {
        for turn in 0_usize.. {
            let count = self.config.servers.len();
            let Some(server) = self.config.servers.get(turn % count.max(1)).cloned() else {
                return;
            };
            let ended = self.talk(server).await;
            let Ok(Some(wait)) = self.pause_after(ended, (turn + 1) % count == 0).await else {
                return;
            };
            if !wait.is_zero() && !self.sleep(wait).await {
                return;
            }
        }
    }

    /// How long to wait before the next attempt; `None` when there will be none.
    async fn pause_after(&mut self, ended: End, all_tried: bool) -> Result<Option<Duration>, Dropped> {
        Ok(match ended {
            End::Dropped => None,
            End::Refused(refusal) => {
                self.link(LinkUpdate::Refused(refusal)).await?;
                self.failures = 0;
                loop {
                    match self.wishes.recv().await {
                        None => break None,
                        Some(Wish::Hurry) => break Some(Duration::ZERO),
                        Some(Wish::StartOver | Wish::TellShown(_)) => {}
                    }
                }
            }
            End::Stopping(retry_after) => {
                self.link(LinkUpdate::Lost(LinkFault::Stopping)).await?;
                Some(retry_after.min(Backoff::default().cap))
            }
            End::StartOver => Some(self.backoff()),
            End::Away(fault) => {
                self.link(LinkUpdate::Lost(fault)).await?;
                // The next gateway of the list is tried at once.
                Some(if all_tried { self.backoff() } else { Duration::ZERO })
            }
        })
    }

    fn backoff(&mut self) -> Duration {
        let wait = Backoff::default().delay(self.failures, &*self.config.entropy);
        self.failures = self.failures.saturating_add(1);
        wait
    }

    /// Waits, unless somebody is in a hurry; `false` when the desk wants no more.
    async fn sleep(&mut self, wait: Duration) -> bool {
        let woken = async {
            loop {
                match self.wishes.recv().await {
                    None => return false,
                    Some(Wish::Hurry) => return true,
                    Some(Wish::StartOver | Wish::TellShown(_)) => {}
                }
            }
        };
        tokio::time::timeout(wait, woken).await.unwrap_or(true)
    }

    async fn talk(&mut self, server: Url) -> End {
        if self.link(LinkUpdate::Trying(server.clone())).await.is_err() {
            return End::Dropped;
        }
        let config = ClientConfig {
            http: self.config.http.to(&server).clone(),
            url: server,
            namespace: NAMESPACE.to_owned(),
            connect_timeout: CONNECT_TIMEOUT,
            backoff: Backoff::default(),
            transports: Transports::default(),
        };
        let (clock, entropy) = (self.config.clock.clone(), self.config.entropy.clone());
        let (client, mut events) = connect(config, self.auth(), clock, entropy);
        loop {
            tokio::select! {
                event = events.recv() => {
                    // Without a last word the client's own task has failed.
                    let Some(event) = event else { return End::Away(LinkFault::Internal) };
                    match self.hear(event).await {
                        Ok(None) => {}
                        Ok(Some(end)) => return end,
                        Err(Dropped) => return End::Dropped,
                    }
                }
                wish = self.wishes.recv() => match wish {
                    None => return End::Dropped,
                    Some(Wish::StartOver) => return End::StartOver,
                    Some(Wish::Hurry) => client.reconnect_now(),
                    Some(Wish::TellShown(position)) => tell_shown(&client, position),
                },
            }
        }
    }

    fn auth(&self) -> impl FnMut() -> Value + Send + 'static + use<> {
        let (token, version, cursor) = (
            self.config.token.clone(),
            self.config.version.clone(),
            self.cursor.clone(),
        );
        move || {
            let auth = ConnectAuth {
                token: token.as_str().to_owned(),
                api: API,
                client: format!("deskbell/{version}"),
                cursor: cursor.borrow().clone(),
            };
            serde_json::to_value(auth).unwrap_or_default()
        }
    }

    async fn hear(&mut self, event: ClientEvent) -> Result<Option<End>, Dropped> {
        match event {
            ClientEvent::Connected { .. } | ClientEvent::Upgraded => Ok(None),
            ClientEvent::Event { name, args, .. } => self.event(&name, args.first()).await,
            ClientEvent::Refused { message, data } => {
                tracing::warn!(%message, "the gateway refuses this desk");
                Ok(Some(match refusal(data) {
                    Some(refusal) => End::Refused(refusal),
                    None => End::Away(LinkFault::NotDeskbell),
                }))
            }
            ClientEvent::Disconnected { reason, retry_in } => {
                tracing::info!(%reason, ?retry_in, "the link is lost");
                let fault = fault(&reason);
                if self.config.servers.len() > 1 {
                    return Ok(Some(End::Away(fault)));
                }
                // With one gateway the client tries again by itself.
                self.link(LinkUpdate::Lost(fault)).await?;
                Ok(None)
            }
        }
    }

    async fn event(&mut self, name: &str, data: &RawValue) -> Result<Option<End>, Dropped> {
        let update = match name {
            Change::NAME => read(data).map(|change| Update::Changed(Box::new(change))),
            Welcome::NAME => read(data).map(|welcome| Update::Link(LinkUpdate::Welcomed(Box::new(welcome)))),
            CaughtUp::NAME => {
                self.failures = 0;
                read(data).map(|caught_up| Update::Link(LinkUpdate::CaughtUp(caught_up)))
            }
            Head::NAME => read(data).map(|head| Update::Link(LinkUpdate::Head(head))),
            Shutdown::NAME => {
                let shutdown: Option<Shutdown> = read(data);
                return Ok(
                    shutdown.map(|shutdown| End::Stopping(Duration::from_millis(shutdown.retry_after_ms)))
                );
            }
            // A later gateway may say more than this desk understands.
            _ => return Ok(None),
        };
        match update {
            Some(update) => {
                self.updates.send(update).await.map_err(|_| Dropped)?;
                Ok(None)
            }
            None => {
                // Neither the payload nor serde's complaint, which quotes it, may reach the log.
                tracing::error!(event = name, "an event cannot be read");
                Ok(Some(End::Away(LinkFault::NotDeskbell)))
            }
        }
    }

    async fn link(&self, update: LinkUpdate) -> Result<(), Dropped> {
        self.updates.send(Update::Link(update)).await.map_err(|_| Dropped)
    }
}

fn read<T: DeserializeOwned>(data: &RawValue) -> Option<T> {
    serde_json::from_str(data.get()).ok()
}

/// The next `shown` counts for this one too, and `welcome` says what has arrived: a lost one needs no repeat.
fn tell_shown(client: &Client, position: Position) {
    let Ok(shown) = Args::of(&Shown { position }) else {
        return;
    };
    let told = client.emit_with_ack(Shown::NAME, &shown, ACK_TIMEOUT);
    tokio::spawn(async move {
        if let Err(error) = told.await {
            tracing::debug!(%error, "`shown` was not acknowledged");
        }
    });
}

fn refusal(data: Option<Value>) -> Option<Refusal> {
    let data = data?;
    data.get("code")?;
    Some(serde_json::from_value(data).map_or(
        Refusal::Unknown,
        |refused: ConnectRefused| match refused.code {
            RefusalCode::InvalidToken | RefusalCode::DeskRevoked => Refusal::SignedOut,
            RefusalCode::UpgradeRequired => Refusal::UpgradeRequired,
        },
    ))
}

fn fault(reason: &DisconnectReason) -> LinkFault {
    match reason {
        DisconnectReason::NotSocketIo { .. }
        | DisconnectReason::LoginPage
        | DisconnectReason::Rejected { .. }
        | DisconnectReason::Violation(_) => LinkFault::NotDeskbell,
        DisconnectReason::NameNotFound
        | DisconnectReason::Unreachable { .. }
        | DisconnectReason::Proxy { .. }
        | DisconnectReason::Certificate(_)
        | DisconnectReason::Tls { .. }
        | DisconnectReason::Busy { .. }
        | DisconnectReason::ConnectTimeout
        | DisconnectReason::PingTimeout
        | DisconnectReason::Closed
        | DisconnectReason::ServerDisconnect => LinkFault::Unreachable,
    }
}
