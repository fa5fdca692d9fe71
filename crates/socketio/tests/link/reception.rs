use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskbell_clock::{SeededEntropy, SystemClock};
use deskbell_socketio::Args;
use deskbell_socketio::server::{
    ConnectRefused, Frame, Namespaces, Peer, Room, Server, ServerConfig, Socket,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A server under test: one room per hospital, entered by the token.
pub(crate) struct Reception {
    rooms: Mutex<HashMap<String, Room>>,
    pub(crate) sockets: watch::Sender<Vec<Socket>>,
    /// Numbers sent to each socket as it comes.
    greetings: u32,
}

impl Reception {
    pub(crate) fn room(&self, hospital: &str) -> Room {
        self.rooms
            .lock()
            .unwrap()
            .entry(hospital.to_owned())
            .or_default()
            .clone()
    }

    /// Waits until `count` sockets are there.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Socket> {
        let mut sockets = self.sockets.subscribe();
        let waited = tokio::time::timeout(
            crate::PATIENCE,
            sockets.wait_for(|sockets| sockets.len() == count),
        );
        waited.await.expect("sockets in time").unwrap().clone()
    }
}

impl Namespaces for Reception {
    /// The hospital.
    type Session = String;

    async fn admit(&self, namespace: &str, auth: Value, peer: &Peer) -> Result<String, ConnectRefused> {
        assert!(peer.address.is_some());
        if namespace != "/desk" {
            return Err(ConnectRefused::invalid_namespace());
        }
        match auth["token"].as_str() {
            Some(hospital) if !hospital.is_empty() => Ok(hospital.to_owned()),
            _ => Err(ConnectRefused::new(
                "Not admitted",
                json!({ "code": "invalid_token" }),
            )),
        }
    }

    async fn serve(&self, socket: &Socket, hospital: &String) {
        for number in 0..self.greetings {
            if socket
                .emit(&Frame::event("/desk", "number", &number).unwrap())
                .await
                .is_err()
            {
                return;
            }
        }
        self.room(hospital).join(socket);
        self.sockets.send_modify(|sockets| sockets.push(socket.clone()));
    }

    async fn event(&self, _: &Socket, _: &String, name: &str, args: Args) -> Option<Args> {
        assert!(name != "panic", "asked for");
        (name == "echo").then_some(args)
    }

    async fn gone(&self, socket: &Socket, hospital: &String) {
        assert!(socket.is_gone());
        assert!(
            socket
                .try_emit(&Frame::event("/desk", "late", hospital).unwrap())
                .is_err()
        );
        self.sockets
            .send_modify(|sockets| sockets.retain(|other| other != socket));
    }
}

/// A running server.
pub(crate) struct Running {
    pub(crate) server: Server<Reception>,
    pub(crate) address: SocketAddr,
    listening: JoinHandle<()>,
}

impl Running {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn reception(&self) -> &Reception {
        self.server.handler()
    }

    /// Shuts down with `shutdown` as last words, and stops listening.
    pub(crate) async fn stop(self) {
        self.server.shutdown(last_words).await;
        self.listening.abort();
        assert!(self.listening.await.unwrap_err().is_cancelled());
    }
}

pub(crate) fn last_words(_: &Socket) -> Option<Frame> {
    Some(Frame::event("/desk", "shutdown", &1).unwrap())
}

/// A short queue, and times that no test waits for.
pub(crate) fn config() -> ServerConfig {
    ServerConfig {
        queue: 8,
        ..ServerConfig::default()
    }
}

/// Pings that a test can wait for.
pub(crate) fn quick_pings() -> ServerConfig {
    let ping_timeout = Duration::from_secs(3);
    ServerConfig {
        ping_interval: Duration::from_millis(100),
        ping_timeout,
        ..config()
    }
}

pub(crate) async fn start(config: ServerConfig, greetings: u32) -> Running {
    start_at("127.0.0.1:0".parse().unwrap(), config, greetings).await
}

pub(crate) async fn start_at(address: SocketAddr, config: ServerConfig, greetings: u32) -> Running {
    let reception = Reception {
        rooms: Mutex::default(),
        sockets: watch::Sender::new(Vec::new()),
        greetings,
    };
    let entropy = Arc::new(SeededEntropy::new(2));
    let server = Server::new(config, reception, Arc::new(SystemClock), entropy);
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = server
        .router::<()>()
        .into_make_service_with_connect_info::<SocketAddr>();
    let listening = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    Running {
        server,
        address,
        listening,
    }
}
