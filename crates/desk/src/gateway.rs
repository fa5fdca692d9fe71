//! What the desk asks of a gateway over HTTP.

mod export;
mod handling;

use std::time::Duration;

use deskbell_clock::Timestamp;
use deskbell_protocol::ReservationId;
use deskbell_protocol::http::{PairRequest, Paired, Problem, ReservationDetails, ReservationList};
use jiff::civil::Date;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use crate::credentials::Token;
pub(crate) use crate::gateway::export::ExportError;
pub(crate) use crate::gateway::handling::{Handling, HandlingError};
use crate::http::Http;
use crate::update::Snapshot;

/// The longest a question and its answer may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The most of an answer that is read; a day of 10,000 reservations has about 5 MB.
const MOST_BYTES: usize = 32 << 20;

/// One gateway and this desk's right to ask it.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    /// The connections' settings.
    pub http: Http,
    /// Its address.
    pub server: Url,
    /// The desk's secret.
    pub token: Token,
}

/// Why a gateway's answer could not be had. Holds nothing of an answer's contents.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// Nobody answered, or not to the end.
    #[error("no answer: {0}")]
    Unreachable(#[source] reqwest::Error),
    /// An answer that no gateway gives.
    #[error("not a gateway's answer")]
    NotDeskbell,
    /// The token is not, or no longer, good.
    #[error("the desk is signed out")]
    SignedOut,
    /// There is no such reservation for this desk.
    #[error("not found")]
    NotFound,
    /// The gateway has trouble, or too much to do.
    #[error("status {0}")]
    Failed(StatusCode),
}

/// Why pairing failed at the gateway.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PairError {
    /// Nobody answered.
    #[error("no answer: {0}")]
    Unreachable(#[source] reqwest::Error),
    /// An answer that no gateway gives.
    #[error("not a gateway's answer")]
    NotDeskbell,
    /// The gateway does not take the code.
    #[error("the code was refused")]
    CodeRefused,
    /// Too many wrong codes.
    #[error("too many tries")]
    TooManyTries,
    /// The gateway has trouble.
    #[error("status {0}")]
    Failed(StatusCode),
}

/// Trades a pairing code or an enrolment key for a token; `name` is what the desk would like to be called.
pub(crate) async fn pair(
    http: &Http,
    server: &Url,
    code: &str,
    name: Option<String>,
) -> Result<Paired, PairError> {
    let request = PairRequest {
        code: code.to_owned(),
        name,
    };
    let response = http
        .to(server)
        .post(endpoint(server, &["v1", "desks"]))
        .timeout(TIMEOUT)
        .json(&request)
        .send()
        .await
        .map_err(PairError::Unreachable)?;
    let status = response.status();
    let body = body(response).await;
    match status {
        StatusCode::CREATED => {
            serde_json::from_slice(&body.map_err(PairError::Unreachable)?).map_err(|_| PairError::NotDeskbell)
        }
        StatusCode::TOO_MANY_REQUESTS => Err(PairError::TooManyTries),
        _ if status.is_server_error() => Err(PairError::Failed(status)),
        // A gateway says what is wrong in a form of its own; anybody's 404 does not.
        _ if status.is_client_error()
            && body.is_ok_and(|body| serde_json::from_slice::<Problem>(&body).is_ok()) =>
        {
            Err(PairError::CodeRefused)
        }
        _ => Err(PairError::NotDeskbell),
    }
}

impl Gateway {
    /// Fetches the lists of `today` and of all that nobody has handled. `None` when the log changed in between.
    pub(crate) async fn snapshot(&self, today: Date) -> Result<Option<Snapshot>, FetchError> {
        let day = self.day(today).await?;
        let pending = self.list("status", "pending").await?;
        Ok(Snapshot::of(today, day, pending))
    }

    /// Fetches one reservation with its history.
    pub(crate) async fn details(&self, id: ReservationId) -> Result<ReservationDetails, FetchError> {
        self.get(endpoint(&self.server, &["v1", "reservations", &id.to_string()]))
            .await
    }

    /// Fetches the list of `date`.
    pub(crate) async fn day(&self, date: Date) -> Result<ReservationList, FetchError> {
        self.list("date", &date.to_string()).await
    }

    /// Fetches what was received since `instant`, by date and time.
    pub(crate) async fn received_since(&self, instant: Timestamp) -> Result<ReservationList, FetchError> {
        self.list("received_since", &instant.to_string()).await
    }

    async fn list(&self, filter: &str, value: &str) -> Result<ReservationList, FetchError> {
        let mut url = endpoint(&self.server, &["v1", "reservations"]);
        url.query_pairs_mut().append_pair(filter, value);
        self.get(url).await
    }

    /// Tells the gateway that this desk is none any more: its token opens nothing from then on.
    pub(crate) async fn sign_out(&self) -> Result<(), FetchError> {
        let url = endpoint(&self.server, &["v1", "desks", "me"]);
        let answer = self
            .authorized(self.http.to(&self.server).delete(url))
            .send()
            .await;
        match answer.map_err(FetchError::Unreachable)?.status() {
            // It may have been signed out before.
            status if status.is_success() || status == StatusCode::UNAUTHORIZED => Ok(()),
            status => Err(FetchError::Failed(status)),
        }
    }

    async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, FetchError> {
        let response = self
            .authorized(self.http.to(&self.server).get(url))
            .send()
            .await
            .map_err(FetchError::Unreachable)?;
        match response.status() {
            StatusCode::OK => {
                let body = body(response).await.map_err(FetchError::Unreachable)?;
                serde_json::from_slice(&body).map_err(|_| FetchError::NotDeskbell)
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(FetchError::SignedOut),
            StatusCode::NOT_FOUND => Err(FetchError::NotFound),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(FetchError::Failed(status))
            }
            _ => Err(FetchError::NotDeskbell),
        }
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.timeout(TIMEOUT).bearer_auth(self.token.as_str())
    }
}

fn endpoint(server: &Url, path: &[&str]) -> Url {
    let mut url = server.clone();
    url.set_path(&path.join("/"));
    url
}

/// The body, cut at [`MOST_BYTES`]: what is cut cannot be read as JSON.
async fn body(mut response: Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = MOST_BYTES.saturating_sub(body.len());
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            break;
        }
    }
    Ok(body)
}
