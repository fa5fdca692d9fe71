use std::time::Duration;

use deskbell_clock::Instant;

/// How often one thing is told of.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Tells seldom of what happens often: a flood must not fill the disk with its log.
#[derive(Debug, Default)]
pub(super) struct Sparing {
    untold: u64,
    silent_until: Option<Instant>,
}

impl Sparing {
    /// Counts one more; if it is time to tell of it, how many there were since the last time.
    pub(super) fn count(&mut self, now: Instant) -> Option<u64> {
        self.untold += 1;
        if self.silent_until.is_some_and(|until| now < until) {
            return None;
        }
        self.silent_until = Some(now + TOLD_EVERY);
        Some(std::mem::take(&mut self.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_of_once_a_minute_with_its_number() {
        let (mut sparing, mut now) = (Sparing::default(), Instant::ORIGIN);
        assert_eq!(sparing.count(now), Some(1));
        for _ in 0..500 {
            assert_eq!(sparing.count(now), None);
        }
        now += TOLD_EVERY;
        assert_eq!(sparing.count(now), Some(501));
        assert_eq!(sparing.count(now), None);
    }
}
