use deskbell_clock::Timestamp;
use deskbell_protocol::{Reservation, ReservationId, Seq, Status};

use crate::bell::{About, Decision};
use crate::notice::{Cause, Notice, is_claimed};
use crate::policy::Wait;

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
    /// What it waits for, or has waited for; `None` where its toast was to come at once.
    pub(super) wait: Option<Wait>,
    /// The toast that was under way when something came that has to wait.
    pub(super) overtaken: Option<Overtaken>,
}

/// A toast of how a reservation stood before.
#[derive(Clone, Debug)]
pub(super) struct Overtaken {
    attempt: u64,
    /// The last change that it tells.
    seq: Seq,
    /// The version of then.
    version: u64,
    /// What there is to tell beside it, once it has been seen.
    cause: Cause,
}

impl Open {
    /// What there still is to tell of it, now that it stands like `reservation`: a cancellation is never told as what
    /// it was before, and not at all of what came and went while it had to wait.
    pub(super) fn still_to_tell(&self, reservation: &Reservation, now: Timestamp) -> Option<About> {
        if is_claimed(reservation, now) {
            return None;
        }
        let id = reservation.id;
        if reservation.status.is_handled() {
            // The booking site changed it last, or somebody has answered it since then.
            let by_site = reservation.version == self.version;
            let came_and_went = self.cause == Cause::Created
                && self.wait.is_some()
                && reservation.status == Status::Cancelled;
            return (by_site && !came_and_went).then_some(if reservation.status == Status::Cancelled {
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

    /// `notice` has to wait, while a toast of what was before may be under way.
    pub(super) fn overtake(&mut self, notice: &Notice) {
        if let Some(attempt) = self.attempt.take() {
            self.overtaken = Some(Overtaken {
                attempt,
                seq: self.last,
                version: self.version,
                cause: notice.cause,
            });
        } else if let Some(overtaken) = &mut self.overtaken {
            overtaken.cause = notice.cause;
        }
    }

    /// Toast `attempt` is on the screen: what it decides, where it tells what was before.
    pub(super) fn shown_before(&mut self, id: ReservationId, attempt: u64) -> Option<Decision> {
        let Overtaken {
            seq, version, cause, ..
        } = self.overtaken.take_if(|before| before.attempt == attempt)?;
        self.cause = cause;
        self.first = self.first.map(|_| self.last);
        Some(Decision {
            id,
            seq,
            version,
            rung: true,
        })
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
