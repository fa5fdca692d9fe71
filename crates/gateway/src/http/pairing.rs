//! `POST /v1/desks`: a PC becomes a desk, by a pairing code or an enrolment key.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HOST, HeaderMap};
use axum::response::{IntoResponse, Response};
use deskbell_protocol::http::{PairRequest, Paired, Problem as ProblemBody};
use deskbell_protocol::{DeskId, Fault};
use deskbell_store::{Act, DeskRecord, DeskToken, EnrolmentKey, NewDesk, PairingCode, StoreError};
use url::Url;

use super::asker::Asker;
use super::body::read_json;
use super::{BodyError, Client, Problem};
use crate::Gateway;
use crate::desk_name::desk_name;
use crate::edge::Scheme;
use crate::limit::Network;

/// Why a PC does not become a desk.
#[derive(Debug, thiserror::Error)]
pub(super) enum PairingError {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("a name that is not taken")]
    Name(Fault),
    #[error("a wrong code")]
    Code,
    #[error("a wrong key")]
    Key,
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
            Self::Name(fault) => {
                let problem = invalid("invalid-desk", "The desk's name is not taken");
                match fault {
                    Fault::Missing => problem.field("name", "must be left out, or not be blank"),
                    fault => problem.field("name", fault),
                }
            }
            Self::Code => invalid("pairing-code", "This pairing code does not work")
                .detail("A code works once and for 10 minutes. Ask for a new one.")
                .field("code", "is wrong, used or expired"),
            Self::Key => invalid("enrolment-key", "This enrolment key does not work")
                .detail("It was taken back, has made all its desks, or is too old. Ask for another.")
                .field("code", "is wrong, used up, revoked or expired"),
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

/// Makes this PC a desk
///
/// A pairing code works once and for 10 minutes; an enrolment key until its count, its date or its revocation.
#[utoipa::path(
    post, path = "/v1/desks", tag = "desk", operation_id = "pair",
    request_body = PairRequest,
    responses(
        (status = 201, description = "It is one; the token is told this once", body = Paired),
        (status = 422, description = "The code or key does not work, or the name is not taken",
            content_type = "application/problem+json", body = ProblemBody),
    ),
)]
pub(super) async fn post(
    State(gateway): State<Gateway>,
    client: Client,
    scheme: Scheme,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PairingError> {
    let request: PairRequest = read_json(&headers, body).await?;
    let name = request.name.as_deref().map(desk_name).transpose();
    let name = name.map_err(PairingError::Name)?;
    let id = DeskId::new(gateway.clock().now(), &gateway.random());
    let token = DeskToken::mint(id, &**gateway.entropy());
    let desk = NewDesk {
        token: token.clone(),
        name,
    };
    let paired = match request.code.parse::<EnrolmentKey>() {
        Ok(key) => enrol(&gateway, &key, &desk, client).await?,
        Err(_) => pair(&gateway, &request.code, &desk, client).await?,
    };
    Asker::desk(&paired, None, client)
        .note(&gateway, Act::Pair, None, None)
        .await
        .map_err(PairingError::Store)?;
    tracing::info!(hospital = %paired.hospital.id, desk = %paired.desk.id, "desk paired");
    let paired = Paired {
        token: token.reveal(),
        desk: paired.desk,
        hospital: paired.hospital,
        servers: servers(&gateway, scheme, &headers),
    };
    Ok((StatusCode::CREATED, Json(paired)).into_response())
}

async fn pair(
    gateway: &Gateway,
    code: &str,
    desk: &NewDesk,
    client: Client,
) -> Result<DeskRecord, PairingError> {
    // Taken before the code is looked at, so that many guesses at once are counted too.
    let (guesses, network) = (gateway.guesses(), Network::of(client.0));
    guesses
        .take(network, gateway.clock().instant())
        .map_err(PairingError::TooMany)?;
    let code: PairingCode = code.parse().map_err(|_| PairingError::Code)?;
    let paired = gateway.store().pair(&code, desk, gateway.clock().now()).await;
    let paired = paired.map_err(not_found(PairingError::Code))?;
    guesses.forgive(network);
    Ok(paired)
}

/// Nobody guesses an enrolment key, so that a tried one is counted only when it was wrong: many PCs of one address enrol in
/// the same minute.
async fn enrol(
    gateway: &Gateway,
    key: &EnrolmentKey,
    desk: &NewDesk,
    client: Client,
) -> Result<DeskRecord, PairingError> {
    let enrolled = gateway.store().enrol(key, desk, gateway.clock().now()).await;
    let enrolled = enrolled.map_err(not_found(PairingError::Key));
    if matches!(enrolled, Err(PairingError::Key)) {
        gateway
            .guesses()
            .take(Network::of(client.0), gateway.clock().instant())
            .map_err(PairingError::TooMany)?;
    }
    enrolled
}

fn not_found(instead: PairingError) -> impl FnOnce(StoreError) -> PairingError {
    |error| match error {
        StoreError::NotFound => instead,
        other => PairingError::Store(other),
    }
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
        for (name, message) in [
            (" ", "must be left out, or not be blank"),
            ("a\\nb", "must not hold control characters"),
            ("\u{202E}접수", "must not hold control characters"),
            (&"가".repeat(61), "must have at most 60 characters"),
            ("960625-1111111", "resident registration number"),
        ] {
            let body = format!(r#"{{"code":"{code}","name":"{name}"}}"#);
            let answer = site.send("POST", "/v1/desks", &[JSON], &body).await;
            assert_eq!(answer.status, 422, "{name}");
            let said = answer.json()["errors"][0]["message"].to_string();
            assert!(said.contains(message), "{said}");
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

    #[tokio::test]
    async fn an_enrolment_key_makes_as_many_desks_as_it_was_given_for() {
        let site = Site::new().await;
        let key = site.enrolment(2).await;
        let body = format!(r#"{{"code":"{key}","name":"접수 창가"}}"#);
        let enrol = async || site.send("POST", "/v1/desks", &[JSON], &body).await;
        let first = enrol().await;
        assert_eq!(
            (first.status, &first.json()["desk"]["name"]),
            (201, &"접수 창가".into())
        );
        assert_ne!(first.json()["token"], enrol().await.json()["token"]);
        insta::assert_snapshot!(enrol().await, @r#"
        422
        content-type: application/problem+json
        cache-control: no-store
        {
          "detail": "It was taken back, has made all its desks, or is too old. Ask for another.",
          "errors": [
            {
              "field": "code",
              "message": "is wrong, used up, revoked or expired"
            }
          ],
          "status": 422,
          "title": "This enrolment key does not work",
          "type": "urn:problem-type:deskbell:enrolment-key"
        }
        "#);
        for _ in 1..10 {
            assert_eq!(enrol().await.status, 422);
        }
        assert_eq!(enrol().await.status, 429);
        let other = format!(r#"{{"code":"{}"}}"#, site.enrolment(1).await);
        let right = site.send("POST", "/v1/desks", &[JSON], &other).await;
        assert_eq!(
            right.status, 201,
            "many PCs share an address: a right key is heard"
        );
        insta::assert_snapshot!(site.accesses().await.join("\n"), @r#"
        접수 창가 | 203.0.113.7 | pair
        접수 창가 | 203.0.113.7 | pair
        접수 3 | 203.0.113.7 | pair
        "#);
    }

    #[tokio::test]
    async fn an_enrolment_key_ends_with_its_date() {
        let site = Site::new().await;
        let body = format!(r#"{{"code":"{}"}}"#, site.enrolment(5).await);
        site.clock.advance(Duration::from_secs(24 * 60 * 60));
        assert_eq!(site.send("POST", "/v1/desks", &[JSON], &body).await.status, 422);
    }
}
