use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::Frame;
use super::queue::{Item, Question, Queue};
use super::room::{Room, WeakRoom};
use crate::Args;

/// The socket is no longer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the socket has gone")]
pub struct Gone;

/// An event was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AckError {
    /// The socket went before the ack came. The event may have been handled.
    #[error("the socket has gone")]
    Gone,
    /// The ack did not come in time. The event may be handled yet.
    #[error("the ack did not come in time")]
    TimedOut,
    /// Its connection waits for 256 acks already. The event was not sent.
    #[error("too many acks are waited for")]
    Congested,
}

/// A client in a namespace. Clones are the same socket; keeping one does not keep the connection.
#[derive(Clone)]
pub struct Socket(Arc<Inner>);

struct Inner {
    id: String,
    namespace: String,
    /// Unique in its connection.
    number: u32,
    queue: Arc<Queue>,
    gone: AtomicBool,
    rooms: Mutex<Vec<WeakRoom>>,
}

impl Socket {
    pub(super) fn new(id: String, namespace: String, number: u32, queue: Arc<Queue>) -> Self {
        let (gone, rooms) = (AtomicBool::new(false), Mutex::default());
        Self(Arc::new(Inner {
            id,
            namespace,
            number,
            queue,
            gone,
            rooms,
        }))
    }

    /// Its name, which the client knows too; random and never used again.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The namespace it is in.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.0.namespace
    }

    /// Whether it has gone: nothing can reach it any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.0.gone.load(Ordering::Acquire)
    }

    /// Queues a frame, and waits for room if there is none.
    ///
    /// # Errors
    /// [`Gone`]
    pub async fn emit(&self, frame: &Frame) -> Result<(), Gone> {
        self.check()?;
        self.0.queue.push(self.item(frame)).await.map_err(|_| Gone)
    }

    /// Queues a frame without waiting. If there is no room, the client is too slow: its connection is cut.
    ///
    /// # Errors
    /// [`Gone`]
    pub fn try_emit(&self, frame: &Frame) -> Result<(), Gone> {
        self.check()?;
        self.0.queue.try_push(self.item(frame)).map_err(|_| Gone)
    }

    /// Queues an event, waiting for room if there is none, and waits for its ack, which may take `timeout` from when the
    /// event is sent.
    ///
    /// # Errors
    /// [`AckError`]
    pub async fn emit_with_ack(&self, name: &str, args: &Args, timeout: Duration) -> Result<Args, AckError> {
        self.check().map_err(|Gone| AckError::Gone)?;
        let (answer, answered) = oneshot::channel();
        let question = Item::Question(Box::new(Question {
            socket: self.0.number,
            name: name.to_owned(),
            args: args.clone(),
            timeout,
            answer,
        }));
        self.0.queue.push(question).await.map_err(|_| AckError::Gone)?;
        answered.await.unwrap_or(Err(AckError::Gone))
    }

    /// Puts it out of its namespace, after what is queued for it.
    pub fn disconnect(&self) {
        // Without room the connection is cut, which also puts it out.
        let _ = self.0.queue.try_push(Item::Leave {
            socket: self.0.number,
        });
    }

    /// Waits until `count` frames could be queued, or it is over.
    pub(super) async fn has_room(&self, count: usize) {
        self.0.queue.has_room(count).await;
    }

    pub(super) fn number(&self) -> u32 {
        self.0.number
    }

    /// Notes that it is in `room`, to take it out when it goes.
    pub(super) fn note_room(&self, room: &Room) {
        let mut rooms = self.rooms();
        rooms.retain(|room| room.upgrade().is_some());
        // Most sockets are in one.
        rooms.reserve_exact(1);
        rooms.push(room.downgrade());
    }

    /// Forgets that it is in `room`.
    pub(super) fn forget_room(&self, room: &Room) {
        self.rooms()
            .retain(|noted| noted.upgrade().is_some_and(|noted| !noted.is(room)));
    }

    /// Takes it out of all rooms, for good.
    pub(super) fn go(&self) {
        // First, so that a room it is just joining sees it.
        self.0.gone.store(true, Ordering::Release);
        let rooms = std::mem::take(&mut *self.rooms());
        for room in rooms.iter().filter_map(WeakRoom::upgrade) {
            room.remove(self);
        }
    }

    fn rooms(&self) -> std::sync::MutexGuard<'_, Vec<WeakRoom>> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self) -> Result<(), Gone> {
        if self.is_gone() { Err(Gone) } else { Ok(()) }
    }

    fn item(&self, frame: &Frame) -> Item {
        Item::Frame {
            socket: self.0.number,
            frame: frame.clone(),
        }
    }
}

impl PartialEq for Socket {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Socket {}

impl Hash for Socket {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("namespace", &self.0.namespace)
            .field("gone", &self.is_gone())
            .finish()
    }
}
