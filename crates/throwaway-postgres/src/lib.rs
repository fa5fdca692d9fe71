//! A PostgreSQL server for a test: in a folder of its own, on loopback, gone with whoever started it. Not part of the
//! product.
//!
//! It writes to the disk as a real one does (`fsync` is on), since what survives a crash is what tests ask it about.
#![cfg(unix)]

mod programs;
mod user;

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use crate::programs::Programs;
use crate::user::User;

/// Runs the server until standard input ends, which it does with the process at its other end, however that ends.
const GUARD: &str = include_str!("guard.sh");

/// The server's superuser, and the database that is there from the beginning.
const NAME: &str = "postgres";

/// Connections at the same time: every test of a crate may have its own pools.
const MAX_CONNECTIONS: u32 = 300;

/// How often another port is tried: between choosing a free one and listening on it, another may take it.
const TRIES: u32 = 3;

/// How long a server may take to come up, in steps.
const STEPS: u32 = 1_500;

/// One such step.
const STEP: Duration = Duration::from_millis(20);

/// A running server. It ends, and its files go, when this is dropped or its process ends.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    guard: Child,
    folder: TempDir,
}

/// There is no server.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// PostgreSQL's server programs are not on this machine.
    #[error(
        "initdb and postgres are neither in PATH nor in /usr/lib/postgresql: install Debian's package postgresql"
    )]
    NotInstalled,
    /// It does not come up, for the reason that its log gives.
    #[error("PostgreSQL does not come up: {0}")]
    Failed(String),
    /// The machine refuses a folder, a process or the like.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Postgres {
    /// Makes a new server and waits until it takes connections: one to two seconds.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start() -> Result<Self, StartError> {
        let programs = Programs::find().ok_or(StartError::NotInstalled)?;
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir()?;
        let user = User::to_own(folder.path())?;
        let mut initdb = Command::new(&programs.initdb);
        initdb
            .arg("--pgdata")
            .arg(data(folder.path()))
            .args([
                "--username",
                NAME,
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
            ])
            .arg("--no-sync");
        let made = user.run(&mut initdb).output()?;
        if !made.status.success() {
            return Err(StartError::Failed(
                String::from_utf8_lossy(&made.stderr).trim().to_owned(),
            ));
        }
        let mut tries = 1;
        loop {
            match serve(&programs, &user, folder.path())? {
                Ok((port, guard)) => return Ok(Self { port, guard, folder }),
                Err(_) if tries < TRIES => tries += 1,
                Err(log) => return Err(StartError::Failed(log)),
            }
        }
    }

    /// The address of a database of this server; `postgres` is there from the beginning, others by `CREATE DATABASE`.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{NAME}@127.0.0.1:{}/{database}", self.port)
    }

    /// Where its Unix socket is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // Gone already is as good.
        let _ = self.guard.wait();
    }
}

/// Starts the server on a free port. What its log says, when it ends instead of serving.
fn serve(programs: &Programs, user: &User, folder: &Path) -> io::Result<Result<(u16, Child), String>> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let log = folder.join("log");
    let output = File::create(&log)?;
    let mut command = Command::new("sh");
    command
        .args(["-c", GUARD, "guard"])
        .arg(folder)
        .arg(&programs.postgres)
        .arg("-D")
        .arg(data(folder))
        .arg("-k")
        .arg(folder)
        .args(["-h", "127.0.0.1", "-p", &port.to_string()])
        .args(["-N", &MAX_CONNECTIONS.to_string()])
        .stdin(Stdio::piped())
        .stdout(output.try_clone()?)
        .stderr(output);
    let mut guard = user.run(&mut command).spawn()?;
    for _ in 0..STEPS {
        if is_ready(folder) {
            return Ok(Ok((port, guard)));
        }
        if guard.try_wait()?.is_some() {
            break;
        }
        sleep(STEP);
    }
    let said = fs::read_to_string(log);
    drop(guard.stdin.take());
    guard.wait()?;
    Ok(Err(said?))
}

/// Whether the server says that it takes connections: the eighth line of its pid file, which `pg_ctl` reads too.
fn is_ready(folder: &Path) -> bool {
    fs::read_to_string(data(folder).join("postmaster.pid")).is_ok_and(|text| {
        text.lines()
            .nth(7)
            .is_some_and(|state| state.trim_end() == "ready")
    })
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    /// Says hello in PostgreSQL's protocol (3.0); gives the first byte of the answer: `R` asks for a password or for none.
    fn greet(port: u16) -> u8 {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let names = b"user\0postgres\0database\0postgres\0\0";
        let length = u32::try_from(8 + names.len()).unwrap().to_be_bytes();
        stream.write_all(&length).unwrap();
        stream.write_all(&196_608_u32.to_be_bytes()).unwrap();
        stream.write_all(names).unwrap();
        let mut answer = [0];
        stream.read_exact(&mut answer).unwrap();
        answer[0]
    }

    #[test]
    fn two_servers_answer_and_leave_nothing_behind() {
        let (one, two) = (Postgres::start().unwrap(), Postgres::start().unwrap());
        assert_eq!((greet(one.port), greet(two.port)), (b'R', b'R'));
        assert!(one.folder().join(format!(".s.PGSQL.{}", one.port)).exists());
        assert_eq!(
            one.url("deskbell"),
            format!("postgres://postgres@127.0.0.1:{}/deskbell", one.port)
        );
        for server in [one, two] {
            let (port, folder) = (server.port, server.folder().to_owned());
            drop(server);
            assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
            assert!(!folder.exists());
        }
    }
}
