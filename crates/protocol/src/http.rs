//! Bodies of the gateway's HTTP endpoints.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Desk, Hospital, Position, Reservation, ReservationId, Seq, Status};

/// What a booking site is told of a reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortReservation {
    /// Names it for good.
    pub id: ReservationId,
    /// Its last change.
    pub seq: Seq,
    /// Grows with its date, time and status.
    pub version: u64,
    /// Where it stands.
    pub status: Status,
    /// Opens the patient's own page of this one reservation (namespace `/watch`).
    pub watch_token: String,
}

/// `POST /v1/desks`.
#[derive(Clone, Serialize, Deserialize)]
pub struct PairRequest {
    /// The pairing code or enrolment key.
    pub code: String,
    /// What the desk would like to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The answer to [`PairRequest`].
#[derive(Clone, Serialize, Deserialize)]
pub struct Paired {
    /// The desk's secret; told this once.
    pub token: String,
    /// Who the desk is now.
    pub desk: Desk,
    /// Whose it is.
    pub hospital: Hospital,
    /// The gateways to talk to, in order.
    pub servers: Vec<Url>,
}

/// `GET /v1/reservations?…`, for a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservationList {
    /// Where the log stood before the list was read: the list holds at least everything up to here.
    pub position: Position,
    /// By date and time.
    pub reservations: Vec<Reservation>,
}

/// `GET /v1/reservations/{id}`, for a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservationDetails {
    /// As it stands.
    #[serde(flatten)]
    pub reservation: Reservation,
    /// How it came to stand so, oldest first.
    pub history: Vec<HistoryEntry>,
}

/// One step of a reservation's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When.
    pub at: Timestamp,
    /// What: `created`, `rescheduled`, `status`, `claimed`, `released`.
    pub kind: String,
    /// The value before, where the step has one: a status code, or date and time.
    pub from: Option<String>,
    /// The value after, likewise.
    pub to: Option<String>,
    /// Who did it.
    pub by: Actor,
}

/// Who changed a reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// The booking site.
    Site,
    /// Somebody at a desk.
    Desk {
        /// Which.
        desk: Desk,
        /// Who sat there, where they said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        staff: Option<String>,
    },
    /// The gateway itself: a lease that ran out.
    System,
}

/// An error answer: RFC 9457 `application/problem+json`. Holds no value of a reservation's fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind, in a few words.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What is wrong this time and what to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The fields at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The form's field.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}
