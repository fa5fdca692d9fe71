use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use deskbell_protocol::Hospital;
use deskbell_store::{DeskRecord, DeskToken, IntakeKey, StoreError};

use super::Problem;
use crate::Gateway;

/// Who sent a request, by its bearer token.
pub(crate) enum Caller {
    /// A hospital's booking site.
    Site(Hospital),
    /// A desk.
    Desk(DeskRecord),
}

/// A request of a booking site.
pub(crate) struct BySite(pub(crate) Hospital);

/// A request of a desk.
pub(crate) struct ByDesk(pub(crate) DeskRecord);

/// Why a request is not let through.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    #[error("no bearer token")]
    Missing,
    #[error("an unknown token")]
    Unknown,
    #[error("a revoked desk")]
    Revoked,
    #[error("a desk's token where a site's key belongs")]
    WantsSite,
    #[error("a site's key where a desk's token belongs")]
    WantsDesk,
    #[error(transparent)]
    Store(StoreError),
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        let unauthorized = |name, title| Problem::new(StatusCode::UNAUTHORIZED, name, title).bearer();
        match self {
            Self::Missing => unauthorized("no-token", "A token is needed").detail(
                "Send the header `Authorization: Bearer` with the hospital's intake key or the desk's token.",
            ),
            Self::Unknown => unauthorized("unknown-token", "Nobody has this token"),
            Self::Revoked => unauthorized("desk-revoked", "This desk was signed out by the hospital")
                .detail("Pair this PC again."),
            Self::WantsSite => unauthorized(
                "wrong-token",
                "This takes the hospital's intake key, not a desk's token",
            ),
            Self::WantsDesk => unauthorized(
                "wrong-token",
                "This takes a desk's token, not the hospital's intake key",
            ),
            Self::Store(error) => Problem::unreadable(&error),
        }
        .into_response()
    }
}

impl FromRequestParts<Gateway> for Caller {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, AuthError> {
        let token = bearer(parts).ok_or(AuthError::Missing)?;
        let found = if let Ok(key) = token.parse::<IntakeKey>() {
            gateway.store().hospital_by_key(&key).await.map(Self::Site)
        } else if let Ok(token) = token.parse::<DeskToken>() {
            gateway.store().desk_by_token(&token).await.map(Self::Desk)
        } else {
            Err(StoreError::NotFound)
        };
        match found {
            Ok(Self::Desk(desk)) if desk.revoked_at.is_some() => Err(AuthError::Revoked),
            Ok(caller) => Ok(caller),
            Err(StoreError::NotFound) => Err(AuthError::Unknown),
            Err(error) => Err(AuthError::Store(error)),
        }
    }
}

impl FromRequestParts<Gateway> for BySite {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, AuthError> {
        match Caller::from_request_parts(parts, gateway).await? {
            Caller::Site(hospital) => Ok(Self(hospital)),
            Caller::Desk(_) => Err(AuthError::WantsSite),
        }
    }
}

impl FromRequestParts<Gateway> for ByDesk {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, AuthError> {
        match Caller::from_request_parts(parts, gateway).await? {
            Caller::Desk(desk) => Ok(Self(desk)),
            Caller::Site(_) => Err(AuthError::WantsDesk),
        }
    }
}

/// The scheme is read in either case (RFC 9110, section 11.1).
fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
