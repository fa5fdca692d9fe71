//! Group commit: what comes while one group is being written is the next group, and shares its trip to the disk.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;

/// How many items are written at once.
const GROUP: usize = 256;

/// How many may wait; who comes then waits to be let in.
const QUEUE: usize = 1024;

/// Writes groups of one kind of item, each group in one transaction.
#[async_trait]
pub(crate) trait WriteGroup: Send + Sync + 'static {
    type Item: Send + Sync + 'static;
    type Done: Send + 'static;

    /// Writes all of them or none. One result an item, in their order: an item that is refused does not hold up the others.
    ///
    /// # Errors
    /// When none was written.
    async fn write(&self, group: &[Self::Item]) -> Result<Vec<Result<Self::Done, StoreError>>, StoreError>;
}

/// An item and who waits for it.
type Waiting<W> = (
    <W as WriteGroup>::Item,
    oneshot::Sender<Result<<W as WriteGroup>::Done, StoreError>>,
);

/// The way into the groups of one [`WriteGroup`]. A task writes for as long as this lives.
#[derive(Debug)]
pub(crate) struct Crowd<W: WriteGroup> {
    entrance: mpsc::Sender<Waiting<W>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the writer panicked")]
struct Panicked;

impl<W: WriteGroup> Crowd<W> {
    pub(crate) fn new(writer: W) -> Self {
        let (entrance, queue) = mpsc::channel(QUEUE);
        tokio::spawn(work(Arc::new(writer), queue));
        Self { entrance }
    }

    /// Writes the item with whatever waits beside it. Once it waits it is written, also when nobody waits for the answer.
    pub(crate) async fn write(&self, item: W::Item) -> Result<W::Done, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.entrance.send((item, answer)).await.map_err(|_| panicked())?;
        answered.await.map_err(|_| panicked())?
    }
}

fn panicked() -> StoreError {
    StoreError::Unavailable(Box::new(Panicked))
}

async fn work<W: WriteGroup>(writer: Arc<W>, mut queue: mpsc::Receiver<Waiting<W>>) {
    let mut waiting = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut waiting, GROUP).await > 0 {
        let (items, answers): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
        let results = write(&writer, items).await;
        for (answer, result) in answers.into_iter().zip(results) {
            // Who does not wait any more will ask again.
            let _ = answer.send(result);
        }
    }
}

/// All at once; where that fails, each alone, so that an item that cannot be written spoils no other.
async fn write<W: WriteGroup>(writer: &Arc<W>, items: Vec<W::Item>) -> Vec<Result<W::Done, StoreError>> {
    let items: Arc<[_]> = items.into();
    match write_part(writer, &items, 0..items.len()).await {
        Ok(results) => results,
        Err(error) if items.len() == 1 => vec![Err(error)],
        Err(_) => {
            let mut results = Vec::with_capacity(items.len());
            for at in 0..items.len() {
                let alone = write_part(writer, &items, at..at + 1).await;
                results.push(alone.and_then(|mut results| results.pop().unwrap_or_else(|| Err(panicked()))));
            }
            results
        }
    }
}

/// In a task of its own: one that panics fails its group, not every group after it.
async fn write_part<W: WriteGroup>(
    writer: &Arc<W>,
    items: &Arc<[W::Item]>,
    part: std::ops::Range<usize>,
) -> Result<Vec<Result<W::Done, StoreError>>, StoreError> {
    let (writer, items) = (Arc::clone(writer), Arc::clone(items));
    let written = tokio::spawn(async move { writer.write(&items[part]).await }).await;
    written.unwrap_or_else(|_| Err(panicked()))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Doubles even numbers, refuses odd ones; a group with a 13 fails, one with a 666 panics.
    #[derive(Default)]
    struct Doubler {
        groups: Mutex<Vec<usize>>,
    }

    #[async_trait]
    impl WriteGroup for Doubler {
        type Item = u64;
        type Done = u64;

        async fn write(&self, group: &[u64]) -> Result<Vec<Result<u64, StoreError>>, StoreError> {
            self.groups.lock().unwrap().push(group.len());
            tokio::task::yield_now().await;
            assert!(!group.contains(&666));
            if group.contains(&13) {
                return Err(panicked());
            }
            let double = |n: &u64| {
                if n.is_multiple_of(2) {
                    Ok(n * 2)
                } else {
                    Err(StoreError::Conflict)
                }
            };
            Ok(group.iter().map(double).collect())
        }
    }

    async fn all(crowd: &Crowd<Doubler>, items: &[u64]) -> Vec<Option<u64>> {
        let written = items.iter().map(|item| crowd.write(*item));
        let written = futures_util::future::join_all(written).await;
        written.into_iter().map(Result::ok).collect()
    }

    #[tokio::test]
    async fn what_waits_together_is_written_together_and_each_gets_its_own_answer() {
        let crowd = Crowd::new(Doubler::default());
        let items: Vec<_> = (1_000..2_000).collect();
        let expected: Vec<_> = items
            .iter()
            .map(|n: &u64| n.is_multiple_of(2).then_some(n * 2))
            .collect();
        assert_eq!(all(&crowd, &items).await, expected);
    }

    #[tokio::test]
    async fn an_item_that_cannot_be_written_spoils_no_other() {
        let crowd = Crowd::new(Doubler::default());
        assert_eq!(all(&crowd, &[2, 13, 4]).await, [Some(4), None, Some(8)]);
        assert_eq!(all(&crowd, &[2, 666, 4]).await, [Some(4), None, Some(8)]);
        assert_eq!(all(&crowd, &[6]).await, [Some(12)]);
    }

    #[tokio::test]
    async fn a_crowd_is_fewer_groups_than_items() {
        let writer = Arc::new(Doubler::default());
        let (entrance, queue) = mpsc::channel(QUEUE);
        let mut answers = Vec::new();
        for n in 1_000..1_600 {
            let (answer, answered) = oneshot::channel();
            entrance.send((n, answer)).await.unwrap();
            answers.push(answered);
        }
        drop(entrance);
        work(Arc::clone(&writer), queue).await;
        assert_eq!(*writer.groups.lock().unwrap(), [256, 256, 88]);
    }
}
