use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::{Frame, Socket};

/// Sockets that hear the same. Clones are the same room.
///
/// No call but [`Room::has_room`] waits, so a room may be used under a lock. A socket that goes leaves all its rooms by itself.
#[derive(Clone, Default)]
pub struct Room(Arc<Members>);

type Members = Mutex<HashSet<Socket>>;

/// A room that does not stay for it.
pub(super) struct WeakRoom(Weak<Members>);

impl Room {
    /// An empty room.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets a socket in. One that is in, or has gone, makes no difference.
    pub fn join(&self, socket: &Socket) {
        if self.members().insert(socket.clone()) {
            socket.note_room(self);
        }
        // It may have gone before the room was noted.
        if socket.is_gone() {
            self.remove(socket);
        }
    }

    /// Lets a socket out.
    pub fn leave(&self, socket: &Socket) {
        self.remove(socket);
        socket.forget_room(self);
    }

    /// Queues a frame for every socket in the room, all of which get frames in the same order. One without room in its
    /// queue is cut, as by [`Socket::try_emit`].
    pub fn broadcast(&self, frame: &Frame) {
        for socket in self.members().iter() {
            // One that has gone is on its way out of the room.
            let _ = socket.try_emit(frame);
        }
    }

    /// Waits until every socket now in the room could be sent `count` frames, but no longer than `at_most`: by then, a
    /// socket that could not is too slow. Many frames at once are best sent in parts of a quarter of the queue, each
    /// after such a wait. Keeps no place in any queue.
    pub async fn has_room(&self, count: usize, at_most: Duration) {
        let sockets: Vec<Socket> = self.members().iter().cloned().collect();
        let all = async {
            for socket in sockets {
                socket.has_room(count).await;
            }
        };
        // Too late or not, the caller goes on.
        let _ = tokio::time::timeout(at_most, all).await;
    }

    /// How many sockets are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members().len()
    }

    /// Whether nobody is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members().is_empty()
    }

    pub(super) fn downgrade(&self) -> WeakRoom {
        WeakRoom(Arc::downgrade(&self.0))
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn remove(&self, socket: &Socket) {
        self.members().remove(socket);
    }

    fn members(&self) -> MutexGuard<'_, HashSet<Socket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WeakRoom {
    pub(super) fn upgrade(&self) -> Option<Room> {
        self.0.upgrade().map(Room)
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("sockets", &self.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::server::queue::{Item, Items, Next, Queue};

    fn socket(id: &str, capacity: usize) -> (Socket, Items) {
        let (queue, items) = Queue::new(capacity);
        (Socket::new(id.to_owned(), "/".to_owned(), 0, queue), items)
    }

    fn frame() -> Frame {
        Frame::event("/", "a", &1).unwrap()
    }

    fn next(items: &mut Items) -> Option<Item> {
        match items.next(true).now_or_never() {
            Some(Next::Item(item)) => Some(item),
            Some(Next::Cut) | None => None,
        }
    }

    #[test]
    fn a_frame_reaches_the_room_once_and_nobody_else() {
        let (room, other_room) = (Room::new(), Room::new());
        let ((inside, mut heard), (outside, mut unheard)) = (socket("in", 4), socket("out", 4));
        room.join(&inside);
        room.join(&inside);
        other_room.join(&outside);
        room.broadcast(&frame());
        assert!(matches!(next(&mut heard), Some(Item::Frame { .. })));
        assert!(next(&mut heard).is_none() && next(&mut unheard).is_none());
    }

    #[test]
    fn a_socket_that_goes_leaves_all_rooms_and_enters_none() {
        let (rooms, (socket, _items)) = ([Room::new(), Room::new(), Room::new()], socket("a", 4));
        rooms[0].join(&socket);
        rooms[1].join(&socket);
        rooms[1].leave(&socket);
        socket.go();
        rooms[2].join(&socket);
        assert!(rooms.iter().all(Room::is_empty));
        assert_eq!(socket.try_emit(&frame()), Err(super::super::Gone));
    }

    #[test]
    fn a_slow_socket_does_not_keep_the_others_waiting() {
        let (room, (slow, _unread), (quick, mut heard)) =
            (Room::new(), socket("slow", 1), socket("quick", 4));
        room.join(&slow);
        room.join(&quick);
        for _ in 0..3 {
            room.broadcast(&frame());
        }
        assert_eq!(std::iter::from_fn(|| next(&mut heard)).count(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_room_is_not_waited_for_longer_than_agreed() {
        let (room, (slow, _unread)) = (Room::new(), socket("slow", 4));
        room.join(&slow);
        let begun = tokio::time::Instant::now();
        room.has_room(4, Duration::from_secs(1)).await;
        assert!(begun.elapsed().is_zero());
        room.broadcast(&frame());
        room.has_room(4, Duration::from_secs(1)).await;
        assert!(begun.elapsed() >= Duration::from_secs(1));
    }
}
