use std::time::Duration;

use deskbell_clock::Entropy;

use crate::Backoff;

/// How often a link failed in a row, and so how long it waits.
pub(super) struct Retries {
    backoff: Backoff,
    failures: u32,
}

impl Retries {
    pub(super) fn new(backoff: Backoff) -> Self {
        Self { backoff, failures: 0 }
    }

    /// The wait after one more failure. `lasted` is how long the link had been connected, if it had been.
    ///
    /// Only a link that lasted longer than the next wait may begins anew: a server that lets us in only to drop us again
    /// must not be tried at full speed.
    pub(super) fn next_wait(&mut self, lasted: Option<Duration>, entropy: &dyn Entropy) -> Duration {
        if lasted.is_some_and(|lasted| lasted >= self.backoff.bound(self.failures)) {
            self.failures = 0;
        }
        let wait = self.backoff.delay(self.failures, entropy);
        self.failures = self.failures.saturating_add(1);
        wait
    }

    /// Begins anew.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Always gives the largest wait, nearly.
    struct Unlucky;

    impl Entropy for Unlucky {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0xff);
        }
    }

    fn waits(lasted: &[Option<u64>]) -> Vec<u64> {
        let mut retries = Retries::new(Backoff::default());
        let wait = |lasted: &Option<u64>| {
            let lasted = lasted.map(Duration::from_secs);
            retries.next_wait(lasted, &Unlucky).as_secs_f64().round() as u64
        };
        lasted.iter().map(wait).collect()
    }

    #[test]
    fn failures_in_a_row_wait_longer_and_longer() {
        assert_eq!(waits(&[None; 8]), [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn a_server_that_drops_us_at_once_is_not_tried_at_full_speed() {
        assert_eq!(waits(&[Some(0); 8]), [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn a_link_that_lasted_begins_anew() {
        assert_eq!(waits(&[None, None, Some(5), Some(60), Some(60)]), [1, 2, 1, 1, 1]);
    }
}
