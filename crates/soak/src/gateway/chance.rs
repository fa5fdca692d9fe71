use std::time::Duration;

use deskbell_clock::Entropy;

/// A number below `end`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a fraction of a small positive number"
)]
pub(crate) fn below(entropy: &dyn Entropy, end: usize) -> usize {
    (entropy.fraction() * end as f64) as usize
}

/// A time of up to `longest`.
pub(crate) fn within(entropy: &dyn Entropy, longest: Duration) -> Duration {
    longest.mul_f64(entropy.fraction())
}
