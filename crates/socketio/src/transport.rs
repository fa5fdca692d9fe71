//! How Engine.IO packets travel. Both ends' drivers use the same.

#[cfg(feature = "server")]
pub(crate) mod payload;
pub(crate) mod websocket;

use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

use crate::session::{Frame, Violation};

/// What happened on the transport.
pub(crate) enum Step {
    /// A frame came.
    Frame(Incoming),
    /// All that was queued is with the operating system.
    Drained,
    /// The transport is over.
    Closed(Closed),
}

/// A frame that came.
pub(crate) enum Incoming {
    Text(Utf8Bytes),
    Binary(Bytes),
}

impl Incoming {
    /// The frame as a session takes it.
    pub(crate) fn as_frame(&self) -> Frame<'_> {
        match self {
            Self::Text(text) => Frame::Text(text.as_str()),
            Self::Binary(bytes) => Frame::Binary(bytes),
        }
    }
}

/// Why a transport is over.
#[derive(Clone, Copy)]
pub(crate) enum Closed {
    /// The peer or the network ended it.
    Ended,
    /// The peer sent what may not be sent.
    Violation(Violation),
}
