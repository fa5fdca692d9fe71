//! HTTP long-polling: one connection carried by many requests.
//!
//! [`Polls`] is the requests' end and [`Polling`] the connection's. A GET parks at the connection until there is something
//! to take; a POST is answered when the session has taken all it brought, so that a busy server slows its client down.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::transport::{Goodbye, ServerWebSocket};
use crate::packet::engine::Packet;
use crate::session::Violation;
use crate::transport::payload::{Payload, encoded_len, join};
use crate::transport::{Closed, Data, Step};

/// Requests on their way to the connection. More wait outside; an honest client has two.
const MAX_CALLS: usize = 4;

/// Packets that may wait for the next GET before no more are taken from the connection's queue.
const MAX_WAITING: usize = 64;

/// Bytes that may wait for the next GET, likewise.
const MAX_WAITING_BYTES: usize = 64 * 1024;

/// How long a connection that closes waits for a GET to tell it to.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The requests' end of a polled connection.
pub(super) struct Polls {
    calls: mpsc::Sender<Call>,
    /// One POST at a time.
    posting: Arc<Semaphore>,
    /// One upgrade at a time, and none after one that was completed.
    pub(super) upgrading: Semaphore,
}

/// The connection takes no request any more, or not this one.
pub(super) struct Refused;

/// What a request asks of its connection.
enum Call {
    Get(oneshot::Sender<Bytes>),
    Post(Post),
    /// A WebSocket answered the probe. It comes when the client says so, or never.
    Probed(oneshot::Receiver<ServerWebSocket>),
    Breach(Violation),
}

/// A POST whose packets are not all taken.
struct Post {
    packets: Payload,
    done: oneshot::Sender<()>,
    _turn: OwnedSemaphorePermit,
}

/// The right to bring the one body that may be on its way.
pub(super) struct Turn(OwnedSemaphorePermit);

impl Polls {
    /// Takes what waits, or waits for something.
    pub(super) async fn get(&self) -> Result<Bytes, Refused> {
        let (reply, answer) = oneshot::channel();
        self.call(Call::Get(reply)).await?;
        answer.await.map_err(|_| Refused)
    }

    /// To be had before a body is read. A second one ends the connection.
    pub(super) async fn turn(&self) -> Result<Turn, Refused> {
        match Arc::clone(&self.posting).try_acquire_owned() {
            Ok(permit) => Ok(Turn(permit)),
            Err(_) => Err(self.breach(Violation::OutOfPlace).await),
        }
    }

    /// Brings packets, and waits until all are taken.
    pub(super) async fn post(&self, Turn(turn): Turn, body: Bytes) -> Result<(), Refused> {
        let (done, taken) = oneshot::channel();
        let packets = Payload::new(body);
        self.call(Call::Post(Post {
            packets,
            done,
            _turn: turn,
        }))
        .await?;
        taken.await.map_err(|_| Refused)
    }

    /// Ends the connection.
    pub(super) async fn breach(&self, violation: Violation) -> Refused {
        // One that has ended needs no end.
        let _ = self.call(Call::Breach(violation)).await;
        Refused
    }

    /// Says that a WebSocket answered the probe: from now on no GET is kept waiting. What is returned takes the WebSocket
    /// over; dropped, it is as if there had been none.
    pub(super) async fn probed(&self) -> Result<oneshot::Sender<ServerWebSocket>, Refused> {
        let (upgrade, upgraded) = oneshot::channel();
        self.call(Call::Probed(upgraded)).await?;
        Ok(upgrade)
    }

    /// Resolves when the connection takes no request any more.
    pub(super) async fn over(&self) {
        self.calls.closed().await;
    }

    async fn call(&self, call: Call) -> Result<(), Refused> {
        self.calls.send(call).await.map_err(|_| Refused)
    }
}

/// The connection's end.
pub(super) struct Polling {
    calls: mpsc::Receiver<Call>,
    parked: Option<oneshot::Sender<Bytes>>,
    post: Option<Post>,
    upgrade: Option<oneshot::Receiver<ServerWebSocket>>,
    waiting: Vec<Data>,
    waiting_bytes: usize,
}

/// What happened.
pub(super) enum Polled {
    Step(Step),
    /// A WebSocket takes over, and these packets with it.
    Upgraded(ServerWebSocket, Vec<Data>),
}

impl Polling {
    pub(super) fn new() -> (Polls, Self) {
        let (sender, calls) = mpsc::channel(MAX_CALLS);
        let polls = Polls {
            calls: sender,
            posting: Arc::new(Semaphore::new(1)),
            upgrading: Semaphore::new(1),
        };
        let polling = Self {
            calls,
            parked: None,
            post: None,
            upgrade: None,
            waiting: Vec::new(),
            waiting_bytes: 0,
        };
        (polls, polling)
    }

    pub(super) fn is_drained(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < MAX_WAITING && self.waiting_bytes < MAX_WAITING_BYTES
    }

    pub(super) fn queue(&mut self, frame: Data) {
        self.waiting_bytes += encoded_len(&frame);
        self.waiting.push(frame);
    }

    /// Serves requests, and if `reading`, waits for the next packet. Nothing is lost if it is dropped.
    pub(super) async fn step(&mut self, reading: bool) -> Polled {
        poll_fn(|context| self.poll_step(reading, context)).await
    }

    fn poll_step(&mut self, reading: bool, context: &mut Context<'_>) -> Poll<Polled> {
        loop {
            if let Some(post) = self.post.as_mut().filter(|_| reading) {
                match post.packets.next() {
                    Some(Ok(packet)) => return Poll::Ready(Polled::Step(Step::Frame(packet))),
                    Some(Err(violation)) => return Poll::Ready(closed(Closed::Violation(violation))),
                    None => self.finish_post(),
                }
            }
            // Before further requests: after an upgrade, they come too late.
            if self.post.is_none()
                && let Some(upgrade) = &mut self.upgrade
                && let Poll::Ready(outcome) = Pin::new(upgrade).poll(context)
            {
                self.upgrade = None;
                if let Ok(socket) = outcome {
                    return Poll::Ready(self.give_way(socket));
                }
            }
            match self.calls.poll_recv(context) {
                Poll::Ready(Some(call)) => {
                    if let Err(violation) = self.take(call) {
                        return Poll::Ready(closed(Closed::Violation(violation)));
                    }
                }
                Poll::Ready(None) => return Poll::Ready(closed(Closed::Ended)),
                Poll::Pending => break,
            }
        }
        if let Some(parked) = &mut self.parked {
            if parked.poll_closed(context).is_ready() {
                return Poll::Ready(closed(Closed::Ended));
            }
            if self.upgrade.is_some() && self.waiting.is_empty() {
                self.queue(Packet::Noop.encode().into());
            }
            if !self.waiting.is_empty() {
                return Poll::Ready(match self.answer() {
                    Ok(()) => Polled::Step(Step::Drained),
                    Err(Lost) => closed(Closed::Ended),
                });
            }
        }
        Poll::Pending
    }

    fn take(&mut self, call: Call) -> Result<(), Violation> {
        match call {
            Call::Get(reply) if self.parked.is_none() => self.parked = Some(reply),
            Call::Get(_) => return Err(Violation::OutOfPlace),
            Call::Post(post) => self.post = Some(post),
            Call::Probed(upgrade) => self.upgrade = Some(upgrade),
            Call::Breach(violation) => return Err(violation),
        }
        Ok(())
    }

    /// Gives what waits to the parked GET.
    fn answer(&mut self) -> Result<(), Lost> {
        let body = join(std::mem::take(&mut self.waiting));
        self.waiting_bytes = 0;
        match self.parked.take() {
            Some(parked) => parked.send(body).map_err(|_| Lost),
            None => Err(Lost),
        }
    }

    fn finish_post(&mut self) {
        if let Some(post) = self.post.take() {
            // A client that does not wait for the answer has been heard all the same.
            let _ = post.done.send(());
        }
    }

    fn give_way(&mut self, socket: ServerWebSocket) -> Polled {
        self.calls.close();
        if let Some(parked) = self.parked.take() {
            // It carries nothing.
            let _ = parked.send(Bytes::from(Packet::Noop.encode()));
        }
        Polled::Upgraded(socket, std::mem::take(&mut self.waiting))
    }

    /// Tells the client that it is over, after what waits for it, but not for long.
    pub(super) async fn close(mut self, goodbye: Goodbye) {
        let last = match goodbye {
            Goodbye::Returned => {
                self.finish_post();
                self.waiting.clear();
                Packet::Noop
            }
            Goodbye::Away => {
                // Nobody has to come.
                let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.deliver()).await;
                Packet::Close
            }
            Goodbye::Refused => Packet::Close,
        };
        // Whoever broke the protocol is told if it listens now, and may not go on.
        if goodbye != Goodbye::Refused {
            let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.next_get()).await;
        }
        self.queue(last.encode().into());
        // First, so that no request after the answer meets an open door.
        self.calls.close();
        let _ = self.answer();
    }

    /// Delivers what waits. The close may not come in the same answer: the Node client drops what it has not handed on yet.
    async fn deliver(&mut self) {
        if !self.waiting.is_empty() {
            self.next_get().await;
            let _ = self.answer();
        }
    }

    /// Waits until a GET is parked.
    async fn next_get(&mut self) {
        while self.parked.is_none() {
            match self.calls.recv().await {
                Some(Call::Get(reply)) => self.parked = Some(reply),
                Some(_) => {}
                None => return,
            }
        }
    }
}

/// The GET has gone, and what it was given with it.
struct Lost;

fn closed(closed: Closed) -> Polled {
    Polled::Step(Step::Closed(closed))
}
