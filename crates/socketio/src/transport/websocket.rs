use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error as WebSocketError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::cork::Corked;
use super::{Closed, Data, Step};
use crate::session::Violation;

/// What a client reads into at once.
const CLIENT_READ_BUFFER: usize = 4 * 1024;

/// What a server reads into at once. It is allocated per connection, so it is what an idle one costs; clients say little.
const SERVER_READ_BUFFER: usize = 1024;

/// Bytes of frames that are written together.
#[cfg(feature = "server")]
const BATCH: usize = 16 * 1024;

/// Bytes that may be queued at once. One more cannot be sent: the connection is over.
pub(crate) const MAX_WRITE_BUFFER: usize = 4 * 1024 * 1024;

/// The most that comes before a frame's payload.
const HEADER: usize = 14;

/// How long the peer may take to answer a close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

impl From<WebSocketError> for Closed {
    fn from(error: WebSocketError) -> Self {
        match error {
            WebSocketError::Protocol(
                ProtocolError::ResetWithoutClosingHandshake
                | ProtocolError::SendAfterClosing
                | ProtocolError::ReceivedAfterClosing,
            ) => Self::Ended,
            WebSocketError::Capacity(
                CapacityError::MessageTooLong { .. } | CapacityError::TooManyHeaders,
            )
            | WebSocketError::Protocol(_)
            | WebSocketError::Utf8(_) => Self::Violation(Violation::Frame),
            WebSocketError::WriteBufferFull(_) => Self::Full,
            _ => Self::Ended,
        }
    }
}

/// A WebSocket whose handshake is done. It reads and writes at once in one task.
pub(crate) struct WebSocket<S> {
    stream: WebSocketStream<Corked<S>>,
    /// Frames queued since all was with the operating system, in bytes; 0 if it is.
    queued: usize,
    /// Nothing can be written any more. What has come can still be read.
    broken: Option<Closed>,
    /// The answer to a ping is among them. Nothing more is read until it is out: whoever pings and takes no answers would
    /// fill the buffers.
    ponging: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Takes over `stream` after the HTTP upgrade. Messages above `max_message` bytes end it.
    pub(crate) async fn new(stream: S, role: Role, max_message: usize) -> Self {
        let read_buffer = match role {
            Role::Client => CLIENT_READ_BUFFER,
            Role::Server => SERVER_READ_BUFFER,
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(read_buffer)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_WRITE_BUFFER)
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        let stream = WebSocketStream::from_raw_socket(Corked::new(stream), role, Some(config)).await;
        Self {
            stream,
            queued: 0,
            broken: None,
            ponging: false,
        }
    }

    /// Whether all that was queued is with the operating system.
    #[cfg(feature = "server")]
    pub(crate) fn is_drained(&self) -> bool {
        self.queued == 0
    }

    /// Whether more should be queued before it is written out.
    #[cfg(feature = "server")]
    pub(crate) fn has_room(&self) -> bool {
        self.queued < BATCH
    }

    /// Queues a frame; [`Self::step`] writes it out.
    pub(crate) fn queue(&mut self, frame: impl Into<Data>) -> Result<(), Closed> {
        let message = match frame.into() {
            Data::Text(text) => Message::Text(text),
            Data::Binary(bytes) => Message::Binary(bytes),
        };
        self.queued += HEADER + message.len();
        if self.queued > MAX_WRITE_BUFFER {
            return Err(Closed::Full);
        }
        self.stream.start_send_unpin(message).map_err(Closed::from)
    }

    /// Writes out what is queued and, if `reading`, waits for the next frame. Nothing is lost if it is dropped, or if it is
    /// called again after it said `Closed` without `reading`.
    pub(crate) async fn step(&mut self, reading: bool) -> Step {
        poll_fn(|context| self.poll_step(reading, context)).await
    }

    /// As [`Self::step`].
    pub(crate) fn poll_step(&mut self, reading: bool, context: &mut Context<'_>) -> Poll<Step> {
        let waits = self.queued > 0;
        if self.broken.is_none()
            && let Poll::Ready(Err(closed)) = self.poll_flush(context)
        {
            self.broken = Some(closed);
        }
        if reading && let Poll::Ready(frame) = self.poll_frame(context) {
            return Poll::Ready(frame.map_or_else(Step::Closed, Step::Frame));
        }
        match self.broken {
            Some(closed) => Poll::Ready(Step::Closed(closed)),
            None if waits && self.queued == 0 => Poll::Ready(Step::Drained),
            None => Poll::Pending,
        }
    }

    /// Writes out what is queued.
    pub(crate) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        if self.queued > 0 {
            ready!(self.stream.poll_flush_unpin(context))?;
            self.queued = 0;
            self.ponging = false;
        }
        Poll::Ready(Ok(()))
    }

    /// The next frame. Answers to pings go out meanwhile, with what is queued.
    pub(crate) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Result<Data, Closed>> {
        loop {
            if self.ponging
                && self.broken.is_none()
                && let Err(closed) = ready!(self.poll_flush(context))
            {
                self.broken = Some(closed);
            }
            let Poll::Ready(came) = self.stream.poll_next_unpin(context) else {
                return self
                    .broken
                    .map_or(Poll::Pending, |closed| Poll::Ready(Err(closed)));
            };
            let frame = match came {
                Some(Ok(Message::Text(text))) => Ok(Data::Text(text)),
                Some(Ok(Message::Binary(bytes))) => Ok(Data::Binary(bytes)),
                // The WebSocket layer answers its own pings.
                Some(Ok(Message::Ping(payload))) => {
                    self.queued += HEADER + payload.len();
                    self.ponging = true;
                    continue;
                }
                Some(Ok(Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Err(error)) => Err(error.into()),
                Some(Ok(Message::Close(_))) | None => {
                    // The answer to a close has only gathered. Nobody waits until it is gone.
                    let _ = self.stream.poll_flush_unpin(context);
                    let _ = Pin::new(self.stream.get_mut()).poll_flush(context);
                    Err(Closed::Ended)
                }
            };
            return Poll::Ready(frame);
        }
    }

    /// As [`Self::close`], but what is queued may take `patience` first.
    #[cfg(feature = "server")]
    pub(crate) async fn close_after(mut self, patience: Duration, code: CloseCode) {
        let flushed = tokio::time::timeout(patience, poll_fn(|context| self.poll_flush(context))).await;
        if let Ok(Ok(())) = flushed {
            self.close(code).await;
        }
    }

    /// Says goodbye with `code`, after what is queued, and waits for the answer, but not for long.
    pub(crate) async fn close(mut self, code: CloseCode) {
        let goodbye = CloseFrame {
            code,
            reason: Utf8Bytes::default(),
        };
        let farewell = async {
            if self.stream.close(Some(goodbye)).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        // A peer that does not answer is cut off; nobody waits for the outcome.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, farewell).await;
    }
}

#[cfg(test)]
mod tests;
