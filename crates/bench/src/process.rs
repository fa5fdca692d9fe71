//! A server under test, as a process of its own.

use std::fs;
use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// A server that says its port on a line of its own and ends with its standard input. It is killed when this is dropped.
pub(crate) struct Process {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    pub(crate) input: ChildStdin,
    pub(crate) pid: u32,
    _child: Child,
}

/// CPU time in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CpuTime {
    /// In its own code.
    pub(crate) user: f64,
    /// In the kernel on its behalf, which on loopback includes the receiver's side of TCP.
    pub(crate) system: f64,
}

impl Process {
    /// Starts it and waits until it listens.
    pub(crate) async fn start(mut command: Command) -> Result<Self> {
        let name = command.as_std().get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        let input = child.stdin.take().context("no input")?;
        let output = child.stdout.take().context("no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let port: u16 = line.with_context(|| format!("{name} did not come up"))?.parse()?;
        Ok(Self {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            input,
            pid: child.id().context("it ended")?,
            _child: child,
        })
    }
}

impl CpuTime {
    /// That of all threads of a process so far.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let stat = proc(pid, "stat")?;
        // The name stands in parentheses and may hold anything. After it, user time is the 12th field, system time the 13th.
        let (_, fields) = stat.rsplit_once(") ").context("an odd stat")?;
        let mut fields = fields.split(' ').skip(11);
        let mut next = || -> Result<f64> {
            let ticks: u32 = fields.next().context("a short stat")?.parse()?;
            Ok(f64::from(ticks) / f64::from(ticks_per_second()))
        };
        Ok(Self {
            user: next()?,
            system: next()?,
        })
    }

    /// Both together.
    pub(crate) fn total(self) -> f64 {
        self.user + self.system
    }
}

/// A file of a process in `/proc`.
pub(crate) fn proc(pid: u32, file: &str) -> Result<String> {
    fs::read_to_string(format!("/proc/{pid}/{file}"))
        .context("memory and CPU time are read from Linux's /proc")
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
