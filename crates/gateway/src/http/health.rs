//! `GET /healthz` and `/readyz`: for whoever watches the gateway.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::Problem;
use crate::Gateway;

/// The process answers: a supervisor need not restart it.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Reservations can be taken in: a load balancer may send some.
pub(super) async fn ready(State(gateway): State<Gateway>) -> Response {
    match gateway.store().ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => Problem::unreadable(&error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Site;

    #[tokio::test]
    async fn alive_without_a_store_but_not_ready() {
        let site = Site::new().await;
        assert_eq!(site.get("/readyz").await.status, 200);
        site.store.close().await;
        assert_eq!(site.get("/healthz").await.status, 200);
        assert_eq!(site.get("/readyz").await.status, 503);
    }
}
