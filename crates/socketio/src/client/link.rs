use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use data_encoding::BASE64;
use deskbell_clock::Instant;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::carrier::{Carrier, Happened};
use super::driver::{Driver, End, Lost, Unwanted, send_from};
use super::handle::{Command, Reply};
use super::opening::Opened;
use super::{AckError, AckHandle, ClientEvent, DisconnectReason, Transport, Transports, websocket};
use crate::Args;
use crate::packet::engine::{Handshake, Packet};
use crate::session::client::{ClientSession, Output};
use crate::transport::Data;

/// Acks that may be waited for at once.
const MAX_ACKS: usize = 256;

/// What a packet takes beyond its name and arguments: types, namespace, numbers, placeholders' count.
const ENVELOPE: usize = 256;

/// One open connection.
pub(super) struct Link<'a, A> {
    driver: &'a mut Driver<A>,
    /// Tells this connection from others.
    connection: u64,
    carrier: Carrier,
    handshake: Handshake,
    session: ClientSession,
    acks: HashMap<u64, oneshot::Sender<Result<Args, AckError>>>,
    connected_at: Option<Instant>,
    /// When the server was heard last.
    heard_at: Instant,
    /// Whether the server has pinged.
    pinged: bool,
    /// Whether the machine has slept since the server was heard.
    slept: bool,
    /// An event the receiver has no room for. Nothing is read until it has.
    undelivered: Option<ClientEvent>,
}

/// Why a connection is not kept.
enum Stop {
    End(End),
    Unwanted,
}

impl<'a, A: FnMut() -> Value + Send> Link<'a, A> {
    pub(super) fn new(
        driver: &'a mut Driver<A>,
        opened: Opened,
        mut session: ClientSession,
        connection: u64,
    ) -> Self {
        let heard_at = driver.clock.instant();
        session.handle_frame(opened.first.as_frame(), heard_at);
        Self {
            driver,
            connection,
            carrier: opened.carrier,
            handshake: opened.handshake,
            session,
            acks: HashMap::new(),
            connected_at: None,
            heard_at,
            pinged: false,
            slept: false,
            undelivered: None,
        }
    }

    pub(super) async fn run(mut self) -> Result<End, Unwanted> {
        match self.try_run().await {
            Ok(never) => match never {},
            Err(Stop::End(end)) => {
                self.learn_from(&end);
                match end {
                    End::Lost(Lost {
                        reason: DisconnectReason::Closed,
                        ..
                    }) => {}
                    _ => self.carrier.abandon(),
                }
                Ok(end)
            }
            Err(Stop::Unwanted) => {
                self.session.disconnect();
                while let Some(output) = self.session.poll_output() {
                    if let Output::Send(frame) = output {
                        // The connection is being given up; what cannot be sent is not missed.
                        let _ = self.carrier.queue(frame);
                    }
                }
                self.carrier.close().await;
                Err(Unwanted)
            }
        }
    }

    async fn try_run(&mut self) -> Result<Infallible, Stop> {
        loop {
            self.do_outputs()?;
            let reading = self.undelivered.is_none();
            let now = self.driver.clock.instant();
            let probe_at = self.probe_at(now);
            let due = self.session.poll_timeout().into_iter().chain(probe_at).min();
            let nap = due.map_or(Duration::ZERO, |due| due.saturating_since(now));
            // In this order: what has arrived is read before its lateness is judged, unless the machine slept meanwhile: the
            // server did not wait. While nothing is read, nothing can be said about the server, so no deadline is looked
            // at either.
            tokio::select! { biased;
                sent = send_from(&mut self.undelivered, &self.driver.events), if !reading => {
                    sent.map_err(|Unwanted| Stop::Unwanted)?;
                }
                () = self.driver.events.closed() => return Err(Stop::Unwanted),
                () = &mut self.driver.woken => self.wake(),
                command = self.driver.commands.recv() => self.command(command.ok_or(Stop::Unwanted)?),
                happened = self.carrier.step(reading) => self.take(happened)?,
                () = sleep(nap), if reading => self.handle_timeout(probe_at),
            }
        }
    }

    /// When a WebSocket is to be tried out.
    fn probe_at(&self, now: Instant) -> Option<Instant> {
        let Carrier::Polling(polling) = &self.carrier else {
            return None;
        };
        let offered = self
            .handshake
            .upgrades
            .iter()
            .any(|upgrade| upgrade == "websocket");
        let wanted = matches!(self.driver.config.transports, Transports::Both { .. });
        let possible = offered && wanted && self.connected_at.is_some() && !polling.is_probing();
        possible.then(|| self.driver.network.next_try().unwrap_or(now))
    }

    fn handle_timeout(&mut self, probe_at: Option<Instant>) {
        let now = self.driver.clock.instant();
        if let Carrier::Polling(polling) = &mut self.carrier
            && probe_at.is_some_and(|probe_at| probe_at <= now)
        {
            polling.probe(websocket::key(&*self.driver.entropy));
        }
        self.session.handle_timeout(now);
    }

    fn wake(&mut self) {
        self.driver.wake();
        self.slept = true;
        self.session.handle_timeout(self.driver.clock.instant());
    }

    /// Does what the session wants, up to the next event.
    fn do_outputs(&mut self) -> Result<(), Stop> {
        while self.undelivered.is_none() {
            let Some(output) = self.session.poll_output() else {
                break;
            };
            match output {
                Output::Send(frame) => self
                    .carrier
                    .queue(frame)
                    .map_err(|closed| self.lost(closed.into()))?,
                Output::Connected => {
                    let transport = self.carrier.transport();
                    tracing::info!(namespace = self.driver.config.namespace, ?transport, "link made");
                    self.connected_at = Some(self.driver.clock.instant());
                    self.undelivered = Some(ClientEvent::Connected { transport });
                }
                Output::Event { name, args, ack } => {
                    let acks = &self.driver.acks;
                    let ack = ack.map(|id| AckHandle::new(acks.clone(), self.connection, id));
                    self.undelivered = Some(ClientEvent::Event { name, args, ack });
                }
                Output::Acked { id, args } => {
                    if let Some(reply) = self.acks.remove(&id) {
                        // Whoever asked may have stopped waiting.
                        let _ = reply.send(Ok(args));
                    }
                }
                Output::AckExpired { id } => {
                    if let Some(reply) = self.acks.remove(&id) {
                        let _ = reply.send(Err(AckError::TimedOut));
                    }
                }
                Output::Refused { message, data } => return Err(Stop::End(End::Refused { message, data })),
                Output::Closed(reason) => return Err(self.lost(reason.into())),
            }
        }
        Ok(())
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Emit { name, args, reply } => self.emit(&name, &args, reply),
            Command::Ack { connection, id, args } => {
                if connection == self.connection && self.fits("", &args) {
                    self.session.ack(id, &args);
                }
            }
            // A WebSocket that failed may pass now.
            Command::ReconnectNow => self.driver.network.forget(),
        }
    }

    fn emit(&mut self, name: &str, args: &Args, reply: Reply) {
        if !self.fits(name, args) {
            return reply.fail(AckError::TooLarge);
        }
        match reply {
            Reply::Sent(reply) => {
                let sent = self.session.emit(name, args);
                // Whoever asked may have stopped waiting.
                let _ = reply.send(sent.then_some(()).ok_or(AckError::Disconnected));
            }
            Reply::Acked(..) if self.acks.len() >= MAX_ACKS => reply.fail(AckError::Congested),
            Reply::Acked(timeout, reply) => {
                let deadline = self.driver.clock.instant() + timeout;
                match self.session.emit_with_ack(name, args, deadline) {
                    Some(id) => {
                        self.acks.insert(id, reply);
                    }
                    None => drop(reply.send(Err(AckError::Disconnected))),
                }
            }
        }
    }

    /// Whether the server takes packets of this size. It ends a connection that sends larger ones.
    fn fits(&self, name: &str, args: &Args) -> bool {
        let Some(limit) = self.handshake.max_payload else {
            return true;
        };
        let json: usize = args.json.iter().map(|arg| arg.get().len() + 1).sum();
        let attachments = args
            .attachments
            .iter()
            .map(|bytes| BASE64.encode_len(bytes.len()));
        let largest = attachments.fold(name.len() + json, usize::max) + ENVELOPE;
        u64::try_from(largest).is_ok_and(|largest| largest <= limit)
    }

    fn take(&mut self, happened: Happened) -> Result<(), Stop> {
        match happened {
            Happened::Frame(frame) => {
                self.pinged |= is_ping(&frame);
                self.slept = false;
                self.heard_at = self.driver.clock.instant();
                self.session.handle_frame(frame.as_frame(), self.heard_at);
            }
            Happened::Upgraded => {
                tracing::info!("a WebSocket has taken over from polling");
                self.driver.network.websocket_works();
                self.undelivered = Some(ClientEvent::Upgraded);
            }
            Happened::ProbeFailed(reason) => {
                tracing::info!(%reason, "still no WebSocket can be opened here");
                let now = self.driver.clock.instant();
                self.driver.network.websocket_fails(now, &*self.driver.entropy);
            }
            Happened::Closed(reason) => return Err(self.lost(reason)),
        }
        Ok(())
    }

    fn lost(&self, reason: DisconnectReason) -> Stop {
        Stop::End(End::Lost(Lost {
            reason,
            connected_at: self.connected_at,
            in_sleep: self.slept,
            silent_for: self.driver.clock.instant().saturating_since(self.heard_at),
        }))
    }

    /// Some networks open a WebSocket and then carry nothing, or nothing back: polling may fare better.
    fn learn_from(&mut self, end: &End) {
        let End::Lost(Lost { reason, .. }) = end else {
            return;
        };
        let silent = matches!(
            reason,
            DisconnectReason::ConnectTimeout | DisconnectReason::PingTimeout
        );
        if self.carrier.transport() == Transport::WebSocket && silent && !self.pinged && !self.slept {
            let now = self.driver.clock.instant();
            self.driver.network.websocket_fails(now, &*self.driver.entropy);
        }
    }
}

fn is_ping(frame: &Data) -> bool {
    matches!(frame, Data::Text(text) if matches!(Packet::decode(text), Ok(Packet::Ping(_))))
}
