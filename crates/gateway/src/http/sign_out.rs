//! `DELETE /v1/desks/me`: a desk signs itself out.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use deskbell_store::{Act, StoreError};

use super::asker::Asker;
use super::auth::ByDesk;
use super::{Client, Problem};
use crate::Gateway;

/// Why a desk may still be one.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSignedOut {
    #[error("it cannot be noted")]
    Unnoted(#[source] StoreError),
    #[error("it may have been signed out")]
    Perhaps(#[source] StoreError),
}

impl IntoResponse for NotSignedOut {
    fn into_response(self) -> Response {
        match self {
            Self::Unnoted(error) => Problem::unreadable(&error),
            Self::Perhaps(error) => Problem::perhaps_stored(
                &error,
                "The desk may or may not have been signed out. Try again later: 401 says that it is.",
            ),
        }
        .into_response()
    }
}

/// Signs this desk out for good
///
/// Its claims end, its token opens nothing more, and its sockets are cut.
#[utoipa::path(
    delete, path = "/v1/desks/me", tag = "desk", operation_id = "sign_out",
    responses((status = 204, description = "Signed out")),
    security(("desk_token" = [])),
)]
pub(super) async fn delete(
    State(gateway): State<Gateway>,
    ByDesk(desk): ByDesk,
    client: Client,
) -> Result<StatusCode, NotSignedOut> {
    Asker::desk(&desk, None, client)
        .note(&gateway, Act::SignOut, None, None)
        .await
        .map_err(NotSignedOut::Unnoted)?;
    gateway
        .sign_out(desk.hospital.id, desk.desk.id)
        .await
        .map_err(NotSignedOut::Perhaps)?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Site;

    #[tokio::test]
    async fn a_desk_signs_itself_out_and_lets_go_of_what_it_held() {
        let site = Site::new().await;
        let location = site.booked().await;
        let (one, two) = (site.pair().await, site.pair().await);
        one.ask("POST", &format!("{location}/claim"), "{}").await;
        insta::assert_snapshot!(one.send("DELETE", "/v1/desks/me", &[], "").await, @r#"
        204
        cache-control: no-store
        "#);
        let again = one.send("DELETE", "/v1/desks/me", &[], "").await;
        assert_eq!(
            (again.status, &again.json()["type"]),
            (401, &"urn:problem-type:deskbell:desk-revoked".into())
        );
        let stands = two.get(&location).await.json();
        assert_eq!(
            (&stands["claim"], &stands["seq"]),
            (&serde_json::Value::Null, &3.into())
        );
        insta::assert_snapshot!(site.accesses().await.join("\n"), @r#"
        접수 1 | 203.0.113.7 | pair
        접수 2 | 203.0.113.7 | pair
        접수 1 | 203.0.113.7 | claim | it
        접수 1 | 203.0.113.7 | sign-out
        접수 2 | 203.0.113.7 | view | it
        "#);
    }
}
