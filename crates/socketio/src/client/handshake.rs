use data_encoding::BASE64;
use deskbell_clock::Entropy;
use reqwest::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use reqwest::{StatusCode, Upgraded};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use url::Url;

use super::reason::{of_answer, of_error};
use super::{ClientConfig, DisconnectReason};
use crate::packet::engine::PROTOCOL;
use crate::transport::websocket::WebSocket;

/// The largest message taken from a server, and the most of all attachments of one.
pub(super) const MAX_MESSAGE: usize = 1024 * 1024;

/// Opens the WebSocket of a new Engine.IO session by an HTTP upgrade.
pub(super) async fn open(
    config: &ClientConfig,
    entropy: &dyn Entropy,
) -> Result<WebSocket<Upgraded>, DisconnectReason> {
    let mut nonce = [0; 16];
    entropy.fill(&mut nonce);
    let key = BASE64.encode(&nonce);
    let url = endpoint(&config.url);
    let response = config
        .http
        .get(url.clone())
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key)
        .send()
        .await
        .map_err(of_error)?;
    let accepted = response.status() == StatusCode::SWITCHING_PROTOCOLS
        && response
            .headers()
            .get(SEC_WEBSOCKET_ACCEPT)
            .is_some_and(|accept| *accept == derive_accept_key(key.as_bytes()));
    if !accepted {
        return Err(of_answer(response, &url).await);
    }
    let stream = response.upgrade().await.map_err(of_error)?;
    Ok(WebSocket::new(stream, Role::Client, MAX_MESSAGE).await)
}

/// The address of the Engine.IO endpoint under `base`.
fn endpoint(base: &Url) -> Url {
    let mut url = base.clone();
    let path = format!("{}/socket.io/", base.path().trim_end_matches('/'));
    url.set_path(&path);
    url.query_pairs_mut()
        .append_pair("EIO", PROTOCOL)
        .append_pair("transport", "websocket");
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_lies_under_the_base() {
        for (base, expected) in [
            (
                "http://localhost:8787",
                "http://localhost:8787/socket.io/?EIO=4&transport=websocket",
            ),
            (
                "https://a.example/bell/",
                "https://a.example/bell/socket.io/?EIO=4&transport=websocket",
            ),
            (
                "https://a.example/bell?site=1",
                "https://a.example/bell/socket.io/?site=1&EIO=4&transport=websocket",
            ),
        ] {
            assert_eq!(endpoint(&base.parse().unwrap()).as_str(), expected);
        }
    }
}
