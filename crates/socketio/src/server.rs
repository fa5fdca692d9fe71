//! Namespaces, rooms and acks as an axum router, above [`engine`].
//!
//! One task per connection reads, writes and runs the handler, so what one socket sends is handled in order, and what it
//! is sent goes through one bounded queue. A queue that overflows ends its connection: no frame is ever left out.

pub mod engine;
mod frame;
mod handler;
mod queue;
mod registry;
mod room;
mod socket;
mod sockets;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use deskbell_clock::{Clock, Entropy};

pub use engine::Peer;
pub use frame::Frame;
pub use handler::{ConnectRefused, Namespaces};
pub use room::Room;
pub use socket::{AckError, Gone, Socket};

use engine::{Engine, EngineConfig};
use registry::Registry;
use sockets::Served;

/// The limits and times of a server.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Time between two pings, if the first is answered by then.
    pub ping_interval: Duration,
    /// Time the answer to a ping may take, and time what a client is sent may need to be on its way.
    pub ping_timeout: Duration,
    /// Time a connection may be in no namespace.
    pub connect_timeout: Duration,
    /// Time a client may take to go over from HTTP long-polling to a WebSocket it has opened.
    pub upgrade_timeout: Duration,
    /// Largest message taken from a client, largest body of a request, and largest sum of one packet's attachments, in
    /// bytes.
    pub max_payload: usize,
    /// Frames that may wait for one connection; at least 1. [`Socket::emit`] fills half of it and then waits;
    /// [`Socket::try_emit`] and rooms may fill all of it, and one more ends the connection.
    pub queue: usize,
    /// Connections at once; further ones are answered 503. An eighth of them may be polled ones in no namespace yet: the
    /// oldest is given up for the newest.
    pub max_connections: usize,
    /// How long [`Server::shutdown`] waits for connections to take their last frames.
    pub shutdown_timeout: Duration,
}

impl Default for ServerConfig {
    /// The times of the Node server (25 s, 20 s, 45 s, 10 s), 64 KiB, 128 frames, 16,384 connections, 5 s.
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(45),
            upgrade_timeout: Duration::from_secs(10),
            max_payload: 64 * 1024,
            queue: 128,
            max_connections: 16_384,
            shutdown_timeout: Duration::from_secs(5),
        }
    }
}

impl ServerConfig {
    fn engine(&self) -> EngineConfig {
        EngineConfig {
            ping_interval: self.ping_interval,
            ping_timeout: self.ping_timeout,
            upgrade_timeout: self.upgrade_timeout,
            max_payload: self.max_payload,
            max_connections: self.max_connections,
        }
    }
}

/// A Socket.IO server whose namespaces are `H`. Clones share it.
pub struct Server<H> {
    engine: Engine<Served<H>>,
}

/// What the sockets of a server have in common.
struct Shared<H> {
    config: ServerConfig,
    handler: H,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    registry: Registry,
}

impl<H> Clone for Server<H> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
        }
    }
}

impl<H: Namespaces> Server<H> {
    /// A server without connections.
    pub fn new(config: ServerConfig, handler: H, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let engine_config = config.engine();
        let served = Served(Arc::new(Shared {
            config,
            handler,
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            registry: Registry::default(),
        }));
        Self {
            engine: Engine::new(engine_config, served, clock, entropy),
        }
    }

    /// The handler it was made with.
    #[must_use]
    pub fn handler(&self) -> &H {
        &self.shared().handler
    }

    /// The endpoint, at `/socket.io/`, for pages of any origin: no cookie is looked at. Serve it with
    /// `into_make_service_with_connect_info::<SocketAddr>()`, or [`Peer::address`] stays empty.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        self.engine.router("/socket.io/")
    }

    /// Ends the server: new connections are answered 503; every socket gets the frame that `last_words` gives for it, if
    /// any; then connections are closed, each after what is queued for it. Returns when all are gone, or after
    /// [`ServerConfig::shutdown_timeout`], when the rest are cut. Clients that poll come for their last words with their
    /// next request, so requests have to be served meanwhile.
    pub async fn shutdown(&self, mut last_words: impl FnMut(&Socket) -> Option<Frame> + Send) {
        self.engine.close();
        let connections = self.shared().registry.close();
        tracing::info!(connections = connections.len(), "socket server closes");
        for (queue, sockets) in &connections {
            for socket in sockets {
                if let Some(frame) = last_words(socket) {
                    // A socket that has no room for it is cut, and comes back by itself.
                    let _ = socket.try_emit(&frame);
                }
            }
            queue.finish();
        }
        let timeout = self.shared().config.shutdown_timeout;
        if tokio::time::timeout(timeout, self.engine.emptied())
            .await
            .is_err()
        {
            tracing::warn!("connections cut that did not take their last frames in time");
            connections.iter().for_each(|(queue, _)| queue.cut());
        }
    }

    fn shared(&self) -> &Shared<H> {
        &self.engine.connections().0
    }
}
