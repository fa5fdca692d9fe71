use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use deskbell_clock::{Clock, Instant};
use tokio::time::Sleep;

use super::transport::{Goodbye, Transport};
use super::{Message, Peer, Shared};
use crate::session::Violation;
use crate::session::engine::{CloseReason, Output, ServerEngine};
use crate::transport::Closed;

/// One connection, whatever carries it.
///
/// It lives while [`Self::step`] is called again and again; dropped, it is cut.
pub struct Connection(Box<Inner>);

/// Apart, so that the futures it is moved through stay small: there is a set of them for every connection.
struct Inner {
    session: ServerEngine,
    transport: Transport,
    peer: Peer,
    clock: Arc<dyn Clock>,
    alarm: Alarm,
    /// How long what was queued may take to be on its way.
    patience: Duration,
    /// Since when what was queued is not on its way.
    stuck_since: Option<Instant>,
}

/// Why a connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client closed it.
    PeerClosed,
    /// The client did not answer a ping in time.
    PingTimeout,
    /// The client broke the protocol.
    Violation(Violation),
    /// The client or the network ended what carried it, or an answer to a request got lost.
    Lost,
    /// What the client was sent did not get on its way in time.
    Stalled,
    /// The client was sent more than can be on its way at once.
    Overflow,
    /// It was given up for newer ones: nobody had admitted it.
    GivenUp,
}

impl End {
    /// What is said to the client when a connection ends like this; nothing if it would not hear it.
    #[must_use]
    pub fn goodbye(self) -> Option<Goodbye> {
        match self {
            Self::PeerClosed => Some(Goodbye::Returned),
            Self::Violation(_) | Self::GivenUp => Some(Goodbye::Refused),
            Self::PingTimeout | Self::Lost | Self::Stalled | Self::Overflow => None,
        }
    }
}

impl From<Closed> for End {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Ended => Self::Lost,
            Closed::Full => Self::Overflow,
            Closed::Violation(violation) => Self::Violation(violation),
        }
    }
}

impl From<CloseReason> for End {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::PingTimeout => Self::PingTimeout,
            CloseReason::PeerClosed => Self::PeerClosed,
            CloseReason::Violation(violation) => Self::Violation(violation),
        }
    }
}

impl Connection {
    pub(super) fn new<C>(shared: &Shared<C>, sid: String, peer: Peer, transport: Transport) -> Self {
        let upgrades = match transport {
            Transport::WebSocket(_) => Vec::new(),
            Transport::Polling(_) => vec!["websocket".to_owned()],
        };
        let clock = Arc::clone(&shared.clock);
        Self(Box::new(Inner {
            session: ServerEngine::new(sid, upgrades, shared.terms(), clock.instant()),
            transport,
            peer,
            clock,
            alarm: Alarm::new(shared.config.ping_interval),
            patience: shared.config.ping_timeout,
            stuck_since: None,
        }))
    }

    /// Who is at the other end.
    #[must_use]
    pub fn peer(&self) -> Peer {
        self.0.peer
    }

    /// Says that somebody known is at the other end: the connection is not given up for newer ones any more.
    pub fn admit(&mut self) {
        self.0.transport.admit();
    }

    /// Whether more should be sent now. If not, [`Self::step`] returns when it should.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.0.transport.has_room()
    }

    /// Queues a message; [`Self::step`] sends it. What is on its way at once may be 4 MiB.
    ///
    /// # Errors
    /// The connection is over.
    pub fn send(&mut self, message: Message) -> Result<(), End> {
        self.0.transport.queue(message.into_data())
    }

    /// Sends what is queued, keeps the connection alive, and if `reading`, waits for the next message. Returns without one
    /// when something else happened, after which there may be more room, and at `until`, if nothing has come by then.
    ///
    /// While nothing is read, a client's answers cannot be missed, so it is not asked whether it is there; that it takes
    /// what it is sent always is. Nothing is lost if the future is dropped.
    ///
    /// # Errors
    /// The connection is over.
    pub async fn step(&mut self, reading: bool, until: Option<Instant>) -> Result<Option<Message>, End> {
        poll_fn(|context| self.0.poll_step(reading, until, context)).await
    }

    /// Tells the client that it is over, after what is queued, and waits for its answer, but not for long. Only when the
    /// server goes [away](Goodbye::Away), what is queued has as long as it has at any time.
    pub async fn close(self, goodbye: Goodbye) {
        self.0.transport.close(goodbye, self.0.patience).await;
    }
}

impl Inner {
    fn poll_step(
        &mut self,
        reading: bool,
        until: Option<Instant>,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Message>, End>> {
        // Whether something got on its way, so that there may be more room.
        let mut moved = false;
        loop {
            while let Some(output) = self.session.poll_output() {
                match output {
                    Output::Send(text) => self.transport.queue(text.into())?,
                    Output::Closed(reason) => return Poll::Ready(Err(reason.into())),
                }
            }
            let now = self.clock.instant();
            let due = self.session.poll_timeout().filter(|_| reading);
            let late = due.is_some_and(|due| now >= due);
            // Whoever asks too late gets nothing any more.
            let waits = !self.transport.is_drained();
            moved |= !late && self.transport.poll_flush(context)?.is_ready() && waits;
            // What came is taken before its lateness is judged, also from a client that is sent something all the time.
            let came = self.transport.poll_frame(reading, context)?;
            // The answer to a ping takes along what is queued.
            moved |= waits && self.transport.is_drained();
            if moved {
                self.stuck_since = None;
            }
            match came {
                Poll::Ready(Some(frame)) => {
                    let carries = self.session.handle_frame(frame.as_frame(), now).is_some();
                    return Poll::Ready(Ok(carries.then(|| Message::from_data(frame))));
                }
                Poll::Ready(None) => continue,
                Poll::Pending => {}
            }
            if moved {
                return Poll::Ready(Ok(None));
            }
            if late {
                self.session.handle_timeout(now);
                continue;
            }
            let stuck_until = self.stuck_until(now);
            if stuck_until.is_some_and(|until| now >= until) {
                return Poll::Ready(Err(End::Stalled));
            }
            if until.is_some_and(|until| now >= until) {
                return Poll::Ready(Ok(None));
            }
            let next = [due, stuck_until, until].into_iter().flatten().min();
            if self.alarm.poll_at(next, now, context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// When its patience with a client that takes nothing ends.
    fn stuck_until(&mut self, now: Instant) -> Option<Instant> {
        if self.transport.is_drained() {
            self.stuck_since = None;
            return None;
        }
        Some(*self.stuck_since.get_or_insert(now) + self.patience)
    }
}

/// One timer for all that may be due. It is set anew only when something is due before it goes off, which is hardly ever:
/// deadlines move on with every answer.
struct Alarm {
    sleep: Pin<Box<Sleep>>,
    /// When it goes off, if it is set.
    set_for: Option<Instant>,
}

impl Alarm {
    /// An alarm that is not set. It may go off after `unset_for`, which makes no difference.
    fn new(unset_for: Duration) -> Self {
        Self {
            sleep: Box::pin(tokio::time::sleep(unset_for)),
            set_for: None,
        }
    }

    /// Ready when it has gone off, which may be too early; wakes the task otherwise when it does.
    fn poll_at(&mut self, due: Option<Instant>, now: Instant, context: &mut Context<'_>) -> Poll<()> {
        let Some(due) = due else {
            return Poll::Pending;
        };
        if self.set_for.is_none_or(|set_for| due < set_for) {
            let left = due.saturating_since(now);
            self.sleep.as_mut().reset(tokio::time::Instant::now() + left);
            self.set_for = Some(due);
        }
        let gone_off = self.sleep.as_mut().poll(context);
        if gone_off.is_ready() {
            self.set_for = None;
        }
        gone_off
    }
}

#[cfg(test)]
mod tests;
