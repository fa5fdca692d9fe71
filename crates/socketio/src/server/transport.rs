use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::polling::{Polled, Polling};
use crate::transport::websocket::WebSocket;
use crate::transport::{Closed, Data, Step};

/// A WebSocket that began as a request.
pub(super) type ServerWebSocket = Box<WebSocket<TokioIo<Upgraded>>>;

/// What carries a connection: it may begin on requests and go over to a WebSocket, once.
pub(super) enum Transport {
    WebSocket(ServerWebSocket),
    Polling(Box<Polling>),
}

/// How a client is told that it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goodbye {
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

    /// Whether more should be queued. Requests take many frames at once, so some may gather for the next.
    pub(super) fn has_room(&self) -> bool {
        match self {
            Self::WebSocket(socket) => socket.is_drained(),
            Self::Polling(polling) => polling.has_room(),
        }
    }

    /// Queues a frame; [`Self::step`] sends it.
    pub(super) fn queue(&mut self, frame: impl Into<Data>) -> Result<(), Closed> {
        match self {
            Self::WebSocket(socket) => socket.queue(frame),
            Self::Polling(polling) => {
                polling.queue(frame.into());
                Ok(())
            }
        }
    }

    /// Sends what is queued and, if `reading`, waits for the next frame. Nothing is lost if it is dropped.
    pub(super) async fn step(&mut self, reading: bool) -> Step {
        let (mut socket, waiting) = match self {
            Self::WebSocket(socket) => return socket.step(reading).await,
            Self::Polling(polling) => match polling.step(reading).await {
                Polled::Step(step) => return step,
                Polled::Upgraded(socket, waiting) => (socket, waiting),
            },
        };
        let queued = waiting.into_iter().try_for_each(|frame| socket.queue(frame));
        *self = Self::WebSocket(socket);
        match queued {
            Ok(()) => Step::Drained,
            Err(closed) => Step::Closed(closed),
        }
    }

    /// Says goodbye after what is queued, but not for long.
    pub(super) async fn close(self, goodbye: Goodbye) {
        match self {
            Self::WebSocket(socket) => {
                let code = match goodbye {
                    Goodbye::Away => CloseCode::Away,
                    Goodbye::Returned | Goodbye::Refused => CloseCode::Normal,
                };
                socket.close(code).await;
            }
            Self::Polling(polling) => polling.close(goodbye).await,
        }
    }
}
