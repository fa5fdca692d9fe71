use std::time::Duration;

use data_encoding::BASE64;
use deskbell_clock::Entropy;
use reqwest::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use reqwest::{Method, StatusCode, Upgraded};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::endpoint::Endpoint;
use super::reason::{of_answer, of_error};
use super::{DisconnectReason, MAX_MESSAGE, Transport};
use crate::transport::websocket::WebSocket;

/// A WebSocket that began as a request.
pub(super) type ClientWebSocket = Box<WebSocket<Upgraded>>;

/// No WebSocket.
pub(super) struct Failed {
    pub(super) reason: DisconnectReason,
    /// There was not even a connection to ask on.
    unconnected: bool,
}

impl Failed {
    /// Whether further requests would fare no better, or are not welcome.
    pub(super) fn is_final(&self) -> bool {
        let unwelcome = matches!(
            self.reason,
            DisconnectReason::LoginPage | DisconnectReason::Busy { status: 429 }
        );
        self.unconnected || unwelcome
    }
}

impl From<DisconnectReason> for Failed {
    fn from(reason: DisconnectReason) -> Self {
        Self {
            reason,
            unconnected: false,
        }
    }
}

impl From<reqwest::Error> for Failed {
    fn from(error: reqwest::Error) -> Self {
        Self {
            unconnected: error.is_connect(),
            reason: of_error(error),
        }
    }
}

/// The key of one HTTP upgrade.
pub(super) fn key(entropy: &dyn Entropy) -> String {
    let mut nonce = [0; 16];
    entropy.fill(&mut nonce);
    BASE64.encode(&nonce)
}

/// Opens a WebSocket by an HTTP upgrade, which may take `timeout`.
pub(super) async fn open(
    endpoint: &Endpoint,
    key: &str,
    timeout: Duration,
) -> Result<ClientWebSocket, Failed> {
    let (request, url) = endpoint.request(Method::GET, Transport::WebSocket, timeout);
    let response = request
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, key)
        .send()
        .await?;
    let accepted = response.status() == StatusCode::SWITCHING_PROTOCOLS
        && response
            .headers()
            .get(SEC_WEBSOCKET_ACCEPT)
            .is_some_and(|accept| *accept == derive_accept_key(key.as_bytes()));
    if !accepted {
        return Err(of_answer(response, &url).await.into());
    }
    let stream = response.upgrade().await?;
    Ok(Box::new(WebSocket::new(stream, Role::Client, MAX_MESSAGE).await))
}
