//! When a reservation that was told rings again, because nobody has handled it.

use std::time::Duration;

use deskbell_clock::Timestamp;

/// How long after it was told, each once.
const AFTER: [Duration; 3] = [
    Duration::from_mins(3),
    Duration::from_mins(7),
    Duration::from_mins(15),
];

/// What is due so soon after another rings along with it.
const TOGETHER: Duration = Duration::from_secs(30);

/// When a reservation that was told at `told` and has used up `repeated` of its repeats rings again; `None` when it does
/// not any more.
pub(crate) fn due(told: Timestamp, repeated: u8) -> Option<Timestamp> {
    AFTER.get(usize::from(repeated)).map(|after| told + *after)
}

/// How many repeats are used up once one has rung at `now`: what was missed meanwhile is not made up for one by one.
pub(crate) fn used_up(told: Timestamp, repeated: u8, now: Timestamp) -> u8 {
    (repeated..)
        .find(|used| due(told, *used).is_none_or(|due| due > along(now)))
        .unwrap_or(repeated)
}

/// Up to when what is due rings along with what is due at `now`.
pub(crate) fn along(now: Timestamp) -> Timestamp {
    now + TOGETHER
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::now;

    fn minutes(minutes: u64) -> Duration {
        Duration::from_mins(minutes)
    }

    #[test]
    fn it_rings_again_three_times_and_then_no_more() {
        let (mut repeated, mut rung_after) = (0, Vec::new());
        while let Some(due) = due(now(), repeated) {
            rung_after.push(due.duration_since(now()).as_mins());
            repeated = used_up(now(), repeated, due);
        }
        assert_eq!(rung_after, [3, 7, 15]);
        assert_eq!(repeated, 3);
    }

    #[test]
    fn what_could_not_ring_in_time_is_made_up_for_once() {
        assert_eq!(used_up(now(), 0, now() + minutes(8)), 2);
        assert_eq!(used_up(now(), 0, now() + minutes(600)), 3);
        assert_eq!(due(now(), 3), None);
    }
}
