//! What all changes of a reservation from a desk have in common: they are noted, made, and answered with the reservation
//! as it then stands; so is a refusal.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use deskbell_protocol::{Fault, Reservation, ReservationId, check_remark};
use deskbell_store::{Act, By, ChangeError, DeskRecord, Refusal, StoreError, Wish};

use super::asker::{Asker, NoReservation};
use super::{BodyError, Problem};
use crate::Gateway;

/// Says why a change was refused, beside the reservation in the body.
const REFUSED: HeaderName = HeaderName::from_static("deskbell-refused");

/// The longest name by which somebody at a desk may go, in characters.
const LONGEST_STAFF: usize = 40;

/// Why a reservation is not changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotChanged {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("a name of somebody that is not taken")]
    Staff(Fault),
    #[error("an unknown status")]
    UnknownStatus,
    #[error("no such reservation")]
    NotFound,
    #[error("{0}")]
    Refused(Refusal, Box<Reservation>),
    #[error("it cannot be noted")]
    Unnoted(#[source] StoreError),
    #[error("it may have been changed")]
    Perhaps(#[source] StoreError),
}

impl IntoResponse for NotChanged {
    fn into_response(self) -> Response {
        let invalid = |name, title| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, name, title);
        match self {
            Self::Body(error) => error.into_response(),
            Self::Staff(fault) => {
                let problem = invalid("invalid-request", "The name of who sits there is not taken");
                let problem = problem.detail("Nothing was changed.");
                match fault {
                    Fault::Missing => problem.field("staff", "must be left out, or not be blank"),
                    fault => problem.field("staff", fault),
                }
                .into_response()
            }
            Self::UnknownStatus => invalid("invalid-request", "There is no such status")
                .detail("Nothing was changed.")
                .field("status", "must be the code of a status")
                .into_response(),
            Self::NotFound => NoReservation.into_response(),
            Self::Refused(Refusal::NoSuchMove, reservation) => {
                let from = reservation.status;
                let ways: Vec<_> = from.moves().iter().map(|status| status.code()).collect();
                let detail = if ways.is_empty() {
                    format!("{} is final: only an undo leads back.", from.code())
                } else {
                    let ways = ways.join(", ");
                    format!("{} can become {ways}; anything else is an undo.", from.code())
                };
                invalid("no-such-move", "No way leads from this status to that one")
                    .detail(detail)
                    .field("status", "cannot be given to this reservation")
                    .into_response()
            }
            Self::Refused(refusal, reservation) => (
                StatusCode::CONFLICT,
                [(REFUSED, HeaderValue::from_static(word(refusal)))],
                Json(reservation),
            )
                .into_response(),
            Self::Unnoted(error) => Problem::unreadable(&error).into_response(),
            Self::Perhaps(error) => Problem::perhaps_stored(
                &error,
                "It may or may not have been changed. Ask how the reservation stands before you try again.",
            )
            .into_response(),
        }
    }
}

/// How a refusal is called in the header.
const fn word(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Finished => "finished",
        Refusal::Held => "held",
        Refusal::Handled => "handled",
        Refusal::NotHeld => "not-held",
        Refusal::Moved => "moved",
        Refusal::NoSuchMove => "no-such-move",
        Refusal::NothingToUndo => "nothing-to-undo",
    }
}

/// Somebody at the desk, by the name they gave.
pub(super) fn by(record: &DeskRecord, staff: Option<&str>) -> Result<By, NotChanged> {
    let staff = staff.map(|staff| check_remark(staff, LONGEST_STAFF)).transpose();
    Ok(By {
        desk: record.desk.clone(),
        staff: staff.map_err(NotChanged::Staff)?,
    })
}

/// Notes what a desk wants to do, and does it.
pub(super) async fn change(
    gateway: &Gateway,
    asker: &Asker,
    what: Act,
    id: ReservationId,
    wish: &Wish,
) -> Result<Reservation, NotChanged> {
    asker
        .note(gateway, what, Some(id), None)
        .await
        .map_err(NotChanged::Unnoted)?;
    gateway
        .change(asker.hospital, id, wish)
        .await
        .map_err(|error| match error {
            ChangeError::Refused(refusal, reservation) => NotChanged::Refused(refusal, reservation),
            ChangeError::Store(StoreError::NotFound) => NotChanged::NotFound,
            ChangeError::Store(error) => NotChanged::Perhaps(error),
        })
}
