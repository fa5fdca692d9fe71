use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::polling::{Polled, Polling};
use super::websocket::ClientWebSocket;
use super::{DisconnectReason, Transport};
use crate::packet::engine::Packet;
use crate::transport::websocket::MAX_WRITE_BUFFER;
use crate::transport::{Closed, Data, Step};

/// What carries a connection: it may begin on requests and go over to a WebSocket, once.
pub(super) enum Carrier {
    WebSocket(ClientWebSocket),
    Polling(Box<Polling>),
}

/// What happened.
pub(super) enum Happened {
    /// A frame came.
    Frame(Data),
    /// The WebSocket that was tried out has taken over.
    Upgraded,
    /// The WebSocket that was tried out is of no use; all goes on as before.
    ProbeFailed(DisconnectReason),
    /// It is over.
    Closed(DisconnectReason),
}

impl Carrier {
    /// Bytes of all frames that may be on their way at once, as they are sent. More ends the connection.
    pub(super) const CAPACITY: usize = MAX_WRITE_BUFFER;

    pub(super) fn transport(&self) -> Transport {
        match self {
            Self::WebSocket(_) => Transport::WebSocket,
            Self::Polling(_) => Transport::Polling,
        }
    }

    /// Queues a frame; [`Self::step`] sends it.
    pub(super) fn queue(&mut self, frame: impl Into<Data>) -> Result<(), Closed> {
        match self {
            Self::WebSocket(socket) => socket.queue(frame),
            Self::Polling(polling) => polling.queue(frame.into()),
        }
    }

    /// Sends what is queued and, if `reading`, waits for the next frame. Nothing is lost if it is dropped.
    pub(super) async fn step(&mut self, reading: bool) -> Happened {
        let (mut socket, waiting) = match self {
            Self::WebSocket(socket) => loop {
                return match socket.step(reading).await {
                    Step::Frame(frame) => Happened::Frame(frame),
                    Step::Drained => continue,
                    // What has come before the end is read first.
                    Step::Closed(_) if !reading => std::future::pending().await,
                    Step::Closed(closed) => Happened::Closed(closed.into()),
                };
            },
            Self::Polling(polling) => match polling.step(reading).await {
                Polled::Happened(happened) => return happened,
                Polled::Upgraded(socket, waiting) => (socket, waiting),
            },
        };
        let mut queued = socket.queue(Packet::Upgrade.encode());
        for frame in waiting {
            queued = queued.and_then(|()| socket.queue(frame));
        }
        *self = Self::WebSocket(socket);
        match queued {
            Ok(()) => Happened::Upgraded,
            Err(closed) => Happened::Closed(closed.into()),
        }
    }

    /// Says goodbye after what is queued, but not for long.
    pub(super) async fn close(self) {
        match self {
            Self::WebSocket(socket) => socket.close(CloseCode::Normal).await,
            Self::Polling(polling) => polling.close().await,
        }
    }

    /// Ends a connection that the server may think alive. Nobody waits.
    pub(super) fn abandon(self) {
        // A WebSocket shows its end by itself.
        if let Self::Polling(polling) = self {
            tokio::spawn(polling.abandon());
        }
    }
}
