//! A link to one namespace of a Socket.IO server that heals itself.
//!
//! One task opens the WebSocket, keeps the session, and after any loss tries again with [`Backoff`] until the last
//! [`Client`] is dropped or the server refuses.

mod driver;
mod handshake;
mod reason;
mod retries;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, Entropy};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use url::Url;

use crate::{Args, Backoff};

pub use reason::{CertificateFault, DisconnectReason};

/// Events that may wait for the receiver; beyond it, reading from the server waits.
const EVENTS: usize = 64;

/// Emits that may wait for the task; beyond it, [`AckError::Congested`].
const COMMANDS: usize = 64;

/// Where a link goes, and how.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The server's `http` or `https` address. `socket.io/` is appended to its path.
    pub url: Url,
    /// The namespace: begins with `/`, has no comma.
    pub namespace: String,
    /// Opens the WebSocket, so its proxy and certificates hold. It must speak HTTP/1.1 (`http1_only`).
    pub http: reqwest::Client,
    /// How long one attempt may take until the namespace let us in.
    pub connect_timeout: Duration,
    /// How long to wait between attempts.
    pub backoff: Backoff,
}

/// What a link tells, in order.
pub enum ClientEvent {
    /// In the namespace: events follow.
    Connected,
    /// An event of the server. If it asked for an ack, it gets none.
    Event {
        /// Its name.
        name: String,
        /// Its arguments.
        args: Args,
    },
    /// Not, or no longer, connected; unacknowledged emits have failed. The next attempt comes by itself.
    Disconnected {
        /// Why.
        reason: DisconnectReason,
        /// When the next attempt comes, unless [`Client::reconnect_now`] is called.
        retry_in: Duration,
    },
    /// The namespace refused the auth: nothing follows, and there is no next attempt.
    Refused {
        /// Why, in words.
        message: String,
        /// Why, for programs.
        data: Option<Value>,
    },
}

/// Shows no event's data, which may be a person's.
impl fmt::Debug for ClientEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => f.write_str("Connected"),
            Self::Event { name, args } => write!(f, "Event({name:?}, {args:?})"),
            Self::Disconnected { reason, retry_in } => f
                .debug_struct("Disconnected")
                .field("reason", reason)
                .field("retry_in", retry_in)
                .finish(),
            Self::Refused { message, data } => f
                .debug_struct("Refused")
                .field("message", message)
                .field("data", data)
                .finish(),
        }
    }
}

/// An emit without an ack. Whether the server saw it is unknown, except for [`AckError::Encode`] and
/// [`AckError::Congested`].
#[derive(Debug, thiserror::Error)]
pub enum AckError {
    /// Not connected, or no longer connected before the ack came.
    #[error("not connected")]
    Disconnected,
    /// The ack did not come in time.
    #[error("no ack in time")]
    TimedOut,
    /// Too many emits wait.
    #[error("too many emits wait")]
    Congested,
    /// The data cannot be JSON.
    #[error("the data cannot be written as JSON")]
    Encode(#[source] serde_json::Error),
}

/// A handle of a link; clones share it. The link ends with the last.
#[derive(Clone, Debug)]
pub struct Client {
    commands: mpsc::Sender<Command>,
}

/// What a handle asks of the task.
enum Command {
    Emit {
        name: String,
        args: Args,
        timeout: Duration,
        reply: Reply,
    },
    ReconnectNow,
}

type Reply = oneshot::Sender<Result<Args, AckError>>;

/// Starts a link. `auth` is asked at every attempt; `null` sends none.
///
/// Read the receiver: while 64 events wait in it, nothing is read from the server, which takes that for a dead client
/// after a while.
///
/// The link ends when the last [`Client`] or the receiver is dropped, or after [`ClientEvent::Refused`].
///
/// # Panics
/// Outside a tokio runtime.
pub fn connect(
    config: ClientConfig,
    auth: impl FnMut() -> Value + Send + 'static,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> (Client, mpsc::Receiver<ClientEvent>) {
    let (commands, command_receiver) = mpsc::channel(COMMANDS);
    let (event_sender, events) = mpsc::channel(EVENTS);
    tokio::spawn(driver::Driver::new(config, auth, clock, entropy, command_receiver, event_sender).run());
    (Client { commands }, events)
}

impl Client {
    /// Sends an event with one argument, and gives the arguments of its ack. It is sent by the call; the future, which
    /// borrows nothing, only waits. `timeout` counts from when it is sent.
    ///
    /// # Errors
    /// [`AckError`]. Nothing is sent again by itself.
    pub fn emit_with_ack<T: Serialize + ?Sized>(
        &self,
        name: &str,
        data: &T,
        timeout: Duration,
    ) -> impl Future<Output = Result<Args, AckError>> + Send + use<T> {
        let (reply, answer) = oneshot::channel();
        let sent = Args::of(data).map_err(AckError::Encode).and_then(|args| {
            let emit = Command::Emit {
                name: name.to_owned(),
                args,
                timeout,
                reply,
            };
            self.commands.try_send(emit).map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => AckError::Congested,
                mpsc::error::TrySendError::Closed(_) => AckError::Disconnected,
            })
        });
        async move {
            sent?;
            answer.await.unwrap_or(Err(AckError::Disconnected))
        }
    }

    /// Ends the wait between two attempts, and begins the backoff anew. Does nothing while connected or connecting.
    pub fn reconnect_now(&self) {
        // A full queue is drained by an attempt that is already under way, or by the wait this would end.
        let _ = self.commands.try_send(Command::ReconnectNow);
    }
}
