//! A link to one namespace of a Socket.IO server that heals itself.
//!
//! One task opens a connection, keeps the session, and after any loss tries again with [`Backoff`](crate::Backoff) until
//! the last [`Client`] is dropped or the server refuses.

mod carrier;
mod config;
mod driver;
mod endpoint;
mod event;
mod handle;
mod link;
mod network;
mod opening;
mod polling;
mod probe;
mod reason;
mod retries;
mod websocket;

use std::sync::Arc;

use deskbell_clock::{Clock, Entropy};
use serde_json::Value;
use tokio::sync::mpsc;

pub use config::{ClientConfig, Transports};
pub use event::{ClientEvent, Transport};
pub use handle::{AckError, AckHandle, Client};
pub use reason::{CertificateFault, DisconnectReason, ProxyFault, ServerWords};

/// Events that may wait for the receiver; beyond it, reading from the server waits.
const EVENTS: usize = 64;

/// Emits that may wait for the task; beyond it, [`AckError::Congested`].
const COMMANDS: usize = 64;

/// The largest message taken from a server, and the most of all attachments of one.
const MAX_MESSAGE: usize = 1024 * 1024;

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
    let (client, commands) = Client::new();
    let (event_sender, events) = mpsc::channel(EVENTS);
    let acks = client.downgrade();
    let driver = driver::Driver::new(config, auth, clock, entropy, commands, acks, event_sender);
    tokio::spawn(driver.run());
    (client, events)
}
