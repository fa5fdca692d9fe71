//! From polling to a WebSocket: the client tries the WebSocket out before it goes over.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::polling::Polls;
use super::transport::ServerWebSocket;
use crate::packet::engine::Packet;
use crate::transport::{Data, Step};

/// What the client sends to see whether the WebSocket carries anything, and gets back.
const PROBE: &str = "probe";

/// Answers the probe, and hands the WebSocket to its connection when the client goes over, which it must do within
/// `at_most`; says whether it did. Otherwise the WebSocket is closed, and the connection stays on requests.
pub(super) async fn upgrade(mut socket: ServerWebSocket, polls: &Polls, at_most: Duration) -> bool {
    let Ok(only) = polls.upgrading.try_acquire() else {
        tracing::debug!("a second WebSocket for a connection closed");
        socket.close(CloseCode::Normal).await;
        return false;
    };
    let handover = tokio::select! { biased;
        () = polls.over() => None,
        handover = tokio::time::timeout(at_most, be_probed(&mut socket, polls)) => handover.ok().flatten(),
    };
    match handover.map(|handover| handover.send(socket)) {
        Some(Ok(())) => {
            // There is no second time.
            only.forget();
            return true;
        }
        // The connection has ended meanwhile.
        Some(Err(socket)) => socket.close(CloseCode::Normal).await,
        None => tracing::debug!("upgrade to a WebSocket not completed"),
    }
    false
}

/// The client's steps of an upgrade; `None` if it takes others.
async fn be_probed(socket: &mut ServerWebSocket, polls: &Polls) -> Option<oneshot::Sender<ServerWebSocket>> {
    expect(socket, &Packet::Ping(PROBE)).await?;
    socket.queue(Packet::Pong(PROBE).encode()).ok()?;
    while !socket.is_drained() {
        if let Step::Closed(closed) = socket.step(false).await {
            tracing::debug!(?closed, "a WebSocket that was tried out");
            return None;
        }
    }
    let handover = polls.probed().await.ok()?;
    expect(socket, &Packet::Upgrade).await?;
    Some(handover)
}

/// The next packet is this one.
async fn expect(socket: &mut ServerWebSocket, packet: &Packet<'_>) -> Option<()> {
    match socket.step(true).await {
        Step::Frame(Data::Text(text)) if Packet::decode(&text).as_ref() == Ok(packet) => Some(()),
        _ => None,
    }
}
