use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use deskbell_protocol::{Hospital, HospitalId, ReservationId};
use deskbell_store::{Access, Act, DeskRecord, StoreError, Who};

use super::{Client, Problem};
use crate::Gateway;

/// Who is at a hospital's data, and from where.
pub(super) struct Asker {
    pub(super) hospital: HospitalId,
    who: Who,
    client: Client,
}

impl Asker {
    /// The hospital's booking site.
    pub(super) fn site(hospital: &Hospital, client: Client) -> Self {
        Self {
            hospital: hospital.id,
            who: Who::Site,
            client,
        }
    }

    /// Somebody at a desk.
    pub(super) fn desk(record: &DeskRecord, staff: Option<&str>, client: Client) -> Self {
        Self {
            hospital: record.hospital.id,
            who: Who::Desk {
                desk: record.desk.clone(),
                staff: staff.map(str::to_owned),
            },
            client,
        }
    }

    /// Notes what is about to be done. It is in the access record when this returns.
    ///
    /// # Errors
    /// When it cannot be noted: then it must not be done.
    pub(super) async fn note(
        &self,
        gateway: &Gateway,
        what: Act,
        reservation: Option<ReservationId>,
        detail: Option<String>,
    ) -> Result<(), StoreError> {
        let Self {
            hospital,
            who,
            client,
        } = self;
        gateway
            .note_access(Access {
                at: gateway.clock().now(),
                hospital: *hospital,
                who: who.clone(),
                from: Some(client.0),
                reservation,
                what,
                detail,
            })
            .await
    }
}

/// The reservation that a path names.
pub(super) struct Named(pub(super) ReservationId);

/// There is no such reservation, or it is another hospital's.
#[derive(Debug, thiserror::Error)]
#[error("no such reservation")]
pub(super) struct NoReservation;

impl IntoResponse for NoReservation {
    fn into_response(self) -> Response {
        Problem::new(
            StatusCode::NOT_FOUND,
            "no-reservation",
            "The hospital has no such reservation",
        )
        .into_response()
    }
}

impl FromRequestParts<Gateway> for Named {
    type Rejection = NoReservation;

    /// What is no id names no reservation.
    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, NoReservation> {
        let id: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, gateway).await;
        let id = id.ok().and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or(NoReservation)
    }
}
