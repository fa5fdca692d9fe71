//! What each end of a connection must do, without I/O.
//!
//! A driver feeds a session with frames and instants, then takes outputs until there are none, and asks when to come back:
//! `handle_frame(frame, now)`, `handle_timeout(now)`, `poll_output()`, `poll_timeout()`. A session that said `Closed` takes
//! nothing any more.

pub mod client;
pub mod server;

use crate::packet::{engine, socket};

/// One frame of the transport.
#[derive(Clone, Copy)]
pub enum Frame<'a> {
    /// An Engine.IO packet of text.
    Text(&'a str),
    /// An attachment.
    Binary(&'a [u8]),
}

/// The peer broke the protocol; there is no going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A frame that is no Engine.IO packet.
    #[error(transparent)]
    Engine(#[from] engine::DecodeError),
    /// A message that is no Socket.IO packet.
    #[error(transparent)]
    Socket(#[from] socket::DecodeError),
    /// A packet that has no place here: wrong direction, wrong order, or for a namespace that is not connected.
    #[error("a packet out of place")]
    OutOfPlace,
    /// An attachment, or a packet that announces one.
    #[error("binary data, which is not supported")]
    Binary,
    /// More namespaces on one connection than are served.
    #[error("too many namespaces on one connection")]
    TooManyNamespaces,
    /// A frame or message above the limit, text that is not UTF-8, or a broken WebSocket frame.
    #[error("an oversized or broken frame")]
    Frame,
}
