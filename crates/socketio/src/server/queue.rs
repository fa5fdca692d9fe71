use std::pin::pin;
use std::sync::Arc;

use tokio::sync::{Notify, Semaphore, mpsc};

use super::Frame;

/// What waits to be written to a connection, in order.
pub(super) enum Item {
    /// A frame of the socket with this number; skipped if the socket has gone.
    Frame { socket: u32, frame: Frame },
    /// Put the socket with this number out of its namespace.
    Leave { socket: u32 },
    /// Close the connection.
    Finish,
}

/// The sending end of a connection's queue.
pub(super) struct Queue {
    items: mpsc::Sender<Entry>,
    /// Room for items that can wait: half of the queue, so that a replay at full speed leaves room for what cannot.
    patient: Semaphore,
    /// An item was taken, or none will be any more.
    taken: Notify,
    cut: Notify,
}

/// The receiving end; with it, the queue is over.
pub(super) struct Items {
    entries: mpsc::Receiver<Entry>,
    queue: Arc<Queue>,
}

struct Entry {
    item: Item,
    patient: bool,
}

/// The connection's task has ended, or was just told to.
pub(super) struct Over;

impl Queue {
    /// A queue for `capacity` items, or 1.
    pub(super) fn new(capacity: usize) -> (Arc<Self>, Items) {
        let (items, entries) = mpsc::channel(capacity.max(1));
        let patient = Semaphore::new(capacity.div_ceil(2).max(1));
        let queue = Arc::new(Self {
            items,
            patient,
            taken: Notify::new(),
            cut: Notify::new(),
        });
        (Arc::clone(&queue), Items { entries, queue })
    }

    /// Waits for room.
    pub(super) async fn push(&self, item: Item) -> Result<(), Over> {
        let permit = self.patient.acquire().await.map_err(|_| Over)?;
        self.items
            .send(Entry { item, patient: true })
            .await
            .map_err(|_| Over)?;
        // Given back when the item is taken.
        permit.forget();
        Ok(())
    }

    /// Does not wait: without room, the connection is cut.
    pub(super) fn try_push(&self, item: Item) -> Result<(), Over> {
        self.items
            .try_send(Entry { item, patient: false })
            .map_err(|error| {
                if let mpsc::error::TrySendError::Full(_) = error {
                    self.cut();
                }
                Over
            })
    }

    /// Resolves when there is room for `count` items, or as many as there can ever be, or the queue is over.
    pub(super) async fn has_room(&self, count: usize) {
        let count = count.min(self.items.max_capacity());
        loop {
            let mut taken = pin!(self.taken.notified());
            // Before the look, so that what is taken in between is noticed.
            taken.as_mut().enable();
            if self.items.is_closed() || self.items.capacity() >= count {
                return;
            }
            taken.await;
        }
    }

    /// Closes the connection after what is queued.
    pub(super) fn finish(&self) {
        // Without room the connection is cut, which also ends it.
        let _ = self.try_push(Item::Finish);
    }

    /// Ends the connection without regard to what is queued.
    pub(super) fn cut(&self) {
        self.cut.notify_one();
    }

    /// Resolves when the connection is cut.
    pub(super) async fn was_cut(&self) {
        self.cut.notified().await;
    }
}

impl Items {
    /// The next item. Nothing is lost if it is dropped.
    pub(super) async fn take(&mut self) -> Option<Item> {
        let Entry { item, patient } = self.entries.recv().await?;
        if patient {
            self.queue.patient.add_permits(1);
        }
        self.queue.taken.notify_waiters();
        Some(item)
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        self.entries.close();
        self.queue.patient.close();
        self.queue.taken.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn leave() -> Item {
        Item::Leave { socket: 0 }
    }

    #[test]
    fn what_can_wait_leaves_room_for_what_cannot() {
        let (queue, mut items) = Queue::new(4);
        for _ in 0..2 {
            assert!(queue.push(leave()).now_or_never().is_some());
        }
        assert!(queue.push(leave()).now_or_never().is_none());
        for _ in 0..2 {
            assert!(queue.try_push(leave()).is_ok());
        }
        assert!(queue.was_cut().now_or_never().is_none());
        assert!(items.take().now_or_never().is_some());
        assert!(queue.push(leave()).now_or_never().is_some());
        assert!(queue.try_push(leave()).is_err());
        assert!(queue.was_cut().now_or_never().is_some());
    }

    #[test]
    fn room_is_waited_for_without_taking_it() {
        let (queue, mut items) = Queue::new(4);
        for _ in 0..3 {
            assert!(queue.try_push(leave()).is_ok());
        }
        assert!(queue.has_room(1).now_or_never().is_some());
        {
            let mut waiting = pin!(queue.has_room(2));
            assert!(waiting.as_mut().now_or_never().is_none());
            assert!(queue.try_push(leave()).is_ok(), "the last place is still there");
            for _ in 0..2 {
                assert!(items.take().now_or_never().is_some());
            }
            assert!(waiting.now_or_never().is_some());
        }
        let mut all = pin!(queue.has_room(100));
        assert!(all.as_mut().now_or_never().is_none());
        drop(items);
        assert!(all.now_or_never().is_some());
    }

    #[test]
    fn waiting_ends_with_the_queue() {
        let (queue, items) = Queue::new(1);
        assert!(queue.push(leave()).now_or_never().is_some());
        let mut waiting = std::pin::pin!(queue.push(leave()));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(items);
        assert!(waiting.now_or_never().is_some_and(|pushed| pushed.is_err()));
        assert!(queue.try_push(leave()).is_err());
    }
}
