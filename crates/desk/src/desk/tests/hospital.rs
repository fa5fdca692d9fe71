//! An unmodified Socket.IO server of Node, from its `emit` to the toast.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::fake_shell::folders;
use super::wire::App;
use crate::{DeskRequest, History, Link, ToastKey, Transport};

/// A hospital's booking server. It ends with its standard input.
struct Hospital {
    port: u16,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

/// How a server is set up.
#[derive(Clone, Copy, Default)]
struct Setup {
    port: u16,
    polling_only: bool,
    room: &'static str,
    token: &'static str,
}

impl Hospital {
    async fn start(setup: Setup) -> Self {
        let transports = if setup.polling_only {
            "polling"
        } else {
            "websocket,polling"
        };
        let port = setup.port.to_string();
        let mut process = Command::new("node")
            .arg("hospital.js")
            .args([&port, transports, setup.room, setup.token])
            .current_dir(installed().await)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = output.next_line().await.unwrap().unwrap().parse().unwrap();
        Self {
            port,
            input,
            output,
            _process: process,
        }
    }

    /// Waits until it has seen `what`.
    async fn sees(&mut self, what: &str) {
        let seen = async {
            loop {
                let line = self.output.next_line().await.unwrap();
                if line.expect("it still runs") == what {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), seen).await.unwrap();
    }

    async fn emit(&mut self, data: &Value) {
        self.tell(&data.to_string()).await;
    }

    async fn tell(&mut self, line: &str) {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
    }

    fn settings(&self, more: &str) -> String {
        let port = self.port;
        format!(
            "language = \"ko\"\n[source]\nkind = \"socketio\"\nurl = \"http://127.0.0.1:{port}\"\ntimezone = \"Asia/Seoul\"\n{more}"
        )
    }
}

/// The folder of the Node programs, after `npm ci` if nobody has run it; see `crates/socketio/tests/link/node.rs`.
async fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../socketio/tests/node");
    let guard = folder.join("package.json");
    let guard = tokio::task::spawn_blocking(move || {
        let file = File::open(guard).unwrap();
        file.lock().unwrap();
        file
    });
    let guard = guard.await.unwrap();
    if !folder.join("node_modules/.package-lock.json").exists() {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let install = Command::new(npm)
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .status();
        assert!(install.await.unwrap().success());
    }
    drop(guard);
    folder
}

fn configured(settings: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = folders(&folder).config.join("settings.toml");
    crate::disk::replace(&file, settings.as_bytes()).unwrap();
    folder
}

/// A form as the hospital's website sends it, with more than a desk may have.
fn form(name: &str) -> Value {
    json!({
        "relationship": "본인", "name": name, "phone": "010-1111-1111",
        "reservationdate": "2026-12-01", "reservationtime": "10:30 ~ 11:00",
        "contents": "진구야 공부 잘하고 있지?", "idnumber": "960625-1111111", "proxyName": "", "address": "광주광역시",
    })
}

async fn rings(app: &App, times: usize) -> ToastKey {
    app.until("the toast", |shell| shell.toasts().len() == times)
        .await;
    app.shell.toasts()[times - 1]
}

#[tokio::test]
async fn a_reservation_rings_once_and_its_click_opens_it() {
    let mut hospital = Hospital::start(Setup::default()).await;
    let folder = configured(&hospital.settings(""));
    let app = App::start(&folder);
    app.is_live().await;
    for name in ["김크리스", "김크리스", "이서연"] {
        hospital.emit(&form(name)).await;
    }
    let second = rings(&app, 2).await;
    app.send(DeskRequest::Clicked(second));
    app.until("the details", |shell| {
        shell.sees(|screen| {
            screen.opened.as_ref().is_some_and(|opened| {
                opened
                    .reservation
                    .as_ref()
                    .is_some_and(|r| r.name.as_str() == "이서연")
                    && opened.history == History::NotKept
            })
        })
    })
    .await;
    assert_eq!(app.shell.screen().transport, Some(Transport::WebSocket));
    assert_eq!(app.shell.screen().other_days.len(), 2);
    app.quit().await;
}

#[tokio::test]
async fn a_repeat_after_a_restart_of_the_app_does_not_ring() {
    let mut hospital = Hospital::start(Setup::default()).await;
    let folder = configured(&hospital.settings(""));
    let app = App::start(&folder);
    app.is_live().await;
    hospital.emit(&form("김크리스")).await;
    rings(&app, 1).await;
    app.quit().await;

    let app = App::start(&folder);
    app.is_live().await;
    hospital.emit(&form("김크리스")).await;
    hospital.emit(&form("이서연")).await;
    rings(&app, 1).await;
    app.until("both in the list", |shell| {
        shell.sees(|screen| screen.other_days.len() == 2)
    })
    .await;
    assert_eq!(app.shell.toasts().len(), 1);
    app.quit().await;
}

#[tokio::test]
async fn a_room_is_joined_again_after_each_connection() {
    let mut hospital = Hospital::start(Setup {
        room: "hanbit",
        token: "hush",
        ..Setup::default()
    })
    .await;
    let folder = configured(&hospital.settings(
        "auth = { token = \"hush\" }\njoin = { event = \"join\", payload = { hospital = \"hanbit\" } }\n",
    ));
    let app = App::start(&folder);
    hospital.sees("joined").await;
    hospital.emit(&form("김크리스")).await;
    rings(&app, 1).await;
    hospital.tell("drop").await;
    app.until("the outage", |shell| {
        shell.sees(|screen| matches!(screen.link, Link::Offline { .. }))
    })
    .await;
    app.send(DeskRequest::OpenWindow);
    hospital.sees("joined").await;
    hospital.emit(&form("이서연")).await;
    rings(&app, 2).await;
    let warnings = app.shell.screen().warnings;
    assert!(warnings[0].contains("다시 보내지 않습니다"), "{warnings:?}");
    app.quit().await;
}

#[tokio::test]
async fn a_refusal_names_the_setting_and_quotes_nothing() {
    let hospital = Hospital::start(Setup {
        token: "right",
        ..Setup::default()
    })
    .await;
    let folder = configured(&hospital.settings("auth = { token = \"hush\" }\n"));
    let app = App::start(&folder);
    app.until("the refusal", |shell| {
        shell
            .sees(|screen| matches!(&screen.link, Link::Refused { reason } if reason.contains("source.auth")))
    })
    .await;
    assert!(!format!("{:?}", app.shell.calls()).contains("hush"));
    app.quit().await;
}

#[tokio::test]
async fn what_is_no_reservation_is_counted_and_the_next_one_rings() {
    let mut hospital = Hospital::start(Setup::default()).await;
    let folder = configured(&hospital.settings(""));
    let app = App::start(&folder);
    app.is_live().await;
    let mut spoilt = form("김크리스");
    spoilt["phone"] = json!("010");
    for data in [json!("hello"), json!(null), spoilt] {
        hospital.emit(&data).await;
    }
    hospital.emit(&form("이서연")).await;
    rings(&app, 1).await;
    let warnings = app.shell.screen().warnings;
    assert!(
        warnings[0].contains("3건") && warnings[0].contains("phone"),
        "{warnings:?}"
    );
    app.quit().await;
}

#[tokio::test]
async fn a_server_that_only_polls_is_heard_too() {
    let mut hospital = Hospital::start(Setup {
        polling_only: true,
        room: "hanbit",
        ..Setup::default()
    })
    .await;
    let settings = hospital.settings("join = { event = \"join\", payload = { hospital = \"hanbit\" } }\n");
    let folder = configured(&settings);
    let app = App::start(&folder);
    hospital.sees("joined").await;
    hospital.emit(&form("김크리스")).await;
    rings(&app, 1).await;
    assert_eq!(app.shell.screen().transport, Some(Transport::Polling));
    app.quit().await;
}

#[tokio::test]
async fn a_server_that_comes_back_is_listened_to_again() {
    let hospital = Hospital::start(Setup::default()).await;
    let folder = configured(&hospital.settings(""));
    let port = hospital.port;
    let app = App::start(&folder);
    app.is_live().await;
    drop(hospital);
    app.until("the outage", |shell| {
        shell.sees(|screen| matches!(screen.link, Link::Offline { .. }))
    })
    .await;
    let mut hospital = Hospital::start(Setup {
        port,
        ..Setup::default()
    })
    .await;
    app.send(DeskRequest::OpenWindow);
    app.is_live().await;
    hospital.emit(&form("김크리스")).await;
    rings(&app, 1).await;
    app.quit().await;
}
