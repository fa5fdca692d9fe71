use deskbell_protocol::Reservation;

use crate::ErrorCode;
use crate::bell::open::Open;
use crate::bell::{About, Act, Bell, UnderWay};
use crate::notice::Cause;

impl Bell {
    /// Rings again for a reservation that still waits: what somebody wanted by its toast was not done, and `why`.
    pub(crate) fn ring_undone(&mut self, reservation: &Reservation, why: ErrorCode) -> Act {
        let id = reservation.id;
        let open = self.open.entry(id).or_insert(Open {
            first: Some(reservation.seq),
            last: reservation.seq,
            version: reservation.version,
            // Should this toast fail too, it is told as what it is: still unhandled.
            cause: Cause::LeaseExpired,
            attempt: None,
            wait: None,
            overtaken: None,
        });
        open.last = open.last.max(reservation.seq);
        open.version = open.version.max(reservation.version);
        self.ring(About::Undone { id, why }, UnderWay::deciding(vec![id]), true)
    }

    /// Tells by the way that somebody else was first: nobody has to do anything.
    pub(crate) fn tell_undone(&mut self, reservation: &Reservation, why: ErrorCode) -> Act {
        let id = reservation.id;
        self.ring(About::Undone { id, why }, UnderWay::default(), false)
    }
}
