use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout, Stdio};

use anyhow::{Context, Result};

use super::Stage;
use crate::booking::Booking;
use crate::process::Process;
use crate::run::{done, npm, root};

/// Where Node's Socket.IO is at hand, and the scripts that use it.
pub(crate) fn scripts() -> Result<PathBuf> {
    let folder = root().join("crates/socketio/tests/node");
    if !folder.join("node_modules/.package-lock.json").exists() {
        done(
            npm()
                .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
                .current_dir(&folder),
        )?;
    }
    Ok(folder)
}

/// A hospital's own booking server, as others have written it: Node's Socket.IO, which knows nothing of Deskbell. Its
/// script tells more (`crates/socketio/tests/node/hospital.js`).
pub(crate) struct Hospital {
    input: ChildStdin,
    port: u16,
    /// It tells of every connection, and ends when nobody could read that.
    _output: BufReader<ChildStdout>,
    _process: Process,
}

impl Hospital {
    /// Starts one on a free port.
    pub(crate) fn start(stage: &Stage) -> Result<Self> {
        let folder = scripts()?;
        let mut command = stage.program("node");
        command
            .args(["hospital.js", "0", "websocket,polling", "", ""])
            .current_dir(folder)
            .stdin(Stdio::piped());
        let mut process = Process::start_piped(command, &stage.folder().join("hospital.log"))?;
        let input = process.stdin().context("node takes no input")?;
        let mut port = String::new();
        let mut output = BufReader::new(process.stdout().context("node has no output")?);
        output.read_line(&mut port)?;
        Ok(Self {
            input,
            port: port.trim().parse().context("node printed no port")?,
            _output: output,
            _process: process,
        })
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The settings of a desk that listens to it.
    pub(crate) fn settings(&self) -> String {
        format!(
            "language = \"ko\"\n\n[source]\nkind = \"socketio\"\nurl = \"{}\"\ntimezone = \"Asia/Seoul\"\n",
            self.url()
        )
    }

    /// Emits a booking, with more fields than a desk may have.
    pub(crate) fn emit(&mut self, booking: &Booking) -> Result<()> {
        let form: serde_json::Map<_, _> = booking
            .fields()
            .into_iter()
            .map(|(field, value)| (field.to_owned(), value.into()))
            .collect();
        writeln!(self.input, "{}", serde_json::Value::Object(form)).context("node has ended")
    }
}
