//! The server that the official Socket.IO protocol 5 test suite asks for, on port 3000. All it says back is what it heard,
//! without binary attachments, which are not served.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use deskbell_clock::{OsEntropy, SystemClock};
use deskbell_socketio::Args;
use deskbell_socketio::server::{ConnectRefused, Frame, Namespaces, Peer, Server, ServerConfig, Socket};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Two namespaces that repeat what they are told.
struct Echo;

impl Namespaces for Echo {
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
        say(socket, "auth", &[auth]).await;
    }

    async fn event(&self, socket: &Socket, _: &Value, name: &str, args: Args) -> Option<Args> {
        match name {
            "message" => {
                say(socket, "message-back", &args.json).await;
                None
            }
            "message-with-ack" => Some(args),
            _ => None,
        }
    }

    async fn gone(&self, _: &Socket, _: &Value) {}
}

async fn say<T: serde::Serialize>(socket: &Socket, name: &str, args: &[T]) {
    // What came as JSON goes as JSON, and one that has gone hears nothing.
    if let Ok(frame) = Frame::event_with_args(socket.namespace(), name, args) {
        let _ = socket.emit(&frame).await;
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let config = ServerConfig {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        connect_timeout: Duration::from_secs(1),
        max_payload: 1_000_000,
        ..ServerConfig::default()
    };
    let server = Server::new(config, Echo, Arc::new(SystemClock), Arc::new(OsEntropy));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 3000))
        .await?
        .tap_io(|stream| {
            // Without it, it is only slower.
            let _ = stream.set_nodelay(true);
        });
    let service = server
        .router::<()>()
        .into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await
}
