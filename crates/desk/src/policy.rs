use deskbell_clock::Timestamp;

use crate::bell::Bell;
use crate::ledger::Ledger;
use crate::notice::{Cause, Found, Notice, is_claimed};

/// What the rules look at beside the notice itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy<'a> {
    /// What has been decided.
    pub ledger: &'a Ledger,
    /// What is being rung.
    pub bell: &'a Bell,
}

/// What to do about a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A toast of its own, now.
    Ring,
    /// Part of what is told once the absence is over.
    Digest,
    /// No toast.
    Quiet(Reason),
}

/// Why there is no toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It has been decided before, or is being rung.
    Decided,
    /// It was there before the desk was.
    FirstFill,
    /// A desk has answered it, or the patient called it off while this one was away.
    Handled,
    /// A desk looks after it.
    Claimed,
    /// A change that nobody waits for.
    ListOnly,
}

/// Decides about `notice` at the gateway's time `now`. Total, and every outcome but a toast has a reason.
pub(crate) fn should_ring(notice: &Notice, policy: &Policy<'_>, now: Timestamp) -> Verdict {
    if matches!(notice.cause, Cause::Taken | Cause::Listed) {
        return Verdict::Quiet(Reason::ListOnly);
    }
    if policy.ledger.covers(notice) || policy.bell.covers(notice) {
        return Verdict::Quiet(Reason::Decided);
    }
    let handled = notice.reservation.status.is_handled();
    match notice.found {
        Found::FirstFill => Verdict::Quiet(Reason::FirstFill),
        Found::Absence if handled => Verdict::Quiet(Reason::Handled),
        Found::Absence => Verdict::Digest,
        Found::Live => match notice.cause {
            Cause::Rescheduled | Cause::CalledOff => Verdict::Ring,
            Cause::Created | Cause::LeaseExpired | Cause::Taken | Cause::Listed => {
                if handled {
                    Verdict::Quiet(Reason::Handled)
                } else if is_claimed(&notice.reservation, now) {
                    Verdict::Quiet(Reason::Claimed)
                } else {
                    Verdict::Ring
                }
            }
        },
    }
}

#[cfg(test)]
mod tests;
