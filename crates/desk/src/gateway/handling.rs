//! Changing a reservation at a gateway.

use std::time::Duration;

use deskbell_protocol::http::{ClaimRequest, Problem, StatusRequest, UndoRequest};
use deskbell_protocol::{Reservation, ReservationId, Status};
use reqwest::{Response, StatusCode};

use crate::gateway::{Gateway, body, endpoint};

/// The longest that somebody who pressed a button waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What somebody at this desk wants to become of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Handling {
    /// To look after it; again, to go on with it.
    Claim,
    /// To let it go.
    Release,
    /// To give it another status.
    SetStatus {
        /// Which.
        to: Status,
        /// The version they had before their eyes.
        seen: u64,
        /// Whether another desk's claim is no hindrance.
        overrides: bool,
    },
    /// To take the last change of its status back.
    Undo {
        /// The version they had before their eyes.
        seen: u64,
    },
}

/// Why a reservation was not changed. Holds nothing that a log may not have: a reservation's `Debug` is masked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandlingError {
    /// The gateway was not reached: nothing was changed.
    #[error("not reached: {0}")]
    Unreachable(#[source] reqwest::Error),
    /// It was asked and did not say whether it did it.
    #[error("no answer: {0}")]
    Unanswered(#[source] reqwest::Error),
    /// It does not know itself whether it did it.
    #[error("status {0}")]
    Perhaps(StatusCode),
    /// It has too much to do, and did nothing.
    #[error("too many requests")]
    TooMany,
    /// An answer that no gateway gives.
    #[error("not a gateway's answer")]
    NotDeskbell,
    /// The token is not, or no longer, good.
    #[error("the desk is signed out")]
    SignedOut,
    /// There is no such reservation for this desk.
    #[error("not found")]
    NotFound,
    /// It does not fit how the reservation stands, which is told.
    #[error("it stands otherwise")]
    Conflict(Box<Reservation>),
    /// No way leads from its status to that one, or what was sent along is not taken.
    #[error("not taken")]
    Invalid,
}

impl Gateway {
    /// Changes reservation `id`; `staff` is who sits at this desk, where they said so. Tells how it stands then.
    pub(crate) async fn handle(
        &self,
        id: ReservationId,
        handling: Handling,
        staff: Option<String>,
    ) -> Result<Reservation, HandlingError> {
        let id = id.to_string();
        let at = |part| endpoint(&self.server, &["v1", "reservations", &id, part]);
        let http = self.http.to(&self.server);
        let request = match handling {
            Handling::Claim => http.post(at("claim")).json(&ClaimRequest { staff }),
            Handling::Release => http.delete(at("claim")),
            Handling::SetStatus { to, seen, overrides } => http.put(at("status")).json(&StatusRequest {
                status: to.code().to_owned(),
                if_version: seen,
                staff,
                over_claim: overrides,
            }),
            Handling::Undo { seen } => http.post(at("undo")).json(&UndoRequest { if_version: seen }),
        };
        let request = self.authorized(request).timeout(PATIENCE);
        let response = request.send().await.map_err(|error| {
            if error.is_connect() {
                HandlingError::Unreachable(error)
            } else {
                HandlingError::Unanswered(error)
            }
        })?;
        changed(response).await
    }
}

async fn changed(response: Response) -> Result<Reservation, HandlingError> {
    let status = response.status();
    let body = body(response).await;
    match status {
        StatusCode::OK => serde_json::from_slice(&body.map_err(HandlingError::Unanswered)?)
            .map_err(|_| HandlingError::NotDeskbell),
        StatusCode::CONFLICT => serde_json::from_slice(&body.map_err(HandlingError::Unanswered)?)
            .map(|reservation| HandlingError::Conflict(Box::new(reservation)))
            .map_or(Err(HandlingError::NotDeskbell), Err),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(HandlingError::SignedOut),
        // A gateway says so in a form of its own; anybody's 404 is no answer to the question.
        StatusCode::NOT_FOUND if body.is_ok_and(|body| serde_json::from_slice::<Problem>(&body).is_ok()) => {
            Err(HandlingError::NotFound)
        }
        StatusCode::UNPROCESSABLE_ENTITY => Err(HandlingError::Invalid),
        StatusCode::TOO_MANY_REQUESTS => Err(HandlingError::TooMany),
        _ if status.is_server_error() => Err(HandlingError::Perhaps(status)),
        _ => Err(HandlingError::NotDeskbell),
    }
}
