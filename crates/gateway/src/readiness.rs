use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deskbell_clock::{Clock, Instant};
use deskbell_store::StoreError;

use crate::logging::chain;

/// For how long the store's word holds: a flood of questions must not stand in the way of a reservation.
const HOLDS: Duration = Duration::from_secs(1);

/// For how long a failed write is held against the store. Then whoever sends reservations may try again: nothing but a
/// write tells whether a full disk has room.
const GRUDGE: Duration = Duration::from_secs(10);

/// Whether reservations can be taken in, as far as is known.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    /// When the last write failed; `None` once one has succeeded.
    failed: Mutex<Option<Instant>>,
    /// When the store was last asked, and what it said. Held while it is asked: the others wait for the same answer.
    said: tokio::sync::Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    /// Notes how a write ended. That the store refused it by its rules says that it can be used.
    pub(crate) fn wrote(&self, failure: Option<&StoreError>, now: Instant) {
        let failed = matches!(failure, Some(StoreError::Unavailable(_)));
        *self.failed() = failed.then_some(now);
    }

    /// Whether reservations can be taken in. `ready` asks the store, and is waited for only where that has to be done.
    pub(crate) async fn ask(
        &self,
        clock: &dyn Clock,
        ready: impl Future<Output = Result<(), StoreError>>,
    ) -> bool {
        let lately = |at: Instant, within| clock.instant().saturating_since(at) < within;
        if self.failed().is_some_and(|at| lately(at, GRUDGE)) {
            return false;
        }
        let mut said = self.said.lock().await;
        if let Some((at, ready)) = *said
            && lately(at, HOLDS)
        {
            return ready;
        }
        let asked = ready.await;
        if let Err(error) = &asked {
            tracing::error!(error = chain(error), "the store is not ready");
        }
        // As of now: it may have taken its time, and those who wait for it need not ask again.
        *said = Some((clock.instant(), asked.is_ok()));
        asked.is_ok()
    }

    fn failed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use deskbell_clock::FakeClock;
    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn a_flood_of_questions_asks_the_store_once_a_second() {
        let (readiness, asked) = (Readiness::default(), Cell::new(0));
        let clock = FakeClock::at("2026-11-22T01:00:00Z".parse().unwrap());
        let ask = async || {
            let store = async {
                asked.set(asked.get() + 1);
                tokio::task::yield_now().await;
                // It is busy, so that the questions pile up.
                clock.advance(Duration::from_secs(3));
                Ok(())
            };
            readiness.ask(&clock, store).await
        };
        let answers = join_all((0..1_000).map(|_| ask())).await;
        assert!(answers.into_iter().all(|ready| ready));
        assert_eq!(asked.get(), 1);
        clock.advance(Duration::from_secs(1));
        assert!(ask().await);
        assert_eq!(asked.get(), 2);
    }

    #[tokio::test]
    async fn a_refusal_by_the_rules_is_no_failure() {
        let readiness = Readiness::default();
        let clock = FakeClock::at("2026-11-22T01:00:00Z".parse().unwrap());
        readiness.wrote(Some(&StoreError::Unavailable("full".into())), clock.instant());
        assert!(!readiness.ask(&clock, async { Ok(()) }).await);
        readiness.wrote(Some(&StoreError::Conflict), clock.instant());
        assert!(readiness.ask(&clock, async { Ok(()) }).await);
    }
}
