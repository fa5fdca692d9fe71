//! What was done at this desk lately, as long as it can be taken back.

use std::time::Duration;

use deskbell_clock::{Instant, Timestamp};
use deskbell_protocol::{Reservation, ReservationId, Status};

use crate::UndoOffer;

/// How long a change is offered to be taken back wherever it was made.
const OFFERED: Duration = Duration::from_secs(10);

/// How long a gateway takes it back; so long it is offered where the reservation itself is open.
const POSSIBLE: Duration = Duration::from_mins(10);

/// The changes of a status that were made here, oldest first; of each reservation the last.
#[derive(Debug, Default)]
pub(super) struct OwnChanges(Vec<OwnChange>);

#[derive(Debug)]
struct OwnChange {
    id: ReservationId,
    from: Status,
    to: Status,
    /// The version it had then: with another one, something came after it.
    version: u64,
    /// By the PC's clock, as the window counts by it.
    at: Timestamp,
    instant: Instant,
}

impl OwnChanges {
    /// Somebody here has moved a reservation on from `from`; `after` is how it stands since `at`.
    pub(super) fn note(&mut self, after: &Reservation, from: Status, at: Timestamp, instant: Instant) {
        self.forget(after.id);
        self.0
            .retain(|change| instant.saturating_since(change.instant) < POSSIBLE);
        self.0.push(OwnChange {
            id: after.id,
            from,
            to: after.status,
            version: after.version,
            at,
            instant,
        });
    }

    /// It has been taken back.
    pub(super) fn forget(&mut self, id: ReservationId) {
        self.0.retain(|change| change.id != id);
    }

    /// The version that an undo of `id` is of.
    pub(super) fn version_of(&self, id: ReservationId) -> Option<u64> {
        self.0
            .iter()
            .find(|change| change.id == id)
            .map(|change| change.version)
    }

    /// The last change, for a few seconds; `find` tells how a reservation stands, as far as that is known.
    pub(super) fn offered<'a>(
        &self,
        instant: Instant,
        find: impl Fn(ReservationId) -> Option<&'a Reservation>,
    ) -> Option<UndoOffer> {
        let change = self.0.last()?;
        let stands = find(change.id).is_none_or(|reservation| change.is_last_of(reservation));
        stands.then(|| change.offer(OFFERED, instant))?
    }

    /// What can be taken back of `reservation` while it is open.
    pub(super) fn possible(&self, reservation: &Reservation, instant: Instant) -> Option<UndoOffer> {
        let change = self.0.iter().find(|change| change.is_last_of(reservation))?;
        change.offer(POSSIBLE, instant)
    }

    /// When the next of the offers ends.
    pub(super) fn next_end(&self, instant: Instant) -> Option<Instant> {
        self.0
            .iter()
            .flat_map(|change| [change.instant + OFFERED, change.instant + POSSIBLE])
            .filter(|end| *end > instant)
            .min()
    }
}

impl OwnChange {
    /// Whether nothing has come after it.
    fn is_last_of(&self, reservation: &Reservation) -> bool {
        reservation.id == self.id && reservation.version == self.version && reservation.claim.is_none()
    }

    fn offer(&self, lasts: Duration, instant: Instant) -> Option<UndoOffer> {
        (instant.saturating_since(self.instant) < lasts).then(|| UndoOffer {
            id: self.id,
            from: self.from,
            to: self.to,
            until: self.at.saturating_add(lasts).unwrap_or(self.at),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{answered, claimed, now, reservation};

    const START: Instant = Instant::ORIGIN;

    fn booked() -> (OwnChanges, Reservation) {
        let after = answered(&reservation(1, 1), 2, Status::Booked).reservation;
        let mut own = OwnChanges::default();
        own.note(&after, Status::Pending, now(), START);
        (own, after)
    }

    #[test]
    fn a_change_is_offered_for_10_s_and_where_it_is_open_for_10_minutes() {
        let (own, after) = booked();
        let offer = own.offered(START, |_| Some(&after)).unwrap();
        assert_eq!((offer.from, offer.to), (Status::Pending, Status::Booked));
        assert_eq!(offer.until, now() + OFFERED);
        assert_eq!(own.next_end(START), Some(START + OFFERED));
        let later = START + OFFERED;
        assert_eq!(own.offered(later, |_| Some(&after)), None);
        assert_eq!(own.possible(&after, later).unwrap().until, now() + POSSIBLE);
        assert_eq!(own.next_end(later), Some(START + POSSIBLE));
        assert_eq!(own.possible(&after, START + POSSIBLE), None);
        assert_eq!(own.next_end(START + POSSIBLE), None);
    }

    #[test]
    fn what_came_after_it_ends_the_offer() {
        let (own, after) = booked();
        let moved = answered(&after, 3, Status::Arrived).reservation;
        let taken = claimed(&after, 3).reservation;
        for later in [moved, taken] {
            assert_eq!(own.offered(START, |_| Some(&later)), None);
            assert_eq!(own.possible(&later, START), None);
        }
    }
}
