use std::ops::{Add, AddAssign};
use std::time::Duration;

/// A point on a steady clock that goes on while the machine sleeps (`std`'s does not on Linux and macOS).
///
/// Comparable only with others of the same [`Clock`](crate::Clock).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

impl Instant {
    /// The clock's arbitrary beginning; tests count from here.
    pub const ORIGIN: Self = Self(Duration::ZERO);

    /// The point `elapsed` after the clock's beginning.
    #[must_use]
    pub const fn from_origin(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// How long after `earlier` this is; zero when it is not.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, later: Duration) {
        *self = *self + later;
    }
}
