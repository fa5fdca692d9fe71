//! HTTP long-polling: one GET waits for packets, one POST at a time brings some.

mod requests;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

pub(super) use requests::{Begun, handshake, open};
use requests::{Pending, Requests};

use super::carrier::{Carrier, Happened};
use super::endpoint::Endpoint;
use super::probe::probe;
use super::websocket::ClientWebSocket;
use super::{DisconnectReason, MAX_MESSAGE};
use crate::packet::engine::{Handshake, Packet};
use crate::session::Violation;
use crate::transport::payload::{Payload, encoded_len, join};
use crate::transport::{Closed, Data, Step};

/// Packets of one POST: python-socketio's server takes no more.
const MAX_BATCH: usize = 16;

/// Bytes of one POST, for a server that does not say.
const MAX_BODY: u64 = 1_000_000;

/// How long the last POST may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// A session carried by requests.
pub(super) struct Polling {
    endpoint: Endpoint,
    requests: Requests,
    max_body: usize,
    /// What is left of the last answer.
    inbox: Option<Payload>,
    get: Option<Pending<Payload>>,
    outbox: VecDeque<Data>,
    waiting: usize,
    post: Option<Pending<()>>,
    /// Why nothing more can be posted. What has come is read first.
    failed: Option<DisconnectReason>,
    upgrade: Option<Upgrade>,
}

/// A WebSocket that may take over.
enum Upgrade {
    Probing(Pending<ClientWebSocket>),
    /// It carries, and takes over once no request is on its way, so that no packet overtakes another.
    Probed(ClientWebSocket),
}

/// What happened.
pub(super) enum Polled {
    Happened(Happened),
    /// A WebSocket takes over, and these packets with it.
    Upgraded(ClientWebSocket, VecDeque<Data>),
}

impl Polling {
    /// The session of `endpoint`, which `handshake` began.
    pub(super) fn new(endpoint: Endpoint, handshake: &Handshake) -> Self {
        let patience = handshake.ping_interval.saturating_add(handshake.ping_timeout);
        let max_body = handshake.max_payload.unwrap_or(MAX_BODY);
        Self {
            requests: Requests::new(endpoint.clone(), patience),
            endpoint,
            max_body: usize::try_from(max_body).unwrap_or(usize::MAX),
            inbox: None,
            get: None,
            outbox: VecDeque::new(),
            waiting: 0,
            post: None,
            failed: None,
            upgrade: None,
        }
    }

    /// Takes what came along with the handshake.
    pub(super) fn receive(&mut self, packets: Payload) {
        self.inbox = Some(packets);
    }

    /// Queues a frame; [`Self::step`] sends it.
    pub(super) fn queue(&mut self, frame: Data) -> Result<(), Closed> {
        self.waiting += encoded_len(&frame);
        self.outbox.push_back(frame);
        if self.waiting > Carrier::CAPACITY {
            return Err(Closed::Ended);
        }
        Ok(())
    }

    /// Tries a WebSocket out. A further one is not tried meanwhile.
    pub(super) fn probe(&mut self, key: String) {
        if !self.is_probing() {
            let probe = probe(self.endpoint.clone(), key);
            self.upgrade = Some(Upgrade::Probing(Box::pin(probe)));
        }
    }

    pub(super) fn is_probing(&self) -> bool {
        self.upgrade.is_some()
    }

    /// Sends what is queued and, if `reading`, waits for the next frame. Nothing is lost if it is dropped.
    pub(super) async fn step(&mut self, reading: bool) -> Polled {
        poll_fn(|context| self.poll_step(reading, context)).await
    }

    fn poll_step(&mut self, reading: bool, context: &mut Context<'_>) -> Poll<Polled> {
        if let Poll::Ready(reason) = self.poll_upgrade(context) {
            // It may have ended because it could not take over: nothing is known then.
            let waited = !reading && self.is_probed();
            self.upgrade = None;
            if !waited {
                return happened(Happened::ProbeFailed(reason));
            }
        }
        if self.failed.is_none()
            && let Poll::Ready(Err(reason)) = self.poll_post(reading, context)
        {
            self.failed = Some(reason);
        }
        if !reading {
            return Poll::Pending;
        }
        if let Poll::Ready(taken) = self.poll_get(context) {
            return happened(taken.map_or_else(Happened::Closed, Happened::Frame));
        }
        if let Some(reason) = self.failed.clone() {
            return happened(Happened::Closed(reason));
        }
        let idle = self.get.is_none() && self.post.is_none();
        match self.upgrade.take_if(|upgrade| idle && upgrade.is_probed()) {
            Some(Upgrade::Probed(socket)) => {
                Poll::Ready(Polled::Upgraded(socket, std::mem::take(&mut self.outbox)))
            }
            _ => Poll::Pending,
        }
    }

    /// Ready if the WebSocket is of no use.
    fn poll_upgrade(&mut self, context: &mut Context<'_>) -> Poll<DisconnectReason> {
        loop {
            match &mut self.upgrade {
                None => return Poll::Pending,
                Some(Upgrade::Probing(probing)) => match std::task::ready!(probing.as_mut().poll(context)) {
                    Ok(socket) => self.upgrade = Some(Upgrade::Probed(socket)),
                    Err(reason) => return Poll::Ready(reason),
                },
                // Nothing may come before it has taken over, but it may end.
                Some(Upgrade::Probed(socket)) => match std::task::ready!(socket.poll_step(true, context)) {
                    Step::Drained => {}
                    Step::Frame(_) => return Poll::Ready(Violation::OutOfPlace.into()),
                    Step::Closed(closed) => return Poll::Ready(closed.into()),
                },
            }
        }
    }

    /// Pending while there is nothing to be sent, too. While nothing is read, no WebSocket can take over, so that nothing
    /// waits for one.
    fn poll_post(&mut self, reading: bool, context: &mut Context<'_>) -> Poll<Result<(), DisconnectReason>> {
        loop {
            let pausing = reading && self.is_probed();
            if self.post.is_none() && !self.outbox.is_empty() && !pausing {
                let body = join(self.batch());
                self.post = Some(self.requests.post(body));
            }
            let Some(post) = &mut self.post else {
                return Poll::Pending;
            };
            let posted = std::task::ready!(post.as_mut().poll(context));
            self.post = None;
            if posted.is_err() {
                return Poll::Ready(posted);
            }
        }
    }

    /// The packets that go together: as many as the server takes at once, but at least one.
    fn batch(&mut self) -> Vec<Data> {
        let (mut batch, mut size) = (Vec::new(), 0);
        while let Some(packet) = self.outbox.front() {
            size += encoded_len(packet);
            // No separator stands before the first.
            if !batch.is_empty() && (size > self.max_body + 1 || batch.len() == MAX_BATCH) {
                break;
            }
            self.waiting = self.waiting.saturating_sub(encoded_len(packet));
            batch.extend(self.outbox.pop_front());
        }
        batch
    }

    fn poll_get(&mut self, context: &mut Context<'_>) -> Poll<Result<Data, DisconnectReason>> {
        loop {
            match self.inbox.as_mut().and_then(Iterator::next) {
                Some(Ok(Data::Text(text))) if text.len() > MAX_MESSAGE => {
                    return Poll::Ready(Err(Violation::Frame.into()));
                }
                Some(packet) => return Poll::Ready(packet.map_err(DisconnectReason::from)),
                None => self.inbox = None,
            }
            if self.get.is_none() && !self.is_probed() && self.failed.is_none() {
                self.get = Some(self.requests.get());
            }
            let Some(get) = &mut self.get else {
                return Poll::Pending;
            };
            let answer = std::task::ready!(get.as_mut().poll(context));
            self.get = None;
            self.inbox = Some(answer?);
        }
    }

    /// Whether a WebSocket is to take over: no further request may begin.
    fn is_probed(&self) -> bool {
        self.upgrade.as_ref().is_some_and(Upgrade::is_probed)
    }

    /// Says goodbye without what is queued: another session may have begun when it arrives.
    pub(super) async fn abandon(mut self) {
        self.outbox.clear();
        self.close().await;
    }

    /// Says goodbye after what is queued, but not for long.
    pub(super) async fn close(mut self) {
        self.upgrade = None;
        self.failed = None;
        let farewell = async {
            self.deliver().await;
            // Apart from the rest: Node's server drops what it has not handed on when it reads this.
            self.outbox.push_back(Packet::Close.encode().into());
            self.deliver().await;
        };
        // Nobody waits for the outcome.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, farewell).await;
    }

    /// Brings what is queued to the server, if it takes it.
    async fn deliver(&mut self) {
        poll_fn(|context| {
            // A server takes a GET that breaks off for an end without goodbye.
            while let Poll::Ready(Ok(_)) = self.poll_get(context) {}
            match self.poll_post(true, context) {
                Poll::Pending if self.post.is_some() => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
    }
}

impl Upgrade {
    fn is_probed(&self) -> bool {
        matches!(self, Self::Probed(_))
    }
}

fn happened(happened: Happened) -> Poll<Polled> {
    Poll::Ready(Polled::Happened(happened))
}
