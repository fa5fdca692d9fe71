use crate::{Clock, Instant, Timestamp, uptime};

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
        Instant::from_origin(uptime::since_start())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steady_clock_never_goes_back() {
        let readings: Vec<Instant> = (0..1_000).map(|_| SystemClock.instant()).collect();
        assert!(readings.is_sorted());
    }
}
