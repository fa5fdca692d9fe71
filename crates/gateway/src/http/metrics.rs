//! `GET /metrics`: what can be counted, for whoever watches the gateway.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};

use super::{Client, Problem};
use crate::Gateway;
use crate::metrics;

/// Why nothing is told.
#[derive(Debug, thiserror::Error)]
pub(super) enum MetricsError {
    #[error("not asked on this machine")]
    Elsewhere,
    #[error("it cannot be written")]
    Write(#[from] std::fmt::Error),
}

impl IntoResponse for MetricsError {
    fn into_response(self) -> Response {
        match self {
            Self::Elsewhere => Problem::new(
                StatusCode::FORBIDDEN,
                "not-local",
                "Metrics are told on the gateway's own machine alone",
            )
            .detail("Ask http://127.0.0.1 there, not through a proxy that says for whom it asks."),
            Self::Write(_) => Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "The metrics cannot be written",
            ),
        }
        .into_response()
    }
}

/// What can be counted, as Prometheus reads it
///
/// Only for this machine's own programs.
#[utoipa::path(
    get, path = "/metrics", tag = "operations", operation_id = "metrics",
    responses(
        (status = 200, description = "Counts and durations by route; nothing of a reservation",
            content_type = "application/openmetrics-text", body = String),
        (status = 403, description = "Asked from elsewhere", content_type = "application/problem+json",
            body = deskbell_protocol::http::Problem),
    ),
)]
pub(super) async fn get(
    State(gateway): State<Gateway>,
    Client(address): Client,
    headers: HeaderMap,
) -> Result<Response, MetricsError> {
    // A proxy on this machine asks for others, and most say so.
    let forwarded = headers.keys().any(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded-") || ["forwarded", "via", "x-real-ip"].contains(&name)
    });
    if forwarded || !address.to_canonical().is_loopback() {
        return Err(MetricsError::Elsewhere);
    }
    Ok(([(CONTENT_TYPE, metrics::CONTENT_TYPE)], gateway.metrics_text()?).into_response())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Answer, SEED, Site, URLENCODED};

    /// The lines without the buckets.
    fn lines(answer: &Answer) -> String {
        let lines = answer.body.lines();
        lines
            .filter(|line| !line.contains("_bucket{") && !line.starts_with("# HELP"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[tokio::test]
    async fn what_happened_is_counted_by_route() {
        let site = Site::new().await;
        let location = site.booked().await;
        site.post(&[URLENCODED], "").await;
        site.get(&location).await;
        site.get("/nothing/at/010-1111-1111").await;
        site.send("SPOKE", "/healthz", &[], "").await;
        let answer = site.get_here("/metrics", &[]).await;
        assert_eq!(
            answer.header("content-type").as_deref(),
            Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
        );
        let mut counted: Vec<_> = lines(&answer).lines().map(str::to_owned).collect();
        counted.sort();
        insta::assert_snapshot!(counted.join("\n"), @r#"
        # EOF
        # TYPE deskbell_build info
        # TYPE deskbell_changes_pushed counter
        # TYPE deskbell_desks gauge
        # TYPE deskbell_hospitals_behind gauge
        # TYPE deskbell_http_request_duration_seconds histogram
        # TYPE deskbell_http_requests counter
        # TYPE deskbell_intake_duration_seconds histogram
        # TYPE deskbell_reservations counter
        # TYPE deskbell_start_time_seconds gauge
        # TYPE deskbell_store_failures counter
        # TYPE deskbell_watchers gauge
        # UNIT deskbell_http_request_duration_seconds seconds
        # UNIT deskbell_intake_duration_seconds seconds
        # UNIT deskbell_start_time_seconds seconds
        deskbell_build_info{version="0.1.0"} 1
        deskbell_changes_pushed_total 0
        deskbell_desks 0
        deskbell_hospitals_behind 0
        deskbell_http_request_duration_seconds_count{route="/healthz",method="other"} 1
        deskbell_http_request_duration_seconds_count{route="/v1/reservations",method="POST"} 2
        deskbell_http_request_duration_seconds_count{route="/v1/reservations/{id}",method="GET"} 1
        deskbell_http_request_duration_seconds_count{route="none",method="GET"} 1
        deskbell_http_request_duration_seconds_sum{route="/healthz",method="other"} 0.0
        deskbell_http_request_duration_seconds_sum{route="/v1/reservations",method="POST"} 0.0
        deskbell_http_request_duration_seconds_sum{route="/v1/reservations/{id}",method="GET"} 0.0
        deskbell_http_request_duration_seconds_sum{route="none",method="GET"} 0.0
        deskbell_http_requests_total{route="/healthz",method="other",status="405"} 1
        deskbell_http_requests_total{route="/v1/reservations",method="POST",status="201"} 1
        deskbell_http_requests_total{route="/v1/reservations",method="POST",status="422"} 1
        deskbell_http_requests_total{route="/v1/reservations/{id}",method="GET",status="401"} 1
        deskbell_http_requests_total{route="none",method="GET",status="404"} 1
        deskbell_intake_duration_seconds_count 1
        deskbell_intake_duration_seconds_sum 0.0
        deskbell_reservations_total 1
        deskbell_start_time_seconds 1795309200
        deskbell_store_failures_total 0
        deskbell_watchers 0
        "#);
        for private in ["010-1111-1111", "SPOKE", &location, &site.key, "haneul"] {
            assert!(!answer.body.contains(private), "{private}");
        }
    }

    #[tokio::test]
    async fn a_store_that_fails_is_counted() {
        let site = Site::new().await;
        site.store.close().await;
        site.post(&[URLENCODED], SEED).await;
        let answer = site.get_here("/metrics", &[]).await;
        assert!(
            answer.body.contains("deskbell_store_failures_total 1\n"),
            "{}",
            answer.body
        );
    }

    #[tokio::test]
    async fn metrics_are_for_the_gateways_own_machine() {
        let site = Site::new().await;
        insta::assert_snapshot!(site.get("/metrics").await, @r#"
        403
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "Ask http://127.0.0.1 there, not through a proxy that says for whom it asks.",
          "errors": [],
          "status": 403,
          "title": "Metrics are told on the gateway's own machine alone",
          "type": "urn:problem-type:deskbell:not-local"
        }
        "#);
        for header in [
            "forwarded",
            "via",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-forwarded-host",
            "x-real-ip",
        ] {
            let proxied = site.get_here("/metrics", &[(header, "127.0.0.1")]).await;
            assert_eq!(proxied.status, 403, "{header}");
        }
    }
}
