use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, Entropy, Instant, Woken};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::handle::Command;
use super::link::Link;
use super::network::Network;
use super::retries::Retries;
use super::{AckError, ClientConfig, ClientEvent, DisconnectReason, Transports, opening};
use crate::Backoff;
use crate::session::client::ClientSession;

/// The task behind a link.
pub(super) struct Driver<A> {
    pub(super) config: ClientConfig,
    auth: A,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) acks: mpsc::WeakSender<Command>,
    pub(super) events: mpsc::Sender<ClientEvent>,
    pub(super) network: Network,
    /// Resolves when the machine wakes from sleep; then comes [`Self::wake`].
    pub(super) woken: Woken,
    /// How many connections there were.
    connections: u64,
}

/// The link is not wanted any more: one of the channels is closed.
pub(super) struct Unwanted;

/// How one attempt ended.
pub(super) enum End {
    /// To be tried again.
    Lost(Lost),
    /// Not to be tried again.
    Refused { message: String, data: Option<Value> },
}

/// A connection that ended, or never was.
pub(super) struct Lost {
    pub(super) reason: DisconnectReason,
    pub(super) connected_at: Option<Instant>,
    /// It was lost in the machine's sleep: there is no reason to wait.
    pub(super) in_sleep: bool,
    /// How long nothing had come by it.
    pub(super) silent_for: Duration,
}

/// How an attempt to open a connection ended.
enum Attempted {
    Opened(Result<opening::Opened, DisconnectReason>),
    Woken,
}

/// How a wait between two attempts ended.
enum Waited {
    Whole,
    CutShort,
}

impl<A: FnMut() -> Value + Send> Driver<A> {
    pub(super) fn new(
        config: ClientConfig,
        auth: A,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        commands: mpsc::Receiver<Command>,
        acks: mpsc::WeakSender<Command>,
        events: mpsc::Sender<ClientEvent>,
    ) -> Self {
        let probe = match config.transports {
            Transports::Both { probe } => probe,
            Transports::WebSocketOnly | Transports::PollingOnly => Backoff::default(),
        };
        Self {
            config,
            auth,
            woken: clock.woken(),
            clock,
            entropy,
            commands,
            acks,
            events,
            network: Network::new(probe),
            connections: 0,
        }
    }

    pub(super) async fn run(mut self) {
        let (Ok(()) | Err(Unwanted)) = self.try_run().await;
        tracing::debug!(namespace = self.config.namespace, "link ended");
    }

    async fn try_run(&mut self) -> Result<(), Unwanted> {
        let mut retries = Retries::new(self.config.backoff);
        loop {
            let lost = match self.attempt().await? {
                End::Lost(lost) => lost,
                End::Refused { message, data } => {
                    return self.deliver(ClientEvent::Refused { message, data }).await;
                }
            };
            let now = self.clock.instant();
            let lasted = lost.connected_at.map(|since| now.saturating_since(since));
            let retry_in = if lost.in_sleep {
                retries.reset();
                Duration::ZERO
            } else {
                retries.next_wait(lasted, &*self.entropy)
            };
            let Lost {
                reason, silent_for, ..
            } = lost;
            tracing::info!(namespace = self.config.namespace, %reason, ?retry_in, "link lost");
            let disconnected = ClientEvent::Disconnected {
                reason,
                retry_in,
                silent_for,
            };
            self.deliver(disconnected).await?;
            if let Waited::CutShort = self.wait(retry_in).await? {
                self.network.forget();
                retries.reset();
            }
        }
    }

    /// One connection, from the first request to its end.
    async fn attempt(&mut self) -> Result<End, Unwanted> {
        let (opened, deadline) = loop {
            let deadline = self.clock.instant() + self.config.connect_timeout;
            let attempted = tokio::select! {
                opened = opening::open(
                    &self.config,
                    &*self.clock,
                    &*self.entropy,
                    &mut self.network,
                    deadline,
                ) => Attempted::Opened(opened),
                () = &mut self.woken => Attempted::Woken,
                unwanted = refuse_commands(&mut self.commands) => return Err(unwanted),
                () = self.events.closed() => return Err(Unwanted),
            };
            match attempted {
                Attempted::Opened(Ok(opened)) => break (opened, deadline),
                Attempted::Opened(Err(reason)) => {
                    return Ok(End::Lost(Lost {
                        reason,
                        connected_at: None,
                        in_sleep: false,
                        silent_for: Duration::ZERO,
                    }));
                }
                // Nobody waits any more for what was asked before the machine slept.
                Attempted::Woken => self.wake(),
            }
        };
        self.connections += 1;
        let session = ClientSession::new(
            self.config.namespace.clone(),
            (self.auth)(),
            deadline,
            super::MAX_MESSAGE,
        );
        let connection = self.connections;
        Link::new(self, opened, session, connection).run().await
    }

    /// Takes note that the machine has woken from sleep: the network may be another.
    pub(super) fn wake(&mut self) {
        tracing::debug!("the machine woke from sleep");
        self.woken = self.clock.woken();
        self.network.forget();
    }

    /// Hands an event over, however long the receiver takes.
    async fn deliver(&mut self, event: ClientEvent) -> Result<(), Unwanted> {
        let mut event = VecDeque::from([event]);
        tokio::select! {
            sent = send_from(&mut event, &self.events) => sent,
            unwanted = refuse_commands(&mut self.commands) => Err(unwanted),
        }
    }

    /// Waits between two attempts.
    async fn wait(&mut self, retry_in: Duration) -> Result<Waited, Unwanted> {
        let over = sleep(retry_in);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return Ok(Waited::Whole),
                () = &mut self.woken => {
                    self.wake();
                    return Ok(Waited::CutShort);
                }
                () = self.events.closed() => return Err(Unwanted),
                command = self.commands.recv() => match command.ok_or(Unwanted)? {
                    Command::ReconnectNow => return Ok(Waited::CutShort),
                    Command::Emit { reply, .. } => reply.fail(AckError::Disconnected),
                    Command::Ack { .. } => {}
                },
            }
        }
    }
}

/// Fails what is asked for while there is no connection; ends when nobody is left to ask.
async fn refuse_commands(commands: &mut mpsc::Receiver<Command>) -> Unwanted {
    while let Some(command) = commands.recv().await {
        if let Command::Emit { reply, .. } = command {
            reply.fail(AckError::Disconnected);
        }
    }
    Unwanted
}

/// Sends the first of `waiting` as soon as there is room. Nothing is lost if it is dropped.
pub(super) async fn send_from(
    waiting: &mut VecDeque<ClientEvent>,
    events: &mpsc::Sender<ClientEvent>,
) -> Result<(), Unwanted> {
    let permit = events.reserve().await.map_err(|_| Unwanted)?;
    if let Some(event) = waiting.pop_front() {
        permit.send(event);
    }
    Ok(())
}
