use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use deskbell_clock::{Clock, Instant, SystemClock};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::Room;
use crate::wire::{PONG, QUERY, SOCKET_IO};

/// How an event begins; its name follows.
const EVENT: &str = r#"42/desk,[""#;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long is waited for what should not come, once all has come that should.
const LINGER: Duration = Duration::from_millis(500);

/// Handshakes at once.
const HANDSHAKES: usize = 32;

/// Desks of every room, each a WebSocket, and the protocol by hand.
pub(crate) struct Desks {
    heard: Arc<Heard>,
    listening: JoinSet<Result<()>>,
}

#[derive(Default)]
struct Heard {
    count: AtomicUsize,
    arrivals: Mutex<Vec<Arrival>>,
}

/// An event at a desk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    /// The desk's room.
    pub(crate) room: usize,
    /// The desk's place in its room.
    pub(crate) desk: usize,
    /// The reservation's number, which is its name.
    pub(crate) number: usize,
    pub(crate) at: Instant,
}

#[derive(Deserialize)]
struct Reservation {
    name: String,
}

impl Desks {
    /// Connects all of them. Returns when each is in its room.
    pub(crate) async fn connect(address: SocketAddr, rooms: &[Room]) -> Result<Self> {
        let (heard, mut listening) = (Arc::new(Heard::default()), JoinSet::new());
        let desks = rooms.iter().enumerate().flat_map(|(room, of)| {
            let desks = of.desks.iter().enumerate();
            desks.map(move |(desk, auth)| (room, desk, auth))
        });
        let opening = futures_util::stream::iter(desks.map(async |(room, desk, auth)| {
            let opened = timeout(PATIENCE, open(address, auth)).await;
            let stream = opened.context("a handshake took too long")??;
            anyhow::Ok((room, desk, stream))
        }));
        let mut opening = std::pin::pin!(opening.buffer_unordered(HANDSHAKES));
        while let Some(opened) = opening.next().await {
            let (room, desk, stream) = opened?;
            let heard = Arc::clone(&heard);
            listening.spawn(async move { listen(stream, room, desk, &heard).await });
        }
        Ok(Self { heard, listening })
    }

    /// Waits until `expected` events have come, and a moment longer; gives all that came.
    ///
    /// # Errors
    /// When they stop coming before that, or a desk lost its connection.
    pub(crate) async fn gather(mut self, expected: usize) -> Result<Vec<Arrival>> {
        let all = async {
            while self.heard.count.load(Ordering::Relaxed) < expected {
                sleep(Duration::from_millis(5)).await;
            }
            sleep(LINGER).await;
        };
        tokio::select! {
            came = timeout(PATIENCE, all) => if came.is_err() {
                let count = self.heard.count.load(Ordering::Relaxed);
                bail!("{count} of {expected} events came");
            },
            Some(ended) = self.listening.join_next() => {
                ended??;
                bail!("a desk lost its connection");
            }
        }
        let mut arrivals = self.heard.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *arrivals))
    }
}

async fn open(address: SocketAddr, auth: &Value) -> Result<WebSocketStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut stream, _) = client_async(format!("ws://{address}{SOCKET_IO}{QUERY}"), stream).await?;
    stream.send(Message::text(format!("40/desk,{auth}"))).await?;
    loop {
        let message = stream.next().await.context("the server closed")??;
        let text = message.to_text()?;
        ensure!(!text.starts_with("44"), "not let in: {text}");
        if text == "2" {
            stream.send(Message::text(PONG)).await?;
        }
        if event(text).is_some_and(|(name, _)| name == "caught_up") {
            return Ok(stream);
        }
    }
}

async fn listen(
    mut stream: WebSocketStream<TcpStream>,
    room: usize,
    desk: usize,
    heard: &Heard,
) -> Result<()> {
    while let Some(message) = stream.next().await {
        let message = message?;
        let at = SystemClock.instant();
        let text = message.to_text()?;
        if text == "2" {
            stream.send(Message::text(PONG)).await?;
        } else if let Some(("reservation", data)) = event(text) {
            let Reservation { name } = serde_json::from_str(data)?;
            let arrival = Arrival {
                room,
                desk,
                number: name.parse()?,
                at,
            };
            let mut arrivals = heard.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
            arrivals.push(arrival);
            heard.count.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

/// An event's name and its one argument.
fn event(text: &str) -> Option<(&str, &str)> {
    let (name, data) = text.strip_prefix(EVENT)?.split_once(r#"","#)?;
    Some((name, data.strip_suffix(']')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_from_everything_else() {
        let text = r#"42/desk,["reservation",{"id":1,"name":"7"}]"#;
        assert_eq!(event(text), Some(("reservation", r#"{"id":1,"name":"7"}"#)));
        for text in [
            "2",
            r#"40/desk,{"sid":"a"}"#,
            r#"42/other,["reservation",{}]"#,
            "",
        ] {
            assert_eq!(event(text), None, "{text}");
        }
    }
}
