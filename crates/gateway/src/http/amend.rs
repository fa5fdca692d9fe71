//! `PATCH /v1/reservations/{id}`: a booking site moves a reservation, or calls it off.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse, Response};
use deskbell_protocol::http::{Problem as ProblemBody, ShortReservation};
use deskbell_protocol::{Amended, Amendment, AmendmentError};
use deskbell_store::{Act, ChangeError, StoreError, Wish};

use super::asker::{Asker, Named, NoReservation};
use super::auth::BySite;
use super::body::read_json;
use super::{BodyError, Client, Problem};
use crate::Gateway;

/// Why a reservation stays as it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAmended {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("fields at fault")]
    Fields(Vec<AmendmentError>),
    #[error("no such reservation")]
    NotFound,
    #[error("a finished reservation")]
    Finished,
    #[error("it cannot be noted")]
    Unnoted(#[source] StoreError),
    #[error("it may have been changed")]
    Perhaps(#[source] StoreError),
}

impl IntoResponse for NotAmended {
    fn into_response(self) -> Response {
        match self {
            Self::Body(error) => error.into_response(),
            Self::Fields(errors) => errors
                .iter()
                .fold(
                    Problem::new(
                        StatusCode::UNPROCESSABLE_ENTITY,
                        "invalid-change",
                        "The change has fields at fault",
                    ),
                    |problem, error| problem.field(error.field, error.fault),
                )
                .detail("Nothing was changed. Send another date or time, or the status cancelled.")
                .into_response(),
            Self::NotFound => NoReservation.into_response(),
            Self::Finished => Problem::new(StatusCode::CONFLICT, "finished", "The reservation is finished")
                .detail("It was fulfilled, cancelled or missed, or was an error: a new booking is needed.")
                .into_response(),
            Self::Unnoted(error) => Problem::unreadable(&error).into_response(),
            Self::Perhaps(error) => Problem::perhaps_stored(
                &error,
                "It may or may not have been changed. Send the same again later: a date and a time are changed once, and what is \
                 cancelled already is answered 409.",
            )
            .into_response(),
        }
    }
}

/// Moves a reservation, or calls it off
///
/// Either a date, a time or both, or the status `cancelled`. The same date and time again change nothing.
#[utoipa::path(
    patch, path = "/v1/reservations/{id}", tag = "booking site", operation_id = "amend",
    params(("id" = deskbell_protocol::ReservationId, Path)),
    request_body = Amendment,
    responses(
        (status = 200, description = "It is as asked for", body = ShortReservation),
        (status = 409, description = "It is finished", content_type = "application/problem+json", body = ProblemBody),
        (status = 422, description = "Fields are at fault", content_type = "application/problem+json", body = ProblemBody),
    ),
    security(("intake_key" = [])),
)]
pub(super) async fn patch(
    State(gateway): State<Gateway>,
    BySite(hospital): BySite,
    client: Client,
    Named(id): Named,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ShortReservation>, NotAmended> {
    let amendment: Amendment = read_json(&headers, body).await?;
    let (what, wish) = match amendment.check().map_err(NotAmended::Fields)? {
        Amended::Rescheduled { date, time } => (Act::Reschedule, Wish::Reschedule { date, time }),
        Amended::Cancelled => (Act::Cancel, Wish::Cancel),
    };
    Asker::site(&hospital, client)
        .note(&gateway, what, Some(id), None)
        .await
        .map_err(NotAmended::Unnoted)?;
    match gateway.change(hospital.id, id, &wish).await {
        Ok(reservation) => Ok(Json(gateway.short(&reservation))),
        // Nothing else is refused to a booking site.
        Err(ChangeError::Refused(..)) => Err(NotAmended::Finished),
        Err(ChangeError::Store(StoreError::NotFound)) => Err(NotAmended::NotFound),
        Err(ChangeError::Store(error)) => Err(NotAmended::Perhaps(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Answer, Site, URLENCODED};

    async fn patch(site: &Site, location: &str, body: &str) -> Answer {
        site.send_as(&site.key, "PATCH", location, body).await
    }

    #[tokio::test]
    async fn a_site_moves_a_reservation_once() {
        let site = Site::new().await;
        let location = site.booked().await;
        let body = r#"{"reservationdate":"2023-03-31","reservationtime":"14:00-14:30","name":"..."}"#;
        insta::assert_snapshot!(patch(&site, &location, body).await, @r#"
        200
        content-type: application/json
        cache-control: no-store
        {
          "id": "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a",
          "seq": 2,
          "status": "pending",
          "version": 2,
          "watch_token": "dbwatchAaIAxGKAeFeMb65tm287Su0ImoHbErefsk0HHGWcHYfLlpMXWd9kOthWJ0pxpuAA"
        }
        "#);
        let again = patch(&site, &location, body).await.json();
        assert_eq!((&again["version"], &again["seq"]), (&2.into(), &2.into()));
        let stands = site.pair().await.get(&location).await.json();
        assert_eq!(
            (
                &stands["reservationdate"],
                &stands["reservationtime"],
                &stands["name"]
            ),
            (&"2023-03-31".into(), &"14:00 ~ 14:30".into(), &"김크리스".into())
        );
        insta::assert_snapshot!(site.accesses().await.join("\n"), @r#"
        site | 203.0.113.7 | reschedule | it
        site | 203.0.113.7 | reschedule | it
        접수 1 | 203.0.113.7 | pair
        접수 1 | 203.0.113.7 | view | it
        "#);
    }

    #[tokio::test]
    async fn a_date_or_a_time_alone_leaves_the_other() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        patch(&site, &location, r#"{"reservationtime":"14:00 ~ 14:30"}"#).await;
        patch(&site, &location, r#"{"reservationdate":"2023-03-31"}"#).await;
        let stands = desk.get(&location).await.json();
        assert_eq!(
            (
                &stands["reservationdate"],
                &stands["reservationtime"],
                &stands["version"]
            ),
            (&"2023-03-31".into(), &"14:00 ~ 14:30".into(), &3.into())
        );
    }

    #[tokio::test]
    async fn a_handled_one_that_is_moved_keeps_its_status() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        let body = r#"{"status":"booked","if_version":1}"#;
        desk.ask("PUT", &format!("{location}/status"), body).await;
        let moved = patch(&site, &location, r#"{"reservationdate":"2023-03-31"}"#).await;
        assert_eq!((moved.status, &moved.json()["status"]), (200, &"booked".into()));
    }

    #[tokio::test]
    async fn a_site_calls_a_reservation_off_and_then_it_is_finished() {
        let site = Site::new().await;
        let location = site.booked().await;
        let cancelled = patch(&site, &location, r#"{"status":"cancelled"}"#).await;
        assert_eq!(
            (cancelled.status, &cancelled.json()["status"]),
            (200, &"cancelled".into())
        );
        insta::assert_snapshot!(patch(&site, &location, r#"{"status":"cancelled"}"#).await, @r#"
        409
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "It was fulfilled, cancelled or missed, or was an error: a new booking is needed.",
          "errors": [],
          "status": 409,
          "title": "The reservation is finished",
          "type": "urn:problem-type:deskbell:finished"
        }
        "#);
        let moved = patch(&site, &location, r#"{"reservationdate":"2023-03-31"}"#).await;
        assert_eq!(moved.status, 409);
        assert_eq!(
            site.get_as(&site.key, &location).await.json()["seq"],
            2,
            "nothing was changed"
        );
    }

    #[tokio::test]
    async fn both_kinds_neither_and_values_at_fault_are_422() {
        let site = Site::new().await;
        let location = site.booked().await;
        insta::assert_snapshot!(patch(&site, &location, "{}").await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Nothing was changed. Send another date or time, or the status cancelled.",
          "errors": [
            {
              "field": "reservationdate",
              "message": "is required, or one of the other two"
            },
            {
              "field": "reservationtime",
              "message": "is required, or one of the other two"
            },
            {
              "field": "status",
              "message": "is required, or one of the other two"
            }
          ],
          "status": 422,
          "title": "The change has fields at fault",
          "type": "urn:problem-type:deskbell:invalid-change"
        }
        "#);
        let both = r#"{"status":"cancelled","reservationdate":"2023-03-31"}"#;
        insta::assert_snapshot!(patch(&site, &location, both).await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Nothing was changed. Send another date or time, or the status cancelled.",
          "errors": [
            {
              "field": "status",
              "message": "must not come with a date or a time: a reservation is moved or cancelled"
            }
          ],
          "status": 422,
          "title": "The change has fields at fault",
          "type": "urn:problem-type:deskbell:invalid-change"
        }
        "#);
        let wrong = r#"{"reservationdate":"2023-02-29","reservationtime":"11:00 ~ 10:30","status":"booked"}"#;
        insta::assert_snapshot!(patch(&site, &location, wrong).await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Nothing was changed. Send another date or time, or the status cancelled.",
          "errors": [
            {
              "field": "reservationdate",
              "message": "must be a real date, as YYYY-MM-DD"
            },
            {
              "field": "reservationtime",
              "message": "must end after it starts"
            },
            {
              "field": "status",
              "message": "must be cancelled, or left out"
            }
          ],
          "status": 422,
          "title": "The change has fields at fault",
          "type": "urn:problem-type:deskbell:invalid-change"
        }
        "#);
        assert_eq!(site.get_as(&site.key, &location).await.json()["seq"], 1);
    }

    #[tokio::test]
    async fn only_json_is_taken_and_a_field_once() {
        let site = Site::new().await;
        let location = site.booked().await;
        let bearer = format!("Bearer {}", site.key);
        let headers = [URLENCODED, ("authorization", &bearer)];
        let form = site.send("PATCH", &location, &headers, "status=cancelled").await;
        assert_eq!(form.status, 415);
        let twice = r#"{"status":"cancelled","status":"cancelled"}"#;
        assert_eq!(patch(&site, &location, twice).await.status, 400);
    }
}
