use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE};
use reqwest::{Method, Response, StatusCode};
use url::Url;

use crate::client::endpoint::Endpoint;
use crate::client::reason::{Head, of_answer, of_error};
use crate::client::{DisconnectReason, Transport};
use crate::packet::engine::{Handshake, Packet};
use crate::session::Violation;
use crate::transport::Data;
use crate::transport::payload::Payload;

/// The largest answer that is read: many messages, as a server may have gathered some.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// A request gives up so much later than the session does, which knows better why.
const GRACE: Duration = Duration::from_secs(10);

/// A request on its way.
pub(super) type Pending<T> = Pin<Box<dyn Future<Output = Result<T, DisconnectReason>> + Send>>;

/// Makes the requests of a session.
pub(super) struct Requests {
    endpoint: Endpoint,
    timeout: Duration,
}

impl Requests {
    /// For a server that is never silent for longer than `patience`.
    pub(super) fn new(endpoint: Endpoint, patience: Duration) -> Self {
        let timeout = patience.saturating_add(GRACE);
        Self { endpoint, timeout }
    }

    /// Waits for packets.
    pub(super) fn get(&self) -> Pending<Payload> {
        let (request, url) = self
            .endpoint
            .request(Method::GET, Transport::Polling, self.timeout);
        Box::pin(async move {
            let request = request.header(CACHE_CONTROL, "no-cache");
            let response = request.send().await.map_err(of_lost_request)?;
            let response = accepted(response, &url).await?;
            let head = Head::of(&response, &url);
            let body = body(response).await?;
            match Payload::of_answer(body.clone()).next() {
                // Another program has answered.
                Some(Ok(Data::Text(text))) if Packet::decode(&text).is_err() => Err(head.reason(&body)),
                _ => Ok(Payload::of_answer(body)),
            }
        })
    }

    /// Brings packets.
    pub(super) fn post(&self, packets: Bytes) -> Pending<()> {
        let (request, url) = self
            .endpoint
            .request(Method::POST, Transport::Polling, self.timeout);
        Box::pin(async move {
            let request = request
                .header(CONTENT_TYPE, "text/plain;charset=UTF-8")
                .body(packets);
            let response = request.send().await.map_err(of_lost_request)?;
            let response = accepted(response, &url).await?;
            // To its end, so that the connection can be used again.
            body(response).await.map(drop)
        })
    }
}

/// The answer, if it is one of the session's server.
async fn accepted(response: Response, url: &Url) -> Result<Response, DisconnectReason> {
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(response);
    }
    Err(match of_answer(response, url).await {
        // It has restarted, or is another one than before, and does not know the session. Node says so by a number, Python
        // in words.
        DisconnectReason::Rejected { .. } | DisconnectReason::NotSocketIo { html: false, .. }
            if status == StatusCode::BAD_REQUEST =>
        {
            DisconnectReason::Closed
        }
        reason => reason,
    })
}

fn of_lost_request(error: reqwest::Error) -> DisconnectReason {
    if error.is_timeout() && !error.is_connect() {
        return DisconnectReason::PingTimeout;
    }
    of_error(error)
}

/// The whole body.
async fn body(mut response: Response) -> Result<Bytes, DisconnectReason> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(of_lost_request)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Violation::Frame.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// A session that has begun.
pub(in crate::client) struct Begun {
    pub(in crate::client) endpoint: Endpoint,
    /// The handshake, as it came.
    pub(in crate::client) first: Data,
    pub(in crate::client) handshake: Handshake,
    /// What came along with it.
    pub(in crate::client) more: Payload,
}

/// Begins a session, which may take `timeout`.
pub(in crate::client) async fn open(
    endpoint: &Endpoint,
    timeout: Duration,
) -> Result<Begun, DisconnectReason> {
    let (request, url) = endpoint.request(Method::GET, Transport::Polling, timeout);
    let request = request.header(CACHE_CONTROL, "no-cache");
    let response = request.send().await.map_err(of_error)?;
    if response.status() != StatusCode::OK {
        return Err(of_answer(response, &url).await);
    }
    let head = Head::of(&response, &url);
    let headers = response.headers().clone();
    let body = body(response).await?;
    let mut packets = Payload::of_answer(body.clone());
    match packets.next() {
        Some(Ok(first @ Data::Text(_))) => match handshake(&first) {
            Some(handshake) => Ok(Begun {
                endpoint: endpoint.of_session(&handshake.sid, &headers),
                first,
                handshake,
                more: packets,
            }),
            None => Err(head.reason(&body)),
        },
        _ => Err(head.reason(&body)),
    }
}

/// The terms in the first packet of a session.
pub(in crate::client) fn handshake(packet: &Data) -> Option<Handshake> {
    match packet {
        Data::Text(text) => match Packet::decode(text) {
            Ok(Packet::Open(handshake)) => Some(handshake),
            _ => None,
        },
        Data::Binary(_) => None,
    }
}
