//! `POST /v1/reservations`: a booking site sends a form in.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, LOCATION};
use axum::response::{IntoResponse, Response};
use deskbell_protocol::http::{Problem as ProblemBody, ShortReservation};
use deskbell_protocol::{FieldError, Form};
use deskbell_store::{Recorded, StoreError};

use super::auth::{AuthError, ByKnownSite};
use super::{BodyError, Problem, read_form};
use crate::Gateway;
use crate::gateway::RequestName;

/// The longest `Idempotency-Key` that is taken.
const LONGEST_KEY: usize = 128;

/// Why a form is not taken in.
#[derive(Debug, thiserror::Error)]
pub(super) enum IntakeError {
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error("an Idempotency-Key that is not taken")]
    IdempotencyKey,
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("fields at fault")]
    Fields(Vec<FieldError>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IntoResponse for IntakeError {
    fn into_response(self) -> Response {
        match self {
            Self::Auth(error) => error.into_response(),
            Self::IdempotencyKey => Problem::new(
                StatusCode::BAD_REQUEST,
                "idempotency-key",
                "The Idempotency-Key is not taken",
            )
            .detail("It must have 1 to 128 characters and be given once.")
            .into_response(),
            Self::Body(error) => error.into_response(),
            Self::Fields(errors) => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-form",
                "The form has fields at fault",
            )
            .detail("Nothing was stored. Correct the fields named and send the form again.")
            .fields(&errors)
            .into_response(),
            Self::Store(StoreError::Conflict) => Problem::new(
                StatusCode::CONFLICT,
                "idempotency-conflict",
                "The same Idempotency-Key came with other fields before",
            )
            .detail("Nothing was stored. A new booking needs a new key.")
            .into_response(),
            Self::Store(error) => Problem::perhaps_stored(
                &error,
                "It may or may not have been stored. Send the same again later with the same Idempotency-Key: then it is \
                 stored once.",
            )
            .into_response(),
        }
    }
}

/// Takes a reservation in
///
/// It is on the disk when this is answered. With an `Idempotency-Key`, a repeat within 24 hours is answered with the first
/// result.
#[utoipa::path(
    post, path = "/v1/reservations", tag = "booking site", operation_id = "intake",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "What names this booking", min_length = 1, max_length = 128),
    ),
    request_body(content((Form = "application/x-www-form-urlencoded"), (Form = "application/json"))),
    responses(
        (status = 201, description = "Taken in", body = ShortReservation, headers(("location" = String))),
        (status = 200, description = "Taken in before", body = ShortReservation, headers(("location" = String))),
        (status = 409, description = "The key came with other fields before",
            content_type = "application/problem+json", body = ProblemBody),
        (status = 422, description = "Fields are at fault", content_type = "application/problem+json", body = ProblemBody),
    ),
    security(("intake_key" = [])),
)]
pub(super) async fn post(
    State(gateway): State<Gateway>,
    ByKnownSite { hospital, key }: ByKnownSite,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, IntakeError> {
    let name = idempotency_key(&headers)?;
    let form = read_form(&headers, body).await?;
    let new = form.check().map_err(IntakeError::Fields)?;
    let recorded = gateway
        .take_in(hospital, Some(key), &new, name.map(RequestName::Site))
        .await;
    if matches!(recorded, Err(StoreError::NotFound)) {
        // Another key is its hospital's since it was looked up.
        gateway.known_keys().forget(hospital);
        return Err(AuthError::Unknown.into());
    }
    let (status, reservation) = match recorded? {
        Recorded::New(reservation) => (StatusCode::CREATED, reservation),
        Recorded::Repeated(reservation) => (StatusCode::OK, reservation),
    };
    let location = format!("/v1/reservations/{}", reservation.id);
    Ok((status, [(LOCATION, location)], Json(gateway.short(&reservation))).into_response())
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&[u8]>, IntakeError> {
    let mut keys = headers.get_all("idempotency-key").iter();
    match (keys.next(), keys.next()) {
        (None, _) => Ok(None),
        (Some(key), None) if (1..=LONGEST_KEY).contains(&key.len()) => Ok(Some(key.as_bytes())),
        _ => Err(IntakeError::IdempotencyKey),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{JSON, SEED, Site, URLENCODED, with};

    #[tokio::test]
    async fn a_form_is_on_the_disk_when_it_is_answered_201() {
        let site = Site::new().await;
        let answer = site.post(&[URLENCODED], SEED).await;
        insta::assert_snapshot!(answer, @r#"
        201
        content-type: application/json
        cache-control: no-store
        location: /v1/reservations/01a200c4-6280-7857-8c6f-ae6d9b6f3b4a
        {
          "id": "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a",
          "seq": 1,
          "status": "pending",
          "version": 1,
          "watch_token": "dbwatchAaIAxGKAeFeMb65tm287Su0ImoHbErefsk0HHGWcHYfLlpMXWd9kOthWJ0pxpuAA"
        }
        "#);
        let desk = site.pair().await;
        insta::assert_snapshot!(desk.get("/v1/reservations?status=pending").await, @r#"
        200
        content-type: application/json
        cache-control: no-store
        {
          "position": {
            "epoch": "epoch-of-haneul",
            "seq": 1
          },
          "reservations": [
            {
              "claim": null,
              "handled_by": null,
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
          ]
        }
        "#);
    }

    #[tokio::test]
    async fn json_is_taken_like_a_form() {
        let site = Site::new().await;
        let body = r#"{"relationship":"본인","name":"김크리스","phone":"010-1111-1111","reservationdate":"2023-03-30",
            "reservationtime":"10:30-11:00","contents":{"any":["thing"]},"idnumber":9606251111111}"#;
        insta::assert_snapshot!(site.post(&[JSON], body).await, @r#"
        201
        content-type: application/json
        cache-control: no-store
        location: /v1/reservations/01a200c4-6280-7857-8c6f-ae6d9b6f3b4a
        {
          "id": "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a",
          "seq": 1,
          "status": "pending",
          "version": 1,
          "watch_token": "dbwatchAaIAxGKAeFeMb65tm287Su0ImoHbErefsk0HHGWcHYfLlpMXWd9kOthWJ0pxpuAA"
        }
        "#);
    }

    #[tokio::test]
    async fn a_repeat_is_answered_200_with_the_first_result_and_stores_nothing() {
        let site = Site::new().await;
        let key = ("idempotency-key", "form-1");
        let first = site.post(&[URLENCODED, key], SEED).await;
        assert_eq!(first.status, 201);
        site.clock.advance(Duration::from_secs(24 * 60 * 60 - 1));
        let spelled = with("reservationtime", "10:30-11:00");
        let again = site.post(&[URLENCODED, key], &spelled).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!(again.header("location"), first.header("location"));
        site.clock.advance(Duration::from_secs(1));
        assert_eq!(
            site.post(&[URLENCODED, key], SEED).await.status,
            201,
            "forgotten after 24 h"
        );
    }

    #[tokio::test]
    async fn the_same_key_with_other_fields_is_a_conflict() {
        let site = Site::new().await;
        let key = ("idempotency-key", "form-1");
        site.post(&[URLENCODED, key], SEED).await;
        let other = with("phone", "010-1111-1112");
        insta::assert_snapshot!(site.post(&[URLENCODED, key], &other).await, @r#"
        409
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Nothing was stored. A new booking needs a new key.",
          "errors": [],
          "status": 409,
          "title": "The same Idempotency-Key came with other fields before",
          "type": "urn:problem-type:deskbell:idempotency-conflict"
        }
        "#);
        assert_eq!(site.recorded().await, 1);
    }

    #[tokio::test]
    async fn an_idempotency_key_has_1_to_128_characters() {
        let site = Site::new().await;
        for (length, status) in [(0, 400), (1, 201), (128, 201), (129, 400)] {
            let key = "k".repeat(length);
            let answer = site.post(&[URLENCODED, ("idempotency-key", &key)], SEED).await;
            assert_eq!(answer.status, status, "{length}");
        }
        let twice = [URLENCODED, ("idempotency-key", "a"), ("idempotency-key", "b")];
        insta::assert_snapshot!(site.post(&twice, SEED).await, @r#"
        400
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "It must have 1 to 128 characters and be given once.",
          "errors": [],
          "status": 400,
          "title": "The Idempotency-Key is not taken",
          "type": "urn:problem-type:deskbell:idempotency-key"
        }
        "#);
    }

    #[tokio::test]
    async fn a_malformed_form_names_each_field_and_stores_nothing() {
        let site = Site::new().await;
        let body = "name=%20&phone=123&reservationdate=2023-02-29&reservationtime=11%3A00%20~%2010%3A30";
        insta::assert_snapshot!(site.post(&[URLENCODED], body).await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Nothing was stored. Correct the fields named and send the form again.",
          "errors": [
            {
              "field": "relationship",
              "message": "is required"
            },
            {
              "field": "name",
              "message": "is required"
            },
            {
              "field": "phone",
              "message": "must be 7 to 20 characters of digits, +, -, blanks and parentheses, with at least 7 digits"
            },
            {
              "field": "reservationdate",
              "message": "must be a real date, as YYYY-MM-DD"
            },
            {
              "field": "reservationtime",
              "message": "must end after it starts"
            }
          ],
          "status": 422,
          "title": "The form has fields at fault",
          "type": "urn:problem-type:deskbell:invalid-form"
        }
        "#);
        let number = with("name", "김크리스 960625-1111111");
        insta::assert_snapshot!(site.post(&[URLENCODED], &number).await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Nothing was stored. Correct the fields named and send the form again.",
          "errors": [
            {
              "field": "name",
              "message": "holds something shaped like a resident registration number, which may not be collected: leave it out"
            }
          ],
          "status": 422,
          "title": "The form has fields at fault",
          "type": "urn:problem-type:deskbell:invalid-form"
        }
        "#);
        assert_eq!(site.post(&[JSON], "{}").await.status, 422);
        assert_eq!(site.recorded().await, 0);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_400_and_quotes_nothing() {
        let site = Site::new().await;
        for (content_type, body) in [
            (JSON, r#"{"name": "canary"#),
            (JSON, r#"{"name": "canary", "name": "canary"}"#),
            (JSON, r#"["canary"]"#),
            (JSON, r#""canary""#),
            (JSON, ""),
            (URLENCODED, "name=%B1%E8canary"),
        ] {
            let answer = site.post(&[content_type], body).await;
            assert_eq!(answer.status, 400, "{body}");
            assert!(!answer.to_string().contains("canary"), "{answer}");
        }
        insta::assert_snapshot!(site.post(&[JSON], r#"{"name": canary}"#).await, @r#"
        400
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "It cannot be read from line 1, column 10 on.",
          "errors": [],
          "status": 400,
          "title": "The body is no JSON object of that shape",
          "type": "urn:problem-type:deskbell:malformed"
        }
        "#);
        assert_eq!(site.recorded().await, 0);
    }

    #[tokio::test]
    async fn other_content_types_are_415() {
        let site = Site::new().await;
        insta::assert_snapshot!(site.post(&[("content-type", "text/plain")], SEED).await, @r#"
        415
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Send application/json, or a form as application/x-www-form-urlencoded, in UTF-8.",
          "errors": [],
          "status": 415,
          "title": "The body has a content type that is not taken here",
          "type": "urn:problem-type:deskbell:unsupported-media-type"
        }
        "#);
        assert_eq!(site.post(&[], SEED).await.status, 415);
    }

    #[tokio::test]
    async fn a_body_beyond_16_kib_is_413() {
        let site = Site::new().await;
        let padded = |length: usize| format!("{SEED}&contents={}", "x".repeat(length - SEED.len() - 10));
        assert_eq!(site.post(&[URLENCODED], &padded(16 * 1024)).await.status, 201);
        insta::assert_snapshot!(site.post(&[URLENCODED], &padded(16 * 1024 + 1)).await, @r#"
        413
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "",
          "errors": [],
          "status": 413,
          "title": "The body is larger than 16 KiB",
          "type": "urn:problem-type:deskbell:too-large"
        }
        "#);
    }

    #[tokio::test]
    async fn only_the_hospitals_own_key_opens_its_intake() {
        let site = Site::new().await;
        insta::assert_snapshot!(site.send("POST", "/v1/reservations", &[URLENCODED], SEED).await, @r#"
        401
        content-type: application/problem+json
        cache-control: no-store
        www-authenticate: Bearer
        {
          "detail": "Send the header `Authorization: Bearer` with the hospital's intake key or the desk's token.",
          "errors": [],
          "status": 401,
          "title": "A token is needed",
          "type": "urn:problem-type:deskbell:no-token"
        }
        "#);
        let post = async |token: &str| {
            let bearer = format!("Bearer {token}");
            let headers = [URLENCODED, ("authorization", &bearer)];
            site.send("POST", "/v1/reservations", &headers, SEED).await
        };
        let forged = format!("{}A", &site.key[..site.key.len() - 1]);
        insta::assert_snapshot!(post(&forged).await, @r#"
        401
        content-type: application/problem+json
        cache-control: no-store
        www-authenticate: Bearer
        {
          "detail": "",
          "errors": [],
          "status": 401,
          "title": "Nobody has this token",
          "type": "urn:problem-type:deskbell:unknown-token"
        }
        "#);
        assert_eq!(post("").await.status, 401);
        insta::assert_snapshot!(post(&site.pair().await.token).await, @r#"
        401
        content-type: application/problem+json
        cache-control: no-store
        www-authenticate: Bearer
        {
          "detail": "",
          "errors": [],
          "status": 401,
          "title": "This takes the hospital's intake key, not a desk's token",
          "type": "urn:problem-type:deskbell:wrong-token"
        }
        "#);
        assert_eq!(site.recorded().await, 0);
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_read_is_503() {
        let site = Site::new().await;
        site.store.close().await;
        insta::assert_snapshot!(site.post(&[URLENCODED], SEED).await, @r#"
        503
        content-type: application/problem+json
        cache-control: no-store
        retry-after: 5
        {
          "detail": "Nothing was changed. Send the same again later.",
          "errors": [],
          "status": 503,
          "title": "The database cannot be used now",
          "type": "urn:problem-type:deskbell:unavailable"
        }
        "#);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_may_have_been_stored_is_not_said_to_be_lost() {
        let site = Site::new().await;
        assert_eq!(site.post(&[URLENCODED], SEED).await.status, 201);
        assert_eq!(site.get("/readyz").await.status, 200);
        site.lose_the_database().await;
        insta::assert_snapshot!(site.post(&[URLENCODED], SEED).await, @r#"
        503
        content-type: application/problem+json
        cache-control: no-store
        retry-after: 5
        {
          "detail": "It may or may not have been stored. Send the same again later with the same Idempotency-Key: then it is stored once.",
          "errors": [],
          "status": 503,
          "title": "The database cannot be used now",
          "type": "urn:problem-type:deskbell:unavailable"
        }
        "#);
        assert_eq!(site.get("/readyz").await.status, 503);
    }
}
