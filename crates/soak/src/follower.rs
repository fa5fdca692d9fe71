use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deskbell_clock::{Entropy, SystemClock};
use deskbell_socketio::Backoff;
use deskbell_socketio::client::{
    Client, ClientConfig, ClientEvent, DisconnectReason, Transport, Transports, connect,
};
use serde_json::json;
use tokio::sync::mpsc;
use url::Url;

use crate::journal::{Entry, NAMESPACE};

/// A client of a journal.
pub struct Follower {
    /// The link's handle.
    pub client: Client,
    events: mpsc::Receiver<ClientEvent>,
    applied: Arc<AtomicU64>,
}

/// What happened at a follower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The link is made.
    Connected(Transport),
    /// A WebSocket has taken over.
    Upgraded,
    /// The next entry came.
    Applied(u64),
    /// An entry came that was applied before: it was on its way when the link asked to go on.
    Repeated(u64),
    /// The link was lost, or could not be made.
    Disconnected(DisconnectReason),
}

/// The sequence, or the link, is broken for good.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Entries are missing.
    #[error("entry {got} came after entry {applied}")]
    Gap {
        /// The last one before.
        applied: u64,
        /// The next one that came.
        got: u64,
    },
    /// What came is no entry, or not whole.
    #[error("what came is no entry: {0}")]
    NoEntry(String),
    /// The server refused.
    #[error("refused: {0}")]
    Refused(String),
    /// The link's task has ended.
    #[error("the link's task has ended")]
    Ended,
}

impl Follower {
    /// A follower from the journal's beginning on.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn start(
        url: Url,
        transports: Transports,
        backoff: Backoff,
        connect_timeout: Duration,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, reqwest::Error> {
        // Another may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .build()?;
        let config = ClientConfig {
            url,
            namespace: NAMESPACE.to_owned(),
            http,
            connect_timeout,
            backoff,
            transports,
        };
        let applied = Arc::new(AtomicU64::new(0));
        let cursor = Arc::clone(&applied);
        let auth = move || json!({ "cursor": cursor.load(Ordering::Relaxed) });
        let (client, events) = connect(config, auth, Arc::new(SystemClock), entropy);
        Ok(Self {
            client,
            events,
            applied,
        })
    }

    /// The number of the last entry applied.
    #[must_use]
    pub fn applied(&self) -> u64 {
        self.applied.load(Ordering::Relaxed)
    }

    /// The next thing that happens. Nothing is lost if it is dropped.
    ///
    /// # Errors
    /// [`Broken`]
    pub async fn next(&mut self) -> Result<Seen, Broken> {
        match self.events.recv().await.ok_or(Broken::Ended)? {
            ClientEvent::Connected { transport } => Ok(Seen::Connected(transport)),
            ClientEvent::Upgraded => Ok(Seen::Upgraded),
            ClientEvent::Disconnected { reason, .. } => Ok(Seen::Disconnected(reason)),
            ClientEvent::Refused { message, .. } => Err(Broken::Refused(message)),
            ClientEvent::Event { name, args, .. } => {
                let entry: Option<Entry> = serde_json::from_str(args.first().get()).ok();
                let whole = entry.filter(|entry| name == Entry::NAME && *entry == Entry::new(entry.number));
                let entry = whole.ok_or_else(|| Broken::NoEntry(format!("{name} {}", args.first())))?;
                self.apply(entry.number)
            }
        }
    }

    fn apply(&self, got: u64) -> Result<Seen, Broken> {
        let applied = self.applied();
        if got <= applied {
            return Ok(Seen::Repeated(got));
        }
        if got != applied + 1 {
            return Err(Broken::Gap { applied, got });
        }
        self.applied.store(got, Ordering::Relaxed);
        Ok(Seen::Applied(got))
    }
}
