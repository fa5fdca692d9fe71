//! Time and randomness, as arguments.
//!
//! Everything that decides by time or chance takes a [`Clock`] or an [`Entropy`], so that a test can invent both.
//! Only this crate and the `main` functions may ask the machine (kept by `clippy.toml`).

mod entropy;
mod fake;
mod instant;
mod system;
mod uptime;
mod woken;

pub use entropy::{Entropy, OsEntropy, SeededEntropy};
pub use fake::FakeClock;
pub use instant::Instant;
pub use jiff::Timestamp;
pub use system::SystemClock;
pub use woken::Woken;

/// Where a program gets its time from.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock: what a person would read. It may jump, also backwards.
    fn now(&self) -> Timestamp;

    /// The steady clock: it never goes back, and it goes on while the machine sleeps.
    fn instant(&self) -> Instant;

    /// Resolves when the machine wakes from a sleep that begins after the call: timers do not run in sleep, so what is due
    /// by [`Self::instant`] is to be looked at. With a clock that cannot tell, never.
    fn woken(&self) -> Woken {
        Box::pin(std::future::pending())
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn instant(&self) -> Instant {
        (**self).instant()
    }

    fn woken(&self) -> Woken {
        (**self).woken()
    }
}
