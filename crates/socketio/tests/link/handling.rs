//! What a handler may do, and what its clients may not make of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{SeededEntropy, SystemClock};
use deskbell_socketio::Args;
use deskbell_socketio::server::{AckError, ConnectRefused, Frame, Namespaces, Peer, Server, Socket};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::polling::{next_text, open_websocket, send};
use crate::reception::config;

/// How many numbers a socket is sent that asks for many.
const MANY: u32 = 10_000;

/// Serves whoever comes.
struct Counter {
    /// As many may go as this has permits.
    exits: Arc<Semaphore>,
}

impl Namespaces for Counter {
    /// How many numbers it is sent.
    type Session = u32;

    async fn admit(&self, _: &str, auth: Value, _: &Peer) -> Result<u32, ConnectRefused> {
        Ok(if auth["many"] == true { MANY } else { 0 })
    }

    async fn serve(&self, socket: &Socket, count: &u32) {
        for number in 0..*count {
            if socket.emit(&event("number", number)).await.is_err() {
                return;
            }
        }
    }

    async fn event(&self, socket: &Socket, _: &u32, name: &str, args: Args) -> Option<Args> {
        match name {
            "say-and-answer" => socket.emit(&event("said", 1)).await.ok()?,
            "ask" => {
                let answer = socket
                    .emit_with_ack("question", &args, Duration::from_millis(10))
                    .await;
                assert_eq!(answer.unwrap_err(), AckError::TimedOut);
            }
            _ => {}
        }
        Some(args)
    }

    async fn gone(&self, _: &Socket, _: &u32) {
        self.exits.acquire().await.unwrap().forget();
    }
}

fn event(name: &str, number: u32) -> Frame {
    Frame::event("/", name, &number).unwrap()
}

/// A client past its handshake, before any namespace, and the exits of its server.
async fn enter() -> (WebSocketStream<TcpStream>, Arc<Semaphore>) {
    let exits = Arc::new(Semaphore::new(0));
    let counter = Counter {
        exits: Arc::clone(&exits),
    };
    let server = Server::new(
        config(),
        counter,
        Arc::new(SystemClock),
        Arc::new(SeededEntropy::new(2)),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = server
        .router::<()>()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    let mut socket = open_websocket(address, "/socket.io/?EIO=4&transport=websocket").await;
    hears(&mut socket, "0{").await;
    (socket, exits)
}

async fn hears(socket: &mut WebSocketStream<TcpStream>, beginning: &str) {
    let text = next_text(socket).await.unwrap();
    assert!(text.starts_with(beginning), "{text}");
}

/// Everything said before is read, and nothing is heard meanwhile.
async fn is_read(socket: &mut WebSocketStream<TcpStream>) {
    socket.send(Message::Ping(Vec::new().into())).await.unwrap();
    let heard = socket.next().await.unwrap().unwrap();
    assert!(matches!(heard, Message::Pong(_)), "{heard:?}");
}

#[tokio::test]
async fn an_answer_comes_after_what_was_said_before_it() {
    let (mut socket, _) = enter().await;
    send(&mut socket, "40").await;
    hears(&mut socket, "40").await;
    for number in 0..20 {
        send(&mut socket, &format!(r#"42{number}["say-and-answer"]"#)).await;
    }
    for number in 0..20 {
        assert_eq!(next_text(&mut socket).await.unwrap(), r#"42["said",1]"#);
        assert_eq!(next_text(&mut socket).await.unwrap(), format!("43{number}[]"));
    }
}

#[tokio::test]
async fn an_ack_that_is_waited_for_in_a_handler_times_out_however_much_waits_behind_it() {
    let (mut socket, _) = enter().await;
    send(&mut socket, "40").await;
    hears(&mut socket, "40").await;
    // More than the server reads before the first is handled.
    for number in 0..40 {
        send(&mut socket, &format!(r#"42{number}["ask",{number}]"#)).await;
    }
    for number in 0..40 {
        let question = format!(r#"42{number}["question",{number}]"#);
        assert_eq!(next_text(&mut socket).await.unwrap(), question);
        assert_eq!(
            next_text(&mut socket).await.unwrap(),
            format!("43{number}[{number}]")
        );
    }
}

#[test]
fn who_is_sent_much_is_heard_meanwhile() {
    // One that looks at the network as often as at its tasks.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().event_interval(1).build().unwrap();
    runtime.block_on(async {
        let (mut socket, _) = enter().await;
        send(&mut socket, r#"40{"many":true}"#).await;
        hears(&mut socket, "40").await;
        send(&mut socket, r#"421["echo"]"#).await;
        let mut before = 0;
        while next_text(&mut socket).await.unwrap() != "431[]" {
            before += 1;
        }
        assert!(before < MANY / 2, "{before} before the answer");
    });
}

#[tokio::test]
async fn nobody_comes_faster_than_those_before_have_gone() {
    let (mut socket, exits) = enter().await;
    for _ in 0..8 {
        send(&mut socket, "40").await;
        hears(&mut socket, "40").await;
        send(&mut socket, "41").await;
    }
    send(&mut socket, "40").await;
    // Once to have it read, once to have done what can be done.
    is_read(&mut socket).await;
    is_read(&mut socket).await;
    exits.add_permits(1);
    hears(&mut socket, "40").await;
}
