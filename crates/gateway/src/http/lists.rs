//! `GET /v1/reservations`: a desk asks for a list.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deskbell_protocol::http::ReservationList;
use deskbell_protocol::read_date;
use deskbell_store::{Act, Filter, StoreError};

use super::asker::Asker;
use super::auth::ByDesk;
use super::{Client, Problem};
use crate::Gateway;

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListError {
    #[error("not exactly one known filter")]
    Filter,
    #[error("a filter's value that cannot be read")]
    Value(&'static str, &'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IntoResponse for ListError {
    fn into_response(self) -> Response {
        let malformed = |title| Problem::new(StatusCode::BAD_REQUEST, "malformed", title);
        match self {
            Self::Filter => malformed("Exactly one filter is needed")
                .detail("Ask with ?date=YYYY-MM-DD, ?status=pending or ?received_since=INSTANT."),
            Self::Value(field, message) => malformed("The filter cannot be read").field(field, message),
            Self::Store(error) => Problem::unreadable(&error),
        }
        .into_response()
    }
}

/// The reservations of a day, those nobody has answered, or those received lately
///
/// Exactly one filter is needed. The list holds at least everything up to its position.
#[utoipa::path(
    get, path = "/v1/reservations", tag = "desk", operation_id = "list",
    params(
        ("date" = Option<jiff::civil::Date>, Query, description = "A day there"),
        ("status" = Option<String>, Query, description = "`pending`"),
        ("received_since" = Option<jiff::Timestamp>, Query, description = "An instant"),
    ),
    responses(
        (status = 200, description = "By date and time", body = ReservationList),
        (status = 400, description = "Not exactly one filter that can be read",
            content_type = "application/problem+json", body = deskbell_protocol::http::Problem),
    ),
    security(("desk_token" = [])),
)]
pub(super) async fn get(
    State(gateway): State<Gateway>,
    ByDesk(desk): ByDesk,
    client: Client,
    RawQuery(query): RawQuery,
) -> Result<Json<ReservationList>, ListError> {
    let filter = filter(&query.unwrap_or_default())?;
    let detail = match filter {
        Filter::Date(date) => format!("date={date}"),
        Filter::Pending => "status=pending".to_owned(),
        Filter::ReceivedSince(instant) => format!("received_since={instant}"),
    };
    Asker::desk(&desk, None, client)
        .note(&gateway, Act::List, None, Some(detail))
        .await?;
    Ok(Json(
        gateway.store().reservations(desk.hospital.id, filter).await?,
    ))
}

fn filter(query: &str) -> Result<Filter, ListError> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (Some((name, value)), None) = (pairs.next(), pairs.next()) else {
        return Err(ListError::Filter);
    };
    match &*name {
        "date" => read_date(&value)
            .map(Filter::Date)
            .ok_or(ListError::Value("date", "must be a real date, as YYYY-MM-DD")),
        "status" if value == "pending" => Ok(Filter::Pending),
        "status" => Err(ListError::Value("status", "must be pending")),
        "received_since" => value
            .parse()
            .map(Filter::ReceivedSince)
            .map_err(|_| ListError::Value("received_since", "must be an instant, as 2026-11-22T01:00:00Z")),
        _ => Err(ListError::Filter),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{SEED, Site, URLENCODED, with};

    #[tokio::test]
    async fn a_desk_sees_the_lists_of_its_own_hospital_alone() {
        let site = Site::new().await;
        site.post(&[URLENCODED], SEED).await;
        site.clock.advance(Duration::from_secs(60));
        site.post(&[URLENCODED], &with("reservationdate", "2023-03-31"))
            .await;
        let desk = site.pair().await;
        insta::assert_snapshot!(desk.get("/v1/reservations?date=2023-03-30").await, @r#"
        200
        content-type: application/json
        cache-control: no-store
        {
          "position": {
            "epoch": "epoch-of-haneul",
            "seq": 2
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
        for (query, count) in [
            ("date=2023-03-31", 1),
            ("date=2023-04-01", 0),
            ("status=pending", 2),
            ("received_since=2026-11-22T01:00:30Z", 1),
            ("received_since=2026-11-22T10:01:00%2B09:00", 1),
            ("received_since=2026-11-22T01:01:01Z", 0),
        ] {
            let answer = desk.get(&format!("/v1/reservations?{query}")).await;
            assert_eq!(
                answer.json()["reservations"].as_array().unwrap().len(),
                count,
                "{query}"
            );
        }
        let elsewhere = site.other_hospital().await.pair().await;
        insta::assert_snapshot!(elsewhere.get("/v1/reservations?status=pending").await, @r#"
        200
        content-type: application/json
        cache-control: no-store
        {
          "position": {
            "epoch": "epoch-of-bada",
            "seq": 0
          },
          "reservations": []
        }
        "#);
    }

    #[tokio::test]
    async fn a_query_without_exactly_one_filter_is_400() {
        let desk = Site::new().await.pair().await;
        insta::assert_snapshot!(desk.get("/v1/reservations").await, @r#"
        400
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Ask with ?date=YYYY-MM-DD, ?status=pending or ?received_since=INSTANT.",
          "errors": [],
          "status": 400,
          "title": "Exactly one filter is needed",
          "type": "urn:problem-type:deskbell:malformed"
        }
        "#);
        insta::assert_snapshot!(desk.get("/v1/reservations?date=2023-02-29").await, @r#"
        400
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "",
          "errors": [
            {
              "field": "date",
              "message": "must be a real date, as YYYY-MM-DD"
            }
          ],
          "status": 400,
          "title": "The filter cannot be read",
          "type": "urn:problem-type:deskbell:malformed"
        }
        "#);
        for query in [
            "status=booked",
            "received_since=yesterday",
            "date=20230330",
            "date=2023-03-30T10:30:00",
            "name=a",
            "status=pending&date=2023-03-30",
        ] {
            assert_eq!(
                desk.get(&format!("/v1/reservations?{query}")).await.status,
                400,
                "{query}"
            );
        }
    }

    #[tokio::test]
    async fn a_list_is_for_desks_that_are_not_revoked() {
        let site = Site::new().await;
        assert_eq!(site.get("/v1/reservations?status=pending").await.status, 401);
        insta::assert_snapshot!(site.get_as(&site.key, "/v1/reservations?status=pending").await, @r#"
        401
        content-type: application/problem+json
        cache-control: no-store
        www-authenticate: Bearer
        {
          "detail": "",
          "errors": [],
          "status": 401,
          "title": "This takes a desk's token, not the hospital's intake key",
          "type": "urn:problem-type:deskbell:wrong-token"
        }
        "#);
        let desk = site.pair().await;
        site.revoke(&desk).await;
        insta::assert_snapshot!(desk.get("/v1/reservations?status=pending").await, @r#"
        401
        content-type: application/problem+json
        cache-control: no-store
        www-authenticate: Bearer
        {
          "detail": "Pair this PC again.",
          "errors": [],
          "status": 401,
          "title": "This desk was signed out by the hospital",
          "type": "urn:problem-type:deskbell:desk-revoked"
        }
        "#);
    }
}
