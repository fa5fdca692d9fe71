//! HTTP long-polling: one connection carried by many requests.
//!
//! [`Polls`] is the requests' end and [`Polling`] the connection's. A GET parks at the connection until there is something
//! to take; a POST is answered when the session has taken all it brought, so that a busy server slows its client down.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::answer::{Answer, Taken};
use super::transport::{Goodbye, MAX_UNSENT, ServerWebSocket};
use super::{End, registry};
use crate::packet::engine::Packet;
use crate::session::Violation;
use crate::transport::Data;
use crate::transport::payload::{Payload, encoded_len, join};

/// Requests on their way to the connection. More wait outside; an honest client has two.
const MAX_CALLS: usize = 4;

/// Packets that may wait for the next GET before no more are taken from whoever sends.
const MAX_WAITING: usize = 64;

/// Bytes that may wait for the next GET, likewise.
const MAX_WAITING_BYTES: usize = 64 * 1024;

/// Packets of one answer: python-socketio's client takes no more.
const MAX_ANSWER: usize = 16;

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
#[derive(Debug)]
pub(super) struct Refused;

/// What a request asks of its connection.
enum Call {
    Get(oneshot::Sender<Answer>),
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
    pub(super) async fn get(&self) -> Result<Answer, Refused> {
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
    /// Set while it may be given up for newer connections.
    newcomer: Option<registry::Newcomer>,
    parked: Option<oneshot::Sender<Answer>>,
    /// An answer that is not on its way yet.
    answered: Option<Taken>,
    post: Option<Post>,
    upgrade: Option<oneshot::Receiver<ServerWebSocket>>,
    waiting: Vec<Data>,
    waiting_bytes: usize,
}

/// What happened.
pub(super) enum Polled {
    Frame(Data),
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
            newcomer: None,
            parked: None,
            answered: None,
            post: None,
            upgrade: None,
            waiting: Vec::new(),
            waiting_bytes: 0,
        };
        (polls, polling)
    }

    /// Ends it when it is given up for newer connections.
    pub(super) fn give_up_with(&mut self, newcomer: registry::Newcomer) {
        self.newcomer = Some(newcomer);
    }

    /// It is not given up for newer connections any more.
    pub(super) fn admit(&mut self) {
        self.newcomer = None;
    }

    pub(super) fn is_drained(&self) -> bool {
        self.waiting.is_empty() && self.answered.is_none()
    }

    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < MAX_WAITING && self.waiting_bytes < MAX_WAITING_BYTES
    }

    pub(super) fn queue(&mut self, packet: Data) -> Result<(), End> {
        self.waiting_bytes += encoded_len(&packet);
        self.waiting.push(packet);
        // Whatever a WebSocket would take on top of what there is room for.
        if self.waiting_bytes > MAX_UNSENT + MAX_WAITING_BYTES {
            return Err(End::Overflow);
        }
        Ok(())
    }

    /// Gives what waits to the parked GET; ready when something got on its way, or nothing waits.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), End>> {
        loop {
            if let Some(answered) = &mut self.answered {
                let taken = ready!(Pin::new(answered).poll(context));
                self.answered = None;
                // The client does not know what it was to have, so it may not go on.
                taken.map_err(|_| End::Lost)?;
                if !self.waiting.is_empty() {
                    // A client that comes and comes is not one that takes nothing, though it is never done.
                    return Poll::Ready(Ok(()));
                }
            }
            if self.upgrade.is_some() && self.parked.is_some() && self.waiting.is_empty() {
                self.queue(text(&Packet::Noop))?;
            }
            if self.waiting.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if self.parked.is_none() {
                return Poll::Pending;
            }
            self.answer()?;
        }
    }

    /// Takes requests, and if `reading`, waits for the next packet. Ready with nothing when a request changed something.
    pub(super) fn poll_frame(
        &mut self,
        reading: bool,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Polled>, End>> {
        if let Some(newcomer) = &mut self.newcomer
            && newcomer.poll_given_up(context).is_ready()
        {
            return Poll::Ready(Err(End::GivenUp));
        }
        loop {
            if let Some(post) = self.post.as_mut().filter(|_| reading) {
                match post.packets.next() {
                    Some(Ok(packet)) => return Poll::Ready(Ok(Some(Polled::Frame(packet)))),
                    Some(Err(violation)) => return Poll::Ready(Err(End::Violation(violation))),
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
                    return Poll::Ready(Ok(Some(self.give_way(socket))));
                }
            }
            match self.calls.poll_recv(context) {
                Poll::Ready(Some(Call::Get(reply))) => {
                    if self.parked.is_some() {
                        return Poll::Ready(Err(End::Violation(Violation::OutOfPlace)));
                    }
                    self.parked = Some(reply);
                    return Poll::Ready(Ok(None));
                }
                Poll::Ready(Some(Call::Post(post))) => self.post = Some(post),
                Poll::Ready(Some(Call::Probed(upgrade))) => {
                    self.upgrade = Some(upgrade);
                    return Poll::Ready(Ok(None));
                }
                Poll::Ready(Some(Call::Breach(violation))) => {
                    return Poll::Ready(Err(End::Violation(violation)));
                }
                Poll::Ready(None) => return Poll::Ready(Err(End::Lost)),
                Poll::Pending => break,
            }
        }
        // A client that gives its GET up may not have heard what it was to hear.
        match &mut self.parked {
            Some(parked) => parked.poll_closed(context).map(|()| Err(End::Lost)),
            None => Poll::Pending,
        }
    }

    /// Gives what waits to the parked GET, as far as one answer holds it.
    fn answer(&mut self) -> Result<(), End> {
        let rest = self.waiting.split_off(self.waiting.len().min(MAX_ANSWER));
        let packets = std::mem::replace(&mut self.waiting, rest);
        self.waiting_bytes = self.waiting.iter().map(encoded_len).sum();
        let (answer, taken) = Answer::new(join(packets));
        self.answered = Some(taken);
        let parked = self.parked.take().ok_or(End::Lost)?;
        parked.send(answer).map_err(|_| End::Lost)
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
            let (noop, _) = Answer::new(Bytes::from(Packet::Noop.encode()));
            let _ = parked.send(noop);
        }
        Polled::Upgraded(socket, std::mem::take(&mut self.waiting))
    }

    /// Tells the client that it is over, after what waits for it, but not for long; what a server that closes has to say may
    /// take `patience`.
    pub(super) async fn close(mut self, goodbye: Goodbye, patience: Duration) {
        let last = match goodbye {
            Goodbye::Returned => {
                self.finish_post();
                self.waiting.clear();
                Packet::Noop
            }
            Goodbye::Away => {
                self.finish_post();
                // Nobody has to come.
                let _ = tokio::time::timeout(patience, self.deliver()).await;
                Packet::Close
            }
            Goodbye::Refused => Packet::Close,
        };
        // Whoever broke the protocol is told if it listens now, and may not go on.
        if goodbye != Goodbye::Refused {
            let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.next_get()).await;
        }
        self.waiting.push(text(&last));
        // First, so that no request after the answer meets an open door.
        self.calls.close();
        // Nobody has to listen.
        let _ = self.answer();
    }

    /// Delivers what waits. The close may not come in the same answer: the Node client drops what it has not handed on yet.
    async fn deliver(&mut self) {
        while !self.waiting.is_empty() {
            self.next_get().await;
            if self.answer().is_err() {
                return;
            }
        }
    }

    /// Waits until a GET is parked. What a POST brings comes too late; it is answered nevertheless, because a client that
    /// is refused takes it for a fault and does not listen any more.
    async fn next_get(&mut self) {
        while self.parked.is_none() {
            match self.calls.recv().await {
                Some(Call::Get(reply)) => self.parked = Some(reply),
                Some(Call::Post(post)) => {
                    self.post = Some(post);
                    self.finish_post();
                }
                Some(Call::Probed(_) | Call::Breach(_)) => {}
                None => return,
            }
        }
    }
}

/// A packet without a message.
fn text(packet: &Packet<'_>) -> Data {
    packet.encode().into()
}
