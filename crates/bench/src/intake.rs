//! Durable intake: how many reservations a second are on the disk before they are answered.

mod bare;
mod load;
mod report;
mod stored;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use deskbell_gateway_program::{Hospital, Program, Serving, Town};

use crate::process::{CpuTime, Process};
use crate::{disk, original};
use bare::Bare;
use load::{CONNECTIONS, Load};
use report::{Intake, Report, Server};

/// Hospitals whose sites post.
const HOSPITALS: usize = 8;

/// How much is measured.
struct Size {
    /// Turns that each server has; the median counts, since a machine does other things too.
    turns: usize,
    /// How long one is.
    turn: Duration,
}

/// The whole.
const FULL: Size = Size {
    turns: 5,
    turn: Duration::from_secs(4),
};

/// Just enough to see that all works.
const QUICK: Size = Size {
    turns: 1,
    turn: Duration::from_millis(500),
};

/// Measures all and prints it. `quick` is a small run that judges no target.
///
/// # Errors
/// When a target is missed, or what was answered 201 is not in the database.
pub(crate) async fn run(quick: bool, json: Option<&Path>) -> Result<()> {
    let size = if quick { QUICK } else { FULL };
    let folder = disk::folder()?;
    let syncs_per_second = disk::syncs_per_second(folder.path())?;
    let mut gateway = Gateway::start(&folder.path().join("gateway")).await?;
    let mut bare = Bare::open(&folder.path().join("bare")).await?;
    let mut node = Node::start(&folder.path().join("node.sqlite")).await?;
    for turn in 0..size.turns {
        eprintln!("turn {} of {}, {:?} each", turn + 1, size.turns, size.turn);
        gateway.take_in(turn, size.turn).await?;
        bare.write(size.turn).await?;
        node.take_in(turn, size.turn).await?;
    }
    let report = Report {
        connections: CONNECTIONS,
        syncs_per_second,
        servers: vec![gateway.stop().await?, bare.close().await?, node.stop().await?],
    };
    print!("{report}");
    if let Some(file) = json {
        fs::write(file, serde_json::to_vec_pretty(&report)?)?;
    }
    let missed = report.missed_targets();
    if !quick && !missed.is_empty() {
        bail!("missed: {}", missed.join("; "));
    }
    Ok(())
}

/// `deskbell-gateway serve` on SQLite.
struct Gateway {
    serving: Serving,
    town: Town,
    folder: PathBuf,
    load: Load,
}

impl Gateway {
    async fn start(folder: &Path) -> Result<Self> {
        fs::create_dir(folder)?;
        let program = Program::in_folder(&Program::beside_this()?, folder).await?;
        let serving = program.serve(([127, 0, 0, 1], 0).into()).await?;
        let town = Town::build(&program, serving.address, HOSPITALS, 0).await?;
        Ok(Self {
            serving,
            town,
            folder: folder.to_owned(),
            load: Load::default(),
        })
    }

    async fn take_in(&mut self, turn: usize, time: Duration) -> Result<()> {
        let pid = self.serving.pid()?;
        let tokens: Vec<_> = self.town.hospitals.iter().map(token).collect();
        let before = CpuTime::of(pid)?;
        self.load.run(self.serving.address, &tokens, turn, time).await?;
        self.load.cpu += CpuTime::of(pid)?.total() - before.total();
        Ok(())
    }

    async fn stop(self) -> Result<Intake> {
        self.serving.kill().await?;
        let stored = stored::gateway(&self.folder.join("gateway.sqlite")).await?;
        let accepted = self.load.ids(|id| id.as_str().map(|id| id.replace('-', "")))?;
        ensure!(
            accepted == stored,
            "what the gateway answered 201 is not what it stored"
        );
        Ok(self.load.sum_up(Server::Deskbell))
    }
}

/// Express, better-sqlite3 and Socket.IO.
struct Node {
    process: Process,
    file: PathBuf,
    load: Load,
}

impl Node {
    async fn start(file: &Path) -> Result<Self> {
        Ok(Self {
            process: original::start(file).await?,
            file: file.to_owned(),
            load: Load::default(),
        })
    }

    async fn take_in(&mut self, turn: usize, time: Duration) -> Result<()> {
        let tokens: Vec<_> = (0..HOSPITALS).map(original::token).collect();
        let tokens: Vec<_> = tokens.iter().map(String::as_str).collect();
        let before = CpuTime::of(self.process.pid)?;
        self.load.run(self.process.address, &tokens, turn, time).await?;
        self.load.cpu += CpuTime::of(self.process.pid)?.total() - before.total();
        Ok(())
    }

    async fn stop(self) -> Result<Intake> {
        drop(self.process);
        let stored = stored::original(&self.file).await?;
        let accepted = self.load.ids(|id| id.as_u64().map(|id| id.to_string()))?;
        ensure!(accepted == stored, "what Node answered 201 is not what it stored");
        Ok(self.load.sum_up(Server::Node))
    }
}

fn token(hospital: &Hospital) -> &str {
    &hospital.intake_key
}
