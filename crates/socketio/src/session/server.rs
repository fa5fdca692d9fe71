//! The server's side of one connection, in any number of namespaces.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use deskbell_clock::Instant;
use serde_json::Value;
use serde_json::value::RawValue;

use super::assembly::{Assembly, Kind, Message};
use super::{Frame, Outgoing, Violation};
use crate::Args;
use crate::packet::engine::{self, Handshake};
use crate::packet::socket::{self, Body};

/// How many namespaces one connection may ask for.
pub const MAX_NAMESPACES: usize = 8;

/// What the driver has to do, in this order.
pub enum Output {
    /// Send this frame.
    Send(Outgoing),
    /// Somebody asks for `namespace`: answer with [`ServerSession::accept`] or [`ServerSession::refuse`].
    Connect {
        /// The namespace.
        namespace: String,
        /// What the client says for itself: an object or `null`.
        auth: Value,
    },
    /// An event came.
    Event {
        /// In this namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// Its arguments.
        args: Args,
        /// The client waits for [`ServerSession::ack`] with this number.
        ack: Option<u64>,
    },
    /// The ack of the event with this number came.
    Acked {
        /// What [`ServerSession::emit_with_ack`] returned.
        id: u64,
        /// The ack's arguments.
        args: Args,
    },
    /// The ack of the event with this number did not come in time, or the client is no longer in its namespace.
    AckExpired {
        /// What [`ServerSession::emit_with_ack`] returned.
        id: u64,
    },
    /// The client left the namespace.
    Left {
        /// The namespace.
        namespace: String,
    },
    /// The connection is over; its transport is to be closed.
    Closed(CloseReason),
}

/// Why a connection was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The client was in no namespace for too long.
    ConnectTimeout,
    /// A ping was not answered.
    PingTimeout,
    /// The client closed the connection.
    PeerClosed,
    /// The client broke the protocol.
    Violation(Violation),
}

/// The times a server keeps.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Between a ping's answer and the next ping.
    pub ping_interval: Duration,
    /// How long the answer to a ping may take.
    pub ping_timeout: Duration,
    /// How long a connection may be in no namespace.
    pub connect_timeout: Duration,
}

/// Whether a namespace was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
    Asked,
    Granted,
}

/// Whose turn it is to speak.
#[derive(Clone, Copy, Debug)]
enum Heartbeat {
    /// The next ping goes out then.
    Resting { ping_at: Instant },
    /// A ping went out; something must have come by then.
    Waiting { deadline: Instant },
}

/// The server's side of one connection.
pub struct ServerSession {
    timing: Timing,
    heartbeat: Heartbeat,
    /// Set while the connection is in no namespace.
    connect_by: Option<Instant>,
    namespaces: HashMap<String, Membership>,
    next_ack: u64,
    /// Acks that are waited for: in which namespace, and until when.
    acks: BTreeMap<u64, (String, Instant)>,
    assembly: Assembly,
    ended: bool,
    outputs: VecDeque<Output>,
}

impl ServerSession {
    /// A connection whose transport has just opened. Its name is `sid`; it may go over to one of the transports
    /// `upgrades`; `max_payload` bytes are the most it takes at once, and the most of all attachments of one message.
    #[must_use]
    pub fn new(sid: String, upgrades: Vec<String>, max_payload: usize, timing: Timing, now: Instant) -> Self {
        let open = engine::Packet::Open(Handshake {
            sid,
            upgrades,
            ping_interval: timing.ping_interval,
            ping_timeout: timing.ping_timeout,
            max_payload: u64::try_from(max_payload).ok(),
        });
        Self {
            timing,
            heartbeat: Heartbeat::Resting {
                ping_at: now + timing.ping_interval,
            },
            connect_by: Some(now + timing.connect_timeout),
            namespaces: HashMap::new(),
            next_ack: 0,
            acks: BTreeMap::new(),
            assembly: Assembly::new(max_payload),
            ended: false,
            outputs: VecDeque::from([Output::Send(Outgoing::Text(open.encode()))]),
        }
    }

    /// Takes a frame from the client.
    pub fn handle_frame(&mut self, frame: Frame<'_>, now: Instant) {
        if self.ended {
            return;
        }
        // Whoever sends is there, whatever it sends.
        if let Heartbeat::Waiting { .. } = self.heartbeat {
            self.heartbeat = Heartbeat::Resting {
                ping_at: now + self.timing.ping_interval,
            };
        }
        if let Err(violation) = self.take(frame, now) {
            self.close(CloseReason::Violation(violation));
        }
        self.handle_timeout(now);
    }

    /// Does what is due at `now`; nothing if nothing is.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.ended {
            return;
        }
        if self.connect_by.is_some_and(|deadline| now >= deadline) {
            return self.close(CloseReason::ConnectTimeout);
        }
        match self.heartbeat {
            Heartbeat::Resting { ping_at } if now >= ping_at => {
                // From when it was due, as the client counts, unless it was the server that slept.
                let overslept = now.saturating_since(ping_at) > self.timing.ping_timeout / 10;
                let asked = if overslept { now } else { ping_at };
                self.heartbeat = Heartbeat::Waiting {
                    deadline: asked + self.timing.ping_timeout,
                };
                let ping = engine::Packet::Ping("").encode();
                self.outputs.push_back(Output::Send(Outgoing::Text(ping)));
            }
            Heartbeat::Waiting { deadline } if now >= deadline => {
                return self.close(CloseReason::PingTimeout);
            }
            Heartbeat::Resting { .. } | Heartbeat::Waiting { .. } => {}
        }
        self.expire_acks(|_, deadline| now >= deadline);
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle_timeout`] at the latest; `None` when the session is over.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let (Heartbeat::Resting { ping_at: beat } | Heartbeat::Waiting { deadline: beat }) = self.heartbeat;
        let acks = self.acks.values().map(|(_, deadline)| *deadline);
        (!self.ended).then(|| acks.chain(self.connect_by).fold(beat, Instant::min))
    }

    /// Lets the client into a namespace it asked for, where it is called `sid`. Says whether it is in now: it may have
    /// gone meanwhile.
    pub fn accept(&mut self, namespace: &str, sid: &str) -> bool {
        let Some(membership) = self.namespaces.get_mut(namespace).filter(|_| !self.ended) else {
            return false;
        };
        *membership = Membership::Granted;
        self.connect_by = None;
        let sid = serde_json::json!({ "sid": sid });
        self.send(namespace, Body::Connect(Some(sid)), &Args::none());
        true
    }

    /// Refuses a namespace the client asked for.
    pub fn refuse(&mut self, namespace: &str, message: String, data: Option<Value>) {
        if !self.ended && self.namespaces.remove(namespace).is_some() {
            self.send(namespace, Body::ConnectError { message, data }, &Args::none());
        }
    }

    /// Answers an event.
    pub fn ack(&mut self, namespace: &str, id: u64, args: &Args) {
        if self.is_in(namespace) {
            self.send(namespace, super::ack(id, args), args);
        }
    }

    /// Sends an event that wants an ack by `deadline`, and gives the ack's number; `None` if the client is not in
    /// `namespace`.
    pub fn emit_with_ack(
        &mut self,
        namespace: &str,
        name: &str,
        args: &Args,
        deadline: Instant,
    ) -> Option<u64> {
        if !self.is_in(namespace) {
            return None;
        }
        let id = self.next_ack;
        self.next_ack += 1;
        self.acks.insert(id, (namespace.to_owned(), deadline));
        self.send(namespace, super::event(name, args, Some(id)), args);
        Some(id)
    }

    /// Puts the client out of a namespace.
    pub fn leave(&mut self, namespace: &str, now: Instant) {
        if !self.ended && self.namespaces.remove(namespace).is_some() {
            self.send(namespace, Body::Disconnect, &Args::none());
            self.await_connect(now);
            self.expire_acks(|asked_in, _| asked_in == namespace);
        }
    }

    fn take(&mut self, frame: Frame<'_>, now: Instant) -> Result<(), Violation> {
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Binary(bytes) => {
                if let Some(message) = self.assembly.attach(bytes)? {
                    self.receive(message);
                }
                return Ok(());
            }
        };
        match engine::Packet::decode(text)? {
            engine::Packet::Pong(_) | engine::Packet::Noop => Ok(()),
            engine::Packet::Message(_) if self.assembly.is_begun() => Err(Violation::Attachment),
            engine::Packet::Message(text) => self.message(socket::Packet::decode(text)?, now),
            engine::Packet::Close => {
                self.close(CloseReason::PeerClosed);
                Ok(())
            }
            engine::Packet::Open(_) | engine::Packet::Ping(_) | engine::Packet::Upgrade => {
                Err(Violation::OutOfPlace)
            }
        }
    }

    fn message(&mut self, packet: socket::Packet<'_>, now: Instant) -> Result<(), Violation> {
        let namespace = packet.namespace.into_owned();
        match (packet.body, self.namespaces.get(&namespace)) {
            (Body::Connect(auth), None) => {
                if self.namespaces.len() >= MAX_NAMESPACES {
                    return Err(Violation::TooManyNamespaces);
                }
                self.namespaces.insert(namespace.clone(), Membership::Asked);
                self.outputs.push_back(Output::Connect {
                    namespace,
                    auth: auth.unwrap_or_default(),
                });
            }
            (Body::Event { name, args, ack }, Some(Membership::Granted)) => {
                let name = name.into_owned();
                self.begin(namespace, Kind::Event { name, ack }, args, packet.attachments);
            }
            (Body::Ack { id, args }, Some(Membership::Granted)) => {
                self.begin(namespace, Kind::Ack { id }, args, packet.attachments);
            }
            (Body::Disconnect, Some(Membership::Granted)) => {
                self.namespaces.remove(&namespace);
                self.await_connect(now);
                self.expire_acks(|asked_in, _| asked_in == namespace);
                self.outputs.push_back(Output::Left { namespace });
            }
            _ => return Err(Violation::OutOfPlace),
        }
        Ok(())
    }

    fn begin(
        &mut self,
        namespace: String,
        kind: Kind,
        json: Vec<Cow<'_, RawValue>>,
        attachments: Option<usize>,
    ) {
        if let Some(message) = self.assembly.begin(namespace, kind, json, attachments) {
            self.receive(message);
        }
    }

    fn receive(&mut self, message: Message) {
        let Message {
            namespace,
            kind,
            args,
        } = message;
        match kind {
            // While its attachments were on their way, the client may have been put out.
            Kind::Event { name, ack } if self.is_in(&namespace) => {
                self.outputs.push_back(Output::Event {
                    namespace,
                    name,
                    args,
                    ack,
                });
            }
            Kind::Ack { id }
                if self
                    .acks
                    .get(&id)
                    .is_some_and(|(asked_in, _)| *asked_in == namespace) =>
            {
                self.acks.remove(&id);
                self.outputs.push_back(Output::Acked { id, args });
            }
            // An ack that came too late has been reported as expired.
            Kind::Event { .. } | Kind::Ack { .. } => {}
        }
    }

    fn is_in(&self, namespace: &str) -> bool {
        !self.ended && self.namespaces.get(namespace) == Some(&Membership::Granted)
    }

    fn expire_acks(&mut self, expired: impl Fn(&str, Instant) -> bool) {
        let outputs = &mut self.outputs;
        self.acks.retain(|&id, (namespace, deadline)| {
            let keep = !expired(namespace, *deadline);
            if !keep {
                outputs.push_back(Output::AckExpired { id });
            }
            keep
        });
    }

    /// Starts the connect timeout again if the connection is in no namespace.
    fn await_connect(&mut self, now: Instant) {
        if !self
            .namespaces
            .values()
            .any(|membership| *membership == Membership::Granted)
        {
            self.connect_by.get_or_insert(now + self.timing.connect_timeout);
        }
    }

    fn send(&mut self, namespace: &str, body: Body<'_>, args: &Args) {
        let frames = super::frames(namespace, body, &args.attachments);
        self.outputs.extend(frames.map(Output::Send));
    }

    fn close(&mut self, reason: CloseReason) {
        self.ended = true;
        self.outputs.push_back(Output::Closed(reason));
    }
}

#[cfg(test)]
mod tests;
