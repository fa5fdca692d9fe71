//! Group commit: what comes while one group is being written is the next group, and shares its trip to the disk.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;

/// How many items are written at once.
const GROUP: usize = 256;

/// How many may wait; who comes then waits to be let in.
const QUEUE: usize = 1024;

/// How long one try may take. A server that went away without a word would be waited for until the network gives up.
const LONGEST: Duration = Duration::from_secs(30);

/// Writes groups of one kind of item, each group in one transaction.
#[async_trait]
pub(crate) trait WriteGroup: Send + Sync + 'static {
    type Item: Send + Sync + 'static;
    type Done: Send + 'static;

    /// Writes all of them or none. One result an item, in their order: an item that is refused does not hold up the others.
    /// `again` when a try before this one failed: it may have written them all the same, and only its answer was lost.
    ///
    /// # Errors
    /// When none was written, or nobody knows.
    async fn write(
        &self,
        group: &[Self::Item],
        again: bool,
    ) -> Result<Vec<Result<Self::Done, StoreError>>, StoreError>;
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

#[derive(Debug, thiserror::Error)]
#[error("the database did not answer")]
struct Silent;

#[derive(Debug, thiserror::Error)]
#[error("the database was waited for in vain")]
struct NotTried;

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

/// All at once; where that fails, each alone, so that an item that cannot be written spoils no other, nor a lost connection
/// any. But where the database was waited for in vain, nobody waits for it once more.
async fn write<W: WriteGroup>(writer: &Arc<W>, items: Vec<W::Item>) -> Vec<Result<W::Done, StoreError>> {
    let items: Arc<[_]> = items.into();
    let mut results = Vec::with_capacity(items.len());
    let mut in_vain = false;
    match write_part(writer, &items, 0..items.len(), false).await {
        Ok(results) => return results,
        Err(error) if waited_in_vain(&error) => {
            in_vain = true;
            results.push(Err(error));
        }
        Err(_) => {}
    }
    for at in results.len()..items.len() {
        results.push(if in_vain {
            Err(StoreError::Unavailable(Box::new(NotTried)))
        } else {
            let alone = write_part(writer, &items, at..at + 1, true).await;
            alone
                .inspect_err(|error| in_vain = waited_in_vain(error))
                .and_then(|mut results| results.pop().unwrap_or_else(|| Err(panicked())))
        });
    }
    results
}

/// Whether all the patience there is was spent on the database, not on an item.
pub(crate) fn waited_in_vain(error: &StoreError) -> bool {
    let StoreError::Unavailable(source) = error else {
        return false;
    };
    match source.downcast_ref::<sqlx::Error>() {
        Some(sqlx::Error::PoolTimedOut) => true,
        // PostgreSQL's `lock_not_available`, and SQLite's `SQLITE_BUSY`.
        Some(sqlx::Error::Database(error)) => matches!(error.code().as_deref(), Some("55P03" | "5")),
        _ => source.is::<Silent>(),
    }
}

/// In a task of its own: one that panics fails its group, not every group after it.
async fn write_part<W: WriteGroup>(
    writer: &Arc<W>,
    items: &Arc<[W::Item]>,
    part: std::ops::Range<usize>,
    again: bool,
) -> Result<Vec<Result<W::Done, StoreError>>, StoreError> {
    let (writer, items) = (Arc::clone(writer), Arc::clone(items));
    let mut writing = tokio::spawn(async move { writer.write(&items[part], again).await });
    match tokio::time::timeout(LONGEST, &mut writing).await {
        Ok(written) => written.unwrap_or_else(|_| Err(panicked())),
        Err(_) => {
            writing.abort();
            Err(StoreError::Unavailable(Box::new(Silent)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::FutureExt as _;

    use super::*;

    /// Doubles even numbers, refuses odd ones; a group with a 13 fails, one with a 404 waits in vain, one with a 500 waits for
    /// ever, one with a 666 panics. A million goes well only when it is tried again.
    #[derive(Default)]
    struct Doubler {
        groups: Mutex<Vec<usize>>,
    }

    #[async_trait]
    impl WriteGroup for Doubler {
        type Item = u64;
        type Done = u64;

        async fn write(
            &self,
            group: &[u64],
            again: bool,
        ) -> Result<Vec<Result<u64, StoreError>>, StoreError> {
            self.groups.lock().unwrap().push(group.len());
            tokio::task::yield_now().await;
            assert!(!group.contains(&666));
            if group.contains(&13) || !again && group.contains(&1_000_000) {
                return Err(panicked());
            }
            if group.contains(&404) {
                return Err(StoreError::Unavailable(Box::new(sqlx::Error::PoolTimedOut)));
            }
            if group.contains(&500) {
                std::future::pending::<()>().await;
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
    async fn what_nobody_waits_for_any_more_is_written_all_the_same() {
        let writer = Arc::new(Doubler::default());
        let (entrance, queue) = mpsc::channel(QUEUE);
        let crowd = Crowd::<Doubler> { entrance };
        assert!(crowd.write(2).now_or_never().is_none(), "it waits");
        drop(crowd);
        work(Arc::clone(&writer), queue).await;
        assert_eq!(*writer.groups.lock().unwrap(), [1]);
    }

    #[tokio::test]
    async fn what_may_have_been_written_is_tried_again_and_the_writer_knows() {
        let crowd = Crowd::new(Doubler::default());
        assert_eq!(all(&crowd, &[1_000_000]).await, [Some(2_000_000)]);
        assert_eq!(all(&crowd, &[2, 1_000_000]).await, [Some(4), Some(2_000_000)]);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_database_that_the_one_before_waited_for_in_vain() {
        for (items, written, groups) in [
            (vec![404, 2, 4], vec![None, None, None], vec![3]),
            (vec![500, 2, 4], vec![None, None, None], vec![3]),
            (
                vec![13, 2, 404, 4],
                vec![None, Some(4), None, None],
                vec![4, 1, 1, 1],
            ),
        ] {
            let writer = Arc::new(Doubler::default());
            let results = write(&writer, items).await.into_iter();
            assert_eq!(results.map(Result::ok).collect::<Vec<_>>(), written);
            assert_eq!(*writer.groups.lock().unwrap(), groups);
        }
        let crowd = Crowd::new(Doubler::default());
        assert_eq!(all(&crowd, &[500]).await, [None]);
        assert_eq!(all(&crowd, &[6]).await, [Some(12)], "it goes on");
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
