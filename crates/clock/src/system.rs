use std::time::Duration;

use crate::{Clock, Instant, Timestamp};

/// The machine's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the machine"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn instant(&self) -> Instant {
        Instant::from_origin(since_boot())
    }

    /// On Linux at once; elsewhere within 5 s, for one timer every 5 s (docs/decisions/0010-waking.md).
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O and time.
    #[cfg(feature = "tokio")]
    fn woken(&self) -> crate::Woken {
        crate::woken::woken()
    }
}

/// `CLOCK_BOOTTIME` counts sleep; macOS's `CLOCK_MONOTONIC` does too (`clock_gettime(3)` there).
#[cfg(unix)]
fn since_boot() -> Duration {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const SLEEP_COUNTING: rustix::time::ClockId = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const SLEEP_COUNTING: rustix::time::ClockId = rustix::time::ClockId::Monotonic;

    let now = rustix::time::clock_gettime(SLEEP_COUNTING);
    Duration::new(
        u64::try_from(now.tv_sec).unwrap_or_default(),
        u32::try_from(now.tv_nsec).unwrap_or_default(),
    )
}

/// `std`'s Windows clock is the performance counter, which goes on while the machine sleeps.
#[cfg(windows)]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that asks the machine"
)]
fn since_boot() -> Duration {
    use std::sync::OnceLock;
    static BEGINNING: OnceLock<std::time::Instant> = OnceLock::new();
    BEGINNING.get_or_init(std::time::Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steady_clock_never_goes_back() {
        let readings: Vec<Instant> = (0..1_000).map(|_| SystemClock.instant()).collect();
        assert!(readings.is_sorted());
    }
}
