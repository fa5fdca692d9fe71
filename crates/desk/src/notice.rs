use deskbell_clock::Timestamp;
use deskbell_protocol::event::{Change, ChangeKind, ReleaseReason};
use deskbell_protocol::{Reservation, Seq, Status};

/// Something about a reservation that this desk has to decide about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The change it comes from; for a reservation found in a list, its last one.
    pub seq: Seq,
    /// What happened.
    pub cause: Cause,
    /// How the desk came to know.
    pub found: Found,
    /// The reservation after it.
    pub reservation: Reservation,
}

/// What happened to a reservation, as far as a desk acts on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Cause {
    /// It came in, or was found unhandled in a list.
    Created,
    /// The booking site moved it.
    Rescheduled,
    /// The booking site called it off.
    CalledOff,
    /// A colleague's claim ran out: it is nobody's again.
    LeaseExpired,
    /// A desk looks after it, or has answered it.
    Taken,
    /// Nothing that anybody waits for: a claim let go, an answer taken back.
    Listed,
}

/// How the desk came to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Found {
    /// It happened just now.
    Live,
    /// It happened while the desk was away.
    Absence,
    /// It was there when the desk was paired.
    FirstFill,
}

impl Cause {
    /// What `change` was to a desk.
    pub(crate) fn of(change: &Change) -> Self {
        match change.kind {
            ChangeKind::Created => Self::Created,
            ChangeKind::Rescheduled => Self::Rescheduled,
            ChangeKind::Claimed => Self::Taken,
            ChangeKind::Released {
                reason: ReleaseReason::Expired,
            } => Self::LeaseExpired,
            ChangeKind::Released {
                reason: ReleaseReason::Released | ReleaseReason::Handled | ReleaseReason::Revoked,
            } => Self::Listed,
            ChangeKind::Status => match change.reservation.status {
                Status::Pending => Self::Listed,
                Status::Cancelled if !answered_just_now(&change.reservation) => Self::CalledOff,
                Status::Cancelled
                | Status::Booked
                | Status::Arrived
                | Status::CheckedIn
                | Status::Fulfilled
                | Status::NoShow
                | Status::Waitlist
                | Status::EnteredInError => Self::Taken,
            },
        }
    }
}

/// Whether the last change was a desk's answer: `handled_by` tells of the last one given, which may be older.
pub(crate) fn answered_just_now(reservation: &Reservation) -> bool {
    reservation
        .handled_by
        .as_ref()
        .is_some_and(|answer| answer.at >= reservation.updated_at)
}

/// Whether somebody at a desk looks after `reservation` at the gateway's time `now`.
pub(crate) fn is_claimed(reservation: &Reservation, now: Timestamp) -> bool {
    reservation.claim.as_ref().is_some_and(|claim| claim.until > now)
}
