use std::task::{Context, Poll};
use std::time::Duration;

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::End;
use super::polling::{Polled, Polling};
use crate::transport::Data;
use crate::transport::websocket::WebSocket;

/// Bytes that may be on their way to a client at once. A WebSocket takes no more.
pub(super) const MAX_UNSENT: usize = crate::transport::websocket::MAX_WRITE_BUFFER;

/// A WebSocket that began as a request.
pub(super) type ServerWebSocket = Box<WebSocket<TokioIo<Upgraded>>>;

/// What carries a connection: it may begin on requests and go over to a WebSocket, once.
pub(super) enum Transport {
    WebSocket(ServerWebSocket),
    Polling(Box<Polling>),
}

/// How a client is told that it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goodbye {
    /// The server closes.
    Away,
    /// The client closed, and this is the answer.
    Returned,
    /// The client is not served any longer.
    Refused,
}

impl Transport {
    /// Whether all that was queued is on its way.
    pub(super) fn is_drained(&self) -> bool {
        match self {
            Self::WebSocket(socket) => socket.is_drained(),
            Self::Polling(polling) => polling.is_drained(),
        }
    }

    /// Whether more should be queued: what gathers is sent together.
    pub(super) fn has_room(&self) -> bool {
        match self {
            Self::WebSocket(socket) => socket.has_room(),
            Self::Polling(polling) => polling.has_room(),
        }
    }

    /// It is no connection of nobody any more.
    pub(super) fn admit(&mut self) {
        if let Self::Polling(polling) = self {
            polling.admit();
        }
    }

    /// Queues a packet; [`Self::poll_flush`] sends it.
    pub(super) fn queue(&mut self, packet: Data) -> Result<(), End> {
        match self {
            Self::WebSocket(socket) => Ok(socket.queue(packet)?),
            Self::Polling(polling) => polling.queue(packet),
        }
    }

    /// Sends what is queued; ready when it is drained, or an answer of several got on its way.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), End>> {
        match self {
            Self::WebSocket(socket) => socket.poll_flush(context).map_err(End::from),
            Self::Polling(polling) => polling.poll_flush(context),
        }
    }

    /// If `reading`, waits for the next frame. Ready with nothing when something else happened that may let
    /// [`Self::poll_flush`] go on.
    pub(super) fn poll_frame(
        &mut self,
        reading: bool,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Data>, End>> {
        let polled = match self {
            Self::WebSocket(socket) if reading => {
                return socket.poll_frame(context).map_ok(Some).map_err(End::from);
            }
            Self::WebSocket(_) => return Poll::Pending,
            Self::Polling(polling) => polling.poll_frame(reading, context),
        };
        polled.map(|polled| match polled? {
            Some(Polled::Frame(frame)) => Ok(Some(frame)),
            Some(Polled::Upgraded(socket, waiting)) => {
                *self = Self::WebSocket(socket);
                waiting.into_iter().try_for_each(|packet| self.queue(packet))?;
                Ok(None)
            }
            None => Ok(None),
        })
    }

    /// Says goodbye after what is queued, but not for long; what a server that closes has to say may take `patience`.
    pub(super) async fn close(self, goodbye: Goodbye, patience: Duration) {
        match (self, goodbye) {
            (Self::WebSocket(socket), Goodbye::Away) => socket.close_after(patience, CloseCode::Away).await,
            (Self::WebSocket(socket), Goodbye::Returned | Goodbye::Refused) => {
                socket.close(CloseCode::Normal).await;
            }
            (Self::Polling(polling), _) => polling.close(goodbye, patience).await,
        }
    }
}
