use tokio::sync::{Notify, mpsc};

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
    items: mpsc::Sender<Item>,
    cut: Notify,
}

/// The connection's task has ended, or was just told to.
pub(super) struct Over;

impl Queue {
    pub(super) fn new(capacity: usize) -> (Self, mpsc::Receiver<Item>) {
        let (items, receiver) = mpsc::channel(capacity.max(1));
        (
            Self {
                items,
                cut: Notify::new(),
            },
            receiver,
        )
    }

    /// Waits for room.
    pub(super) async fn push(&self, item: Item) -> Result<(), Over> {
        self.items.send(item).await.map_err(|_| Over)
    }

    /// Does not wait: without room, the connection is cut.
    pub(super) fn try_push(&self, item: Item) -> Result<(), Over> {
        self.items.try_send(item).map_err(|error| {
            if let mpsc::error::TrySendError::Full(_) = error {
                tracing::info!("connection cut: its queue is full");
                self.cut();
            }
            Over
        })
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
