//! The HTTP endpoints: one group a file, with its errors beside its handler. Every error is a [`problem::Problem`].

mod amend;
mod asker;
mod auth;
mod body;
mod change;
mod claim;
mod export;
mod health;
mod intake;
mod lists;
mod metrics;
mod one;
mod openapi;
mod pairing;
mod problem;
mod sign_out;
mod status;
#[cfg(test)]
pub(crate) mod testing;

use std::panic::resume_unwind;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::{Extension, Router};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Gateway;
use crate::edge::Client;
use crate::metrics::known;
use body::read_form;
pub(crate) use body::{BodyError, read_urlencoded, urlencoded, value};
use problem::Problem;
pub(crate) use problem::{STORE_AGAIN, StoreFailed, seconds};

/// Every endpoint of the interface, and what it says of itself.
fn api() -> OpenApiRouter<Gateway> {
    OpenApiRouter::with_openapi(openapi::blank())
        .routes(routes!(intake::post, lists::get))
        .routes(routes!(one::get, amend::patch))
        .routes(routes!(claim::post, claim::delete))
        .routes(routes!(status::put))
        .routes(routes!(status::undo))
        .routes(routes!(export::post))
        .routes(routes!(pairing::post))
        .routes(routes!(sign_out::delete))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::get))
        .routes(routes!(openapi::get))
}

/// Every endpoint but the socket's.
pub(crate) fn router(gateway: &Gateway) -> Router {
    let (mut router, document) = api().split_for_parts();
    let document = Arc::new(openapi::complete(document));
    if gateway.options().booking_page {
        router = router.merge(crate::book::router());
    }
    router
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "This address does not take that method",
            )
        })
        .fallback(|_: Uri| async {
            Problem::new(
                StatusCode::NOT_FOUND,
                "not-found",
                "There is nothing at this address",
            )
        })
        .layer(Extension(document))
        .layer(map_response(private))
        .layer(from_fn_with_state(gateway.clone(), note))
        .layer(from_fn(to_the_end))
        .with_state(gateway.clone())
}

/// A client that hangs up takes its request's future along. What was begun is done all the same: stored, told to the
/// desks, noted, counted.
async fn to_the_end(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(ended) => resume_unwind(ended.into_panic()),
    }
}

/// Patients' data are kept by no cache.
async fn private(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Notes and counts what was asked and how it ended: by the route's pattern, as an address may hold what a patient typed,
/// and by the known methods, as a client may make one up.
async fn note(State(gateway): State<Gateway>, request: Request, next: Next) -> Response {
    let (clock, metrics) = (gateway.clock(), gateway.metrics());
    let asked = clock.instant();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let (route, status) = (
        route.as_ref().map_or("none", MatchedPath::as_str),
        response.status(),
    );
    tracing::debug!(method, route, status = status.as_u16(), "request answered");
    metrics.answered(route, method, status, clock.instant().saturating_since(asked));
    if response.extensions().get::<StoreFailed>().is_some() {
        metrics.store_failed();
    }
    response
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::testing::{JSON, SEED, Site, URLENCODED};

    #[tokio::test]
    async fn what_a_client_that_hung_up_has_begun_is_done_whole() {
        let site = Site::new().await;
        // It is asked once how far it is, and then no more.
        let hung_up = tokio::time::timeout(Duration::ZERO, site.post(&[URLENCODED], SEED)).await;
        assert!(hung_up.is_err(), "it was answered at once");
        let counted = async || {
            let metrics = site.get_here("/metrics", &[]).await.body;
            metrics.contains("deskbell_reservations_total 1")
        };
        tokio::time::timeout(Duration::from_secs(10), async {
            while !counted().await {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        assert_eq!(site.recorded().await, 1);
    }

    #[tokio::test]
    async fn an_unknown_address_is_a_problem_too() {
        let site = Site::new().await;
        insta::assert_snapshot!(site.get("/v1/nothing").await, @r#"
        404
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "",
          "errors": [],
          "status": 404,
          "title": "There is nothing at this address",
          "type": "urn:problem-type:deskbell:not-found"
        }
        "#);
    }

    #[tokio::test]
    async fn an_unknown_method_is_a_problem_too() {
        let site = Site::new().await;
        insta::assert_snapshot!(site.send("DELETE", "/v1/reservations", &[], "").await, @r#"
        405
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "",
          "errors": [],
          "status": 405,
          "title": "This address does not take that method",
          "type": "urn:problem-type:deskbell:method-not-allowed"
        }
        "#);
    }

    /// Who may ask.
    #[derive(Clone, Copy, PartialEq)]
    enum By {
        Site,
        Desk,
        Nobody,
    }

    /// Every endpoint that asks for a token or takes a body, with a body that it takes.
    const ENDPOINTS: [(&str, &str, By, Option<&str>); 11] = [
        (
            "POST",
            "/v1/reservations",
            By::Site,
            Some(
                r#"{"relationship":"본인","name":"김","phone":"010-1111-1111","reservationdate":"2023-03-30",
                    "reservationtime":"10:30 ~ 11:00"}"#,
            ),
        ),
        (
            "PATCH",
            "/v1/reservations/{id}",
            By::Site,
            Some(r#"{"status":"cancelled"}"#),
        ),
        ("GET", "/v1/reservations/{id}", By::Site, None),
        ("GET", "/v1/reservations/{id}", By::Desk, None),
        ("GET", "/v1/reservations?status=pending", By::Desk, None),
        ("POST", "/v1/reservations/{id}/claim", By::Desk, Some("{}")),
        ("DELETE", "/v1/reservations/{id}/claim", By::Desk, None),
        (
            "PUT",
            "/v1/reservations/{id}/status",
            By::Desk,
            Some(r#"{"status":"booked","if_version":1}"#),
        ),
        (
            "POST",
            "/v1/reservations/{id}/undo",
            By::Desk,
            Some(r#"{"if_version":2}"#),
        ),
        (
            "POST",
            "/v1/exports",
            By::Desk,
            Some(r#"{"date":"2023-03-30","reason":"통계","masked":true}"#),
        ),
        ("POST", "/v1/desks", By::Nobody, Some(r#"{"code":"0000-0000"}"#)),
    ];

    #[tokio::test]
    async fn every_endpoint_wants_its_own_kind_of_token() {
        let site = Site::new().await;
        let location = site.booked().await;
        let (desk, revoked) = (site.pair().await, site.pair().await);
        site.revoke(&revoked).await;
        let forged = |token: &str| format!("{}AAAA", &token[..token.len() - 4]);
        for (method, path, by, body) in ENDPOINTS {
            let path = path.replace("/v1/reservations/{id}", &location);
            let body = body.unwrap_or_default();
            let kind = async |token: &str| {
                let answer = site.send_as(token, method, &path, body).await;
                let kind = answer.json()["type"].as_str().map(str::to_owned);
                (
                    answer.status,
                    kind.unwrap_or_default()
                        .trim_start_matches("urn:problem-type:deskbell:")
                        .to_owned(),
                )
            };
            let is = |kind: &str| (401, kind.to_owned());
            let reads_both = method == "GET" && path == location;
            match by {
                By::Nobody => continue,
                By::Site if !reads_both => assert_eq!(kind(&desk.token).await, is("wrong-token"), "{path}"),
                By::Desk if !reads_both => assert_eq!(kind(&site.key).await, is("wrong-token"), "{path}"),
                _ => {}
            }
            let none = site.send(method, &path, &[JSON], body).await;
            assert_eq!(none.status, 401, "{method} {path}");
            assert!(none.body.contains(":no-token"), "{method} {path}");
            assert_eq!(kind(&forged(&site.key)).await, is("unknown-token"), "{path}");
            assert_eq!(kind(&forged(&desk.token)).await, is("unknown-token"), "{path}");
            assert_eq!(kind(&revoked.token).await, is("desk-revoked"), "{path}");
        }
    }

    #[tokio::test]
    async fn another_hospitals_reservation_is_nowhere_to_be_found() {
        let site = Site::new().await;
        let location = site.booked().await;
        let other = site.other_hospital().await;
        let desk = other.pair().await;
        for (method, path, by, body) in ENDPOINTS {
            if !path.contains("{id}") {
                continue;
            }
            let token = if by == By::Site { &other.key } else { &desk.token };
            for id in [
                &*location,
                "/v1/reservations/01a200c4-6280-7857-8c6f-ffffffffffff",
                "/v1/reservations/0",
                "/v1/reservations/%FF",
            ] {
                let path = path.replace("/v1/reservations/{id}", id);
                let answer = other
                    .send_as(token, method, &path, body.unwrap_or_default())
                    .await;
                assert_eq!(answer.status, 404, "{method} {path}");
                assert!(answer.body.contains(":no-reservation"), "{method} {path}");
            }
        }
        let short = site.get_as(&site.key, &location).await.json();
        assert_eq!((&short["seq"], &short["status"]), (&1.into(), &"pending".into()));
    }

    #[tokio::test]
    async fn every_endpoint_refuses_a_body_that_it_cannot_take() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        for (method, path, by, body) in ENDPOINTS {
            let Some(body) = body else { continue };
            let path = path.replace("/v1/reservations/{id}", &location);
            let bearer = match by {
                By::Site => format!("Bearer {}", site.key),
                By::Desk => format!("Bearer {}", desk.token),
                By::Nobody => String::new(),
            };
            let huge = format!("{}{body}", " ".repeat(16 * 1024));
            for (content_type, body, status) in [
                ("application/json", r#"{"a": "canary"#, 400),
                ("application/json", r#"["canary"]"#, 400),
                ("application/json", "", 400),
                ("application/json", &huge, 413),
                ("text/plain", body, 415),
                ("application/json; charset=euc-kr", body, 415),
            ] {
                let headers = [("content-type", content_type), ("authorization", &*bearer)];
                let answer = site.send(method, &path, &headers, body).await;
                assert_eq!(answer.status, status, "{method} {path} {content_type} {body}");
                assert!(!answer.body.contains("canary"), "{}", answer.body);
            }
        }
        let unchanged = desk.get(&location).await.json();
        assert_eq!(unchanged["seq"], 1);
    }

    #[tokio::test]
    async fn every_endpoint_is_503_without_its_database_and_says_when_to_come_back() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        site.store.close().await;
        for (method, path, by, body) in ENDPOINTS {
            let path = path.replace("/v1/reservations/{id}", &location);
            let token = if by == By::Site { &site.key } else { &desk.token };
            let answer = site.send_as(token, method, &path, body.unwrap_or_default()).await;
            assert_eq!(answer.status, 503, "{method} {path}");
            assert_eq!(answer.header("retry-after").as_deref(), Some("5"));
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_cannot_be_noted_is_not_done() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        site.lose_the_database().await;
        for (method, path, by, body) in ENDPOINTS {
            if by == By::Nobody || (method, path) == ("POST", "/v1/reservations") {
                continue;
            }
            let path = path.replace("/v1/reservations/{id}", &location);
            let token = if by == By::Site { &site.key } else { &desk.token };
            let answer = site.send_as(token, method, &path, body.unwrap_or_default()).await;
            assert_eq!(answer.status, 503, "{method} {path}");
            let detail = answer.json()["detail"].clone();
            assert_eq!(
                detail, "Nothing was changed. Send the same again later.",
                "{method} {path}"
            );
        }
    }
}
