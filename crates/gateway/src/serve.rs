use std::time::Duration;

use anyhow::{Context, bail};
use deskbell_socketio::server::{Server, ServerConfig};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::push::{Sockets, last_words};
use crate::{Gateway, http};

/// How long requests under way may take after the gateway was asked to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Serves `gateway` on `listener` until `stop` is done, then lets requests and sockets end in good order.
///
/// # Errors
/// When the push to the desks ends before it should, or taking connections does: the process is of no more use then.
pub async fn serve(
    gateway: Gateway,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let sockets = Server::new(
        ServerConfig::default(),
        Sockets::new(gateway.clone()),
        gateway.clock().clone(),
        gateway.entropy().clone(),
    );
    let router = http::router(&gateway).merge(sockets.router());
    let edge = gateway.options().edge.clone();
    let clock = gateway.clock().clone();
    let (no_more, stopping) = oneshot::channel();
    // Tasks of their own: one that panics ends this function, not the silence after it.
    let mut server = tokio::spawn(edge.serve(listener, router, clock, stopping));
    let push = gateway.clone();
    let mut push = tokio::spawn(async move { push.push().run().await });
    let upkeep = gateway.clone();
    let mut upkeep = tokio::spawn(async move { crate::upkeep::run(&upkeep).await });

    tokio::select! {
        () = stop => {}
        ended = &mut server => {
            ended.context("the HTTP server panicked")?;
            bail!("the HTTP server ended");
        }
        ended = &mut push => {
            ended.context("the push panicked")?;
            bail!("the push ended");
        }
        ended = &mut upkeep => {
            ended.context("the upkeep panicked")?;
            bail!("the upkeep ended");
        }
    }

    tracing::info!("stopping");
    let entropy = gateway.entropy();
    // Before the listener: a desk that polls comes for its last words with its next request.
    sockets.shutdown(|socket| last_words(socket, &**entropy)).await;
    // Dropped or sent, the receiver hears of it.
    let _ = no_more.send(());
    push.abort();
    upkeep.abort();
    match tokio::time::timeout(LAST_REQUESTS, server).await {
        Ok(ended) => ended.context("the HTTP server panicked")?,
        Err(_) => tracing::warn!("requests were still under way and are cut off"),
    }
    gateway.store().close().await;
    Ok(())
}
