//! The client's side of one connection, in one namespace.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use deskbell_clock::Instant;
use serde_json::Value;
use serde_json::value::RawValue;

use super::assembly::{Assembly, Kind, Message};
use super::{Frame, Outgoing, Violation};
use crate::Args;
use crate::packet::engine::{self, Handshake};
use crate::packet::socket::{self, Body};

/// What the driver has to do, in this order.
pub enum Output {
    /// Send this frame.
    Send(Outgoing),
    /// The namespace let us in.
    Connected,
    /// An event came.
    Event {
        /// Its name.
        name: String,
        /// Its arguments.
        args: Args,
        /// The server waits for [`ClientSession::ack`] with this number.
        ack: Option<u64>,
    },
    /// The ack of the event with this number came.
    Acked {
        /// What [`ClientSession::emit_with_ack`] returned.
        id: u64,
        /// The ack's arguments.
        args: Args,
    },
    /// The ack of the event with this number did not come in time.
    AckExpired {
        /// What [`ClientSession::emit_with_ack`] returned.
        id: u64,
    },
    /// The namespace refused us; the connection is of no use any more.
    Refused {
        /// Why, in words.
        message: String,
        /// Why, for programs.
        data: Option<Value>,
    },
    /// The connection is over; its transport is to be dropped.
    Closed(CloseReason),
}

/// Why a connection was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The server did not let us in before the deadline.
    ConnectTimeout,
    /// Nothing came for as long as two pings may be apart.
    PingTimeout,
    /// The server closed the connection.
    PeerClosed,
    /// The server put us out of the namespace.
    ServerDisconnect,
    /// The server broke the protocol.
    Violation(Violation),
}

/// Where a connection stands.
enum State {
    /// The transport is open; the handshake has not come.
    Opening { auth: Value, deadline: Instant },
    /// CONNECT was sent; the answer has not come.
    Connecting {
        deadline: Instant,
        pulse: Pulse,
        early: Early,
    },
    /// In the namespace.
    Connected { pulse: Pulse },
    /// Over.
    Ended,
}

/// So much later than its deadline, a frame may still be one that this machine was slow to read.
const SLACK: Duration = Duration::from_secs(5);

/// Until when the next frame must have come. Any frame counts, not only pings.
#[derive(Clone, Copy, Debug)]
struct Pulse {
    patience: Duration,
    deadline: Instant,
}

impl Pulse {
    fn beat(&mut self, now: Instant) {
        // What is later has lain here while the machine slept; the server has given up since.
        if !self.is_overdue(now) {
            self.deadline = now + self.patience;
        }
    }

    fn is_overdue(&self, now: Instant) -> bool {
        now.saturating_since(self.deadline) > SLACK
    }
}

/// Most events that may come before the answer to CONNECT.
const MAX_EARLY: usize = 64;

/// Most bytes of them all.
const MAX_EARLY_BYTES: usize = 1024 * 1024;

/// Events that came before the answer to CONNECT: python-socketio sends what its connect handler emits before it.
#[derive(Default)]
struct Early {
    events: Vec<Output>,
    bytes: usize,
}

impl Early {
    fn push(&mut self, name: String, args: Args, ack: Option<u64>) -> Result<(), Violation> {
        let json: usize = args.json.iter().map(|arg| arg.get().len()).sum();
        let attachments: usize = args.attachments.iter().map(Bytes::len).sum();
        self.bytes += name.len() + json + attachments;
        if self.events.len() == MAX_EARLY || self.bytes > MAX_EARLY_BYTES {
            return Err(Violation::OutOfPlace);
        }
        self.events.push(Output::Event { name, args, ack });
        Ok(())
    }
}

/// The client's side of one connection.
pub struct ClientSession {
    namespace: String,
    state: State,
    next_ack: u64,
    acks: BTreeMap<u64, Instant>,
    assembly: Assembly,
    outputs: VecDeque<Output>,
}

impl ClientSession {
    /// A connection whose transport has just opened. `auth` goes into CONNECT, unless it is `null`; being let into
    /// `namespace` must have happened by `deadline`. The attachments of one message may have `max_attachments` bytes in all.
    #[must_use]
    pub fn new(namespace: String, auth: Value, deadline: Instant, max_attachments: usize) -> Self {
        Self {
            namespace,
            state: State::Opening { auth, deadline },
            next_ack: 0,
            acks: BTreeMap::new(),
            assembly: Assembly::new(max_attachments),
            outputs: VecDeque::new(),
        }
    }

    /// Takes a frame from the server. One that comes much too late is taken too, but is no sign that the server is still
    /// there.
    pub fn handle_frame(&mut self, frame: Frame<'_>, now: Instant) {
        if let Some(pulse) = self.pulse() {
            pulse.beat(now);
        }
        if let Err(violation) = self.take(frame, now) {
            self.close(CloseReason::Violation(violation));
        }
        match &self.state {
            State::Opening { deadline, .. } | State::Connecting { deadline, .. } if now >= *deadline => {
                self.close(CloseReason::ConnectTimeout);
            }
            _ => self.expire_acks(now),
        }
    }

    /// Whether a frame at `now` comes much too late: the machine slept.
    pub fn is_overdue(&mut self, now: Instant) -> bool {
        self.pulse().is_some_and(|pulse| pulse.is_overdue(now))
    }

    /// Nothing was read for so long, so nothing can be said about the server in that time.
    pub fn was_not_read(&mut self, time: Duration) {
        if let Some(pulse) = self.pulse() {
            pulse.deadline += time;
        }
    }

    /// Does what is due at `now`; nothing if nothing is.
    pub fn handle_timeout(&mut self, now: Instant) {
        match &self.state {
            State::Opening { deadline, .. } | State::Connecting { deadline, .. } if now >= *deadline => {
                self.close(CloseReason::ConnectTimeout);
            }
            State::Connecting { pulse, .. } | State::Connected { pulse } if now >= pulse.deadline => {
                self.close(CloseReason::PingTimeout);
            }
            _ => {}
        }
        self.expire_acks(now);
    }

    /// As [`Self::handle_timeout`], but looks at nothing that the server must do by frames, since none are read.
    pub fn expire_acks(&mut self, now: Instant) {
        let outputs = &mut self.outputs;
        self.acks.retain(|&id, deadline| {
            let waiting = now < *deadline;
            if !waiting {
                outputs.push_back(Output::AckExpired { id });
            }
            waiting
        });
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle_timeout`] at the latest; `None` when the session is over.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let due = match &self.state {
            State::Opening { deadline, .. } => *deadline,
            State::Connecting { deadline, pulse, .. } => pulse.deadline.min(*deadline),
            State::Connected { pulse } => pulse.deadline,
            State::Ended => return None,
        };
        Some(self.poll_ack_timeout().map_or(due, |ack| due.min(ack)))
    }

    /// When to call [`Self::expire_acks`] at the latest; `None` while no ack is waited for.
    #[must_use]
    pub fn poll_ack_timeout(&self) -> Option<Instant> {
        self.acks.values().copied().min()
    }

    /// Sends an event. Says whether it could: not while not connected.
    pub fn emit(&mut self, name: &str, args: &Args) -> bool {
        let connected = self.is_connected();
        if connected {
            self.send(super::event(name, args, None), args);
        }
        connected
    }

    /// Sends an event that wants an ack by `deadline`, and gives the ack's number; `None` while not connected.
    pub fn emit_with_ack(&mut self, name: &str, args: &Args, deadline: Instant) -> Option<u64> {
        if !self.is_connected() {
            return None;
        }
        let id = self.next_ack;
        self.next_ack += 1;
        self.acks.insert(id, deadline);
        self.send(super::event(name, args, Some(id)), args);
        Some(id)
    }

    /// Answers an event of this connection; nothing happens while not connected.
    pub fn ack(&mut self, id: u64, args: &Args) {
        if self.is_connected() {
            self.send(super::ack(id, args), args);
        }
    }

    /// Leaves the namespace; the transport can be closed once the outputs are sent.
    pub fn disconnect(&mut self) {
        if self.is_connected() {
            self.send(Body::Disconnect, &Args::none());
        }
        self.state = State::Ended;
    }

    fn take(&mut self, frame: Frame<'_>, now: Instant) -> Result<(), Violation> {
        if matches!(self.state, State::Ended) {
            return Ok(());
        }
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Binary(bytes) => {
                return match self.assembly.attach(bytes)? {
                    Some(message) => self.receive(message),
                    None => Ok(()),
                };
            }
        };
        match engine::Packet::decode(text)? {
            engine::Packet::Open(handshake) => self.open(&handshake, now),
            engine::Packet::Ping(data) => {
                let pong = engine::Packet::Pong(data).encode();
                self.outputs.push_back(Output::Send(Outgoing::Text(pong)));
                Ok(())
            }
            engine::Packet::Message(_) if self.assembly.is_begun() => Err(Violation::Attachment),
            engine::Packet::Message(text) => self.message(socket::Packet::decode(text)?),
            engine::Packet::Close => {
                self.close(CloseReason::PeerClosed);
                Ok(())
            }
            engine::Packet::Noop => Ok(()),
            engine::Packet::Pong(_) | engine::Packet::Upgrade => Err(Violation::OutOfPlace),
        }
    }

    fn open(&mut self, handshake: &Handshake, now: Instant) -> Result<(), Violation> {
        let State::Opening { auth, deadline } = &mut self.state else {
            return Err(Violation::OutOfPlace);
        };
        let patience = handshake.ping_interval.saturating_add(handshake.ping_timeout);
        let pulse = Pulse {
            patience,
            deadline: now + patience,
        };
        let auth = Some(auth.take()).filter(|auth| !auth.is_null());
        self.state = State::Connecting {
            deadline: *deadline,
            pulse,
            early: Early::default(),
        };
        self.send(Body::Connect(auth), &Args::none());
        Ok(())
    }

    fn message(&mut self, packet: socket::Packet<'_>) -> Result<(), Violation> {
        if packet.namespace != self.namespace {
            return Err(Violation::OutOfPlace);
        }
        match (packet.body, &mut self.state) {
            (Body::Connect(_), State::Connecting { pulse, early, .. }) => {
                self.outputs.push_back(Output::Connected);
                self.outputs.extend(early.events.drain(..));
                self.state = State::Connected { pulse: *pulse };
            }
            (Body::ConnectError { message, data }, State::Connecting { .. }) => {
                self.state = State::Ended;
                self.outputs.push_back(Output::Refused { message, data });
            }
            (Body::Disconnect, State::Connecting { .. } | State::Connected { .. }) => {
                self.close(CloseReason::ServerDisconnect);
            }
            (Body::Event { name, args, ack }, State::Connecting { .. } | State::Connected { .. }) => {
                let name = name.into_owned();
                return self.begin(Kind::Event { name, ack }, args, packet.attachments);
            }
            (Body::Ack { id, args }, State::Connected { .. }) => {
                return self.begin(Kind::Ack { id }, args, packet.attachments);
            }
            _ => return Err(Violation::OutOfPlace),
        }
        Ok(())
    }

    fn begin(
        &mut self,
        kind: Kind,
        json: Vec<Cow<'_, RawValue>>,
        attachments: Option<usize>,
    ) -> Result<(), Violation> {
        let namespace = self.namespace.clone();
        match self.assembly.begin(namespace, kind, json, attachments) {
            Some(message) => self.receive(message),
            None => Ok(()),
        }
    }

    fn receive(&mut self, Message { kind, args, .. }: Message) -> Result<(), Violation> {
        match (kind, &mut self.state) {
            (Kind::Event { name, ack }, State::Connecting { early, .. }) => {
                return early.push(name, args, ack);
            }
            (Kind::Event { name, ack }, _) => self.outputs.push_back(Output::Event { name, args, ack }),
            // An ack that came too late has been reported as expired.
            (Kind::Ack { id }, _) if self.acks.remove(&id).is_some() => {
                self.outputs.push_back(Output::Acked { id, args });
            }
            (Kind::Ack { .. }, _) => {}
        }
        Ok(())
    }

    fn pulse(&mut self) -> Option<&mut Pulse> {
        match &mut self.state {
            State::Connecting { pulse, .. } | State::Connected { pulse } => Some(pulse),
            State::Opening { .. } | State::Ended => None,
        }
    }

    fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected { .. })
    }

    fn send(&mut self, body: Body<'_>, args: &Args) {
        let frames = super::frames(&self.namespace, body, &args.attachments);
        self.outputs.extend(frames.map(Output::Send));
    }

    fn close(&mut self, reason: CloseReason) {
        self.state = State::Ended;
        self.outputs.push_back(Output::Closed(reason));
    }
}

#[cfg(test)]
mod tests;
