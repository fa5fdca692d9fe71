use std::time::Duration;

use deskbell_clock::Entropy;

/// How long to wait between two attempts: full jitter, without an end.
///
/// The wait is spread evenly between nothing and a bound that doubles with every attempt, so that a fleet that lost its
/// server together does not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The bound of the first wait.
    pub base: Duration,
    /// What the bound grows to at most.
    pub cap: Duration,
}

impl Default for Backoff {
    /// From 1 s up to 60 s.
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(60),
        }
    }
}

impl Backoff {
    /// The longest that [`Self::delay`] waits after `attempts` failures in a row (0 for the first wait).
    #[must_use]
    pub fn bound(&self, attempts: u32) -> Duration {
        let factor = 2_u32.checked_pow(attempts).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }

    /// One wait: a random part of [`Self::bound`].
    #[must_use]
    pub fn delay(&self, attempts: u32, entropy: &dyn Entropy) -> Duration {
        self.bound(attempts).mul_f64(entropy.fraction())
    }
}

#[cfg(test)]
mod tests {
    use deskbell_clock::SeededEntropy;

    use super::*;

    #[test]
    fn the_bound_doubles_up_to_the_cap_and_stays_there() {
        let backoff = Backoff::default();
        let bounds: Vec<u64> = (0..8).map(|attempts| backoff.bound(attempts).as_secs()).collect();
        assert_eq!(bounds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.bound(u32::MAX), backoff.cap);
    }

    #[test]
    fn waits_fill_the_whole_range_below_the_bound() {
        let (backoff, entropy) = (Backoff::default(), SeededEntropy::new(1));
        let waits: Vec<f64> = (0..1_000)
            .map(|_| backoff.delay(10, &entropy).as_secs_f64())
            .collect();
        assert!(waits.iter().all(|wait| (0.0..60.0).contains(wait)));
        assert!(waits.iter().any(|wait| *wait < 3.0) && waits.iter().any(|wait| *wait > 57.0));
    }
}
