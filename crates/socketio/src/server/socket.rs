use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Frame;
use super::queue::{Item, Queue};
use super::room::{Room, WeakRoom};

/// The socket is no longer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the socket has gone")]
pub struct Gone;

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

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("namespace", &self.0.namespace)
            .field("gone", &self.is_gone())
            .finish()
    }
}
