//! `GET /v1/reservations/{id}`: one reservation, as much of it as the asker may see.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use deskbell_protocol::ReservationId;
use deskbell_protocol::http::{ReservationDetails, ShortReservation};
use deskbell_store::{Act, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use super::asker::{Asker, Named, NoReservation};
use super::auth::Caller;
use super::{Client, Problem};
use crate::Gateway;

/// As much of a reservation as the asker may see.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "on its way out")]
pub(super) enum Seen {
    /// By a desk of the hospital.
    Desk(ReservationDetails),
    /// By its booking site.
    Site(ShortReservation),
}

/// Why there is no reservation.
#[derive(Debug, thiserror::Error)]
pub(super) enum OneError {
    #[error("no such reservation")]
    NotFound,
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for OneError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            other => Self::Store(other),
        }
    }
}

impl IntoResponse for OneError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => NoReservation.into_response(),
            Self::Store(error) => Problem::unreadable(&error).into_response(),
        }
    }
}

/// One reservation, as much of it as the asker may see
#[utoipa::path(
    get, path = "/v1/reservations/{id}", tags = ["booking site", "desk"], operation_id = "one",
    params(("id" = ReservationId, Path)),
    responses((status = 200, description = "With its history for a desk, the short form for the booking site", body = Seen)),
    security(("intake_key" = []), ("desk_token" = [])),
)]
pub(super) async fn get(
    State(gateway): State<Gateway>,
    caller: Caller,
    client: Client,
    Named(id): Named,
) -> Result<Json<Seen>, OneError> {
    let asker = match &caller {
        Caller::Desk(desk) => Asker::desk(desk, None, client),
        Caller::Site(hospital) => Asker::site(hospital, client),
    };
    asker.note(&gateway, Act::View, Some(id), None).await?;
    let details = gateway.store().reservation(asker.hospital, id).await?;
    Ok(Json(match caller {
        Caller::Desk(_) => Seen::Desk(details),
        Caller::Site(_) => Seen::Site(gateway.short(&details.reservation)),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SEED, Site, URLENCODED};

    #[tokio::test]
    async fn a_desk_sees_all_of_it_and_the_site_the_short_form() {
        let site = Site::new().await;
        let posted = site.post(&[URLENCODED], SEED).await;
        let location = posted.header("location").unwrap();
        insta::assert_snapshot!(site.pair().await.get(&location).await, @r#"
        200
        content-type: application/json
        cache-control: no-store
        {
          "claim": null,
          "handled_by": null,
          "history": [
            {
              "at": "2026-11-22T01:00:00Z",
              "by": {
                "kind": "site"
              },
              "from": null,
              "kind": "created",
              "to": "pending"
            }
          ],
          "id": "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a",
          "name": "김크리스",
          "phone": "010-1111-1111",
          "received_at": "2026-11-22T01:00:00Z",
          "relationship": "본인",
          "reservationdate": "2023-03-30",
          "reservationtime": "10:30 ~ 11:00",
          "seq": 1,
          "status": "pending",
          "updated_at": "2026-11-22T01:00:00Z",
          "version": 1
        }
        "#);
        let short = site.get_as(&site.key, &location).await;
        assert_eq!((short.status, short.body), (200, posted.body));
    }

    #[tokio::test]
    async fn another_hospitals_reservation_is_as_unknown_as_one_that_never_was() {
        let site = Site::new().await;
        let location = site.post(&[URLENCODED], SEED).await.header("location").unwrap();
        let other = site.other_hospital().await;
        let desk = other.pair().await;
        insta::assert_snapshot!(desk.get(&location).await, @r#"
        404
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "",
          "errors": [],
          "status": 404,
          "title": "The hospital has no such reservation",
          "type": "urn:problem-type:deskbell:no-reservation"
        }
        "#);
        assert_eq!(other.get_as(&other.key, &location).await.status, 404);
        for nothing in ["/v1/reservations/0", "/v1/reservations/%FF"] {
            assert_eq!(desk.get(nothing).await.status, 404, "{nothing}");
        }
        assert_eq!(other.get(&location).await.status, 401);
    }
}
