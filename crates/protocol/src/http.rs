//! Bodies of the gateway's HTTP endpoints.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Desk, Hospital, Position, Reservation, ReservationId, Seq, Status};

/// What a booking site is told of a reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairRequest {
    /// The pairing code or enrolment key.
    pub code: String,
    /// What the desk would like to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The answer to [`PairRequest`].
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReservationList {
    /// Where the log stood before the list was read: the list holds at least everything up to here.
    pub position: Position,
    /// By date and time.
    pub reservations: Vec<Reservation>,
}

/// `GET /v1/reservations/{id}`, for a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReservationDetails {
    /// As it stands.
    #[serde(flatten)]
    pub reservation: Reservation,
    /// How it came to stand so, oldest first.
    pub history: Vec<HistoryEntry>,
}

/// One step of a reservation's history.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// When.
    pub at: Timestamp,
    /// What: `created`, `rescheduled`, `status`, `claimed`, `released`.
    pub kind: String,
    /// The value before, where the step has one: a status code, or date and time.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub from: Option<String>,
    /// The value after, likewise.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub to: Option<String>,
    /// Who did it.
    pub by: Actor,
}

/// A date and a time are a patient's: what was before and after stays out of it.
impl fmt::Debug for HistoryEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistoryEntry")
            .field("at", &self.at)
            .field("kind", &self.kind)
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}

/// Who changed a reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

/// `POST /v1/reservations/{id}/claim`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimRequest {
    /// Who sits there, where they say so: 1 to 40 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 40))]
    pub staff: Option<String>,
}

/// `PUT /v1/reservations/{id}/status`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusRequest {
    /// The code of the status that it is to have; the gateway says whether a way leads there.
    #[cfg_attr(feature = "openapi", schema(value_type = Status))]
    pub status: String,
    /// The version that the desk has before its eyes.
    pub if_version: u64,
    /// Who sits there, where they say so: 1 to 40 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 40))]
    pub staff: Option<String>,
    /// Whether another desk's claim is no hindrance.
    #[serde(rename = "override", default, skip_serializing_if = "std::ops::Not::not")]
    pub over_claim: bool,
}

/// `POST /v1/reservations/{id}/undo`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndoRequest {
    /// The version that the desk has before its eyes.
    pub if_version: u64,
}

/// `POST /v1/exports`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportRequest {
    /// The day, as `YYYY-MM-DD`, in the hospital's time zone.
    #[cfg_attr(feature = "openapi", schema(format = Date, examples("2026-11-23")))]
    pub date: String,
    /// What it is for: 1 to 200 characters, which go into the access record.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reason: String,
    /// Whether names and phone numbers are to be masked.
    pub masked: bool,
}

/// An error answer: RFC 9457 `application/problem+json`, always with all five members. Holds no value of a reservation's fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind, in a few words.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What is wrong this time and what to do; empty where the title says it all.
    #[serde(default)]
    pub detail: String,
    /// The fields at fault, if it is about fields.
    #[serde(default)]
    pub errors: Vec<FieldProblem>,
}

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    /// The form's field.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_shows_no_date_and_no_time() {
        let step = HistoryEntry {
            at: Timestamp::UNIX_EPOCH,
            kind: "rescheduled".to_owned(),
            from: Some("2026-11-23 10:30 ~ 11:00".to_owned()),
            to: Some("2026-11-24 14:00 ~ 14:30".to_owned()),
            by: Actor::Site,
        };
        assert_eq!(
            format!("{step:?}"),
            r#"HistoryEntry { at: 1970-01-01T00:00:00Z, kind: "rescheduled", by: Site, .. }"#
        );
    }

    #[test]
    fn a_problem_always_has_its_five_members() {
        let problem = Problem {
            kind: "urn:problem-type:deskbell:not-found".to_owned(),
            title: "There is nothing at this address".to_owned(),
            status: 404,
            detail: String::new(),
            errors: Vec::new(),
        };
        let written = serde_json::to_value(problem).unwrap();
        let members: Vec<_> = written.as_object().unwrap().keys().collect();
        assert_eq!(members, ["detail", "errors", "status", "title", "type"]);
    }
}
