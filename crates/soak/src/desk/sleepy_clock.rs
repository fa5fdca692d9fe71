use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, Instant, SystemClock, Timestamp, Woken};
use tokio::sync::watch;

/// The machine's clocks, and the time that it is said to have slept. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct SleepyClock(Arc<watch::Sender<Duration>>);

impl SleepyClock {
    /// A clock of a machine that has not slept.
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Duration::ZERO)))
    }

    /// The machine has slept: both clocks went on, and it wakes.
    pub(crate) fn sleep(&self, time: Duration) {
        self.0.send_modify(|slept| *slept += time);
    }

    fn slept(&self) -> Duration {
        *self.0.borrow()
    }
}

impl Clock for SleepyClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.slept()
    }

    fn instant(&self) -> Instant {
        SystemClock.instant() + self.slept()
    }

    fn woken(&self) -> Woken {
        let mut slept = self.0.subscribe();
        Box::pin(async move {
            // The clock is there for as long as who waits.
            let _ = slept.changed().await;
        })
    }
}
