//! The server's side of one connection, in any number of namespaces, above Engine.IO.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use deskbell_clock::Instant;
use serde_json::Value;
use serde_json::value::RawValue;

use super::assembly::{Assembly, Kind, Message};
use super::{Frame, Outgoing, Violation};
use crate::Args;
use crate::packet::socket::{self, Body};

/// How many namespaces one connection may ask for.
pub const MAX_NAMESPACES: usize = 8;

/// What the driver has to do, in this order.
pub enum Output {
    /// Send this message: the Engine.IO packet, if it is text.
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
    /// The client broke the protocol.
    Violation(Violation),
}

/// Whether a namespace was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
    Asked,
    Granted,
}

/// The server's side of one connection.
pub struct ServerSession {
    /// How long it may be in no namespace.
    connect_timeout: Duration,
    /// Set while it is in no namespace.
    connect_by: Option<Instant>,
    /// Few, so they are looked through.
    namespaces: Vec<(String, Membership)>,
    next_ack: u64,
    /// Acks that are waited for: in which namespace, and until when.
    acks: BTreeMap<u64, (String, Instant)>,
    assembly: Assembly,
    ended: bool,
    outputs: VecDeque<Output>,
}

impl ServerSession {
    /// A connection that has just opened. It may be in no namespace for `connect_timeout`; `max_payload` bytes are the most
    /// of all attachments of one packet.
    #[must_use]
    pub fn new(max_payload: usize, connect_timeout: Duration, now: Instant) -> Self {
        Self {
            connect_timeout,
            connect_by: Some(now + connect_timeout),
            namespaces: Vec::new(),
            next_ack: 0,
            acks: BTreeMap::new(),
            assembly: Assembly::new(max_payload),
            ended: false,
            outputs: VecDeque::new(),
        }
    }

    /// Takes a message from the client. An ack that is due by `now` may be in the next one, so it is waited for until
    /// [`Self::handle_timeout`].
    pub fn handle_message(&mut self, message: Frame<'_>, now: Instant) {
        if self.ended {
            return;
        }
        if let Err(violation) = self.take(message, now) {
            return self.close(CloseReason::Violation(violation));
        }
        self.judge_connect(now);
    }

    /// Does what is due at `now`; nothing if nothing is.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.ended {
            return;
        }
        self.judge_connect(now);
        self.expire_acks(|_, deadline| now >= deadline);
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if output.is_none() {
            // An idle connection keeps no room for outputs.
            self.outputs.shrink_to_fit();
        }
        output
    }

    /// When to call [`Self::handle_timeout`] at the latest; `None` when nothing is waited for.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let acks = self.acks.values().map(|(_, deadline)| *deadline);
        acks.chain(self.connect_by).min().filter(|_| !self.ended)
    }

    /// Lets the client into a namespace it asked for, where it is called `sid`. Says whether it is in now: it may have
    /// gone meanwhile.
    pub fn accept(&mut self, namespace: &str, sid: &str) -> bool {
        let mut asked = self.namespaces.iter_mut().filter(|_| !self.ended);
        let Some((_, membership)) = asked.find(|(name, _)| name == namespace) else {
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
        if !self.ended && self.forget(namespace) {
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
        if !self.ended && self.forget(namespace) {
            self.send(namespace, Body::Disconnect, &Args::none());
            self.await_connect(now);
            self.expire_acks(|asked_in, _| asked_in == namespace);
        }
    }

    fn judge_connect(&mut self, now: Instant) {
        if self.connect_by.is_some_and(|deadline| now >= deadline) {
            self.close(CloseReason::ConnectTimeout);
        }
    }

    fn take(&mut self, message: Frame<'_>, now: Instant) -> Result<(), Violation> {
        let text = match message {
            Frame::Text(text) => text,
            Frame::Binary(bytes) => {
                if let Some(message) = self.assembly.attach(bytes)? {
                    self.receive(message);
                }
                return Ok(());
            }
        };
        if self.assembly.is_begun() {
            return Err(Violation::Attachment);
        }
        self.packet(socket::Packet::decode(text)?, now)
    }

    fn packet(&mut self, packet: socket::Packet<'_>, now: Instant) -> Result<(), Violation> {
        let namespace = packet.namespace.into_owned();
        match (packet.body, self.membership(&namespace)) {
            (Body::Connect(auth), None) => {
                if self.namespaces.len() >= MAX_NAMESPACES {
                    return Err(Violation::TooManyNamespaces);
                }
                self.namespaces.push((namespace.clone(), Membership::Asked));
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
                self.forget(&namespace);
                self.await_connect(now);
                let left = namespace.clone();
                self.outputs.push_back(Output::Left { namespace });
                self.expire_acks(|asked_in, _| asked_in == left);
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
        !self.ended && self.membership(namespace) == Some(Membership::Granted)
    }

    fn membership(&self, namespace: &str) -> Option<Membership> {
        let mut namespaces = self.namespaces.iter();
        namespaces
            .find(|(name, _)| name == namespace)
            .map(|(_, membership)| *membership)
    }

    /// Says whether it was there.
    fn forget(&mut self, namespace: &str) -> bool {
        let before = self.namespaces.len();
        self.namespaces.retain(|(name, _)| name != namespace);
        self.namespaces.len() < before
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
            .iter()
            .any(|(_, membership)| *membership == Membership::Granted)
        {
            self.connect_by.get_or_insert(now + self.connect_timeout);
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
