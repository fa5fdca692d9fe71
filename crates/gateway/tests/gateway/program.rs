//! The real program in a folder of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

/// One database, and the commands that work on it.
pub(crate) struct Place {
    folder: PathBuf,
    database: String,
}

/// A gateway that serves. It is killed when it is dropped.
pub(crate) struct Serving {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) address: String,
}

impl Place {
    /// With its database in the folder.
    pub(crate) fn new(folder: &Path) -> Self {
        let file = folder.join("data/gateway.sqlite");
        Self::on(format!("sqlite://{}", file.display()), folder)
    }

    /// With its database elsewhere.
    pub(crate) fn on(database: String, folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            database,
        }
    }

    /// The folder of the database alone.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("stderr.log")).unwrap()
    }

    /// The program, told where its database is and nothing else.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell-gateway"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DESKBELL_")) {
            command.env_remove(name);
        }
        command.env("DESKBELL_DATABASE", &self.database).args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that must succeed, for its JSON.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Adds a hospital, for its intake key.
    pub(crate) fn add_hospital(&self, slug: &str, name: &str) -> String {
        let added = self.json(&["hospital", "add", slug, "--name", name]);
        added["intake_key"].as_str().unwrap().to_owned()
    }

    /// A pairing code.
    pub(crate) fn offer(&self, slug: &str) -> String {
        let offered = self.json(&["desk", "pair", slug]);
        offered["code"].as_str().unwrap().to_owned()
    }

    /// What a command that goes on says first. It is killed then.
    pub(crate) fn first_line(&self, args: &[&str]) -> String {
        let mut child = self.command(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let read = BufReader::new(child.stdout.take().unwrap()).read_line(&mut line);
        child.kill().unwrap();
        child.wait().unwrap();
        read.unwrap();
        line
    }

    /// The program, logging everything that can be logged.
    pub(crate) fn talkative(&self, args: &[&str]) -> Command {
        let everything = "trace,hyper=trace,sqlx=trace,tungstenite=trace,tokio_tungstenite=trace,axum=trace";
        let mut command = self.command(args);
        command.env("RUST_LOG", everything);
        command
    }

    /// Serves, logging everything that can be logged.
    pub(crate) fn serve(&self) -> Serving {
        let stderr = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("stderr.log"));
        let mut command = self.talkative(&["serve", "--listen", "127.0.0.1:0", "--booking-page"]);
        command.stderr(stderr.unwrap());
        Serving::start(command)
    }
}

impl Serving {
    /// Runs `command` until it serves.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line
            .trim_end()
            .strip_prefix("deskbell-gateway listens on http://");
        let address = address.unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self {
            child,
            stdout,
            address,
        }
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Ends it as a power cut does, for what it still had to say on standard output.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `command`, started by another program, which is given it as arguments.
#[cfg(target_os = "linux")]
pub(crate) fn within(program: &str, args: &[&str], command: &Command) -> Command {
    let mut outer = Command::new(program);
    outer
        .args(args)
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer.stderr(Stdio::null());
    outer
}
