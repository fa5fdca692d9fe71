use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, Entropy, Instant};
use reqwest::Upgraded;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::retries::Retries;
use super::{AckError, ClientConfig, ClientEvent, Command, DisconnectReason, Reply, handshake};
use crate::session::client::{ClientSession, Output};
use crate::transport::Step;
use crate::transport::websocket::WebSocket;

/// The longest sleep at once. tokio's timers stop while the machine sleeps, so a deadline that passed meanwhile is
/// noticed this long after waking at the latest.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);

/// Acks that may be waited for at once.
const MAX_ACKS: usize = 256;

/// The task behind a link.
pub(super) struct Driver<A> {
    config: ClientConfig,
    auth: A,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<ClientEvent>,
}

/// The link is not wanted any more: one of the channels is closed.
struct Unwanted;

/// How one attempt ended.
enum End {
    /// To be tried again.
    Lost {
        reason: DisconnectReason,
        connected_at: Option<Instant>,
    },
    /// Not to be tried again.
    Refused { message: String, data: Option<Value> },
}

impl<A: FnMut() -> Value + Send> Driver<A> {
    pub(super) fn new(
        config: ClientConfig,
        auth: A,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        commands: mpsc::Receiver<Command>,
        events: mpsc::Sender<ClientEvent>,
    ) -> Self {
        Self {
            config,
            auth,
            clock,
            entropy,
            commands,
            events,
        }
    }

    pub(super) async fn run(mut self) {
        let (Ok(()) | Err(Unwanted)) = self.try_run().await;
        tracing::debug!(namespace = self.config.namespace, "link ended");
    }

    async fn try_run(&mut self) -> Result<(), Unwanted> {
        let mut retries = Retries::new(self.config.backoff);
        loop {
            let (reason, connected_at) = match self.attempt().await? {
                End::Lost { reason, connected_at } => (reason, connected_at),
                End::Refused { message, data } => {
                    return self.deliver(ClientEvent::Refused { message, data }).await;
                }
            };
            let lasted = connected_at.map(|since| self.clock.instant().saturating_since(since));
            let retry_in = retries.next_wait(lasted, &*self.entropy);
            tracing::info!(namespace = self.config.namespace, %reason, ?retry_in, "link lost");
            self.deliver(ClientEvent::Disconnected { reason, retry_in })
                .await?;
            if self.wait(retry_in).await? == Waited::CutShort {
                retries.reset();
            }
        }
    }

    /// One connection, from the HTTP request to its end.
    async fn attempt(&mut self) -> Result<End, Unwanted> {
        let deadline = self.clock.instant() + self.config.connect_timeout;
        let opened = tokio::select! {
            opened = handshake::open(&self.config, &*self.entropy) => opened,
            () = sleep_until(&*self.clock, deadline) => Err(DisconnectReason::ConnectTimeout),
            unwanted = refuse_commands(&mut self.commands) => return Err(unwanted),
        };
        let socket = match opened {
            Ok(socket) => socket,
            Err(reason) => {
                return Ok(End::Lost {
                    reason,
                    connected_at: None,
                });
            }
        };
        let session = ClientSession::new(
            self.config.namespace.clone(),
            (self.auth)(),
            deadline,
            handshake::MAX_MESSAGE,
        );
        let link = Link {
            driver: self,
            socket,
            session,
            acks: HashMap::new(),
            connected_at: None,
            undelivered: None,
        };
        link.run().await
    }

    /// Hands an event over, however long the receiver takes.
    async fn deliver(&mut self, event: ClientEvent) -> Result<(), Unwanted> {
        let mut event = Some(event);
        tokio::select! {
            sent = send_from(&mut event, &self.events) => sent,
            unwanted = refuse_commands(&mut self.commands) => Err(unwanted),
        }
    }

    /// Waits between two attempts.
    async fn wait(&mut self, retry_in: Duration) -> Result<Waited, Unwanted> {
        let over = self.clock.instant() + retry_in;
        loop {
            tokio::select! {
                () = sleep_until(&*self.clock, over) => return Ok(Waited::Whole),
                () = self.events.closed() => return Err(Unwanted),
                command = self.commands.recv() => match command.ok_or(Unwanted)? {
                    Command::ReconnectNow => return Ok(Waited::CutShort),
                    Command::Emit { reply, .. } => fail(reply, AckError::Disconnected),
                },
            }
        }
    }
}

#[derive(PartialEq)]
enum Waited {
    Whole,
    CutShort,
}

/// Fails what is asked for while there is no connection; ends when nobody is left to ask.
async fn refuse_commands(commands: &mut mpsc::Receiver<Command>) -> Unwanted {
    while let Some(command) = commands.recv().await {
        if let Command::Emit { reply, .. } = command {
            fail(reply, AckError::Disconnected);
        }
    }
    Unwanted
}

/// Sends what is in `event` as soon as there is room. Nothing is lost if it is dropped.
async fn send_from(
    event: &mut Option<ClientEvent>,
    events: &mpsc::Sender<ClientEvent>,
) -> Result<(), Unwanted> {
    let permit = events.reserve().await.map_err(|_| Unwanted)?;
    if let Some(event) = event.take() {
        permit.send(event);
    }
    Ok(())
}

fn fail(reply: Reply, error: AckError) {
    // Whoever asked may have stopped waiting.
    let _ = reply.send(Err(error));
}

/// Sleeps until `deadline` on the suspend-aware clock.
async fn sleep_until(clock: &dyn Clock, deadline: Instant) {
    loop {
        let left = deadline.saturating_since(clock.instant());
        if left.is_zero() {
            return;
        }
        sleep(left.min(LONGEST_SLEEP)).await;
    }
}

/// One open connection.
struct Link<'a, A> {
    driver: &'a mut Driver<A>,
    socket: WebSocket<Upgraded>,
    session: ClientSession,
    acks: HashMap<u64, Reply>,
    connected_at: Option<Instant>,
    /// An event the receiver has no room for. Nothing is read until it has.
    undelivered: Option<ClientEvent>,
}

impl<A: FnMut() -> Value + Send> Link<'_, A> {
    async fn run(mut self) -> Result<End, Unwanted> {
        match self.try_run().await {
            Ok(never) => match never {},
            Err(Stop::End(end)) => Ok(end),
            Err(Stop::Unwanted) => {
                self.session.disconnect();
                while let Some(output) = self.session.poll_output() {
                    if let Output::Send(frame) = output {
                        // The connection is being given up; what cannot be sent is not missed.
                        let _ = self.socket.queue(frame);
                    }
                }
                self.socket.close(CloseCode::Normal).await;
                Err(Unwanted)
            }
        }
    }

    async fn try_run(&mut self) -> Result<Infallible, Stop> {
        loop {
            self.do_outputs()?;
            let reading = self.undelivered.is_none();
            let now = self.driver.clock.instant();
            let due = self.session.poll_timeout().map(|due| due.saturating_since(now));
            let nap = due.unwrap_or_default().min(LONGEST_SLEEP);
            // In this order: what has arrived is read before its lateness is judged. While nothing is read, nothing can
            // be said about the server, so no deadline is looked at either.
            tokio::select! { biased;
                sent = send_from(&mut self.undelivered, &self.driver.events), if !reading => {
                    sent.map_err(|Unwanted| Stop::Unwanted)?;
                }
                () = self.driver.events.closed() => return Err(Stop::Unwanted),
                command = self.driver.commands.recv() => self.command(command.ok_or(Stop::Unwanted)?),
                step = self.socket.step(reading) => self.step(step)?,
                () = sleep(nap), if reading => self.session.handle_timeout(self.driver.clock.instant()),
            }
        }
    }

    /// Does what the session wants, up to the next event.
    fn do_outputs(&mut self) -> Result<(), Stop> {
        while self.undelivered.is_none() {
            let Some(output) = self.session.poll_output() else {
                break;
            };
            match output {
                Output::Send(frame) => self
                    .socket
                    .queue(frame)
                    .map_err(|closed| self.lost(closed.into()))?,
                Output::Connected => {
                    tracing::info!(namespace = self.driver.config.namespace, "link made");
                    self.connected_at = Some(self.driver.clock.instant());
                    self.undelivered = Some(ClientEvent::Connected);
                }
                Output::Event { name, args, .. } => {
                    self.undelivered = Some(ClientEvent::Event { name, args });
                }
                Output::Acked { id, args } => {
                    if let Some(reply) = self.acks.remove(&id) {
                        // Whoever asked may have stopped waiting.
                        let _ = reply.send(Ok(args));
                    }
                }
                Output::AckExpired { id } => {
                    if let Some(reply) = self.acks.remove(&id) {
                        fail(reply, AckError::TimedOut);
                    }
                }
                Output::Refused { message, data } => return Err(Stop::End(End::Refused { message, data })),
                Output::Closed(reason) => return Err(self.lost(reason.into())),
            }
        }
        Ok(())
    }

    fn command(&mut self, command: Command) {
        let Command::Emit {
            name,
            args,
            timeout,
            reply,
        } = command
        else {
            return;
        };
        if self.acks.len() >= MAX_ACKS {
            return fail(reply, AckError::Congested);
        }
        let deadline = self.driver.clock.instant() + timeout;
        match self.session.emit_with_ack(&name, &args, deadline) {
            Some(id) => {
                self.acks.insert(id, reply);
            }
            None => fail(reply, AckError::Disconnected),
        }
    }

    fn step(&mut self, step: Step) -> Result<(), Stop> {
        match step {
            Step::Frame(frame) => self
                .session
                .handle_frame(frame.as_frame(), self.driver.clock.instant()),
            Step::Drained => {}
            Step::Closed(closed) => return Err(self.lost(closed.into())),
        }
        Ok(())
    }

    fn lost(&self, reason: DisconnectReason) -> Stop {
        Stop::End(End::Lost {
            reason,
            connected_at: self.connected_at,
        })
    }
}

/// Why a connection is not kept.
enum Stop {
    End(End),
    Unwanted,
}

#[cfg(test)]
mod tests {
    use deskbell_clock::{FakeClock, Timestamp};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_the_machine_slept_through_ends_soon_after_it_wakes() {
        let clock = FakeClock::at(Timestamp::UNIX_EPOCH);
        let hour = Duration::from_secs(3_600);
        let deadline = clock.instant() + hour;
        let began = tokio::time::Instant::now();
        let sleeping = async {
            sleep(Duration::from_secs(1)).await;
            clock.advance(hour);
        };
        tokio::join!(sleep_until(&clock, deadline), sleeping);
        assert_eq!(began.elapsed(), LONGEST_SLEEP);
    }
}
