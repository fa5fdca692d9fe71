//! Desks of many hospitals that come and go, on lines that break, while reservations flow.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use deskbell_clock::{Entropy, SeededEntropy};
use deskbell_fault_proxy::{Blow, FaultProxy};
use deskbell_gateway_program::{Hospital, Program, Town, http};
use deskbell_protocol::{DeskId, Epoch};
use deskbell_socketio::client::Transports;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::book::{Book, Entry};
use super::chance::{below, within};
use super::desk::{Desk, Identity, Seen, Stays};
use super::site::{Booked, Site};

/// Booking sites that post at the same time.
const SITES: usize = 16;

/// A desk that goes stays away for up to so long.
const AWAY: Duration = Duration::from_secs(1);

/// A line breaks within so many bytes.
const CUT_WITHIN: usize = 4_000;

/// Commands at once.
const COMMANDS: usize = 2;

/// Longer than anything takes: what has not come by then never does.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a desk that has everything waits for what it should not be sent.
const LINGER: Duration = Duration::from_millis(300);

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The gateway.
    pub program: PathBuf,
    /// How many hospitals.
    pub hospitals: usize,
    /// Desks of each.
    pub desks: usize,
    /// Reservations, all hospitals together.
    pub reservations: u64,
    /// Each desk goes, or its line breaks, or it is signed out, within this time after the last.
    pub quiet: Duration,
    /// Whether desks poll; by WebSocket otherwise.
    pub polling: bool,
    /// What chance begins with.
    pub seed: u64,
}

/// What was seen.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What was done.
    pub plan: Plan,
    /// Reservations that desks were sent and took in, each once and in order, or found in their list.
    pub taken_in: u64,
    /// How often a desk went, and came back.
    pub returns: u64,
    /// How often a line was broken in the middle of something.
    pub cuts: u64,
    /// Desks signed out and paired anew; `None` where the gateway has no command for it.
    pub revoked: Option<u64>,
    links: u64,
    repeated: u64,
    lists: u64,
}

/// Runs it in a new folder for temporary files.
///
/// # Errors
/// What did not hold: a desk that lacks something, or was sent what is not its own.
pub async fn soak(plan: Plan) -> Result<Summary> {
    let folder = tempfile::tempdir()?;
    let program = Program::in_folder(&plan.program, folder.path()).await?;
    let serving = program.serve(([127, 0, 0, 1], 0).into()).await?;
    let Town { hospitals } = Town::build(&program, serving.address, plan.hospitals, plan.desks).await?;
    let (over, ended) = watch::channel(None);
    let run = Arc::new(Run {
        can_revoke: program.knows("desk", "revoke").await?,
        program,
        address: serving.address,
        http: http()?,
        commands: Semaphore::new(COMMANDS),
        counts: Counts::default(),
        transports: if plan.polling {
            Transports::PollingOnly
        } else {
            Transports::WebSocketOnly
        },
        quiet: plan.quiet,
        hospitals,
    });
    let mut living = JoinSet::new();
    let mut number = 0;
    for (hospital, of) in run.hospitals.iter().enumerate() {
        let proxy = Arc::new(FaultProxy::start(serving.address).await?);
        for desk in &of.desks {
            number += 1;
            let life = Life {
                run: Arc::clone(&run),
                hospital,
                proxy: Arc::clone(&proxy),
                id: desk.id,
                chance: Arc::new(SeededEntropy::new(plan.seed ^ (number << 32))),
                former: Vec::new(),
                seen: Seen::default(),
            };
            let (token, ended) = (desk.token.clone(), ended.clone());
            let what = format!("desk {number} of {}", of.slug);
            living.spawn(async move { life.live(token, ended).await.context(what) });
        }
    }
    drop(ended);
    let booking = book(Arc::clone(&run), plan.reservations, plan.seed);
    let booked = tokio::select! {
        booked = booking => booked?,
        Some(lived) = living.join_next() => {
            lived??;
            bail!("a desk ended before the reservations did");
        }
    };
    let truth = Arc::new(truth(plan.hospitals, booked)?);
    over.send_replace(Some(Arc::clone(&truth)));
    let mut summary = Summary {
        taken_in: 0,
        returns: 0,
        cuts: 0,
        revoked: None,
        links: 0,
        repeated: 0,
        lists: 0,
        plan,
    };
    while let Some(lived) = living.join_next().await {
        let Lived { taken_in, seen } = lived??;
        summary.taken_in += taken_in;
        summary.links += seen.links;
        summary.repeated += seen.repeated;
        summary.lists += seen.lists;
    }
    let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
    summary.returns = count(&run.counts.returns);
    summary.cuts = count(&run.counts.cuts);
    summary.revoked = run.can_revoke.then(|| count(&run.counts.revoked));
    serving.kill().await?;
    Ok(summary)
}

/// Every hospital's book, as the sites were answered.
type Truth = Arc<Vec<Book>>;

/// What all desks share.
struct Run {
    program: Program,
    address: std::net::SocketAddr,
    http: reqwest::Client,
    transports: Transports,
    quiet: Duration,
    can_revoke: bool,
    commands: Semaphore,
    counts: Counts,
    hospitals: Vec<Hospital>,
}

#[derive(Default)]
struct Counts {
    returns: AtomicU64,
    cuts: AtomicU64,
    revoked: AtomicU64,
}

async fn book(run: Arc<Run>, reservations: u64, seed: u64) -> Result<Vec<Booked>> {
    let (site, next) = (Site::new(run.address)?, Arc::new(AtomicU64::new(0)));
    let mut sites = JoinSet::new();
    for number in 0..SITES {
        let (run, site, next) = (Arc::clone(&run), site.clone(), Arc::clone(&next));
        let chance = SeededEntropy::new(!seed ^ number as u64);
        sites.spawn(async move {
            let mut booked = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= reservations {
                    return anyhow::Ok(booked);
                }
                let hospital = below(&chance, run.hospitals.len());
                booked.push(site.book(&run.hospitals, hospital, number).await?);
            }
        });
    }
    let mut all = Vec::new();
    while let Some(booked) = sites.join_next().await {
        all.extend(booked??);
    }
    Ok(all)
}

fn truth(hospitals: usize, booked: Vec<Booked>) -> Result<Vec<Book>> {
    let mut books: Vec<Vec<_>> = vec![Vec::new(); hospitals];
    for Booked {
        hospital, seq, entry, ..
    } in booked
    {
        books[hospital].push((seq, entry));
    }
    let books = books.into_iter().map(Book::of);
    books
        .collect::<Result<_>>()
        .context("what the sites were answered")
}

/// One desk, and those that it was before.
struct Life {
    run: Arc<Run>,
    hospital: usize,
    proxy: Arc<FaultProxy>,
    id: DeskId,
    chance: Arc<SeededEntropy>,
    former: Vec<Vec<Entry>>,
    seen: Seen,
}

/// How it went.
struct Lived {
    taken_in: u64,
    seen: Seen,
}

impl Life {
    async fn live(mut self, token: String, mut over: watch::Receiver<Option<Truth>>) -> Result<Lived> {
        let mut desk = self.desk(token, None);
        desk.come()?;
        while over.borrow().is_none() {
            let quiet = sleep(within(&*self.chance, self.run.quiet));
            tokio::pin!(quiet);
            let acts = loop {
                tokio::select! {
                    event = desk.hear() => {
                        ensure!(desk.take_in(event?).await? == Stays::Yes, "signed out by nobody");
                    }
                    () = &mut quiet => break true,
                    changed = over.changed() => {
                        changed?;
                        break false;
                    }
                }
            };
            if acts {
                desk = self.act(desk).await?;
            }
        }
        let truth = over.borrow().clone().context("no truth")?;
        let book = &truth[self.hospital];
        self.settle(desk, book).await
    }

    /// Does what chance chooses.
    async fn act(&mut self, mut desk: Desk) -> Result<Desk> {
        let counts = &self.run.counts;
        match below(&*self.chance, 10) {
            0..5 => {
                desk.go();
                sleep(within(&*self.chance, AWAY)).await;
                desk.come()?;
                counts.returns.fetch_add(1, Ordering::Relaxed);
            }
            // The receiver would hear when it has happened; here it may happen at any time.
            5..8 => {
                drop(self.proxy.after(below(&*self.chance, CUT_WITHIN), Blow::Cut));
                counts.cuts.fetch_add(1, Ordering::Relaxed);
            }
            8 => {
                self.proxy.cut();
                counts.cuts.fetch_add(1, Ordering::Relaxed);
            }
            _ if self.run.can_revoke => desk = self.sign_out(desk).await?,
            _ => {}
        }
        Ok(desk)
    }

    /// Signs the desk out, and pairs another in its place.
    async fn sign_out(&mut self, mut desk: Desk) -> Result<Desk> {
        let (run, hospital) = (&self.run, &self.run.hospitals[self.hospital]);
        let turn = run.commands.acquire().await?;
        run.program
            .json(&["desk", "revoke", &hospital.slug, &self.id.to_string()])
            .await?;
        drop(turn);
        timeout(PATIENCE, async {
            loop {
                let event = desk.hear().await?;
                if desk.take_in(event).await? == Stays::Revoked {
                    return anyhow::Ok(());
                }
            }
        })
        .await
        .context("signed out, and not told so")??;
        run.counts.revoked.fetch_add(1, Ordering::Relaxed);
        let turn = run.commands.acquire().await?;
        let paired = hospital.pair(&run.program, &run.http, run.address).await?;
        drop(turn);
        self.id = paired.id;
        self.former.push(desk.book.entries().to_vec());
        self.seen.add(desk.seen);
        // The new one fetches the list, or has everything sent to it again.
        let epoch = desk.epoch().filter(|_| self.chance.fraction() < 0.5);
        let mut desk = self.desk(paired.token, epoch);
        desk.come()?;
        Ok(desk)
    }

    /// Listens until the desk has everything, and for a moment longer.
    async fn settle(mut self, mut desk: Desk, truth: &Book) -> Result<Lived> {
        desk.come()?;
        let settled = timeout(PATIENCE, async {
            // One that has just come may have it all and not have been let in yet.
            while desk.book.head() < truth.head() || desk.seen.links == 0 {
                let event = desk.hear().await?;
                desk.take_in(event).await?;
            }
            anyhow::Ok(())
        });
        let settled = settled.await;
        settled.with_context(|| format!("has {} of {}", desk.book.head(), truth.head()))??;
        let more = async {
            loop {
                let event = desk.hear().await?;
                desk.take_in(event).await?;
            }
        };
        if let Ok(fault) = timeout(LINGER, more).await {
            return fault;
        }
        ensure!(
            desk.book == *truth,
            "the desk's list is not what the sites were answered"
        );
        let former = self
            .former
            .iter()
            .all(|former| truth.entries().starts_with(former));
        ensure!(
            former,
            "the list of a desk signed out is not what the sites were answered"
        );
        self.seen.add(desk.seen);
        let lists = self.former.iter().map(Vec::len).sum::<usize>() as u64;
        Ok(Lived {
            taken_in: lists + desk.book.head(),
            seen: self.seen,
        })
    }

    fn desk(&self, token: String, epoch: Option<Epoch>) -> Desk {
        let who = Identity {
            http: self.run.http.clone(),
            address: self.proxy.address(),
            transports: self.run.transports,
            slug: self.run.hospitals[self.hospital].slug.clone(),
            token,
        };
        Desk::new(who, epoch, Arc::clone(&self.chance) as Arc<dyn Entropy>)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            hospitals,
            desks,
            reservations,
            polling,
            ..
        } = self.plan;
        let transport = if polling { "HTTP polling" } else { "WebSocket" };
        writeln!(
            f,
            "rooms, {transport}: {hospitals} hospitals, {desks} desks each, {reservations} reservations"
        )?;
        writeln!(
            f,
            "  desks took in {} of their own hospital, in order, without gap or repeat, and none of another's",
            self.taken_in
        )?;
        writeln!(
            f,
            "  they went and came back {} times, lines broke {} times, {} links in all; {}",
            self.returns,
            self.cuts,
            self.links,
            match self.revoked {
                Some(revoked) => format!("{revoked} were signed out and paired anew"),
                None => "none was signed out: this gateway has no command for it".to_owned(),
            }
        )?;
        write!(
            f,
            "  {} came again after a cursor that was behind, and were known; {} lists were fetched",
            self.repeated, self.lists
        )
    }
}
