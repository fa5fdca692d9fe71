//! Desks as processes, each with the desk of the product in it, a gateway as a program, lines that break: what came in is
//! told once.
//!
//! What a desk tells, it writes down at the moment a toast is on the screen. When an app dies, its ledger says what the next
//! one will know: a toast that is not in it may ring once more, but only where the app died before it could be written. Where
//! the ledger is lost, what the gateway was told to be shown counts in its place.

mod order;
mod pc;
pub mod process;
mod record;
mod sleepy_clock;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use deskbell_clock::{Entropy, SeededEntropy};
use deskbell_fault_proxy::{Blow, FaultProxy};
use deskbell_gateway_program::{Hospital, Program, Serving, Town};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use self::order::Order;
use self::pc::{Damage, PATIENCE, Pc};
use self::record::{Places, Told};
use crate::gateway::chance::{below, within};
use crate::gateway::site::Site;

/// Which hospital each desk is of: one has a colleague, one is alone.
const DESKS: [usize; 3] = [0, 0, 1];

/// Hospitals.
const HOSPITALS: usize = 2;

/// A gateway or an app is back within this time.
const BACK_WITHIN: Duration = Duration::from_millis(900);

/// A line breaks within so many bytes.
const BREAKS_WITHIN: usize = 3_000;

/// A machine sleeps for up to this time.
const SLEEPS: Duration = Duration::from_mins(10);

/// Every second fault waits for this time at most until its desk is in step: what breaks then is work that is being done.
const IN_STEP_WITHIN: Duration = Duration::from_secs(3);

/// After the last: a toast too many would come within this time.
const LINGER: Duration = Duration::from_secs(2);

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The gateway.
    pub gateway: PathBuf,
    /// What starts a process that calls [`process::run`].
    pub desk: DeskCommand,
    /// How many faults.
    pub faults: u32,
    /// A fault comes within this time after the last, and two reservations.
    pub pace: Duration,
    /// What chance begins with.
    pub seed: u64,
}

/// How a desk's process is started.
#[derive(Clone, Debug)]
pub struct DeskCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// What was seen.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What was done.
    pub plan: Plan,
    /// Faults of each kind.
    pub faults: Faults,
    /// Reservations, all hospitals together.
    pub reservations: u64,
    /// Those told by the desks, each at least once; every desk of a hospital tells each.
    pub told: u64,
    /// Toasts of their own.
    pub toasts: u64,
    /// Digests.
    pub digests: u64,
    /// Toasts that did not come through, and were tried again.
    pub failed: u64,
    /// Told again because the app had died between the toast and the ledger.
    pub after_death: u64,
    /// Told again because the ledger was lost before the gateway knew.
    pub after_loss: u64,
    /// The most that a desk told one.
    pub most: u64,
}

/// Faults of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The gateway was killed.
    pub gateway: u32,
    /// A desk's line was cut, at once or in the middle of what passed.
    pub line: u32,
    /// An app was killed.
    pub app: u32,
    /// A machine slept.
    pub sleep: u32,
    /// An app was killed, and its ledger damaged.
    pub ledger: u32,
    /// Of those: after everything was told and the gateway knew.
    pub at_rest: u32,
}

/// Runs it in a new folder for temporary files, which stays where something did not hold.
///
/// # Errors
/// What did not hold.
pub async fn soak(plan: Plan) -> Result<Summary> {
    let folder = tempfile::tempdir()?;
    let done = Run::begin(plan, folder.path().to_owned()).await;
    let done = match done {
        Ok(run) => run.play().await,
        Err(error) => Err(error),
    };
    done.map_err(|error| {
        let folder = folder.keep();
        error.context(format!("the files are in {}", folder.display()))
    })
}

/// A run under way.
struct Run {
    plan: Plan,
    chance: Arc<SeededEntropy>,
    program: Program,
    /// `None` only while it is being started again.
    serving: Option<Serving>,
    hospitals: Arc<Vec<Hospital>>,
    pcs: Vec<Pc>,
    booked: Arc<Booked>,
    faults: Faults,
}

/// What the booking sites were answered.
#[derive(Default)]
struct Booked {
    /// Held while one is on its way: who holds it knows everything there is.
    places: Mutex<[Places; HOSPITALS]>,
    /// The same, for who need not know the one that is on its way.
    so_far: std::sync::Mutex<[Places; HOSPITALS]>,
}

impl Booked {
    fn so_far(&self, hospital: usize) -> Places {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)[hospital].clone()
    }
}

impl Run {
    async fn begin(plan: Plan, folder: PathBuf) -> Result<Self> {
        let program = Program::in_folder(&plan.gateway, &folder).await?;
        let serving = program.serve(([127, 0, 0, 1], 0).into()).await?;
        let Town { hospitals } = Town::build(&program, serving.address, HOSPITALS, 0).await?;
        let chance = Arc::new(SeededEntropy::new(plan.seed));
        let mut pcs = Vec::new();
        for (number, hospital) in DESKS.into_iter().enumerate() {
            let name = format!("desk {number}");
            let proxy = FaultProxy::start(serving.address).await?;
            let folder = folder.join(&name);
            let mut pc = Pc::new(name, hospital, proxy, plan.desk.clone(), folder)?;
            pc.start(&*chance).await?;
            pc.pair(&program, &hospitals[hospital].slug).await?;
            pcs.push(pc);
        }
        Ok(Self {
            plan,
            chance,
            program,
            serving: Some(serving),
            hospitals: Arc::new(hospitals),
            pcs,
            booked: Arc::default(),
            faults: Faults::default(),
        })
    }

    async fn play(mut self) -> Result<Summary> {
        let address = self.serving.as_ref().context("no gateway")?.address;
        let mut booking = tokio::spawn(book(
            Site::new(address)?,
            Arc::clone(&self.hospitals),
            Arc::clone(&self.booked),
            self.plan.pace,
            self.plan.seed,
        ));
        for number in 1..=self.plan.faults {
            sleep(within(&*self.chance, self.plan.pace)).await;
            self.fault().await.with_context(|| format!("fault {number}"))?;
            if booking.is_finished() {
                let Err(why) = (&mut booking).await?;
                return Err(why);
            }
        }
        // None is on its way any more.
        let places = self.booked.places.lock().await.clone();
        booking.abort();
        self.come_to_rest(&places).await?;
        self.verdict(&places).await
    }

    /// Breaks what chance chooses.
    async fn fault(&mut self) -> Result<()> {
        let chance = Arc::clone(&self.chance);
        let at = below(&*chance, self.pcs.len());
        if chance.fraction() < 0.5 {
            let pc = &mut self.pcs[at];
            // One that is not by then is broken as it is.
            let _ = timeout(IN_STEP_WITHIN, pc.until("it is live", |pc| pc.is_live)).await;
        }
        for pc in &mut self.pcs {
            pc.read()?;
        }
        match below(&*chance, 100) {
            0..20 => {
                self.faults.gateway += 1;
                let serving = self.serving.take().context("no gateway")?;
                let address = serving.address;
                serving.kill().await?;
                sleep(within(&*chance, BACK_WITHIN)).await;
                self.serving = Some(self.program.serve(address).await?);
            }
            20..50 => {
                self.faults.line += 1;
                let proxy = &self.pcs[at].proxy;
                if chance.fraction() < 0.5 {
                    proxy.cut();
                } else {
                    // The receiver would hear when it has happened; here it may happen at any time.
                    drop(proxy.after(below(&*chance, BREAKS_WITHIN), Blow::Cut));
                }
            }
            50..75 => {
                self.faults.app += 1;
                self.restart(at, Damage::None).await?;
            }
            75..88 => {
                self.faults.sleep += 1;
                let pc = &mut self.pcs[at];
                // Who is not there for long is given up: no word of that reaches a machine that sleeps.
                if chance.fraction() < 0.5 {
                    pc.proxy.silence();
                }
                let time = within(&*chance, SLEEPS).as_millis();
                pc.order(&Order::Sleep(u64::try_from(time)?)).await?;
            }
            _ => {
                self.faults.ledger += 1;
                let damage = [Damage::Truncated, Damage::Zeroed, Damage::Gone][below(&*chance, 3)];
                if chance.fraction() < 0.5 {
                    self.faults.at_rest += 1;
                    self.lose_at_rest(at, damage).await?;
                } else {
                    self.restart(at, damage).await?;
                }
            }
        }
        Ok(())
    }

    /// Kills an app, damages its ledger, and starts it again.
    async fn restart(&mut self, at: usize, damage: Damage) -> Result<()> {
        let chance = Arc::clone(&self.chance);
        let pc = &mut self.pcs[at];
        pc.kill().await?;
        let places = self.booked.so_far(pc.hospital);
        let gateway = (&self.program, self.hospitals[pc.hospital].slug.as_str());
        pc.damage(damage, gateway, &places, &*chance).await?;
        sleep(within(&*chance, BACK_WITHIN)).await;
        pc.start(&*chance).await
    }

    /// The same once everything is told and the gateway knows: nothing is told again.
    async fn lose_at_rest(&mut self, at: usize, damage: Damage) -> Result<()> {
        // Nothing comes in meanwhile.
        let booked = Arc::clone(&self.booked);
        let places = booked.places.lock().await;
        let pc = &mut self.pcs[at];
        let places = &places[pc.hospital];
        let last = places.values().map(|seq| seq.0).max().unwrap_or(0);
        pc.until("everything is told", |pc| pc.record.has_told(places))
            .await?;
        let slug = &self.hospitals[pc.hospital].slug;
        pc.until_told(&self.program, slug, last).await?;
        let before = pc.record.forgotten();
        self.restart(at, damage).await?;
        let forgotten = self.pcs[at].record.forgotten();
        ensure!(
            forgotten == before,
            "the gateway knew everything, and not what was told"
        );
        Ok(())
    }

    /// Nothing breaks any more: waits until every desk has told everything, and for a moment longer.
    async fn come_to_rest(&mut self, places: &[Places; HOSPITALS]) -> Result<()> {
        for pc in &mut self.pcs {
            pc.order(&Order::Calm).await?;
        }
        for pc in &mut self.pcs {
            let places = &places[pc.hospital];
            let told = pc
                .until("everything is told", |pc| {
                    pc.is_live && pc.record.has_told(places)
                })
                .await;
            told.with_context(|| format!("{} were not told", pc.record.missing(places)))?;
        }
        sleep(LINGER).await;
        Ok(())
    }

    async fn verdict(mut self, places: &[Places; HOSPITALS]) -> Result<Summary> {
        let mut summary = Summary {
            faults: self.faults,
            reservations: places.iter().map(|places| places.len() as u64).sum(),
            told: 0,
            toasts: 0,
            digests: 0,
            failed: 0,
            after_death: 0,
            after_loss: 0,
            most: 0,
            plan: self.plan,
        };
        for pc in &mut self.pcs {
            let places = &places[pc.hospital];
            let deadline = timeout(PATIENCE, async {
                loop {
                    let listed: std::collections::HashSet<_> = pc.list().await?.into_iter().collect();
                    if places.keys().all(|id| listed.contains(id)) {
                        ensure!(
                            listed.len() == places.len(),
                            "{} lists what is not its hospital's",
                            pc.name
                        );
                        return anyhow::Ok(());
                    }
                }
            });
            let listed = deadline.await;
            listed.with_context(|| format!("{} does not list every reservation", pc.name))??;
            pc.has_not_panicked()?;
            let told = pc.record.verdict(places).with_context(|| pc.name.clone())?;
            let Told {
                reservations,
                after_death,
                after_loss,
                most,
            } = told;
            summary.told += reservations;
            summary.toasts += pc.record.toasts;
            summary.digests += pc.record.digests;
            summary.failed += pc.record.failed;
            summary.after_death += after_death;
            summary.after_loss += after_loss;
            summary.most = summary.most.max(most);
        }
        let Some(serving) = self.serving.take() else {
            bail!("no gateway");
        };
        serving.kill().await?;
        Ok(summary)
    }
}

/// Books for ever; ends only with what a site cannot mend.
async fn book(
    site: Site,
    hospitals: Arc<Vec<Hospital>>,
    booked: Arc<Booked>,
    pace: Duration,
    seed: u64,
) -> Result<std::convert::Infallible> {
    let chance = SeededEntropy::new(!seed);
    for number in 0.. {
        sleep(within(&chance, pace / 2)).await;
        let mut places = booked.places.lock().await;
        let hospital = below(&chance, HOSPITALS);
        let one = site.book(&hospitals, hospital, number).await?;
        places[hospital].insert(one.entry.id, one.seq);
        booked.so_far.lock().unwrap_or_else(PoisonError::into_inner)[hospital].insert(one.entry.id, one.seq);
    }
    bail!("there are no more numbers")
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Faults {
            gateway,
            line,
            app,
            sleep,
            ledger,
            at_rest,
        } = self.faults;
        writeln!(
            f,
            "desk: {} faults, seed {}: gateway killed {gateway} times, line cut {line}, app killed {app}, machine asleep \
             {sleep}, ledger lost {ledger} ({at_rest} of them once all was told)",
            self.plan.faults, self.plan.seed
        )?;
        writeln!(
            f,
            "  {} reservations of {HOSPITALS} hospitals, {} tellings by {} desks: none missing, on every list",
            self.reservations,
            self.told,
            DESKS.len()
        )?;
        writeln!(
            f,
            "  {} toasts of their own, {} digests; {} toasts did not come through and were tried again",
            self.toasts, self.digests, self.failed
        )?;
        write!(
            f,
            "  told again: {} because the app died between toast and ledger, {} because the ledger was lost before the \
             gateway knew, 0 for any other reason; the most by one desk: {} times",
            self.after_death, self.after_loss, self.most
        )
    }
}
