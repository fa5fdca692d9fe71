//! How Engine.IO packets travel. Both ends' drivers use the same.

mod cork;
pub(crate) mod payload;
pub(crate) mod websocket;

use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

use crate::session::{Frame, Outgoing, Violation};

/// What happened on the transport.
pub(crate) enum Step {
    /// A frame came.
    Frame(Data),
    /// All that was queued is with the operating system.
    Drained,
    /// The transport is over.
    Closed(Closed),
}

/// One frame, whichever way it goes. Clones share the bytes.
#[derive(Clone)]
pub(crate) enum Data {
    Text(Utf8Bytes),
    Binary(Bytes),
}

impl From<Outgoing> for Data {
    fn from(frame: Outgoing) -> Self {
        match frame {
            Outgoing::Text(text) => Self::Text(text.into()),
            Outgoing::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

impl From<String> for Data {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Utf8Bytes> for Data {
    fn from(text: Utf8Bytes) -> Self {
        Self::Text(text)
    }
}

impl Data {
    /// How many bytes it takes on a WebSocket.
    #[cfg(feature = "server")]
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// The frame as a session takes it.
    pub(crate) fn as_frame(&self) -> Frame<'_> {
        match self {
            Self::Text(text) => Frame::Text(text.as_str()),
            Self::Binary(bytes) => Frame::Binary(bytes),
        }
    }
}

/// Why a transport is over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Closed {
    /// The peer or the network ended it.
    Ended,
    /// More was queued than can be on its way at once.
    Full,
    /// The peer sent what may not be sent.
    Violation(Violation),
}
