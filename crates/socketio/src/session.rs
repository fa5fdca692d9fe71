//! What each end of a connection must do, without I/O.
//!
//! A driver feeds a session with frames and instants, then takes outputs until there are none, and asks when to come back:
//! `handle_frame(frame, now)`, `handle_timeout(now)`, `poll_output()`, `poll_timeout()`. A session that said `Closed` takes
//! nothing any more. A server has two, one on the other: [`engine`] keeps the connection and hands on the messages it carries,
//! and [`server`] takes them.

mod assembly;
pub mod client;
#[cfg(test)]
mod describe;
pub mod engine;
pub mod server;

use std::borrow::Cow;

use bytes::Bytes;

use crate::Args;
use crate::packet;
use crate::packet::socket::Body;

/// One frame that came.
#[derive(Clone, Copy)]
pub enum Frame<'a> {
    /// A packet of text: of Engine.IO, or of Socket.IO where Engine.IO has been dealt with.
    Text(&'a str),
    /// An attachment.
    Binary(&'a Bytes),
}

/// One frame to be sent.
#[derive(Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// An Engine.IO packet of text.
    Text(String),
    /// An attachment.
    Binary(Bytes),
}

/// The frames of a Socket.IO packet: its text, then its attachments.
pub(crate) fn frames(
    namespace: &str,
    body: Body<'_>,
    attachments: &[Bytes],
) -> impl Iterator<Item = Outgoing> {
    let packet = packet::socket::Packet::new(namespace, body)
        .with_attachments(attachments.len())
        .encode();
    let text = packet::engine::Packet::Message(&packet).encode();
    std::iter::once(Outgoing::Text(text)).chain(attachments.iter().cloned().map(Outgoing::Binary))
}

/// The body of an event with these arguments.
pub(crate) fn event<'a>(name: &'a str, args: &'a Args, ack: Option<u64>) -> Body<'a> {
    let args = args.json.iter().map(|arg| Cow::Borrowed(&**arg)).collect();
    let name = name.into();
    Body::Event { name, args, ack }
}

/// The body of an ack with these arguments.
pub(crate) fn ack(id: u64, args: &Args) -> Body<'_> {
    let args = args.json.iter().map(|arg| Cow::Borrowed(&**arg)).collect();
    Body::Ack { id, args }
}

/// The peer broke the protocol; there is no going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A frame that is no Engine.IO packet.
    #[error(transparent)]
    Engine(#[from] packet::engine::DecodeError),
    /// A message that is no Socket.IO packet.
    #[error(transparent)]
    Socket(#[from] packet::socket::DecodeError),
    /// A packet that has no place here: wrong direction, wrong order, or for a namespace that is not connected.
    #[error("a packet out of place")]
    OutOfPlace,
    /// An attachment that was not announced, does not come when it is due, or is too large.
    #[error("an attachment out of place or too large")]
    Attachment,
    /// More namespaces on one connection than are served.
    #[error("too many namespaces on one connection")]
    TooManyNamespaces,
    /// A frame or message above the limit, text that is not UTF-8, or a broken WebSocket frame.
    #[error("an oversized or broken frame")]
    Frame,
}
