//! How long most took.

use std::time::Duration;

/// The time that `percent` of `sorted` did not exceed, in milliseconds. 0 where there is none.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted
        .get(place)
        .map_or(0.0, |duration| duration.as_secs_f64() * 1e3)
}
