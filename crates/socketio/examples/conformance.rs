//! The servers that the two official test suites ask for, on port 3000: `conformance engine` for Engine.IO protocol 4,
//! `conformance socket` for Socket.IO protocol 5. All they say back is what they heard.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use deskbell_clock::{OsEntropy, SystemClock};
use deskbell_socketio::Args;
use deskbell_socketio::server::engine::{Connection, Connections, End, Engine, EngineConfig};
use deskbell_socketio::server::{ConnectRefused, Frame, Namespaces, Peer, Server, ServerConfig, Socket};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const PING_INTERVAL: Duration = Duration::from_millis(300);
const PING_TIMEOUT: Duration = Duration::from_millis(200);
const MAX_PAYLOAD: usize = 1_000_000;

/// Repeats every message.
struct Echo;

impl Connections for Echo {
    async fn serve(&self, mut connection: Connection) {
        let end = repeat(&mut connection).await;
        if let Some(goodbye) = end.goodbye() {
            connection.close(goodbye).await;
        }
    }
}

async fn repeat(connection: &mut Connection) -> End {
    loop {
        // Nothing is read while nothing can be said.
        let reading = connection.has_room();
        let said = match connection.step(reading, None).await {
            Ok(Some(message)) => connection.send(message),
            Ok(None) => Ok(()),
            Err(end) => Err(end),
        };
        if let Err(end) = said {
            return end;
        }
    }
}

/// Two namespaces that repeat what they are told.
struct Namesakes;

impl Namespaces for Namesakes {
    /// What the client said for itself.
    type Session = Value;

    async fn admit(&self, namespace: &str, auth: Value, _: &Peer) -> Result<Value, ConnectRefused> {
        match namespace {
            "/" | "/custom" if auth.is_null() => Ok(json!({})),
            "/" | "/custom" => Ok(auth),
            _ => Err(ConnectRefused::invalid_namespace()),
        }
    }

    async fn serve(&self, socket: &Socket, auth: &Value) {
        // A `Value` is always JSON, and one that has gone hears nothing.
        if let Ok(frame) = Frame::event(socket.namespace(), "auth", auth) {
            let _ = socket.emit(&frame).await;
        }
    }

    async fn event(&self, socket: &Socket, _: &Value, name: &str, args: Args) -> Option<Args> {
        match name {
            "message" => {
                let frame = Frame::event_with_args(socket.namespace(), "message-back", &args);
                // One that has gone hears nothing.
                let _ = socket.emit(&frame).await;
                None
            }
            "message-with-ack" => Some(args),
            _ => None,
        }
    }

    async fn gone(&self, _: &Socket, _: &Value) {}
}

fn engine() -> Router {
    let config = EngineConfig {
        ping_interval: PING_INTERVAL,
        ping_timeout: PING_TIMEOUT,
        upgrade_timeout: Duration::from_secs(10),
        max_payload: MAX_PAYLOAD,
        max_connections: 1_000,
    };
    Engine::new(config, Echo, Arc::new(SystemClock), Arc::new(OsEntropy)).router("/engine.io/")
}

fn socket() -> Router {
    let config = ServerConfig {
        ping_interval: PING_INTERVAL,
        ping_timeout: PING_TIMEOUT,
        connect_timeout: Duration::from_secs(1),
        max_payload: MAX_PAYLOAD,
        ..ServerConfig::default()
    };
    Server::new(config, Namesakes, Arc::new(SystemClock), Arc::new(OsEntropy)).router()
}

// One thread takes what comes in the order it came: the suites send on two connections at once and rely on it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let router = match (args.next().as_deref(), args.next()) {
        (Some("engine"), None) => engine(),
        (Some("socket"), None) => socket(),
        _ => return fail("say which suite is to be served: `engine` or `socket`", 2),
    };
    match serve(router).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("port 3000 cannot be served: {error}"), 1),
    }
}

async fn serve(router: Router) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 3000))
        .await?
        .tap_io(|stream| {
            // Without it, it is only slower.
            let _ = stream.set_nodelay(true);
        });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await
}

#[expect(clippy::print_stderr, reason = "whoever starts it reads it there")]
fn fail(sentence: &str, code: u8) -> ExitCode {
    eprintln!("{sentence}");
    code.into()
}
