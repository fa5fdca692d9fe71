//! `POST /v1/desks`: a PC becomes a desk by a pairing code.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HOST, HeaderMap};
use axum::response::{IntoResponse, Response};
use deskbell_protocol::DeskId;
use deskbell_protocol::http::{PairRequest, Paired};
use deskbell_store::{DeskToken, NewDesk, PairingCode, StoreError};
use url::Url;

use super::body::read_json;
use super::{BodyError, Problem};
use crate::Gateway;
use crate::edge::{Client, Scheme};
use crate::limit::Network;

/// The longest name a desk may give itself, in characters.
const LONGEST_NAME: usize = 60;

/// Why a PC does not become a desk.
#[derive(Debug, thiserror::Error)]
pub(super) enum PairingError {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("a name that is not taken")]
    Name,
    #[error("a wrong code")]
    Code,
    #[error("too many guesses")]
    TooMany(Duration),
    #[error(transparent)]
    Store(StoreError),
}

impl IntoResponse for PairingError {
    fn into_response(self) -> Response {
        let invalid = |name, title| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, name, title);
        match self {
            Self::Body(error) => return error.into_response(),
            Self::Name => invalid("invalid-desk", "The desk's name is not taken").field(
                "name",
                "must have 1 to 60 characters, none of them a control character",
            ),
            Self::Code => invalid("pairing-code", "This pairing code does not work")
                .detail("A code works once and for 10 minutes. Ask for a new one.")
                .field("code", "is wrong, used or expired"),
            Self::TooMany(wait) => Problem::too_many("Too many tries from this address", wait)
                .detail("Wait, then type the code again, or ask for a new one."),
            Self::Store(error) => Problem::perhaps_stored(
                &error,
                "The code may or may not have been used up. Try it again later, or ask for a new one.",
            ),
        }
        .into_response()
    }
}

pub(super) async fn post(
    State(gateway): State<Gateway>,
    Client(address): Client,
    scheme: Scheme,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PairingError> {
    let request: PairRequest = read_json(&headers, body).await?;
    let name = request.name.map(|name| name.trim().to_owned());
    if name.as_deref().is_some_and(|name| !is_name(name)) {
        return Err(PairingError::Name);
    }
    // Taken before the code is looked at, so that many guesses at once are counted too.
    let (guesses, network) = (gateway.guesses(), Network::of(address));
    guesses
        .take(network, gateway.clock().instant())
        .map_err(PairingError::TooMany)?;
    let code: PairingCode = request.code.parse().map_err(|_| PairingError::Code)?;
    let now = gateway.clock().now();
    let token = DeskToken::mint(DeskId::new(now, &gateway.random()), &**gateway.entropy());
    let desk = NewDesk {
        token: token.clone(),
        name,
    };
    let paired = match gateway.store().pair(&code, &desk, now).await {
        Ok(paired) => paired,
        Err(StoreError::NotFound) => return Err(PairingError::Code),
        Err(error) => return Err(PairingError::Store(error)),
    };
    guesses.forgive(network);
    tracing::info!(hospital = %paired.hospital.id, desk = %paired.desk.id, "desk paired");
    let paired = Paired {
        token: token.reveal(),
        desk: paired.desk,
        hospital: paired.hospital,
        servers: servers(&gateway, scheme, &headers),
    };
    Ok((StatusCode::CREATED, Json(paired)).into_response())
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Where the desk reaches this gateway: as configured, or else as it just did.
fn servers(gateway: &Gateway, scheme: Scheme, headers: &HeaderMap) -> Vec<Url> {
    let by_host = || {
        let host = headers.get(HOST)?.to_str().ok()?;
        format!("{scheme}://{host}/").parse().ok()
    };
    gateway
        .options()
        .public_url
        .clone()
        .or_else(by_host)
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{JSON, Site};

    #[tokio::test]
    async fn a_code_makes_one_desk_of_its_hospital() {
        let site = Site::new().await;
        let code = site.offer(None).await;
        let body = format!(
            r#"{{"code":"{}","name":" 원무과 "}}"#,
            code.to_lowercase().replace('-', " ")
        );
        insta::assert_snapshot!(site.send("POST", "/v1/desks", &[JSON, ("host", "bell.example:8787")], &body).await, @r#"
        201
        content-type: application/json
        cache-control: no-store
        {
          "desk": {
            "id": "01a200c4-6280-7b4a-b9a5-17cec22a630b",
            "name": "원무과"
          },
          "hospital": {
            "hours": "mon-fri 09:00-18:00, sat 09:00-13:00",
            "id": "01a200c4-6280-783d-be35-de1817499667",
            "name": "하늘병원",
            "slug": "haneul",
            "timezone": "Asia/Seoul"
          },
          "servers": [
            "http://bell.example:8787/"
          ],
          "token": "dbdeskAaIAxGKAe0q5pRfOwipjC_GqK1fa0LrQ7omvMJY3hK4IZe9zNxhj4kaH6WVoxOIQ"
        }
        "#);
        insta::assert_snapshot!(site.send("POST", "/v1/desks", &[JSON], &body).await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "A code works once and for 10 minutes. Ask for a new one.",
          "errors": [
            {
              "field": "code",
              "message": "is wrong, used or expired"
            }
          ],
          "status": 422,
          "title": "This pairing code does not work",
          "type": "urn:problem-type:deskbell:pairing-code"
        }
        "#);
    }

    #[tokio::test]
    async fn a_code_ends_after_ten_minutes() {
        let site = Site::new().await;
        let body = format!(r#"{{"code":"{}"}}"#, site.offer(None).await);
        site.clock.advance(Duration::from_secs(600));
        assert_eq!(site.send("POST", "/v1/desks", &[JSON], &body).await.status, 422);
    }

    #[tokio::test]
    async fn guesses_run_out_and_a_right_code_starts_afresh() {
        let site = Site::new().await;
        let guess = async |code: &str| {
            let body = format!(r#"{{"code":"{code}"}}"#);
            site.send("POST", "/v1/desks", &[JSON], &body).await
        };
        for n in 0..9 {
            assert_eq!(guess(&format!("0000-000{n}")).await.status, 422);
        }
        assert_eq!(guess(&site.offer(None).await).await.status, 201);
        for _ in 0..10 {
            assert_eq!(guess("not a code").await.status, 422);
        }
        insta::assert_snapshot!(guess("0000-0000").await, @r#"
        429
        content-type: application/problem+json
        cache-control: no-store
        retry-after: 600
        {
          "detail": "Wait, then type the code again, or ask for a new one.",
          "errors": [],
          "status": 429,
          "title": "Too many tries from this address",
          "type": "urn:problem-type:deskbell:too-many-requests"
        }
        "#);
        let right = site.offer(None).await;
        assert_eq!(guess(&right).await.status, 429, "nor is a right one tried");
        site.clock.advance(Duration::from_secs(600));
        let right = site.offer(None).await;
        assert_eq!(guess(&right).await.status, 201);
    }

    #[tokio::test]
    async fn a_name_and_a_body_are_checked() {
        let site = Site::new().await;
        let code = site.offer(None).await;
        for name in [" ".to_owned(), "a\\nb".to_owned(), "가".repeat(61)] {
            let body = format!(r#"{{"code":"{code}","name":"{name}"}}"#);
            let answer = site.send("POST", "/v1/desks", &[JSON], &body).await;
            assert_eq!(answer.status, 422, "{name}");
        }
        for body in ["", "{}", r#"{"code":7}"#, "code=1"] {
            assert_eq!(
                site.send("POST", "/v1/desks", &[JSON], body).await.status,
                400,
                "{body}"
            );
        }
        assert_eq!(site.send("POST", "/v1/desks", &[], "{}").await.status, 415);
    }
}
