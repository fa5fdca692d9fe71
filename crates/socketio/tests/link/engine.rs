//! Engine.IO without Socket.IO on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{SeededEntropy, SystemClock};
use deskbell_socketio::server::engine::{Connection, Connections, Engine, EngineConfig};
use futures_util::{SinkExt, StreamExt};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

use crate::polling::{next_text, open_websocket, send};
use crate::{PATIENCE, http};

/// Repeats every message.
struct Echo;

impl Connections for Echo {
    async fn serve(&self, mut connection: Connection) {
        let end = loop {
            let said = match connection.step(true, None).await {
                Ok(Some(message)) => connection.send(message),
                Ok(None) => Ok(()),
                Err(end) => Err(end),
            };
            if let Err(end) = said {
                break end;
            }
        };
        if let Some(goodbye) = end.goodbye() {
            connection.close(goodbye).await;
        }
    }
}

/// A running server of echoes, and where it is.
async fn start(ping_interval: Duration, ping_timeout: Duration) -> (Engine<Echo>, SocketAddr) {
    let config = EngineConfig {
        ping_interval,
        ping_timeout,
        upgrade_timeout: PATIENCE,
        max_payload: 1_000,
        max_connections: 8,
    };
    let engine = Engine::new(
        config,
        Echo,
        Arc::new(SystemClock),
        Arc::new(SeededEntropy::new(1)),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = engine
        .router::<()>("/engine.io/")
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    (engine, address)
}

/// A polled connection.
struct Polled {
    http: reqwest::Client,
    url: String,
    sid: String,
}

impl Polled {
    async fn open(address: SocketAddr) -> Self {
        let (http, url) = (http(), handshake(address));
        let open = http.get(&url).send().await.unwrap().text().await.unwrap();
        let terms: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        let sid = terms["sid"].as_str().unwrap().to_owned();
        let url = format!("{url}&sid={sid}");
        Self { http, url, sid }
    }

    async fn get(&self) -> (StatusCode, String) {
        let answer = self.http.get(&self.url).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn post(&self, body: &'static str) {
        let answer = self.http.post(&self.url).body(body).send().await.unwrap();
        assert_eq!(
            (answer.status(), answer.text().await.unwrap()),
            (StatusCode::OK, "ok".to_owned())
        );
    }
}

/// Where a polled connection begins.
fn handshake(address: SocketAddr) -> String {
    format!("http://{address}/engine.io/?EIO=4&transport=polling")
}

#[tokio::test]
async fn messages_of_text_and_bytes_come_back_from_a_payload() {
    let (_engine, address) = start(PATIENCE, PATIENCE).await;
    let polled = Polled::open(address).await;
    for body in ["4hello", "4a\x1e4b\x1e4", "4hello\x1ebAQIDBA==", "b"] {
        polled.post(body).await;
        let mut heard = Vec::new();
        while heard.len() < body.split('\x1e').count() {
            heard.extend(polled.get().await.1.split('\x1e').map(str::to_owned));
        }
        assert_eq!(heard.join("\x1e"), body);
    }
}

#[tokio::test]
async fn messages_of_text_and_bytes_come_back_on_a_websocket() {
    let (engine, address) = start(PATIENCE, PATIENCE).await;
    let mut socket = open_websocket(address, "/engine.io/?EIO=4&transport=websocket").await;
    assert!(next_text(&mut socket).await.unwrap().starts_with("0{"));
    for message in [
        Message::text("4hello"),
        Message::binary(vec![1, 2, 3, 4]),
        Message::text("4"),
    ] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    send(&mut socket, "1").await;
    assert_eq!(next_text(&mut socket).await, None);
    drop(socket);
    engine.emptied().await;
}

#[tokio::test]
async fn a_connection_goes_over_with_what_waits_for_it() {
    let (engine, address) = start(PATIENCE, PATIENCE).await;
    let polled = Polled::open(address).await;
    let path = format!("/engine.io/?EIO=4&transport=websocket&sid={}", polled.sid);
    let mut socket = open_websocket(address, &path).await;
    send(&mut socket, "2probe").await;
    assert_eq!(next_text(&mut socket).await.unwrap(), "3probe");
    polled.post("4early\x1ebAQID").await;
    send(&mut socket, "5").await;
    send(&mut socket, "4late").await;
    let mut heard = Vec::new();
    while heard.len() < 3 {
        heard.push(socket.next().await.unwrap().unwrap());
    }
    let expected = [
        Message::text("4early"),
        Message::binary(vec![1, 2, 3]),
        Message::text("4late"),
    ];
    assert_eq!(heard, expected);
    assert_eq!(polled.get().await.0, StatusCode::BAD_REQUEST);
    assert_eq!(engine.len(), 1);
    drop(socket);
    engine.emptied().await;
}

#[tokio::test]
async fn who_answers_pings_is_kept_and_who_does_not_is_not() {
    let (engine, address) = start(Duration::from_millis(300), Duration::from_secs(3)).await;
    let polled = Polled::open(address).await;
    for _ in 0..3 {
        assert_eq!(polled.get().await, (StatusCode::OK, "2".to_owned()));
        polled.post("3").await;
    }
    engine.emptied().await;
    assert_eq!(polled.get().await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_server_that_closes_keeps_what_it_has_and_takes_nothing_new() {
    let (engine, address) = start(PATIENCE, PATIENCE).await;
    let polled = Polled::open(address).await;
    engine.close();
    let new = polled.http.get(handshake(address)).send().await.unwrap();
    assert_eq!(new.status(), StatusCode::SERVICE_UNAVAILABLE);
    polled.post("4still").await;
    assert_eq!(polled.get().await.1, "4still");
}

#[tokio::test]
async fn a_websocket_that_its_client_closes_is_closed_in_good_order() {
    let (engine, address) = start(PATIENCE, PATIENCE).await;
    let mut socket = open_websocket(address, "/engine.io/?EIO=4&transport=websocket").await;
    assert!(next_text(&mut socket).await.unwrap().starts_with("0{"));
    socket.close(None).await.unwrap();
    let answer = socket.next().await;
    assert!(matches!(answer, Some(Ok(Message::Close(_)))), "{answer:?}");
    engine.emptied().await;
}
