//! The `/watch` namespace (Socket.IO v5): a patient's own page follows one reservation.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Reservation, ReservationId, Status, TimeSlot};

/// The namespace of the patients' pages.
pub const NAMESPACE: &str = "/watch";

/// For how many days after the reservation's date its token opens anything.
pub const DAYS: i32 = 30;

/// The auth payload of a page's CONNECT.
#[derive(Clone, Serialize, Deserialize)]
pub struct WatchAuth {
    /// The reservation's watch token.
    pub token: String,
}

/// The `data` of a `CONNECT_ERROR`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchRefused {
    /// What a page decides by.
    pub code: WatchRefusal,
}

/// Why a page was not let in. Final: asking again with the same token gets the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchRefusal {
    /// No reservation has this token.
    InvalidToken,
    /// The reservation's date is more than [`DAYS`] days ago at the hospital.
    TokenExpired,
}

/// `status`: how the reservation stands. Nothing of the patient, and nothing of who is at it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Which.
    pub id: ReservationId,
    /// Where it stands.
    pub status: Status,
    /// The day, in the hospital's time zone.
    pub reservationdate: Date,
    /// The time, likewise.
    pub reservationtime: TimeSlot,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Standing {
    /// The event's name on the wire.
    pub const NAME: &'static str = "status";
}

/// Date and time are the patient's and stay out of it.
impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl From<&Reservation> for Standing {
    fn from(reservation: &Reservation) -> Self {
        Self {
            id: reservation.id,
            status: reservation.status,
            reservationdate: reservation.reservationdate,
            reservationtime: reservation.reservationtime,
            updated_at: reservation.updated_at,
        }
    }
}
