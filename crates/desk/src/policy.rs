use deskbell_clock::Timestamp;

use crate::bell::Bell;
use crate::hush::Hush;
use crate::ledger::Ledger;
use crate::notice::{Cause, Found, Notice, is_claimed};

/// What the rules look at beside the notice itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy<'a> {
    /// What has been decided.
    pub ledger: &'a Ledger,
    /// What is being rung.
    pub bell: &'a Bell,
    /// Why nothing rings for now.
    pub hush: Option<Hush>,
    /// Whether so much rings that one more toast would be one too many.
    pub crowded: bool,
}

/// What to do about a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A toast of its own, now.
    Ring,
    /// Part of what is told together, once it is time.
    Digest(Wait),
    /// No toast.
    Quiet(Reason),
}

/// What something waits for, to be told together with the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wait {
    /// The end of an absence.
    Absence,
    /// A moment in which less rings.
    Crowd,
    /// The end of a pause.
    Pause,
    /// The end of the quiet hours.
    QuietHours,
}

impl From<Hush> for Wait {
    fn from(hush: Hush) -> Self {
        match hush {
            Hush::Pause => Self::Pause,
            Hush::QuietHours => Self::QuietHours,
        }
    }
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
    let by_site = matches!(notice.cause, Cause::Rescheduled | Cause::CalledOff);
    let handled = notice.reservation.status.is_handled();
    match notice.found {
        Found::FirstFill => Verdict::Quiet(Reason::FirstFill),
        Found::Absence if handled => Verdict::Quiet(Reason::Handled),
        Found::Live if handled && !by_site => Verdict::Quiet(Reason::Handled),
        Found::Live if !by_site && is_claimed(&notice.reservation, now) => Verdict::Quiet(Reason::Claimed),
        Found::Absence | Found::Live => match policy.hush {
            Some(hush) => Verdict::Digest(hush.into()),
            None if notice.found == Found::Absence => Verdict::Digest(Wait::Absence),
            None if policy.crowded => Verdict::Digest(Wait::Crowd),
            None => Verdict::Ring,
        },
    }
}

#[cfg(test)]
mod tests;
