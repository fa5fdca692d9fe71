//! Engine.IO as an axum router: connections that carry messages of text and bytes, over a WebSocket, over HTTP
//! long-polling, or over the one after the other. Above it, there is no difference.

mod answer;
mod connection;
mod cors;
mod http;
mod message;
mod polling;
mod registry;
mod transport;
mod upgrade;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use data_encoding::BASE64URL_NOPAD;
use deskbell_clock::{Clock, Entropy};

pub use connection::{Connection, End};
pub use message::Message;
pub use transport::Goodbye;

use crate::session::engine::Terms;
use registry::Registry;

/// The limits and times of an Engine.IO server.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Time between two pings, if the first is answered by then.
    pub ping_interval: Duration,
    /// Time the answer to a ping may take, and time what a client is sent may need to be on its way.
    pub ping_timeout: Duration,
    /// Time a client may take to go over from HTTP long-polling to a WebSocket it has opened.
    pub upgrade_timeout: Duration,
    /// Largest message taken from a client, and largest body of a request, in bytes.
    pub max_payload: usize,
    /// Connections at once; further ones are answered 503. An eighth of them may be polled ones that are not
    /// [admitted](Connection::admit): the oldest is given up for the newest.
    pub max_connections: usize,
}

/// What a server does with its connections. Implement it with `async fn`.
pub trait Connections: Send + Sync + 'static {
    /// Runs a connection to its end, in the connection's own task. A panic ends it alone.
    fn serve(&self, connection: Connection) -> impl Future<Output = ()> + Send;
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address, if the router is served with connect info: the last proxy's, unless whoever serves it knows better.
    pub address: Option<SocketAddr>,
}

/// An Engine.IO server whose connections are served by `C`. Clones share it.
pub struct Engine<C> {
    shared: Arc<Shared<C>>,
}

/// What the connections of a server have in common.
struct Shared<C> {
    config: EngineConfig,
    connections: C,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    registry: Arc<Registry>,
}

impl<C> Clone for Engine<C> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<C: Connections> Engine<C> {
    /// A server without connections.
    pub fn new(
        config: EngineConfig,
        connections: C,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let registry = Registry::new(config.max_connections);
        Self {
            shared: Arc::new(Shared {
                config,
                connections,
                clock,
                entropy,
                registry,
            }),
        }
    }

    /// What serves its connections.
    #[must_use]
    pub fn connections(&self) -> &C {
        &self.shared.connections
    }

    /// The endpoint at `path`, for pages of any origin: no cookie is looked at. Serve it with
    /// `into_make_service_with_connect_info::<SocketAddr>()`, or [`Peer::address`] stays empty.
    pub fn router<S: Clone + Send + Sync + 'static>(&self, path: &str) -> Router<S> {
        Router::new()
            .route(path, any(http::endpoint::<C>))
            .with_state(self.clone())
    }

    /// Answers new connections with 503 from now on. Those there are stay.
    pub fn close(&self) {
        self.shared.registry.close();
    }

    /// How many connections there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.registry.len()
    }

    /// Whether there is no connection.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Resolves when there is no connection, and all that was done for the last ones is done.
    pub async fn emptied(&self) {
        self.shared.registry.emptied().await;
    }
}

impl<C> Shared<C> {
    fn terms(&self) -> Terms {
        Terms {
            ping_interval: self.config.ping_interval,
            ping_timeout: self.config.ping_timeout,
            max_payload: self.config.max_payload,
        }
    }
}

/// A name nobody can guess: 120 random bits.
pub(super) fn random_name(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 15];
    entropy.fill(&mut bytes);
    BASE64URL_NOPAD.encode(&bytes)
}
