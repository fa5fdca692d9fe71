//! From polling to a WebSocket: it is tried out before it takes over.

use std::time::Duration;

use tokio::time::timeout;

use super::DisconnectReason;
use super::endpoint::Endpoint;
use super::websocket::{self, ClientWebSocket};
use crate::packet::engine::Packet;
use crate::session::Violation;
use crate::transport::{Data, Step};

/// How long a WebSocket may take to open and to carry the probe there and back.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// What is sent to see whether the WebSocket carries anything.
const PROBE: &str = "probe";

/// Opens a WebSocket for the session of `endpoint` and tries it out.
pub(super) async fn probe(endpoint: Endpoint, key: String) -> Result<ClientWebSocket, DisconnectReason> {
    let probed = timeout(PROBE_TIMEOUT, async {
        let opened = websocket::open(&endpoint, &key, PROBE_TIMEOUT).await;
        let mut socket = opened.map_err(|failed| failed.reason)?;
        socket.queue(Packet::Ping(PROBE).encode())?;
        loop {
            match socket.step(true).await {
                Step::Frame(Data::Text(text)) if Packet::decode(&text) == Ok(Packet::Pong(PROBE)) => {
                    return Ok(socket);
                }
                Step::Frame(_) => return Err(Violation::OutOfPlace.into()),
                Step::Drained => {}
                Step::Closed(closed) => return Err(closed.into()),
            }
        }
    });
    probed.await.unwrap_or(Err(DisconnectReason::ConnectTimeout))
}
