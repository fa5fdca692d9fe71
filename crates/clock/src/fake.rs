use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{Clock, Instant, Timestamp};

/// A clock that stands still until a test moves it. Clones share their hands.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<Mutex<Hands>>);

#[derive(Debug)]
struct Hands {
    wall: Timestamp,
    steady: Instant,
}

impl FakeClock {
    /// A clock that shows `wall`.
    #[must_use]
    pub fn at(wall: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Hands {
            wall,
            steady: Instant::ORIGIN,
        })))
    }

    /// Lets time pass on both clocks: waiting, or sleeping.
    ///
    /// # Panics
    /// Past the year 9999.
    pub fn advance(&self, by: Duration) {
        self.with(|hands| {
            hands.wall += by;
            hands.steady += by;
        });
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
