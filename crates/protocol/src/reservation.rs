use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Desk, PersonName, Phone, Relationship, ReservationId, Seq, Status, TimeSlot};

/// A reservation, as a desk may see it: the five fields and what has become of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reservation {
    /// Names it for good.
    pub id: ReservationId,
    /// Grows with its date, time and status, not with claims; the first is 1.
    pub version: u64,
    /// The change that made it what it is here.
    pub seq: Seq,
    /// Whom the booking is for.
    pub relationship: Relationship,
    /// The patient.
    pub name: PersonName,
    /// How to reach them.
    pub phone: Phone,
    /// The day, in the hospital's time zone.
    pub reservationdate: Date,
    /// The time, likewise.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("10:30 ~ 11:00")))]
    pub reservationtime: TimeSlot,
    /// Where it stands.
    pub status: Status,
    /// When the gateway took it in.
    pub received_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Who is at it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub claim: Option<Claim>,
    /// Who answered it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub handled_by: Option<HandledBy>,
}

/// A patient's fields stay out of it.
impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation")
            .field("id", &self.id)
            .field("seq", &self.seq)
            .field("version", &self.version)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// A desk's lease on a reservation: it is being looked after, not yet handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Claim {
    /// The desk that holds it.
    pub desk: Desk,
    /// Who sits there, where they said so.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub staff: Option<String>,
    /// When it lapses.
    pub until: Timestamp,
}

/// The last answer a reservation was given at a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandledBy {
    /// The desk that gave it.
    pub desk: Desk,
    /// Who sat there, where they said so.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub staff: Option<String>,
    /// When.
    pub at: Timestamp,
}
