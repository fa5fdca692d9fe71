//! What may become of a reservation: the moves of the interface as one pure function. No database and no clock.

use std::time::Duration;

use deskbell_protocol::event::{ChangeKind, ReleaseReason};
use deskbell_protocol::http::Actor;
use deskbell_protocol::{Claim, Desk, DeskId, HandledBy, Reservation, Status, TimeSlot};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How long the last change of a status can be taken back.
const UNDO_WITHIN: Duration = Duration::from_secs(10 * 60);

/// What somebody wants to become of a reservation.
#[derive(Clone, PartialEq, Eq)]
pub enum Wish {
    /// The booking site moves its date, its time, or both.
    Reschedule {
        /// Another day.
        date: Option<Date>,
        /// Another time.
        time: Option<TimeSlot>,
    },
    /// The booking site calls it off.
    Cancel,
    /// A desk takes it, or renews its lease.
    Claim(By),
    /// The desk that holds it lets go.
    Release(By),
    /// A desk gives it another status.
    SetStatus {
        /// Which.
        to: Status,
        /// The version that the desk has before its eyes.
        if_version: u64,
        /// Whether another desk's claim is no hindrance.
        over_claim: bool,
        /// Who asks.
        by: By,
    },
    /// A desk takes the last change of its status back.
    Undo {
        /// The version that the desk has before its eyes.
        if_version: u64,
        /// Who asks.
        by: By,
    },
}

impl Wish {
    /// Who asks, if it is somebody at a desk.
    pub(crate) fn by(&self) -> Option<&By> {
        match self {
            Self::Reschedule { .. } | Self::Cancel => None,
            Self::Claim(by) | Self::Release(by) | Self::SetStatus { by, .. } | Self::Undo { by, .. } => {
                Some(by)
            }
        }
    }
}

/// Somebody at a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Which.
    pub desk: Desk,
    /// Who sits there, where they said so.
    pub staff: Option<String>,
}

/// Why a wish is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is fulfilled, cancelled, a no-show or an error: the booking site changes it no more.
    #[error("the reservation is finished")]
    Finished,
    /// Another desk holds the claim.
    #[error("another desk holds the claim")]
    Held,
    /// Its status is not `pending`: there is nothing to claim.
    #[error("the reservation is handled already")]
    Handled,
    /// Whoever wants to let go does not hold it.
    #[error("the desk does not hold the claim")]
    NotHeld,
    /// It has changed since the asker looked.
    #[error("the reservation has changed meanwhile")]
    Moved,
    /// No way leads from its status to that one.
    #[error("no way leads from this status to that one")]
    NoSuchMove,
    /// The last change was no desk's change of its status, or is more than 10 minutes old.
    #[error("there is nothing to take back")]
    NothingToUndo,
}

/// How a status was before a desk changed it, for as long as nothing else happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Undo {
    status: Status,
    handled_by: Option<HandledBy>,
    /// When it was changed.
    at: Timestamp,
}

/// A reservation and what the store keeps beside it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) reservation: Reservation,
    pub(crate) undo: Option<Undo>,
}

/// One entry of the log to be: the reservation after it, and the step that its history shows.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) after: Reservation,
    pub(crate) kind: ChangeKind,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) by: Actor,
}

/// What a wish led to. A lease that has run out ends first, whatever becomes of the wish.
pub(crate) struct Outcome {
    pub(crate) kept: Kept,
    pub(crate) steps: Vec<Step>,
    pub(crate) refusal: Option<Refusal>,
}

/// Grants or refuses `wish` at `now`, to the millisecond; `lease` is how long the hospital's claims last.
///
/// The seqs of the steps follow that of the reservation in the hospital's log, which ends at `kept.reservation.seq` or later:
/// the caller sets them.
pub(crate) fn decide(kept: Kept, wish: &Wish, now: Timestamp, lease: Duration) -> Outcome {
    let mut change = Change::of(kept, now);
    change.end_lapsed_claim();
    let refusal = change.grant(wish, lease).err();
    change.into_outcome(refusal)
}

/// Ends the claim if its lease has run out.
pub(crate) fn expire(kept: Kept, now: Timestamp) -> Outcome {
    let mut change = Change::of(kept, now);
    change.end_lapsed_claim();
    change.into_outcome(None)
}

/// Ends the claim if `desk`, which was signed out, holds it.
pub(crate) fn revoke(kept: Kept, desk: DeskId, now: Timestamp) -> Outcome {
    let mut change = Change::of(kept, now);
    change.end_lapsed_claim();
    if change.holder() == Some(desk) {
        change.release(ReleaseReason::Revoked, Actor::System);
    }
    change.into_outcome(None)
}

/// A reservation on its way from one state to the next.
struct Change {
    kept: Kept,
    steps: Vec<Step>,
    now: Timestamp,
}

impl Change {
    fn of(kept: Kept, now: Timestamp) -> Self {
        Self {
            kept,
            steps: Vec::new(),
            now,
        }
    }

    fn into_outcome(self, refusal: Option<Refusal>) -> Outcome {
        Outcome {
            kept: self.kept,
            steps: self.steps,
            refusal,
        }
    }

    fn grant(&mut self, wish: &Wish, lease: Duration) -> Result<(), Refusal> {
        match wish {
            Wish::Reschedule { date, time } => self.reschedule(*date, *time),
            Wish::Cancel => self.cancel(),
            Wish::Claim(by) => self.claim(by, lease),
            Wish::Release(by) => self.let_go(by),
            Wish::SetStatus {
                to,
                if_version,
                over_claim,
                by,
            } => self.set_status(*to, *if_version, *over_claim, by),
            Wish::Undo { if_version, by } => self.undo(*if_version, by),
        }
    }

    fn reschedule(&mut self, date: Option<Date>, time: Option<TimeSlot>) -> Result<(), Refusal> {
        let reservation = &mut self.kept.reservation;
        if reservation.status.is_final() {
            return Err(Refusal::Finished);
        }
        let from = when(reservation);
        reservation.reservationdate = date.unwrap_or(reservation.reservationdate);
        reservation.reservationtime = time.unwrap_or(reservation.reservationtime);
        let to = when(reservation);
        // Sent again, it is the same booking still: nobody needs to hear of it twice.
        if from != to {
            reservation.version += 1;
            self.kept.undo = None;
            self.step(ChangeKind::Rescheduled, Some(from), Some(to), Actor::Site);
        }
        Ok(())
    }

    fn cancel(&mut self) -> Result<(), Refusal> {
        if self.kept.reservation.status.is_final() {
            return Err(Refusal::Finished);
        }
        self.kept.undo = None;
        self.move_to(Status::Cancelled, Actor::Site);
        Ok(())
    }

    fn claim(&mut self, by: &By, lease: Duration) -> Result<(), Refusal> {
        if self.kept.reservation.status.is_handled() {
            return Err(Refusal::Handled);
        }
        if self.holder().is_some_and(|holder| holder != by.desk.id) {
            return Err(Refusal::Held);
        }
        self.kept.undo = None;
        self.kept.reservation.claim = Some(Claim {
            desk: by.desk.clone(),
            staff: by.staff.clone(),
            until: self.now + lease,
        });
        self.step(ChangeKind::Claimed, None, None, by.actor());
        Ok(())
    }

    fn let_go(&mut self, by: &By) -> Result<(), Refusal> {
        if self.holder() != Some(by.desk.id) {
            return Err(Refusal::NotHeld);
        }
        self.release(ReleaseReason::Released, by.actor());
        Ok(())
    }

    fn set_status(&mut self, to: Status, if_version: u64, over_claim: bool, by: &By) -> Result<(), Refusal> {
        let reservation = &self.kept.reservation;
        if reservation.version != if_version {
            return Err(Refusal::Moved);
        }
        if !over_claim && self.holder().is_some_and(|holder| holder != by.desk.id) {
            return Err(Refusal::Held);
        }
        if !reservation.status.moves().contains(&to) {
            return Err(Refusal::NoSuchMove);
        }
        self.kept.undo = Some(Undo {
            status: reservation.status,
            handled_by: reservation.handled_by.clone(),
            at: self.now,
        });
        // Back to `pending`, it waits for an answer again.
        self.kept.reservation.handled_by = to.is_handled().then(|| HandledBy {
            desk: by.desk.clone(),
            staff: by.staff.clone(),
            at: self.now,
        });
        self.move_to(to, by.actor());
        Ok(())
    }

    fn undo(&mut self, if_version: u64, by: &By) -> Result<(), Refusal> {
        if self.kept.reservation.version != if_version {
            return Err(Refusal::Moved);
        }
        let before = self.kept.undo.take();
        let Some(before) = before.filter(|before| self.now <= before.at + UNDO_WITHIN) else {
            return Err(Refusal::NothingToUndo);
        };
        self.kept.reservation.handled_by = before.handled_by;
        self.move_to(before.status, by.actor());
        Ok(())
    }

    /// Gives it another status, which ends its claim.
    fn move_to(&mut self, to: Status, by: Actor) {
        let claimed = self.kept.reservation.claim.take().is_some();
        let reservation = &mut self.kept.reservation;
        let from = reservation.status;
        reservation.status = to;
        reservation.version += 1;
        let codes = [from, to].map(|status| Some(status.code().to_owned()));
        let [from, to] = codes;
        self.step(ChangeKind::Status, from, to, by);
        if claimed {
            let reason = ReleaseReason::Handled;
            self.step(ChangeKind::Released { reason }, None, None, Actor::System);
        }
    }

    fn end_lapsed_claim(&mut self) {
        let claim = self.kept.reservation.claim.as_ref();
        if claim.is_some_and(|claim| claim.until <= self.now) {
            self.release(ReleaseReason::Expired, Actor::System);
        }
    }

    fn release(&mut self, reason: ReleaseReason, by: Actor) {
        self.kept.reservation.claim = None;
        self.step(ChangeKind::Released { reason }, None, None, by);
    }

    fn holder(&self) -> Option<DeskId> {
        self.kept.reservation.claim.as_ref().map(|claim| claim.desk.id)
    }

    fn step(&mut self, kind: ChangeKind, from: Option<String>, to: Option<String>, by: Actor) {
        self.kept.reservation.updated_at = self.now;
        self.steps.push(Step {
            after: self.kept.reservation.clone(),
            kind,
            from,
            to,
            by,
        });
    }
}

impl By {
    fn actor(&self) -> Actor {
        Actor::Desk {
            desk: self.desk.clone(),
            staff: self.staff.clone(),
        }
    }
}

fn when(reservation: &Reservation) -> String {
    format!("{} {}", reservation.reservationdate, reservation.reservationtime)
}

#[cfg(test)]
mod tests;
