//! Opening a new session by what this network carries.

use std::time::Duration;

use deskbell_clock::{Clock, Entropy, Instant};
use tokio::time::timeout;

use super::carrier::Carrier;
use super::endpoint::Endpoint;
use super::network::Network;
use super::polling::{self, Begun, Polling};
use super::websocket::{self, Failed};
use super::{ClientConfig, DisconnectReason, Transports};
use crate::packet::engine::Handshake;
use crate::session::Violation;
use crate::transport::{Data, Step};

/// A session that has begun.
pub(super) struct Opened {
    pub(super) carrier: Carrier,
    pub(super) handshake: Handshake,
    /// The handshake, as it came.
    pub(super) first: Data,
}

/// Opens a session by `deadline`: by a WebSocket or, where none can be opened, by polling.
pub(super) async fn open(
    config: &ClientConfig,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    network: &mut Network,
    deadline: Instant,
) -> Result<Opened, DisconnectReason> {
    let endpoint = Endpoint::new(config);
    let left = || deadline.saturating_since(clock.instant());
    let blocked = || {
        network
            .next_try()
            .is_some_and(|next_try| clock.instant() < next_try)
    };
    let failed = match config.transports {
        Transports::WebSocketOnly => {
            let opened = by_websocket(&endpoint, entropy, left()).await;
            return opened.map_err(|failed| failed.reason);
        }
        Transports::Both { .. } if !blocked() => match by_websocket(&endpoint, entropy, left() / 2).await {
            // Whether it works shows later.
            Ok(opened) => return Ok(opened),
            Err(failed) if failed.is_final() => return Err(failed.reason),
            Err(failed) => Some(failed.reason),
        },
        Transports::Both { .. } | Transports::PollingOnly => None,
    };
    let opened = by_polling(&endpoint, left()).await?;
    if let Some(reason) = failed {
        tracing::info!(%reason, "no WebSocket can be opened here, but polling passes");
        network.websocket_fails(clock.instant(), entropy);
    }
    Ok(opened)
}

async fn by_websocket(
    endpoint: &Endpoint,
    entropy: &dyn Entropy,
    at_most: Duration,
) -> Result<Opened, Failed> {
    let key = websocket::key(entropy);
    let opening = async {
        let mut socket = websocket::open(endpoint, &key, at_most).await?;
        // One that opens and carries nothing is of no use.
        let first = loop {
            match socket.step(true).await {
                Step::Frame(first) => break first,
                Step::Drained => {}
                Step::Closed(closed) => return Err(DisconnectReason::from(closed).into()),
            }
        };
        let handshake = polling::handshake(&first).ok_or(DisconnectReason::from(Violation::OutOfPlace))?;
        Ok(Opened {
            carrier: Carrier::WebSocket(socket),
            handshake,
            first,
        })
    };
    let opened = timeout(at_most, opening).await;
    opened.unwrap_or_else(|_| Err(DisconnectReason::ConnectTimeout.into()))
}

async fn by_polling(endpoint: &Endpoint, at_most: Duration) -> Result<Opened, DisconnectReason> {
    let begun = timeout(at_most, polling::open(endpoint, at_most)).await;
    let Begun {
        endpoint,
        first,
        handshake,
        more,
    } = begun.unwrap_or(Err(DisconnectReason::ConnectTimeout))?;
    let mut polling = Polling::new(endpoint, &handshake);
    polling.receive(more);
    Ok(Opened {
        carrier: Carrier::Polling(Box::new(polling)),
        handshake,
        first,
    })
}
