use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use deskbell_socketio::client::{ClientEvent, DisconnectReason};
use deskbell_socketio::server::Frame;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::reception::{config, quick_pings, start, start_at};
use crate::{PATIENCE, args, client, values};

/// A Node program under `tests/node`. It ends with its standard input.
struct Peer {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Peer {
    async fn start(script: &str, arguments: &[&str]) -> Self {
        let folder = installed().await;
        let mut process = Command::new("node")
            .arg(script)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            input,
            output,
            _process: process,
        }
    }

    /// The next line it prints, as JSON.
    async fn says(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.output.next_line())
            .await
            .expect("a line in time");
        serde_json::from_str(&line.unwrap().expect("it still runs")).unwrap()
    }

    async fn tell(&mut self, command: &Value) {
        self.input
            .write_all(format!("{command}\n").as_bytes())
            .await
            .unwrap();
    }
}

/// The folder of the Node programs, after `npm ci` if nobody has run it.
async fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    // Tests, and test processes, that run at once must not install at once.
    let guard = folder.join("package.json");
    let guard = tokio::task::spawn_blocking(move || {
        let file = File::open(guard).unwrap();
        file.lock().unwrap();
        file
    });
    let guard = guard.await.unwrap();
    // npm writes this file last.
    if !folder.join("node_modules/.package-lock.json").exists() {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let install = Command::new(npm)
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .status();
        assert!(install.await.expect("npm starts").success());
    }
    drop(guard);
    folder
}

#[tokio::test]
async fn our_client_is_served_by_nodes_server() {
    let mut node = Peer::start("server.js", &[]).await;
    let url = format!("http://127.0.0.1:{}", node.says().await);

    let (_refused, mut events) = client(&url, Value::Null);
    let Some(ClientEvent::Refused { message, data }) = events.next().await else {
        panic!("not refused")
    };
    assert_eq!(
        (message.as_str(), data),
        ("Not admitted", Some(json!({ "code": "invalid_token" })))
    );

    let (seoul, mut events) = client(&url, json!({ "token": "seoul" }));
    let (busan, mut busan_events) = client(&url, json!({ "token": "busan" }));
    for events in [&mut events, &mut busan_events] {
        events.connected().await;
        for number in 0..50 {
            assert_eq!(events.event().await, json!(["number", number]));
        }
    }
    let echo = json!({ "이름": ["김크리스", 1.5, null], "quoted": "\"\\\n" });
    assert_eq!(
        values(&seoul.emit_with_ack("echo", &args(&echo), PATIENCE).await.unwrap()),
        [echo]
    );

    // No ack is given to these: only their effect is waited for.
    drop(busan.emit_with_ack("ring", &args(&json!({ "room": "seoul" })), PATIENCE));
    assert_eq!(events.event().await, json!(["reservation", { "room": "seoul" }]));
    drop(seoul.emit_with_ack("ring", &args(&json!({ "room": "busan" })), PATIENCE));
    assert_eq!(
        busan_events.event().await,
        json!(["reservation", { "room": "busan" }])
    );

    drop(seoul.emit_with_ack("leave", &args(&Value::Null), PATIENCE));
    assert_eq!(events.disconnected().await, DisconnectReason::ServerDisconnect);
    events.connected().await;

    drop(node);
    let reason = busan_events.disconnected().await;
    assert_eq!(reason, DisconnectReason::Closed);
}

#[tokio::test]
async fn nodes_client_is_served_by_our_server() {
    let running = start(quick_pings(), 20).await;
    let (address, url) = (running.address, running.url());

    let mut refused = Peer::start("client.js", &[&url, "", "websocket"]).await;
    assert_eq!(
        refused.says().await,
        json!(["connect_error", "Not admitted", { "code": "invalid_token" }])
    );

    let mut node = Peer::start("client.js", &[&url, "seoul", "websocket"]).await;
    assert_eq!(node.says().await, json!(["connect", "websocket"]));
    for number in 0..20 {
        assert_eq!(node.says().await, json!(["event", "number", number]));
    }
    node.tell(&json!(["echo", { "이름": "김크리스" }, 2, null])).await;
    assert_eq!(node.says().await, json!(["ack", { "이름": "김크리스" }, 2, null]));

    let reception = running.reception();
    let socket = reception.wait_for(1).await.remove(0);
    reception
        .room("busan")
        .broadcast(&Frame::event("/desk", "other", &1).unwrap());
    reception
        .room("seoul")
        .broadcast(&Frame::event("/desk", "own", &json!({ "name": "김" })).unwrap());
    assert_eq!(node.says().await, json!(["event", "own", { "name": "김" }]));

    running.stop().await;
    assert!(socket.is_gone());
    assert_eq!(node.says().await, json!(["event", "shutdown", 1]));
    assert_eq!(node.says().await, json!(["disconnect", "transport close"]));
    let running = start_at(address, config(), 0).await;
    loop {
        match node.says().await {
            connected if connected == json!(["connect", "websocket"]) => break,
            other => assert_eq!(other[0], "connect_error"),
        }
    }
    let socket = running.reception().wait_for(1).await.remove(0);
    socket.disconnect();
    assert_eq!(node.says().await, json!(["disconnect", "io server disconnect"]));
    running.reception().wait_for(0).await;
}

#[tokio::test]
async fn nodes_client_is_served_where_only_polling_passes() {
    let running = start(quick_pings(), 20).await;
    let url = running.url();
    let mut refused = Peer::start("client.js", &[&url, "", "polling"]).await;
    assert_eq!(
        refused.says().await,
        json!(["connect_error", "Not admitted", { "code": "invalid_token" }])
    );

    let mut node = Peer::start("client.js", &[&url, "seoul", "polling"]).await;
    assert_eq!(node.says().await, json!(["connect", "polling"]));
    for number in 0..20 {
        assert_eq!(node.says().await, json!(["event", "number", number]));
    }
    for number in 0..100 {
        node.tell(&json!(["echo", "김크리스", number])).await;
    }
    for number in 0..100 {
        assert_eq!(node.says().await, json!(["ack", "김크리스", number]));
    }

    let reception = running.reception();
    let socket = reception.wait_for(1).await.remove(0);
    for number in 0..10 {
        reception
            .room("seoul")
            .broadcast(&Frame::event("/desk", "own", &number).unwrap());
        assert_eq!(node.says().await, json!(["event", "own", number]));
    }
    socket.disconnect();
    assert_eq!(node.says().await, json!(["disconnect", "io server disconnect"]));
    reception.wait_for(0).await;

    let mut node = Peer::start("client.js", &[&url, "seoul", "polling"]).await;
    assert_eq!(node.says().await, json!(["connect", "polling"]));
    for number in 0..20 {
        assert_eq!(node.says().await, json!(["event", "number", number]));
    }
    reception.wait_for(1).await;
    running.stop().await;
    assert_eq!(node.says().await, json!(["event", "shutdown", 1]));
    assert_eq!(node.says().await, json!(["disconnect", "transport close"]));
}

#[tokio::test]
async fn nodes_client_goes_over_to_a_websocket_and_misses_nothing() {
    let running = start(quick_pings(), 500).await;
    let url = running.url();
    let mut node = Peer::start("client.js", &[&url, "seoul", "polling", "websocket"]).await;
    for number in 0..100 {
        node.tell(&json!(["echo", number])).await;
    }
    let (mut events, mut acks, mut others) = (0, 0, Vec::new());
    while events < 500 || acks < 100 || others.len() < 2 {
        let said = node.says().await;
        match said[0].as_str().unwrap() {
            "event" => {
                assert_eq!(said, json!(["event", "number", events]));
                events += 1;
            }
            "ack" => {
                assert_eq!(said, json!(["ack", acks]));
                acks += 1;
            }
            _ => others.push(said[0].clone()),
        }
    }
    // It connects on the one or the other.
    others.sort_by_key(Value::to_string);
    assert_eq!(others, ["connect", "upgrade"]);
    running.reception().wait_for(1).await;
    running
        .reception()
        .room("seoul")
        .broadcast(&Frame::event("/desk", "own", &1).unwrap());
    assert_eq!(node.says().await, json!(["event", "own", 1]));
    running.stop().await;
    assert_eq!(node.says().await, json!(["event", "shutdown", 1]));
    assert_eq!(node.says().await, json!(["disconnect", "transport close"]));
}
