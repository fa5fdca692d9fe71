use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::COMMANDS;
use crate::Args;

/// What an emit did not get. Whether the server saw it is unknown, except for [`AckError::Congested`] and
/// [`AckError::TooLarge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
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
    /// More than the server takes at once.
    #[error("larger than the server takes")]
    TooLarge,
}

/// A handle of a link; clones share it. The link ends with the last.
#[derive(Clone, Debug)]
pub struct Client {
    commands: mpsc::Sender<Command>,
}

/// What a handle asks of the task.
pub(super) enum Command {
    Emit {
        name: String,
        args: Args,
        reply: Reply,
    },
    Ack {
        /// The connection that the event came by.
        connection: u64,
        id: u64,
        args: Args,
    },
    ReconnectNow,
}

/// What an emit waits for.
pub(super) enum Reply {
    /// That it is on its way.
    Sent(oneshot::Sender<Result<(), AckError>>),
    /// The ack, for so long.
    Acked(Duration, oneshot::Sender<Result<Args, AckError>>),
}

impl Reply {
    pub(super) fn fail(self, error: AckError) {
        // Whoever asked may have stopped waiting.
        match self {
            Self::Sent(reply) => drop(reply.send(Err(error))),
            Self::Acked(_, reply) => drop(reply.send(Err(error))),
        }
    }
}

impl From<mpsc::error::TrySendError<Command>> for AckError {
    fn from(error: mpsc::error::TrySendError<Command>) -> Self {
        match error {
            mpsc::error::TrySendError::Full(_) => Self::Congested,
            mpsc::error::TrySendError::Closed(_) => Self::Disconnected,
        }
    }
}

impl Client {
    /// A first handle, and what comes of it and its clones.
    pub(super) fn new() -> (Self, mpsc::Receiver<Command>) {
        let (commands, receiver) = mpsc::channel(COMMANDS);
        (Self { commands }, receiver)
    }

    /// A way back to the task that does not keep the link.
    pub(super) fn downgrade(&self) -> mpsc::WeakSender<Command> {
        self.commands.downgrade()
    }

    /// Sends an event. It is sent by the call; the future, which borrows nothing, only tells whether it could be.
    ///
    /// # Errors
    /// [`AckError`], but never `TimedOut`. Nothing is sent again by itself.
    pub fn emit(&self, name: &str, args: &Args) -> impl Future<Output = Result<(), AckError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        let sent = self.ask(name, args, Reply::Sent(reply));
        async move {
            sent?;
            answer.await.unwrap_or(Err(AckError::Disconnected))
        }
    }

    /// Sends an event, and gives the arguments of its ack. It is sent by the call; the future, which borrows nothing, only
    /// waits. `timeout` counts from when it is sent.
    ///
    /// # Errors
    /// [`AckError`]. Nothing is sent again by itself.
    pub fn emit_with_ack(
        &self,
        name: &str,
        args: &Args,
        timeout: Duration,
    ) -> impl Future<Output = Result<Args, AckError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        let sent = self.ask(name, args, Reply::Acked(timeout, reply));
        async move {
            sent?;
            answer.await.unwrap_or(Err(AckError::Disconnected))
        }
    }

    fn ask(&self, name: &str, args: &Args, reply: Reply) -> Result<(), AckError> {
        let (name, args) = (name.to_owned(), args.clone());
        Ok(self.commands.try_send(Command::Emit { name, args, reply })?)
    }

    /// For when the network has changed, or somebody is waiting: ends the wait between two attempts, begins the backoff
    /// anew, and forgets that no WebSocket could be opened. A link that polls tries one now; otherwise nothing happens
    /// while connected or connecting.
    pub fn reconnect_now(&self) {
        // A full queue is drained by an attempt that is already under way, or by the wait this would end.
        let _ = self.commands.try_send(Command::ReconnectNow);
    }
}

/// Answers one event. Dropped, it gives no answer. It does not keep the link.
#[derive(Debug)]
pub struct AckHandle {
    commands: mpsc::WeakSender<Command>,
    connection: u64,
    id: u64,
}

impl AckHandle {
    pub(super) fn new(commands: mpsc::WeakSender<Command>, connection: u64, id: u64) -> Self {
        Self {
            commands,
            connection,
            id,
        }
    }

    /// Sends the answer. It goes nowhere when the connection that the event came by is gone.
    ///
    /// # Errors
    /// `Congested`, or `Disconnected` if the link has ended.
    pub fn send(self, args: Args) -> Result<(), AckError> {
        let commands = self.commands.upgrade().ok_or(AckError::Disconnected)?;
        let (connection, id) = (self.connection, self.id);
        Ok(commands.try_send(Command::Ack { connection, id, args })?)
    }
}
