//! A front desk's PC: its files, its line to the gateway, and the app, which comes and goes.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use deskbell_clock::{Clock, Entropy, SystemClock};
use deskbell_fault_proxy::FaultProxy;
use deskbell_gateway_program::Program;
use deskbell_protocol::{Position, ReservationId};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{sleep, timeout};

use super::DeskCommand;
use super::order::{Beginning, Fact, Order, What};
use super::record::{Known, Places, Record};
use crate::gateway::chance::below;

/// How often facts are looked for.
const LOOK: Duration = Duration::from_millis(15);

/// Longer than anything takes that is to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(150);

/// A PC with a desk on it.
pub(crate) struct Pc {
    /// What the gateway calls the desk.
    pub(crate) name: String,
    /// The number of its hospital in the town.
    pub(crate) hospital: usize,
    /// The line to the gateway.
    pub(crate) proxy: FaultProxy,
    /// What the desk has told.
    pub(crate) record: Record,
    /// Whether it was in step with the gateway when facts were read last.
    pub(crate) is_live: bool,
    command: DeskCommand,
    folder: PathBuf,
    app: Option<App>,
    read: u64,
    paired: bool,
    listed: Option<Vec<ReservationId>>,
    /// Whether the ledger was lost when the app ended last.
    ledger_lost: bool,
}

struct App {
    child: Child,
    orders: ChildStdin,
}

/// What has become of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Nothing.
    None,
    /// It ends somewhere.
    Truncated,
    /// As long as it was, and nothing in it: a power cut.
    Zeroed,
    /// It is not there.
    Gone,
}

impl Pc {
    /// A PC on which nothing runs yet, with its files in `folder`.
    pub(crate) fn new(
        name: String,
        hospital: usize,
        proxy: FaultProxy,
        command: DeskCommand,
        folder: PathBuf,
    ) -> Result<Self> {
        std::fs::create_dir_all(folder.join("config"))?;
        // A repeat is meant to be told again.
        std::fs::write(
            folder.join("config/settings.toml"),
            "[notifications]\nrepeats = false\n",
        )?;
        Ok(Self {
            name,
            hospital,
            proxy,
            record: Record::default(),
            is_live: false,
            ledger_lost: false,
            command,
            folder,
            app: None,
            read: 0,
            paired: false,
            listed: None,
        })
    }

    /// Starts the app.
    pub(crate) async fn start(&mut self, entropy: &dyn Entropy) -> Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"))?;
        let mut seed = [0; 8];
        entropy.fill(&mut seed);
        let mut child = Command::new(&self.command.program)
            .args(&self.command.arguments)
            // Nothing of the account that runs this is a desk's.
            .env("HOME", &self.folder)
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let orders = child.stdin.take().context("the app takes no orders")?;
        self.app = Some(App { child, orders });
        self.is_live = false;
        self.send(&Beginning {
            config: self.folder.join("config"),
            data: self.folder.join("data"),
            facts: self.folder.join("facts"),
            seed: u64::from_le_bytes(seed),
        })
        .await
    }

    /// Tells the app something.
    pub(crate) async fn order(&mut self, order: &Order) -> Result<()> {
        self.send(order).await
    }

    async fn send(&mut self, order: &impl serde::Serialize) -> Result<()> {
        let line = serde_json::to_string(order)? + "\n";
        let app = self.app.as_mut().context("the app does not run")?;
        app.orders.write_all(line.as_bytes()).await?;
        Ok(app.orders.flush().await?)
    }

    /// Pairs the desk, and waits until it is in step and the gateway knows so.
    pub(crate) async fn pair(&mut self, program: &Program, slug: &str) -> Result<()> {
        let offered = program
            .json(&["desk", "pair", slug, "--name", &self.name])
            .await?;
        let code = offered["code"].as_str().context("no pairing code")?.to_owned();
        let server = self.proxy.url();
        self.order(&Order::Pair { server, code }).await?;
        self.until("it is paired and live", |pc| pc.paired && pc.is_live)
            .await?;
        self.until_told(program, slug, 0).await
    }

    /// Waits until the gateway knows that the desk has shown everything up to `seq`.
    pub(crate) async fn until_told(&mut self, program: &Program, slug: &str, seq: u64) -> Result<()> {
        let told = timeout(PATIENCE, async {
            loop {
                let shown = self.shown(program, slug).await?;
                if shown.is_some_and(|shown| shown.seq.0 >= seq) {
                    return anyhow::Ok(());
                }
                self.read()?;
                sleep(LOOK).await;
            }
        });
        told.await
            .with_context(|| format!("{}: the gateway is not told what was shown", self.name))?
    }

    /// Up to where the gateway knows that the desk has shown everything.
    pub(crate) async fn shown(&self, program: &Program, slug: &str) -> Result<Option<Position>> {
        let desks = program.json(&["desk", "list", slug]).await?;
        let desks = desks.as_array().context("no list of desks")?;
        let desk = desks
            .iter()
            .find(|desk| desk["desk"]["name"] == self.name.as_str())
            .with_context(|| format!("the gateway does not know {}", self.name))?;
        Ok(serde_json::from_value(desk["shown"].clone())?)
    }

    /// Ends the app as `kill -9` does.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        let mut app = self.app.take().context("the app does not run")?;
        ensure!(
            app.child.try_wait()?.is_none(),
            "{}: the app has ended by itself; see {}",
            self.name,
            self.folder.join("log").display()
        );
        app.child.kill().await?;
        self.read()?;
        self.is_live = false;
        Ok(())
    }

    /// Damages the ledger of an app that does not run, and writes down what the next one can know.
    pub(crate) async fn damage(
        &mut self,
        damage: Damage,
        (program, slug): (&Program, &str),
        places: &Places,
        entropy: &dyn Entropy,
    ) -> Result<()> {
        let at = SystemClock.now();
        let path = self.folder.join("data/ledger.json");
        let ledger = match std::fs::read(&path) {
            // Lost before, and the app has been killed before it could write the next.
            Err(error) if error.kind() == ErrorKind::NotFound && self.ledger_lost => Vec::new(),
            read => read.with_context(|| format!("{}: a desk that is paired has a ledger", self.name))?,
        };
        match damage {
            _ if ledger.is_empty() => {}
            Damage::None => {}
            Damage::Truncated => std::fs::write(&path, &ledger[..below(entropy, ledger.len())])?,
            Damage::Zeroed => std::fs::write(&path, vec![0; ledger.len()])?,
            Damage::Gone => std::fs::remove_file(&path)?,
        }
        // What cannot be read is kept aside: it is not there for the next look, either.
        self.ledger_lost = ledger.is_empty() || damage != Damage::None;
        let known = match damage {
            Damage::None if !ledger.is_empty() => Known::read(&ledger)?,
            Damage::None | Damage::Truncated | Damage::Zeroed | Damage::Gone => {
                Known::Shown(self.shown(program, slug).await?)
            }
        };
        self.record
            .died(&known, at, places)
            .with_context(|| self.name.clone())
    }

    /// Waits until something holds.
    pub(crate) async fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<()> {
        let waited = timeout(PATIENCE, async {
            loop {
                self.read()?;
                if holds(self) {
                    return anyhow::Ok(());
                }
                sleep(LOOK).await;
            }
        });
        waited
            .await
            .with_context(|| format!("{}: waited in vain until {what}", self.name))?
    }

    /// What is on the list.
    pub(crate) async fn list(&mut self) -> Result<Vec<ReservationId>> {
        self.listed = None;
        self.order(&Order::List).await?;
        self.until("it lists", |pc| pc.listed.is_some()).await?;
        self.listed.take().context("no list")
    }

    /// Reads what has happened since the last time.
    pub(crate) fn read(&mut self) -> Result<()> {
        let mut text = String::new();
        let Ok(mut file) = File::open(self.folder.join("facts")) else {
            return Ok(());
        };
        file.seek(SeekFrom::Start(self.read))?;
        file.read_to_string(&mut text)?;
        // Whole lines only: the rest is still being written.
        let Some(end) = text.rfind('\n') else {
            return Ok(());
        };
        self.read += end as u64 + 1;
        for line in text[..end].lines() {
            let Fact { at, what } = serde_json::from_str(line)?;
            match what {
                What::Paired(Ok(())) => self.paired = true,
                What::Paired(Err(why)) => bail!("{} was not paired: {why}", self.name),
                What::Live(is_live) => self.is_live = is_live,
                What::Shown {
                    attempt,
                    digest,
                    tells,
                } => self.record.shown(attempt, digest, tells),
                What::Reported { attempt } => self.record.reported(attempt, at),
                What::Failed { .. } => self.record.failed += 1,
                What::Listed(listed) => self.listed = Some(listed),
            }
        }
        Ok(())
    }

    /// Whether any part of the app has panicked, in any of its lives.
    ///
    /// # Errors
    /// When one has.
    pub(crate) fn has_not_panicked(&self) -> Result<()> {
        let log = std::fs::read_to_string(self.folder.join("log"))?;
        ensure!(!log.contains("panicked at"), "{}: {log}", self.name);
        Ok(())
    }
}
