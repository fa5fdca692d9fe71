//! A server under test, as a process of its own.

use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::sleep;

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
pub(crate) struct Subject {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    input: ChildStdin,
    pid: u32,
    _process: Child,
}

/// CPU time in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CpuTime {
    /// In its own code.
    pub(crate) user: f64,
    /// In the kernel on its behalf, which on loopback includes the receiver's side of TCP.
    pub(crate) system: f64,
}

impl Subject {
    /// Starts it and waits until it listens.
    pub(crate) async fn start(kind: Kind) -> Result<Self> {
        let mut process = command(kind)?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("the server {kind:?} does not start"))?;
        let input = process.stdin.take().context("no input")?;
        let output = process.stdout.take().context("no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let port: u16 = line
            .with_context(|| format!("the server {kind:?} did not come up"))?
            .parse()?;
        Ok(Self {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            input,
            pid: process.id().context("it ended")?,
            _process: process,
        })
    }

    /// Has it send each of `rooms` the events `seqs`.
    pub(crate) async fn broadcast(&mut self, rooms: Range<usize>, seqs: Range<u64>) -> Result<()> {
        let line = format!("{} {} {} {}\n", rooms.start, rooms.end, seqs.start, seqs.end);
        self.input
            .write_all(line.as_bytes())
            .await
            .context("the server ended")
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
        let rollup = self.proc("smaps_rollup")?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kibibytes.context("no Pss")?.parse::<u64>()? * 1024)
    }

    /// The CPU time of all its threads so far.
    pub(crate) fn cpu_time(&self) -> Result<CpuTime> {
        let stat = self.proc("stat")?;
        // The name stands in parentheses and may hold anything. After it, user time is the 12th field, system time the 13th.
        let (_, fields) = stat.rsplit_once(") ").context("an odd stat")?;
        let mut fields = fields.split(' ').skip(11);
        let mut next = || -> Result<f64> {
            let ticks: u32 = fields.next().context("a short stat")?.parse()?;
            Ok(f64::from(ticks) / f64::from(ticks_per_second()))
        };
        Ok(CpuTime {
            user: next()?,
            system: next()?,
        })
    }

    fn proc(&self, file: &str) -> Result<String> {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.pid))
            .context("memory and CPU time are read from Linux's /proc")
    }
}

#[cfg(unix)]
fn ticks_per_second() -> u32 {
    rustix::param::clock_ticks_per_second().try_into().unwrap_or(100)
}

/// Never asked: there is no `/proc`.
#[cfg(not(unix))]
fn ticks_per_second() -> u32 {
    100
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
        Kind::Node => {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
            let mut command = Command::new("node");
            // As npm installs it: ws has optional native parts that Socket.IO does not bring along.
            command
                .arg(folder.join("server.js"))
                .env("WS_NO_BUFFER_UTIL", "1")
                .env("WS_NO_UTF_8_VALIDATE", "1")
                .env_remove("NODE_OPTIONS");
            command
        }
    })
}
