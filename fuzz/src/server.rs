use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use deskbell_clock::{Clock, Instant, SeededEntropy, Timestamp};
use deskbell_socketio::Args;
use deskbell_socketio::server::{ConnectRefused, Namespaces, Peer, Room, Server, ServerConfig, Socket};

/// Connections at once: few, so that an input's memory is its own.
const CONNECTIONS: usize = 8;

/// Longer than a client may take for anything.
const LONG: Duration = Duration::from_secs(120);

/// A server that answers every event with its own arguments, in invented time.
pub struct Served(Server<Echo>);

/// What it does for its sockets.
struct Echo {
    room: Room,
    present: AtomicUsize,
}

impl Namespaces for Echo {
    type Session = ();

    async fn admit(&self, namespace: &str, _: serde_json::Value, _: &Peer) -> Result<(), ConnectRefused> {
        if namespace == "/none" {
            return Err(ConnectRefused::invalid_namespace());
        }
        self.present.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn serve(&self, socket: &Socket, (): &()) {
        self.room.join(socket);
    }

    async fn event(&self, _: &Socket, (): &(), _: &str, args: Args) -> Option<Args> {
        Some(args)
    }

    async fn gone(&self, _: &Socket, (): &()) {
        self.present.fetch_sub(1, Ordering::Relaxed);
    }
}

/// tokio's time, which the targets' runtime invents.
struct Invented(tokio::time::Instant);

impl Clock for Invented {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.0.elapsed()
    }

    fn instant(&self) -> Instant {
        Instant::from_origin(self.0.elapsed())
    }
}

impl Served {
    /// A server whose first connection is always called the same, as the seeds call it.
    #[expect(clippy::new_without_default, reason = "only inside run")]
    pub fn new() -> Self {
        let config = ServerConfig {
            max_connections: CONNECTIONS,
            max_payload: 8 * 1024,
            ..ServerConfig::default()
        };
        let echo = Echo {
            room: Room::new(),
            present: AtomicUsize::new(0),
        };
        let clock = Arc::new(Invented(tokio::time::Instant::now()));
        Self(Server::new(config, echo, clock, Arc::new(SeededEntropy::new(1))))
    }

    /// Its endpoint.
    pub fn router(&self) -> Router {
        self.0.router()
    }

    /// The room every socket is in.
    pub fn room(&self) -> &Room {
        &self.0.handler().room
    }

    /// Lets time pass until a client that says nothing more must have been given up.
    ///
    /// # Panics
    /// When a socket is still there.
    pub async fn be_forgotten(&self) {
        tokio::time::sleep(LONG).await;
        let present = self.0.handler().present.load(Ordering::Relaxed);
        assert_eq!(
            (present, self.room().len()),
            (0, 0),
            "sockets of a client that is gone"
        );
    }
}

/// Runs `work` in invented time, which passes when nothing else is to be done.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}
