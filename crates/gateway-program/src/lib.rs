//! The gateway as a program: its command line, and the process that serves. Not part of the product; soaks and benchmarks
//! know the gateway by nothing else.

mod serving;
mod town;

use std::env::{self, consts::EXE_SUFFIX};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::process::Command;

pub use serving::Serving;
pub use town::{Desk, Hospital, Town, http};

/// A soak or a benchmark is a whole town's booking sites at once: what one may post a second is not limited.
const LIFTED: &[&str] = &["--intake-rate", "1000000"];

/// The program, and the database that it works on.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    database: String,
    log: PathBuf,
    /// What `serve` is told besides where to listen.
    options: &'static [&'static str],
}

impl Program {
    /// The program at `path` with a database as `--database` takes it. What it logs goes to the end of the file `log`.
    ///
    /// # Errors
    /// When the program does not start.
    pub async fn new(path: &Path, database: String, log: &Path) -> Result<Self> {
        let mut program = Self {
            path: path.to_owned(),
            database,
            log: log.to_owned(),
            options: &[],
        };
        if program.knows("serve", "--intake-rate").await? {
            program.options = LIFTED;
        }
        Ok(program)
    }

    /// The one with a SQLite database in `folder`, where its log is too.
    ///
    /// # Errors
    /// When the program does not start.
    pub async fn in_folder(path: &Path, folder: &Path) -> Result<Self> {
        let database = format!("sqlite://{}", folder.join("gateway.sqlite").display());
        Self::new(path, database, &folder.join("gateway.log")).await
    }

    /// Where cargo builds it: beside the program that is running.
    ///
    /// # Errors
    /// When it is not there.
    pub fn beside_this() -> Result<PathBuf> {
        let path = env::current_exe()?.with_file_name(format!("deskbell-gateway{EXE_SUFFIX}"));
        ensure!(
            path.is_file(),
            "{} is not there: build it with cargo build --package deskbell-gateway",
            path.display()
        );
        Ok(path)
    }

    /// What a command prints, as JSON.
    ///
    /// # Errors
    /// When it fails, with what it said.
    pub async fn json(&self, arguments: &[&str]) -> Result<Value> {
        let output = self.command().args(arguments).arg("--json").output().await?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {}", said.trim());
        serde_json::from_slice(&output.stdout).with_context(|| format!("{arguments:?} printed no JSON"))
    }

    /// Whether the help of `command` tells of `word`, an option or a command.
    ///
    /// # Errors
    /// When the program does not start.
    pub async fn knows(&self, command: &str, word: &str) -> Result<bool> {
        let output = self.command().args([command, "--help"]).output().await?;
        let help = String::from_utf8_lossy(&output.stdout);
        Ok(help.split_whitespace().any(|known| known == word))
    }

    /// Serves at `address` until what this gives is dropped.
    ///
    /// # Errors
    /// When it does not come up; its log says why.
    pub async fn serve(&self, address: SocketAddr) -> Result<Serving> {
        let mut command = self.command();
        command
            .args(["serve", "--json", "--listen", &address.to_string()])
            .args(self.options);
        let log = File::options().create(true).append(true).open(&self.log)?;
        Serving::start(command, log)
            .await
            .with_context(|| format!("the gateway does not come up; see {}", self.log.display()))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("DESKBELL_") {
                command.env_remove(name);
            }
        }
        command
            .env_remove("RUST_LOG")
            .env("DESKBELL_DATABASE", &self.database)
            .kill_on_drop(true);
        command
    }
}
