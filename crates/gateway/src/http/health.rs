//! `GET /healthz` and `/readyz`: for whoever watches the gateway.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::Problem;
use crate::Gateway;

/// The process answers
///
/// A supervisor need not restart it.
#[utoipa::path(
    get, path = "/healthz", tag = "operations", operation_id = "alive",
    responses((status = 200, description = "It does", content_type = "text/plain", body = String)),
)]
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Reservations can be taken in
///
/// A load balancer may send some. The database is asked once a second at most.
#[utoipa::path(
    get, path = "/readyz", tag = "operations", operation_id = "ready",
    responses(
        (status = 200, description = "They can", content_type = "text/plain", body = String),
        (status = 503, description = "The database cannot be used, or did not take the last change",
            content_type = "application/problem+json", body = deskbell_protocol::http::Problem),
    ),
)]
pub(super) async fn ready(State(gateway): State<Gateway>) -> Response {
    let ask = gateway.store().ready();
    if gateway.readiness().ask(&**gateway.clock(), ask).await {
        "ready\n".into_response()
    } else {
        Problem::not_ready().into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use deskbell_clock::Clock;
    use deskbell_store::StoreError;

    use super::super::testing::Site;

    #[tokio::test]
    async fn alive_without_a_store_but_not_ready() {
        let site = Site::new().await;
        assert_eq!(site.get("/readyz").await.status, 200);
        site.store.close().await;
        assert_eq!(site.get("/healthz").await.status, 200);
        assert_eq!(site.get("/readyz").await.status, 200, "it was a moment ago");
        site.clock.advance(Duration::from_secs(1));
        assert_eq!(site.get("/readyz").await.status, 503);
    }

    #[tokio::test]
    async fn not_ready_after_a_write_that_failed_until_one_may_be_tried_again() {
        let site = Site::new().await;
        let desk = site.pair().await;
        let readiness = site.gateway.readiness();
        let failed = StoreError::Unavailable("the disk is full".into());
        readiness.wrote(Some(&failed), site.clock.instant());
        insta::assert_snapshot!(site.get("/readyz").await, @r#"
        503
        content-type: application/problem+json
        cache-control: no-store
        retry-after: 5
        {
          "detail": "",
          "errors": [],
          "status": 503,
          "title": "The database cannot be used now",
          "type": "urn:problem-type:deskbell:unavailable"
        }
        "#);
        site.clock.advance(Duration::from_millis(9_999));
        assert_eq!(site.get("/readyz").await.status, 503);
        site.clock.advance(Duration::from_millis(1));
        assert_eq!(site.get("/readyz").await.status, 200, "somebody has to try");
        readiness.wrote(Some(&failed), site.clock.instant());
        assert_eq!(site.get("/readyz").await.status, 503);
        assert_eq!(desk.get("/v1/reservations?status=pending").await.status, 200);
        assert_eq!(site.get("/readyz").await.status, 200, "the access was noted");
    }
}
