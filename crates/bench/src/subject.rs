//! A server of the link under test.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::sleep;

use crate::node::node;
use crate::process::{CpuTime, Process, proc};

/// How long memory is watched for coming to rest, in steps.
const REST_STEPS: usize = 20;

/// One such step.
const REST_STEP: Duration = Duration::from_millis(500);

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// `deskbell_socketio::server`.
    Deskbell,
    /// Socket.IO's own, from npm.
    Node,
    /// The least that any server does.
    Bare,
}

/// A running server. It ends when this is dropped.
pub(crate) struct Subject(Process);

impl Subject {
    /// Starts it and waits until it listens.
    pub(crate) async fn start(kind: Kind) -> Result<Self> {
        Process::start(command(kind)?).await.map(Self)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Has it send each of `rooms` the events `seqs`.
    pub(crate) async fn broadcast(&mut self, rooms: Range<usize>, seqs: Range<u64>) -> Result<()> {
        let line = format!("{} {} {} {}\n", rooms.start, rooms.end, seqs.start, seqs.end);
        let written = self.0.input.write_all(line.as_bytes()).await;
        written.context("the server ended")
    }

    /// Its memory in bytes, without the kernel's for its sockets: its proportional set size, once that rests.
    pub(crate) async fn memory(&self) -> Result<u64> {
        let mut last = self.memory_now()?;
        for _ in 0..REST_STEPS {
            sleep(REST_STEP).await;
            let now = self.memory_now()?;
            if now.abs_diff(last) < last / 200 {
                return Ok(now);
            }
            last = now;
        }
        Ok(last)
    }

    fn memory_now(&self) -> Result<u64> {
        let rollup = proc(self.0.pid, "smaps_rollup")?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kibibytes.context("no Pss")?.parse::<u64>()? * 1024)
    }

    /// The CPU time of all its threads so far.
    pub(crate) fn cpu_time(&self) -> Result<CpuTime> {
        CpuTime::of(self.0.pid)
    }
}

fn command(kind: Kind) -> Result<Command> {
    let ourselves = || std::env::current_exe().map(Command::new);
    Ok(match kind {
        Kind::Deskbell => {
            let mut command = ourselves()?;
            command.arg("serve");
            command
        }
        Kind::Bare => {
            let mut command = ourselves()?;
            command.arg("bare");
            command
        }
        Kind::Node => node("server.js"),
    })
}
