use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::{Clock, Instant, Timestamp, Woken};

/// A clock that stands still until a test moves it. Clones share their hands.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<Mutex<Hands>>);

#[derive(Debug)]
struct Hands {
    wall: Timestamp,
    steady: Instant,
    sleeps: u64,
    waiting: Vec<Waker>,
}

impl FakeClock {
    /// A clock that shows `wall`.
    #[must_use]
    pub fn at(wall: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Hands {
            wall,
            steady: Instant::ORIGIN,
            sleeps: 0,
            waiting: Vec::new(),
        })))
    }

    /// Lets time pass on both clocks.
    ///
    /// # Panics
    /// Past the year 9999.
    pub fn advance(&self, by: Duration) {
        self.with(|hands| {
            hands.wall += by;
            hands.steady += by;
        });
    }

    /// Lets the machine sleep: time passes on both clocks, and [`Clock::woken`] resolves.
    ///
    /// # Panics
    /// Past the year 9999.
    pub fn sleep(&self, time: Duration) {
        self.advance(time);
        let waiting = self.with(|hands| {
            hands.sleeps += 1;
            std::mem::take(&mut hands.waiting)
        });
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Sets the wall clock alone, as a person or NTP does.
    pub fn set_wall(&self, wall: Timestamp) {
        self.with(|hands| hands.wall = wall);
    }

    fn with<T>(&self, f: impl FnOnce(&mut Hands) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.with(|hands| hands.wall)
    }

    fn instant(&self) -> Instant {
        self.with(|hands| hands.steady)
    }

    fn woken(&self) -> Woken {
        let clock = self.clone();
        let before = self.with(|hands| hands.sleeps);
        Box::pin(poll_fn(move |context| {
            clock.with(|hands| {
                if hands.sleeps > before {
                    return Poll::Ready(());
                }
                hands.waiting.push(context.waker().clone());
                Poll::Pending
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_the_wall_clock_back_leaves_the_steady_clock_alone() {
        let clock = FakeClock::at(Timestamp::UNIX_EPOCH);
        let other = clock.clone();
        clock.advance(Duration::from_secs(90));
        other.set_wall(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        assert_eq!(
            clock.instant().saturating_since(Instant::ORIGIN),
            Duration::from_secs(90)
        );
    }
}
