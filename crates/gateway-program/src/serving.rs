use std::fs::File;
use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A gateway that serves. It is killed when this is dropped.
#[derive(Debug)]
pub struct Serving {
    /// Where.
    pub address: SocketAddr,
    child: Child,
    /// Kept, so that what it prints has somewhere to go.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Serving {
    /// Runs `command` until it says where it listens.
    pub(crate) async fn start(mut command: Command, log: File) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn()?;
        let mut output = BufReader::new(child.stdout.take().context("no output")?).lines();
        let line = output.next_line().await?.context("it ended")?;
        let said: Value = serde_json::from_str(&line)?;
        let address = said["listening"]
            .as_str()
            .and_then(|url| url.strip_prefix("http://"))
            .with_context(|| format!("it said {line}"))?;
        Ok(Self {
            address: address.parse()?,
            child,
            _output: output,
        })
    }

    /// Its process.
    ///
    /// # Errors
    /// When it has ended.
    pub fn pid(&self) -> Result<u32> {
        self.child.id().context("the gateway has ended")
    }

    /// Ends it at once, as `kill -9` does.
    ///
    /// # Errors
    /// When it had ended before.
    pub async fn kill(mut self) -> Result<()> {
        self.child.kill().await.context("the gateway had ended before")
    }
}
