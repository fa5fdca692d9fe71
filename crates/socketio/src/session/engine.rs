//! The server's side of one Engine.IO connection: its terms, its heartbeat, and the messages it carries.

use std::collections::VecDeque;
use std::time::Duration;

use deskbell_clock::Instant;

use super::{Frame, Violation};
use crate::packet::engine::{Handshake, Packet};

/// What the driver has to do, in this order.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this packet of text.
    Send(String),
    /// The connection is over; its transport is to be closed.
    Closed(CloseReason),
}

/// Why a connection was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// A ping was not answered.
    PingTimeout,
    /// The client closed the connection.
    PeerClosed,
    /// The client broke the protocol.
    Violation(Violation),
}

/// The terms a server offers.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Between two pings, if the first is answered by then.
    pub ping_interval: Duration,
    /// How long the answer to a ping may take.
    pub ping_timeout: Duration,
    /// Bytes the server takes at once.
    pub max_payload: usize,
}

/// Whose turn it is to speak.
#[derive(Clone, Copy, Debug)]
enum Heartbeat {
    /// The next ping goes out then.
    Resting { ping_at: Instant },
    /// A ping went out; something must have come by then. Once it has, the next ping is due.
    Waiting { deadline: Instant, ping_at: Instant },
}

/// The server's side of one connection.
pub struct ServerEngine {
    ping_interval: Duration,
    ping_timeout: Duration,
    heartbeat: Heartbeat,
    ended: bool,
    outputs: VecDeque<Output>,
}

impl ServerEngine {
    /// A connection whose transport has just opened. Its name is `sid`, and it may go over to one of the transports
    /// `upgrades`.
    #[must_use]
    pub fn new(sid: String, upgrades: Vec<String>, terms: Terms, now: Instant) -> Self {
        let open = Packet::Open(Handshake {
            sid,
            upgrades,
            ping_interval: terms.ping_interval,
            ping_timeout: terms.ping_timeout,
            max_payload: u64::try_from(terms.max_payload).ok(),
        });
        Self {
            ping_interval: terms.ping_interval,
            ping_timeout: terms.ping_timeout,
            heartbeat: Heartbeat::Resting {
                ping_at: now + terms.ping_interval,
            },
            ended: false,
            outputs: VecDeque::from([Output::Send(open.encode())]),
        }
    }

    /// Takes a frame from the client, and gives the message it carries, if it carries one.
    pub fn handle_frame<'a>(&mut self, frame: Frame<'a>, now: Instant) -> Option<Frame<'a>> {
        if self.ended {
            return None;
        }
        // Whoever sends is there, whatever it sends.
        if let Heartbeat::Waiting { ping_at, .. } = self.heartbeat {
            self.heartbeat = Heartbeat::Resting {
                ping_at: ping_at.max(now),
            };
        }
        let message = self.take(frame).unwrap_or_else(|violation| {
            self.close(CloseReason::Violation(violation));
            None
        });
        self.handle_timeout(now);
        message
    }

    /// Does what is due at `now`; nothing if nothing is.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.ended {
            return;
        }
        match self.heartbeat {
            Heartbeat::Resting { ping_at } if now >= ping_at => {
                // From when it was due, as the client counts, unless it was the server that slept.
                let overslept = now.saturating_since(ping_at) > self.ping_timeout / 2;
                let asked = if overslept { now } else { ping_at };
                self.heartbeat = Heartbeat::Waiting {
                    deadline: asked + self.ping_timeout,
                    ping_at: asked + self.ping_interval,
                };
                self.outputs.push_back(Output::Send(Packet::Ping("").encode()));
            }
            Heartbeat::Waiting { deadline, .. } if now >= deadline => self.close(CloseReason::PingTimeout),
            Heartbeat::Resting { .. } | Heartbeat::Waiting { .. } => {}
        }
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

    /// When to call [`Self::handle_timeout`] at the latest; `None` when the connection is over.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let (Heartbeat::Resting { ping_at: due } | Heartbeat::Waiting { deadline: due, .. }) = self.heartbeat;
        (!self.ended).then_some(due)
    }

    fn take<'a>(&mut self, frame: Frame<'a>) -> Result<Option<Frame<'a>>, Violation> {
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Binary(_) => return Ok(Some(frame)),
        };
        match Packet::decode(text)? {
            Packet::Pong(_) | Packet::Noop => Ok(None),
            Packet::Message(text) => Ok(Some(Frame::Text(text))),
            Packet::Close => {
                self.close(CloseReason::PeerClosed);
                Ok(None)
            }
            Packet::Open(_) | Packet::Ping(_) | Packet::Upgrade => Err(Violation::OutOfPlace),
        }
    }

    fn close(&mut self, reason: CloseReason) {
        self.ended = true;
        self.outputs.push_back(Output::Closed(reason));
    }
}

#[cfg(test)]
mod tests;
