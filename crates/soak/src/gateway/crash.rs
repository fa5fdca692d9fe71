//! `kill -9` under load: what was answered is there, once, at its place.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use deskbell_clock::{Clock, Entropy, SeededEntropy, SystemClock};
use deskbell_gateway_program::{Hospital, Program, Town, http};
use deskbell_socketio::client::Transports;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::book::Book;
use super::chance::{below, within};
use super::desk::{Desk, Identity, Stays};
use super::site::{Booked, Site};

/// Booking sites that post at the same time.
const SITES: usize = 32;

/// Hospitals, and desks of each: one of them polls.
const HOSPITALS: usize = 8;

/// Likewise.
const DESKS: usize = 3;

/// A gateway is killed within this time after its first answer, so that there is something to lose.
const SERVES: Duration = Duration::from_millis(500);

/// How often it is looked for that answer.
const LOOK: Duration = Duration::from_millis(2);

/// Longer than anything takes: what has not come by then never does.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The gateway.
    pub program: PathBuf,
    /// Where its log is.
    pub database: Database,
    /// How often it is killed.
    pub kills: u32,
    /// What chance begins with.
    pub seed: u64,
}

/// Where a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// In a file.
    Sqlite,
    /// On a server that the soak starts.
    Postgres,
}

/// What was seen.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What was done.
    pub plan: Plan,
    /// Reservations answered, and found once each.
    pub reservations: u64,
    /// Those that were sent more than once.
    pub sent_again: u64,
    /// Those of which an earlier try had been stored, and its answer lost.
    pub unheard: u64,
    /// Links that desks made.
    pub links: u64,
    /// The longest time from a kill until the next gateway listened.
    pub longest_start: Duration,
}

/// Runs it in a new folder for temporary files.
///
/// # Errors
/// What did not hold.
pub async fn soak(plan: Plan) -> Result<Summary> {
    let folder = tempfile::tempdir()?;
    match plan.database {
        Database::Sqlite => {
            let program = Program::in_folder(&plan.program, folder.path()).await?;
            kill(plan, &program).await
        }
        Database::Postgres => on_postgres(plan, folder.path()).await,
    }
}

#[cfg(unix)]
async fn on_postgres(plan: Plan, folder: &Path) -> Result<Summary> {
    use deskbell_throwaway_postgres::Postgres;

    let postgres = tokio::task::spawn_blocking(Postgres::start).await??;
    let log = folder.join("gateway.log");
    let program = Program::new(&plan.program, postgres.url("postgres"), &log).await?;
    kill(plan, &program).await
}

#[cfg(not(unix))]
async fn on_postgres(_: Plan, _: &Path) -> Result<Summary> {
    bail!("PostgreSQL is started on Unix only")
}

async fn kill(plan: Plan, program: &Program) -> Result<Summary> {
    let mut serving = program.serve(([127, 0, 0, 1], 0).into()).await?;
    let address = serving.address;
    let Town { hospitals } = Town::build(program, address, HOSPITALS, DESKS).await?;
    let hospitals = Arc::new(hospitals);
    let chance = Arc::new(SeededEntropy::new(plan.seed));
    let (over, ended) = watch::channel(None);
    let http = http()?;
    let mut desks = JoinSet::new();
    for (number, hospital) in hospitals.iter().enumerate() {
        for (place, desk) in hospital.desks.iter().enumerate() {
            let who = Identity {
                http: http.clone(),
                address,
                transports: if place == 0 {
                    Transports::PollingOnly
                } else {
                    Transports::WebSocketOnly
                },
                slug: hospital.slug.clone(),
                token: desk.token.clone(),
            };
            let what = format!("desk {place} of {}", hospital.slug);
            let desk = Desk::new(who, None, Arc::clone(&chance) as Arc<dyn Entropy>);
            let ended = ended.clone();
            desks.spawn(async move { follow(desk, number, ended).await.context(what) });
        }
    }
    drop(ended);
    let (stop, stopped) = watch::channel(false);
    let (site, answered) = (Site::new(address)?, Arc::new(AtomicU64::new(0)));
    let booking = book(
        Arc::clone(&hospitals),
        site,
        plan.seed,
        Arc::clone(&answered),
        stopped,
    );
    let booking = tokio::spawn(booking);
    let mut longest_start = Duration::ZERO;
    for number in 1..=plan.kills {
        let before = answered.load(Ordering::Relaxed);
        while answered.load(Ordering::Relaxed) == before {
            if booking.is_finished() {
                booking.await??;
                bail!("the sites stopped before kill {number}");
            }
            sleep(LOOK).await;
        }
        sleep(within(&*chance, SERVES)).await;
        serving
            .kill()
            .await
            .with_context(|| format!("before kill {number}"))?;
        let killed = SystemClock.instant();
        serving = program.serve(address).await?;
        longest_start = longest_start.max(SystemClock.instant().saturating_since(killed));
        if let Some(ended) = desks.try_join_next() {
            ended??;
            bail!("a desk ended before the last kill");
        }
    }
    stop.send_replace(true);
    let booked = booking.await??;
    let truth = Arc::new(truth(&hospitals, &booked)?);
    over.send_replace(Some(Arc::clone(&truth)));
    let mut links = 0;
    while let Some(ended) = desks.join_next().await {
        links += ended??;
    }
    for (hospital, book) in hospitals.iter().zip(&*truth) {
        let who = Identity {
            http: http.clone(),
            address,
            transports: Transports::WebSocketOnly,
            slug: hospital.slug.clone(),
            token: hospital.desks[0].token.clone(),
        };
        check(who, book, Arc::clone(&chance) as Arc<dyn Entropy>)
            .await
            .with_context(|| format!("{} afterwards", hospital.slug))?;
    }
    serving.kill().await?;
    let count = |counts: fn(&Booked) -> bool| booked.iter().filter(|booked| counts(booked)).count() as u64;
    Ok(Summary {
        reservations: booked.len() as u64,
        sent_again: count(|booked| booked.tries > 1),
        unheard: count(|booked| booked.was_stored),
        links,
        longest_start,
        plan,
    })
}

/// Every hospital's book, as the sites were answered.
type Truth = Arc<Vec<Book>>;

/// Posts until it is told to stop; what is under way is brought to its end.
async fn book(
    hospitals: Arc<Vec<Hospital>>,
    site: Site,
    seed: u64,
    answered: Arc<AtomicU64>,
    stopped: watch::Receiver<bool>,
) -> Result<Vec<Booked>> {
    let next = Arc::new(AtomicU64::new(0));
    let mut sites = JoinSet::new();
    for number in 0..SITES {
        let (hospitals, site, next) = (Arc::clone(&hospitals), site.clone(), Arc::clone(&next));
        let (stopped, answered) = (stopped.clone(), Arc::clone(&answered));
        let chance = SeededEntropy::new(!seed ^ number as u64);
        sites.spawn(async move {
            let mut booked = Vec::new();
            while !*stopped.borrow() {
                let hospital = below(&chance, hospitals.len());
                let number = next.fetch_add(1, Ordering::Relaxed);
                booked.push(site.book(&hospitals, hospital, number).await?);
                answered.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(booked)
        });
    }
    let mut all = Vec::new();
    while let Some(booked) = sites.join_next().await {
        all.extend(booked??);
    }
    Ok(all)
}

/// Every reservation was answered in the end, so the answers are all there is.
fn truth(hospitals: &[Hospital], booked: &[Booked]) -> Result<Vec<Book>> {
    let mut names = HashMap::new();
    let mut books: BTreeMap<usize, Vec<_>> =
        (0..hospitals.len()).map(|number| (number, Vec::new())).collect();
    for booked in booked {
        let Booked {
            hospital, seq, entry, ..
        } = booked;
        ensure!(
            names.insert(&entry.name, entry.id).is_none(),
            "{} was answered twice",
            entry.name
        );
        books.entry(*hospital).or_default().push((*seq, entry.clone()));
    }
    let books = books.into_values().map(Book::of);
    books
        .collect::<Result<_>>()
        .context("what the sites were answered")
}

/// Stays connected through everything; gives the number of links.
async fn follow(mut desk: Desk, hospital: usize, mut over: watch::Receiver<Option<Truth>>) -> Result<u64> {
    desk.come()?;
    while over.borrow().is_none() {
        tokio::select! {
            event = desk.hear() => ensure!(desk.take_in(event?).await? == Stays::Yes, "signed out"),
            changed = over.changed() => changed?,
        }
    }
    let truth = over.borrow().clone().context("no truth")?;
    let truth = &truth[hospital];
    hear_all(&mut desk, truth).await?;
    ensure!(
        desk.book == *truth,
        "the desk's list is not what the sites were answered"
    );
    Ok(desk.seen.links)
}

/// What a desk that comes now is told: all of it, by the list and by the log from its beginning.
async fn check(who: Identity, truth: &Book, entropy: Arc<dyn Entropy>) -> Result<()> {
    let mut fetched = Desk::new(who.clone(), None, Arc::clone(&entropy));
    let list = fetched.list().await?.context("signed out by nobody")?;
    fetched.know(&list)?;
    ensure!(
        fetched.book == *truth,
        "the list is not what the sites were answered"
    );
    let mut sent = Desk::new(who, Some(list.position.epoch), entropy);
    sent.come()?;
    hear_all(&mut sent, truth).await?;
    ensure!(sent.book == *truth, "the log is not what the sites were answered");
    Ok(())
}

async fn hear_all(desk: &mut Desk, truth: &Book) -> Result<()> {
    let heard = timeout(PATIENCE, async {
        while desk.book.head() < truth.head() {
            let event = desk.hear().await?;
            desk.take_in(event).await?;
        }
        anyhow::Ok(())
    });
    let heard = heard.await;
    heard.with_context(|| format!("has {} of {}", desk.book.head(), truth.head()))?
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { database, kills, .. } = self.plan;
        writeln!(
            f,
            "crash, {database:?}: killed {kills} times under load of {SITES} connections"
        )?;
        writeln!(
            f,
            "  {} reservations were answered, and each is there once, at the place that the answer said, no place empty",
            self.reservations
        )?;
        writeln!(
            f,
            "  {} were sent again with their key; of {} an earlier try had been stored, its answer lost",
            self.sent_again, self.unheard
        )?;
        write!(
            f,
            "  {HOSPITALS} hospitals with {DESKS} desks each made {} links and have the same lists; longest start {:.0?}",
            self.links, self.longest_start
        )
    }
}
