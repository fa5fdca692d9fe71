//! The HTTP endpoints: one group a file, with its errors beside its handler. Every error is a [`problem::Problem`].

mod auth;
mod body;
mod health;
mod intake;
mod lists;
mod one;
mod pairing;
mod problem;
#[cfg(test)]
pub(crate) mod testing;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::Response;
use axum::routing::{get, post};

use crate::Gateway;
use body::read_form;
pub(crate) use body::{BodyError, read_urlencoded, urlencoded, value};
use problem::Problem;

/// Every endpoint but the socket's.
pub(crate) fn router(gateway: &Gateway) -> Router {
    let mut router = Router::new()
        .route("/v1/reservations", post(intake::post).get(lists::get))
        .route("/v1/reservations/{id}", get(one::get))
        .route("/v1/desks", post(pairing::post))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
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
        .layer(map_response(private))
        .layer(from_fn(note))
        .with_state(gateway.clone())
}

/// Patients' data are kept by no cache.
async fn private(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Notes what was asked and how it ended: by the route's pattern, as an address may hold what a patient typed.
async fn note(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    tracing::debug!(%method, route, status = response.status().as_u16(), "request answered");
    response
}

#[cfg(test)]
mod tests {
    use super::testing::Site;

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
}
