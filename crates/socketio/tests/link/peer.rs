//! Programs of others, started by the tests.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::PATIENCE;

/// A program that prints what happens, one JSON text a line, and takes commands likewise. It ends with its standard input.
pub(crate) struct Peer {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Peer {
    /// One of `tests/node`.
    pub(crate) async fn node(script: &str, arguments: &[&str]) -> Self {
        let folder = node_packages().await;
        let mut command = Command::new("node");
        command.arg(script).args(arguments).current_dir(folder);
        Self::start(command)
    }

    /// One of `tests/python`.
    pub(crate) async fn python(script: &str, arguments: &[&str]) -> Self {
        let python = python_packages().await;
        let mut command = Command::new(python);
        // What it prints is to be seen at once.
        command
            .arg("-u")
            .arg(folder("python").join(script))
            .args(arguments);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            input,
            output,
            _process: process,
        }
    }

    /// The next line it prints.
    pub(crate) async fn says(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.output.next_line())
            .await
            .expect("a line in time");
        serde_json::from_str(&line.unwrap().expect("it still runs")).unwrap()
    }

    /// The address of a server that prints its port first.
    pub(crate) async fn url(&mut self) -> String {
        format!("http://127.0.0.1:{}", self.says().await)
    }

    pub(crate) async fn tell(&mut self, command: &Value) {
        self.input
            .write_all(format!("{command}\n").as_bytes())
            .await
            .unwrap();
    }
}

fn folder(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(of)
}

/// Tests, and test processes, that run at once must not install at once: held until it is dropped.
async fn alone(file: PathBuf) -> File {
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::open(file).unwrap();
        file.lock().unwrap();
        file
    });
    locked.await.unwrap()
}

async fn run(mut command: Command) {
    assert!(
        command.status().await.expect("it starts").success(),
        "{command:?}"
    );
}

/// The folder of the Node programs, after `npm ci` if nobody has run it.
async fn node_packages() -> PathBuf {
    let folder = folder("node");
    let _alone = alone(folder.join("package.json")).await;
    // npm writes this file last.
    if !folder.join("node_modules/.package-lock.json").exists() {
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder);
        run(npm).await;
    }
    folder
}

/// A Python with the packages of `requirements.txt`, each checked by its hash, and no others.
async fn python_packages() -> PathBuf {
    let requirements = folder("python").join("requirements.txt");
    let _alone = alone(requirements.clone()).await;
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = venv.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let (wanted, installed) = (std::fs::read(&requirements).unwrap(), venv.join("installed.txt"));
    if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
        let mut make = Command::new(if cfg!(windows) { "python" } else { "python3" });
        make.args(["-m", "venv", "--clear"]).arg(&venv);
        run(make).await;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "--disable-pip-version-check", "--quiet", "install"])
            .args(["--require-hashes", "--requirement"])
            .arg(&requirements);
        run(pip).await;
        std::fs::write(installed, wanted).unwrap();
    }
    python
}
