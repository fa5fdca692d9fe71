//! `PUT /v1/reservations/{id}/status` and `POST …/undo`: a desk answers a reservation, or takes its answer back.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::HeaderMap;
use deskbell_protocol::http::{StatusRequest, UndoRequest};
use deskbell_protocol::{Reservation, Status};
use deskbell_store::{Act, Wish};

use super::Client;
use super::asker::{Asker, Named};
use super::auth::ByDesk;
use super::body::read_json;
use super::change::{NotChanged, by, change};
use crate::Gateway;

/// Gives a reservation another status
///
/// It ends the claim.
#[utoipa::path(
    put, path = "/v1/reservations/{id}/status", tag = "desk", operation_id = "set_status",
    params(("id" = deskbell_protocol::ReservationId, Path)),
    request_body = StatusRequest,
    responses(
        (status = 200, description = "It has the status now", body = Reservation),
        (status = 409, description = "It has `moved` on from that version, or is `held` by another desk: how it stands",
            body = Reservation, headers(("deskbell-refused" = String))),
        (status = 422, description = "No way leads to that status, or a field is at fault",
            content_type = "application/problem+json", body = deskbell_protocol::http::Problem),
    ),
    security(("desk_token" = [])),
)]
pub(super) async fn put(
    State(gateway): State<Gateway>,
    ByDesk(desk): ByDesk,
    client: Client,
    Named(id): Named,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Reservation>, NotChanged> {
    let request: StatusRequest = read_json(&headers, body).await?;
    let by = by(&desk, request.staff.as_deref())?;
    let asker = Asker::desk(&desk, by.staff.as_deref(), client);
    let wish = Wish::SetStatus {
        to: Status::from_code(&request.status).ok_or(NotChanged::UnknownStatus)?,
        if_version: request.if_version,
        over_claim: request.over_claim,
        by,
    };
    change(&gateway, &asker, Act::Status, id, &wish).await.map(Json)
}

/// Takes the last change of its status back
///
/// Within 10 minutes, while nothing came after it.
#[utoipa::path(
    post, path = "/v1/reservations/{id}/undo", tag = "desk", operation_id = "undo",
    params(("id" = deskbell_protocol::ReservationId, Path)),
    request_body = UndoRequest,
    responses(
        (status = 200, description = "It is as it was", body = Reservation),
        (status = 409, description = "It has `moved` on from that version, or there is `nothing-to-undo`: how it stands",
            body = Reservation, headers(("deskbell-refused" = String))),
    ),
    security(("desk_token" = [])),
)]
pub(super) async fn undo(
    State(gateway): State<Gateway>,
    ByDesk(desk): ByDesk,
    client: Client,
    Named(id): Named,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Reservation>, NotChanged> {
    let UndoRequest { if_version } = read_json(&headers, body).await?;
    let asker = Asker::desk(&desk, None, client);
    let by = by(&desk, None)?;
    let wish = Wish::Undo { if_version, by };
    change(&gateway, &asker, Act::Undo, id, &wish).await.map(Json)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use deskbell_protocol::Status;

    use super::super::testing::{Desk, Site};

    /// The moves of the interface, as it writes them.
    const MOVES: [(&str, &[&str]); 9] = [
        (
            "pending",
            &["booked", "cancelled", "waitlist", "entered-in-error"],
        ),
        ("waitlist", &["pending", "booked", "cancelled"]),
        (
            "booked",
            &[
                "arrived",
                "checked-in",
                "fulfilled",
                "noshow",
                "cancelled",
                "entered-in-error",
            ],
        ),
        ("arrived", &["checked-in", "fulfilled", "noshow", "cancelled"]),
        ("checked-in", &["fulfilled", "cancelled"]),
        ("fulfilled", &[]),
        ("noshow", &[]),
        ("cancelled", &[]),
        ("entered-in-error", &[]),
    ];

    async fn put(desk: &Desk, location: &str, status: &str, version: u64) -> super::super::testing::Answer {
        let body = format!(r#"{{"status":"{status}","if_version":{version}}}"#);
        desk.ask("PUT", &format!("{location}/status"), &body).await
    }

    async fn undo(desk: &Desk, location: &str, version: u64) -> super::super::testing::Answer {
        let body = format!(r#"{{"if_version":{version}}}"#);
        desk.ask("POST", &format!("{location}/undo"), &body).await
    }

    #[tokio::test]
    async fn every_move_of_the_table_is_made_and_no_other() {
        let site = Site::new().await;
        let desk = site.pair().await;
        for (from, ways) in MOVES {
            // Nothing but `booked` lies between `pending` and any other.
            let way: &[&str] = match from {
                "pending" => &[],
                "booked" | "waitlist" => &[from],
                _ => &["booked", from],
            };
            for to in Status::ALL.map(Status::code) {
                // So many moves at once would be too many of one desk.
                site.clock.advance(Duration::from_secs(1));
                let location = site.booked().await;
                let mut version = 1;
                for status in way {
                    assert_eq!(
                        put(&desk, &location, status, version).await.status,
                        200,
                        "{status}"
                    );
                    version += 1;
                }
                let answer = put(&desk, &location, to, version).await;
                let expected = if ways.contains(&to) { 200 } else { 422 };
                assert_eq!(answer.status, expected, "{from} -> {to}");
                let stands = desk.get(&location).await.json();
                let after = if expected == 200 { to } else { from };
                assert_eq!(stands["status"], after, "{from} -> {to}");
            }
        }
    }

    #[tokio::test]
    async fn a_status_is_answered_with_the_reservation_and_its_claim_is_over() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        desk.ask("POST", &format!("{location}/claim"), "{}").await;
        let body = r#"{"status":"booked","if_version":1,"staff":"이수진"}"#;
        insta::assert_snapshot!(desk.ask("PUT", &format!("{location}/status"), body).await, @r#"
        200
        content-type: application/json
        cache-control: no-store
        {
          "claim": null,
          "handled_by": {
            "at": "2026-11-22T01:00:00Z",
            "desk": {
              "id": "01a200c4-6280-71aa-ab57-dad0bad0ee89",
              "name": "접수 1"
            },
            "staff": "이수진"
          },
          "id": "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a",
          "name": "김크리스",
          "phone": "010-1111-1111",
          "received_at": "2026-11-22T01:00:00Z",
          "relationship": "본인",
          "reservationdate": "2023-03-30",
          "reservationtime": "10:30 ~ 11:00",
          "seq": 4,
          "status": "booked",
          "updated_at": "2026-11-22T01:00:00Z",
          "version": 2
        }
        "#);
        insta::assert_snapshot!(site.accesses().await.join("\n"), @r#"
        접수 1 | 203.0.113.7 | pair
        접수 1 | 203.0.113.7 | claim | it
        접수 1 (이수진) | 203.0.113.7 | status | it
        "#);
    }

    #[tokio::test]
    async fn a_version_that_has_moved_on_is_409_with_how_it_stands() {
        let site = Site::new().await;
        let location = site.booked().await;
        let (one, two) = (site.pair().await, site.pair().await);
        assert_eq!(put(&one, &location, "booked", 1).await.status, 200);
        insta::assert_snapshot!(put(&two, &location, "cancelled", 1).await, @r#"
        409
        content-type: application/json
        cache-control: no-store
        deskbell-refused: moved
        {
          "claim": null,
          "handled_by": {
            "at": "2026-11-22T01:00:00Z",
            "desk": {
              "id": "01a200c4-6280-71aa-ab57-dad0bad0ee89",
              "name": "접수 1"
            },
            "staff": null
          },
          "id": "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a",
          "name": "김크리스",
          "phone": "010-1111-1111",
          "received_at": "2026-11-22T01:00:00Z",
          "relationship": "본인",
          "reservationdate": "2023-03-30",
          "reservationtime": "10:30 ~ 11:00",
          "seq": 2,
          "status": "booked",
          "updated_at": "2026-11-22T01:00:00Z",
          "version": 2
        }
        "#);
        let again = put(&one, &location, "booked", 1).await;
        assert_eq!(again.status, 409, "a repeat is told how it stands");
        assert_eq!(again.json()["seq"], 2, "and changes nothing");
    }

    #[tokio::test]
    async fn another_desks_claim_is_overridden_only_on_purpose() {
        let site = Site::new().await;
        let location = site.booked().await;
        let (one, two) = (site.pair().await, site.pair().await);
        one.ask("POST", &format!("{location}/claim"), "{}").await;
        let held = put(&two, &location, "booked", 1).await;
        assert_eq!(
            (held.status, held.header("deskbell-refused").as_deref()),
            (409, Some("held"))
        );
        assert_eq!(held.json()["claim"]["desk"]["name"], "접수 1");
        let body = r#"{"status":"booked","if_version":1,"override":true}"#;
        let done = two.ask("PUT", &format!("{location}/status"), body).await;
        assert_eq!(done.status, 200);
        assert_eq!(done.json()["handled_by"]["desk"]["name"], "접수 2");
    }

    #[tokio::test]
    async fn a_move_outside_the_table_says_which_there_are() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        insta::assert_snapshot!(put(&desk, &location, "arrived", 1).await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "pending can become booked, cancelled, waitlist, entered-in-error; anything else is an undo.",
          "errors": [
            {
              "field": "status",
              "message": "cannot be given to this reservation"
            }
          ],
          "status": 422,
          "title": "No way leads from this status to that one",
          "type": "urn:problem-type:deskbell:no-such-move"
        }
        "#);
        insta::assert_snapshot!(put(&desk, &location, "confirmed", 1).await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Nothing was changed.",
          "errors": [
            {
              "field": "status",
              "message": "must be the code of a status"
            }
          ],
          "status": 422,
          "title": "There is no such status",
          "type": "urn:problem-type:deskbell:invalid-request"
        }
        "#);
        put(&desk, &location, "cancelled", 1).await;
        let last = put(&desk, &location, "booked", 2).await.json();
        assert_eq!(last["detail"], "cancelled is final: only an undo leads back.");
    }

    #[tokio::test]
    async fn what_is_no_request_is_400() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        for body in [
            "{}",
            r#"{"status":"booked"}"#,
            r#"{"status":"booked","if_version":"1"}"#,
            r#"{"status":"booked","if_version":-1}"#,
            r#"{"status":"booked","if_version":1,"override":"yes"}"#,
        ] {
            let answer = desk.ask("PUT", &format!("{location}/status"), body).await;
            assert_eq!(answer.status, 400, "{body}");
        }
        assert_eq!(
            desk.ask("POST", &format!("{location}/undo"), "{}").await.status,
            400
        );
    }

    #[tokio::test]
    async fn the_last_change_is_taken_back_within_10_minutes() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        put(&desk, &location, "booked", 1).await;
        site.clock.advance(Duration::from_secs(60));
        put(&desk, &location, "arrived", 2).await;
        site.clock.advance(Duration::from_secs(600));
        let back = undo(&desk, &location, 3).await;
        assert_eq!(back.status, 200);
        let back = back.json();
        assert_eq!((&back["status"], &back["version"]), (&"booked".into(), &4.into()));
        assert_eq!(back["handled_by"]["at"], "2026-11-22T01:00:00Z", "as it was then");
        let twice = undo(&desk, &location, 4).await;
        assert_eq!(
            (twice.status, twice.header("deskbell-refused").as_deref()),
            (409, Some("nothing-to-undo"))
        );
    }

    #[tokio::test]
    async fn an_undo_that_comes_too_late_is_409() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        put(&desk, &location, "booked", 1).await;
        let stale = undo(&desk, &location, 1).await;
        assert_eq!(
            (stale.status, stale.header("deskbell-refused").as_deref()),
            (409, Some("moved"))
        );
        site.clock.advance(Duration::from_millis(600_001));
        insta::assert_snapshot!(undo(&desk, &location, 2).await, @r#"
        409
        content-type: application/json
        cache-control: no-store
        deskbell-refused: nothing-to-undo
        {
          "claim": null,
          "handled_by": {
            "at": "2026-11-22T01:00:00Z",
            "desk": {
              "id": "01a200c4-6280-71aa-ab57-dad0bad0ee89",
              "name": "접수 1"
            },
            "staff": null
          },
          "id": "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a",
          "name": "김크리스",
          "phone": "010-1111-1111",
          "received_at": "2026-11-22T01:00:00Z",
          "relationship": "본인",
          "reservationdate": "2023-03-30",
          "reservationtime": "10:30 ~ 11:00",
          "seq": 2,
          "status": "booked",
          "updated_at": "2026-11-22T01:00:00Z",
          "version": 2
        }
        "#);
    }

    #[tokio::test]
    async fn what_came_after_it_is_not_undone_with_it() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        put(&desk, &location, "booked", 1).await;
        let moved = r#"{"reservationdate":"2023-03-31"}"#;
        assert_eq!(
            site.send_as(&site.key, "PATCH", &location, moved).await.status,
            200
        );
        let late = undo(&desk, &location, 3).await;
        assert_eq!(
            (late.status, late.header("deskbell-refused").as_deref()),
            (409, Some("nothing-to-undo"))
        );
        assert_eq!(late.json()["status"], "booked");
    }
}
