use deskbell_clock::Timestamp;
use deskbell_protocol::{Reservation, ReservationId, Seq, Status};

use crate::bell::{About, Decision};
use crate::notice::{Cause, is_claimed};

/// A reservation that is not decided yet.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// Its first change that is not decided; `None` while its place in a new log is unknown.
    pub(super) first: Option<Seq>,
    /// Its last change.
    pub(super) last: Seq,
    /// The version it had then.
    pub(super) version: u64,
    /// What it has to be told as, unless it has changed since.
    pub(super) cause: Cause,
    /// The toast that will decide it; `None` while it waits for one.
    pub(super) attempt: Option<u64>,
}

impl Open {
    /// What there still is to tell of it, now that it stands like `reservation`: a cancellation is never told as what
    /// it was before.
    pub(super) fn still_to_tell(&self, reservation: &Reservation, now: Timestamp) -> Option<About> {
        if is_claimed(reservation, now) {
            return None;
        }
        let id = reservation.id;
        if reservation.status.is_handled() {
            // The booking site changed it last, or somebody has answered it since then.
            let by_site = reservation.version == self.version;
            return by_site.then_some(if reservation.status == Status::Cancelled {
                About::CalledOff(id)
            } else {
                About::Rescheduled(id)
            });
        }
        match self.cause {
            Cause::Created | Cause::Taken | Cause::Listed => Some(About::New(id)),
            Cause::Rescheduled => Some(About::Rescheduled(id)),
            Cause::LeaseExpired => Some(About::Again(id)),
            // It was told of before, and the cancellation has been taken back.
            Cause::CalledOff => None,
        }
    }

    /// What is decided once it is told, or kept quiet.
    pub(super) const fn decision(&self, id: ReservationId, rung: bool) -> Decision {
        Decision {
            id,
            seq: self.last,
            version: self.version,
            rung,
        }
    }
}
