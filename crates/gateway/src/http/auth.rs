use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use deskbell_protocol::{Hospital, HospitalId};
use deskbell_store::{DeskRecord, DeskToken, Digest, IntakeKey, StoreError};

use super::Problem;
use crate::Gateway;
use crate::edge::Client;
use crate::limit::Network;

/// Who sent a request, by its bearer token.
pub(crate) enum Caller {
    /// A hospital's booking site.
    Site(Hospital),
    /// A desk.
    Desk(DeskRecord),
}

/// A request of a booking site.
pub(crate) struct BySite(pub(crate) Hospital);

/// A request of a booking site whose key was good when it was looked up last: whether it still is, is for the transaction
/// that serves it to say.
pub(crate) struct ByKnownSite {
    pub(crate) hospital: HospitalId,
    pub(crate) key: Digest,
}

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
    #[error("too many requests with a token")]
    TooMany(Duration),
    #[error("too many requests with wrong tokens")]
    TooManyUnknown(Duration),
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
            Self::TooMany(wait) => Problem::too_many("Too many requests with this token", wait)
                .detail("Nothing was done. Send the same again after as many seconds as Retry-After says."),
            Self::TooManyUnknown(wait) => Problem::too_many(
                "Too many requests from this address with tokens that nobody has",
                wait,
            )
            .detail("Requests with a right token are answered."),
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
        let now = gateway.clock().instant();
        match found {
            Ok(Self::Desk(desk)) if desk.revoked_at.is_some() => Err(AuthError::Revoked),
            Ok(caller) => {
                // Only now: who does not have the token must not use up what its owner may send.
                let taken = match &caller {
                    Self::Site(hospital) => gateway.sites().take(hospital.id, now),
                    Self::Desk(desk) => gateway.desks().take(desk.desk.id, now),
                };
                taken.map_err(AuthError::TooMany)?;
                Ok(caller)
            }
            Err(StoreError::NotFound) => {
                if let Some(Client(address)) = parts.extensions.get().copied() {
                    let taken = gateway.wrong_tokens().take(Network::of(address), now);
                    taken.map_err(AuthError::TooManyUnknown)?;
                }
                Err(AuthError::Unknown)
            }
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

impl FromRequestParts<Gateway> for ByKnownSite {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, AuthError> {
        let intake_key = bearer(parts).and_then(|token| token.parse::<IntakeKey>().ok());
        let known = intake_key.as_ref().filter(|key| gateway.known_keys().has(key));
        if let Some(key) = known {
            let hospital = key.owner();
            let taken = gateway.sites().take(hospital, gateway.clock().instant());
            taken.map_err(AuthError::TooMany)?;
            let key = key.digest();
            return Ok(Self { hospital, key });
        }
        let BySite(hospital) = BySite::from_request_parts(parts, gateway).await?;
        let key = intake_key.ok_or(AuthError::Missing)?.digest();
        gateway.known_keys().learn(hospital.id, key);
        Ok(Self {
            hospital: hospital.id,
            key,
        })
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

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::super::testing::{SEED, Site, URLENCODED};
    use crate::Options;

    #[tokio::test]
    async fn a_booking_site_that_runs_wild_is_slowed_down_and_no_other() {
        let site = Site::with(Options {
            intake_rate: NonZeroU32::new(2).unwrap(),
            ..Options::default()
        });
        let site = site.await;
        let other = site.other_hospital().await;
        for _ in 0..4 {
            assert_eq!(site.post(&[URLENCODED], SEED).await.status, 201);
        }
        insta::assert_snapshot!(site.post(&[URLENCODED], SEED).await, @r#"
        429
        content-type: application/problem+json
        cache-control: no-store
        retry-after: 1
        {
          "detail": "Nothing was done. Send the same again after as many seconds as Retry-After says.",
          "errors": [],
          "status": 429,
          "title": "Too many requests with this token",
          "type": "urn:problem-type:deskbell:too-many-requests"
        }
        "#);
        assert_eq!(site.recorded().await, 4);
        assert_eq!(other.post(&[URLENCODED], SEED).await.status, 201);
        site.clock.advance(Duration::from_millis(500));
        assert_eq!(site.post(&[URLENCODED], SEED).await.status, 201);
        assert_eq!(site.post(&[URLENCODED], SEED).await.status, 429);
    }

    #[tokio::test]
    async fn a_desk_that_runs_wild_is_slowed_down_and_no_other() {
        let site = Site::new().await;
        let (desk, other) = (site.pair().await, site.pair().await);
        for _ in 0..100 {
            assert_eq!(desk.get("/v1/reservations?status=pending").await.status, 200);
        }
        let refused = desk.get("/v1/reservations?status=pending").await;
        assert_eq!(
            (refused.status, refused.header("retry-after").as_deref()),
            (429, Some("1"))
        );
        assert_eq!(other.get("/v1/reservations?status=pending").await.status, 200);
        site.clock.advance(Duration::from_millis(50));
        assert_eq!(desk.get("/v1/reservations?status=pending").await.status, 200);
    }

    #[tokio::test]
    async fn a_pc_with_a_wrong_token_does_not_shut_out_those_behind_the_same_address() {
        let site = Site::new().await;
        let desk = site.pair().await;
        let wrong = async || {
            site.get_as("not a token", "/v1/reservations?status=pending")
                .await
        };
        for _ in 0..100 {
            assert_eq!(wrong().await.status, 401);
        }
        insta::assert_snapshot!(wrong().await, @r#"
        429
        content-type: application/problem+json
        cache-control: no-store
        retry-after: 1
        {
          "detail": "Requests with a right token are answered.",
          "errors": [],
          "status": 429,
          "title": "Too many requests from this address with tokens that nobody has",
          "type": "urn:problem-type:deskbell:too-many-requests"
        }
        "#);
        assert_eq!(desk.get("/v1/reservations?status=pending").await.status, 200);
        assert_eq!(site.post(&[URLENCODED], SEED).await.status, 201);
        site.clock.advance(Duration::from_secs(1));
        assert_eq!(wrong().await.status, 401);
    }
}
