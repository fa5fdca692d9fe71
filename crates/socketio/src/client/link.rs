use std::collections::{HashMap, VecDeque};
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
    /// Whether the server has pinged on a WebSocket.
    pinged: bool,
    /// Whether the machine has slept since the server was heard.
    slept: bool,
    /// Events for the receiver: what one frame brought. Nothing is read while there are any, but all else goes on.
    undelivered: VecDeque<ClientEvent>,
    /// Since when there are any.
    undelivered_since: Option<Instant>,
    /// What comes after the events.
    ending: Option<End>,
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
            undelivered: VecDeque::new(),
            undelivered_since: None,
            ending: None,
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
            self.do_outputs();
            let reading = self.undelivered.is_empty();
            if reading && let Some(end) = self.ending.take() {
                return Err(Stop::End(end));
            }
            let now = self.driver.clock.instant();
            let probe_at = self.probe_at(now).filter(|_| reading);
            let due = if reading {
                self.session.poll_timeout().into_iter().chain(probe_at).min()
            } else {
                self.undelivered_since.get_or_insert(now);
                self.session.poll_ack_timeout()
            };
            let nap = due.map_or(Duration::ZERO, |due| due.saturating_since(now));
            // In this order: what has arrived is read before its lateness is judged, unless the machine slept meanwhile: the
            // server did not wait. While nothing is read, nothing can be said about the server.
            tokio::select! { biased;
                sent = send_from(&mut self.undelivered, &self.driver.events), if !reading => {
                    sent.map_err(|Unwanted| Stop::Unwanted)?;
                    self.delivered();
                }
                () = self.driver.events.closed() => return Err(Stop::Unwanted),
                () = &mut self.driver.woken => self.wake(),
                command = self.driver.commands.recv() => self.command(command.ok_or(Stop::Unwanted)?),
                happened = self.carrier.step(reading), if self.ending.is_none() => self.take(happened),
                () = sleep(nap), if due.is_some() => self.handle_timeout(reading, probe_at),
            }
        }
    }

    /// The receiver has taken an event.
    fn delivered(&mut self) {
        if self.undelivered.is_empty()
            && let Some(since) = self.undelivered_since.take()
        {
            let now = self.driver.clock.instant();
            self.session.was_not_read(now.saturating_since(since));
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

    fn handle_timeout(&mut self, reading: bool, probe_at: Option<Instant>) {
        let now = self.driver.clock.instant();
        if !reading {
            return self.session.expire_acks(now);
        }
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

    /// Does what the session wants.
    fn do_outputs(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(frame) => {
                    if self.ending.is_none()
                        && let Err(closed) = self.carrier.queue(frame)
                    {
                        self.lose(closed.into());
                    }
                }
                Output::Connected => {
                    let transport = self.carrier.transport();
                    tracing::info!(namespace = self.driver.config.namespace, ?transport, "link made");
                    self.connected_at = Some(self.driver.clock.instant());
                    self.undelivered.push_back(ClientEvent::Connected { transport });
                }
                Output::Event { name, args, ack } => {
                    let acks = &self.driver.acks;
                    let ack = ack.map(|id| AckHandle::new(acks.clone(), self.connection, id));
                    self.undelivered.push_back(ClientEvent::Event { name, args, ack });
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
                Output::Refused { message, data } => self.end(End::Refused { message, data }),
                Output::Closed(reason) => self.lose(reason.into()),
            }
        }
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
        if self.ending.is_some() {
            return reply.fail(AckError::Disconnected);
        }
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

    /// Whether the server takes packets of this size, and the carrier all of them at once. Either ends a connection
    /// otherwise.
    fn fits(&self, name: &str, args: &Args) -> bool {
        let json: usize = args.json.iter().map(|arg| arg.get().len() + 1).sum();
        let packet = name.len() + json + ENVELOPE;
        let attachments = args
            .attachments
            .iter()
            .map(|bytes| BASE64.encode_len(bytes.len()) + ENVELOPE);
        let all = packet + attachments.clone().sum::<usize>();
        let largest = u64::try_from(attachments.fold(packet, usize::max)).unwrap_or(u64::MAX);
        all <= Carrier::CAPACITY && self.handshake.max_payload.is_none_or(|limit| largest <= limit)
    }

    fn take(&mut self, happened: Happened) {
        match happened {
            Happened::Frame(frame) => {
                if is_ping(&frame) && self.carrier.transport() == Transport::WebSocket {
                    self.pinged = true;
                    self.driver.network.websocket_works();
                }
                let now = self.driver.clock.instant();
                self.slept = self.session.is_overdue(now);
                if !self.slept {
                    self.heard_at = now;
                }
                self.session.handle_frame(frame.as_frame(), now);
            }
            Happened::Upgraded => {
                tracing::info!("a WebSocket has taken over from polling");
                self.undelivered.push_back(ClientEvent::Upgraded);
            }
            Happened::ProbeFailed(reason) => {
                tracing::info!(%reason, "still no WebSocket can be opened here");
                let now = self.driver.clock.instant();
                self.driver.network.websocket_fails(now, &*self.driver.entropy);
            }
            Happened::Closed(reason) => self.lose(reason),
        }
    }

    fn lose(&mut self, reason: DisconnectReason) {
        self.end(End::Lost(Lost {
            reason,
            connected_at: self.connected_at,
            in_sleep: self.slept,
            silent_for: self.driver.clock.instant().saturating_since(self.heard_at),
        }));
    }

    /// The first reason counts.
    fn end(&mut self, end: End) {
        self.ending.get_or_insert(end);
        // Whoever waits for one learns it now, however long the receiver takes.
        self.acks.clear();
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
