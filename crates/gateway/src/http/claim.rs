//! `POST|DELETE /v1/reservations/{id}/claim`: a desk takes a reservation on itself for a while, or lets it go.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::HeaderMap;
use deskbell_protocol::Reservation;
use deskbell_protocol::http::ClaimRequest;
use deskbell_store::{Act, Wish};

use super::Client;
use super::asker::{Asker, Named};
use super::auth::ByDesk;
use super::body::read_json_or_nothing;
use super::change::{NotChanged, by, change};
use crate::Gateway;

/// Takes a reservation on, or renews the lease
///
/// The lease is the hospital's, 5 minutes unless IT set another; the holder's repeat renews it. No body at all is taken for
/// an empty one.
#[utoipa::path(
    post, path = "/v1/reservations/{id}/claim", tag = "desk", operation_id = "claim",
    params(("id" = deskbell_protocol::ReservationId, Path)),
    request_body(content((ClaimRequest = "application/json"))),
    responses(
        (status = 200, description = "This desk holds it now", body = Reservation),
        (status = 409, description = "`held` by another desk, or `handled` already: how it stands", body = Reservation,
            headers(("deskbell-refused" = String))),
        (status = 422, description = "`staff` is at fault", content_type = "application/problem+json", body = deskbell_protocol::http::Problem),
    ),
    security(("desk_token" = [])),
)]
pub(super) async fn post(
    State(gateway): State<Gateway>,
    ByDesk(desk): ByDesk,
    client: Client,
    Named(id): Named,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Reservation>, NotChanged> {
    let ClaimRequest { staff } = read_json_or_nothing(&headers, body).await?;
    let by = by(&desk, staff.as_deref())?;
    let asker = Asker::desk(&desk, by.staff.as_deref(), client);
    let wish = Wish::Claim(by);
    change(&gateway, &asker, Act::Claim, id, &wish).await.map(Json)
}

/// Lets a reservation go
#[utoipa::path(
    delete, path = "/v1/reservations/{id}/claim", tag = "desk", operation_id = "release",
    params(("id" = deskbell_protocol::ReservationId, Path)),
    responses(
        (status = 200, description = "Nobody holds it now", body = Reservation),
        (status = 409, description = "`not-held` by this desk: how it stands", body = Reservation,
            headers(("deskbell-refused" = String))),
    ),
    security(("desk_token" = [])),
)]
pub(super) async fn delete(
    State(gateway): State<Gateway>,
    ByDesk(desk): ByDesk,
    client: Client,
    Named(id): Named,
) -> Result<Json<Reservation>, NotChanged> {
    let asker = Asker::desk(&desk, None, client);
    let wish = Wish::Release(by(&desk, None)?);
    change(&gateway, &asker, Act::Release, id, &wish).await.map(Json)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{JSON, Site};

    #[tokio::test]
    async fn a_claim_is_a_lease_that_its_holder_renews() {
        let site = Site::new().await;
        let (claim, desk) = (site.booked().await + "/claim", site.pair().await);
        insta::assert_snapshot!(desk.ask("POST", &claim, r#"{"staff":" 이수진 "}"#).await, @r#"
        200
        content-type: application/json
        cache-control: no-store
        {
          "claim": {
            "desk": {
              "id": "01a200c4-6280-71aa-ab57-dad0bad0ee89",
              "name": "접수 1"
            },
            "staff": "이수진",
            "until": "2026-11-22T01:05:00Z"
          },
          "handled_by": null,
          "id": "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a",
          "name": "김크리스",
          "phone": "010-1111-1111",
          "received_at": "2026-11-22T01:00:00Z",
          "relationship": "본인",
          "reservationdate": "2023-03-30",
          "reservationtime": "10:30 ~ 11:00",
          "seq": 2,
          "status": "pending",
          "updated_at": "2026-11-22T01:00:00Z",
          "version": 1
        }
        "#);
        site.clock.advance(Duration::from_secs(60));
        let renewed = desk.send("POST", &claim, &[], "").await.json();
        assert_eq!(renewed["claim"]["until"], "2026-11-22T01:06:00Z");
        assert_eq!(
            renewed["claim"]["staff"],
            serde_json::Value::Null,
            "nobody said who"
        );
        assert_eq!((&renewed["version"], &renewed["seq"]), (&1.into(), &3.into()));
        insta::assert_snapshot!(site.accesses().await.join("\n"), @r#"
        접수 1 | 203.0.113.7 | pair
        접수 1 (이수진) | 203.0.113.7 | claim | it
        접수 1 | 203.0.113.7 | claim | it
        "#);
    }

    #[tokio::test]
    async fn what_another_desk_holds_is_409_until_its_lease_runs_out() {
        let site = Site::new().await;
        let claim = site.booked().await + "/claim";
        let (one, two) = (site.pair().await, site.pair().await);
        assert_eq!(one.ask("POST", &claim, "{}").await.status, 200);
        insta::assert_snapshot!(two.ask("POST", &claim, "{}").await, @r#"
        409
        content-type: application/json
        cache-control: no-store
        deskbell-refused: held
        {
          "claim": {
            "desk": {
              "id": "01a200c4-6280-71aa-ab57-dad0bad0ee89",
              "name": "접수 1"
            },
            "staff": null,
            "until": "2026-11-22T01:05:00Z"
          },
          "handled_by": null,
          "id": "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a",
          "name": "김크리스",
          "phone": "010-1111-1111",
          "received_at": "2026-11-22T01:00:00Z",
          "relationship": "본인",
          "reservationdate": "2023-03-30",
          "reservationtime": "10:30 ~ 11:00",
          "seq": 2,
          "status": "pending",
          "updated_at": "2026-11-22T01:00:00Z",
          "version": 1
        }
        "#);
        let refused = two.ask("DELETE", &claim, "").await;
        assert_eq!(
            (refused.status, refused.header("deskbell-refused").as_deref()),
            (409, Some("not-held"))
        );
        site.clock.advance(Duration::from_secs(299));
        assert_eq!(two.ask("POST", &claim, "{}").await.status, 409);
        site.clock.advance(Duration::from_secs(1));
        let taken = two.ask("POST", &claim, "{}").await;
        assert_eq!(
            (taken.status, &taken.json()["claim"]["desk"]["name"]),
            (200, &"접수 2".into())
        );
        assert_eq!(taken.json()["seq"], 4, "claimed, expired, claimed");
    }

    #[tokio::test]
    async fn the_holder_lets_go_once() {
        let site = Site::new().await;
        let (claim, desk) = (site.booked().await + "/claim", site.pair().await);
        desk.ask("POST", &claim, "{}").await;
        let released = desk.send("DELETE", &claim, &[], "").await;
        assert_eq!(
            (released.status, &released.json()["claim"]),
            (200, &serde_json::Value::Null)
        );
        let again = desk.send("DELETE", &claim, &[], "").await;
        assert_eq!(
            (again.status, again.header("deskbell-refused").as_deref()),
            (409, Some("not-held"))
        );
        assert_eq!(again.json()["seq"], 3, "nothing was changed");
    }

    #[tokio::test]
    async fn what_is_handled_is_not_claimed() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        let booked = r#"{"status":"booked","if_version":1}"#;
        assert_eq!(
            desk.ask("PUT", &format!("{location}/status"), booked)
                .await
                .status,
            200
        );
        let refused = desk.ask("POST", &format!("{location}/claim"), "{}").await;
        assert_eq!(
            (refused.status, refused.header("deskbell-refused").as_deref()),
            (409, Some("handled"))
        );
        assert_eq!(refused.json()["status"], "booked");
    }

    #[tokio::test]
    async fn who_sits_there_has_1_to_40_characters_and_no_resident_number() {
        let site = Site::new().await;
        let (claim, desk) = (site.booked().await + "/claim", site.pair().await);
        insta::assert_snapshot!(desk.ask("POST", &claim, r#"{"staff":"960625-1111111"}"#).await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Nothing was changed.",
          "errors": [
            {
              "field": "staff",
              "message": "holds something shaped like a resident registration number, which may not be collected: leave it out"
            }
          ],
          "status": 422,
          "title": "The name of who sits there is not taken",
          "type": "urn:problem-type:deskbell:invalid-request"
        }
        "#);
        for (staff, status) in [
            ("가".repeat(40), 200),
            ("가".repeat(41), 422),
            (" ".to_owned(), 422),
            ("a\\nb".to_owned(), 422),
        ] {
            let body = format!(r#"{{"staff":"{staff}"}}"#);
            assert_eq!(desk.ask("POST", &claim, &body).await.status, status, "{staff}");
        }
        let text = desk.send("POST", &claim, &[], "{}").await;
        assert_eq!(text.status, 415, "a body without a content type");
        assert_eq!(desk.send("POST", &claim, &[JSON], "").await.status, 400);
    }
}
