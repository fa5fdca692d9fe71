//! Many clients in one process, as light as they can be: a WebSocket each, and the protocol by hand.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use deskbell_clock::{Clock, Instant};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::wire::{Delivery, ECHO, PONG, QUERY, SOCKET_IO, Said, connect_to, read};

/// Handshakes at once; less than any listener's backlog.
const HANDSHAKES: usize = 64;

/// What a client reads into at once.
const READ_BUFFER: usize = 4 * 1024;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often the count is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Clients of one server. They go when this is dropped.
pub(crate) struct Crowd {
    tally: Arc<Tally>,
    /// How many clients there are.
    pub(crate) sockets: usize,
    clients: JoinSet<()>,
}

/// What the clients have seen together.
struct Tally {
    clock: Arc<dyn Clock>,
    delivered: AtomicU64,
    /// Deliveries lost, repeated, out of order or to the wrong room, and connections lost.
    faults: AtomicU64,
    timing: AtomicBool,
    /// When each room was last sent something.
    sent: Vec<Mutex<Instant>>,
    latencies: Mutex<Vec<Duration>>,
}

impl Crowd {
    /// Connects `sockets` clients, the first to room 0, the next to room 1 and so on, round and round. Returns when each
    /// has been told that it is in its room. With no rooms they open what has no Socket.IO on it.
    pub(crate) async fn connect(
        address: SocketAddr,
        sockets: usize,
        rooms: usize,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let now = clock.instant();
        let tally = Arc::new(Tally {
            clock,
            delivered: AtomicU64::new(0),
            faults: AtomicU64::new(0),
            timing: AtomicBool::new(false),
            sent: (0..rooms).map(|_| Mutex::new(now)).collect(),
            latencies: Mutex::default(),
        });
        let (mut opening, turns) = (JoinSet::new(), Arc::new(Semaphore::new(HANDSHAKES)));
        for number in 0..sockets {
            let turns = Arc::clone(&turns);
            let room = number.checked_rem(rooms);
            opening.spawn(async move {
                let _turn = turns.acquire().await?;
                let client = timeout(PATIENCE, Box::pin(Client::open(address, room))).await;
                client.context("a handshake took too long")?
            });
        }
        let mut clients = JoinSet::new();
        while let Some(client) = opening.join_next().await {
            clients.spawn(client??.stay(Arc::clone(&tally)));
        }
        Ok(Self {
            tally,
            sockets,
            clients,
        })
    }

    /// Deliveries so far.
    pub(crate) fn delivered(&self) -> u64 {
        self.tally.delivered.load(Ordering::Relaxed)
    }

    /// Notes when `room` is sent something, and measures until its clients have it. One event at a time.
    pub(crate) fn time(&self, room: usize) {
        self.tally.timing.store(true, Ordering::Relaxed);
        *lock(&self.tally.sent[room]) = self.tally.clock.instant();
    }

    /// What was measured, sorted.
    pub(crate) fn latencies(&self) -> Vec<Duration> {
        let mut latencies = std::mem::take(&mut *lock(&self.tally.latencies));
        latencies.sort_unstable();
        latencies
    }

    /// Waits until there have been `total` deliveries.
    ///
    /// # Errors
    /// When they stop coming before that, or one was not as it should be.
    pub(crate) async fn wait_for(&self, total: u64) -> Result<()> {
        let clock = &self.tally.clock;
        let (mut seen, mut since) = (0, clock.instant());
        while seen < total {
            let delivered = self.delivered();
            if delivered != seen {
                (seen, since) = (delivered, clock.instant());
            } else if clock.instant().saturating_since(since) > PATIENCE {
                bail!("{} of {total} deliveries are lost", total - seen);
            }
            sleep(LOOK).await;
        }
        self.check()
    }

    /// That nothing went wrong so far.
    ///
    /// # Errors
    /// When something did.
    pub(crate) fn check(&self) -> Result<()> {
        let faults = self.tally.faults.load(Ordering::Relaxed);
        ensure!(
            faults == 0,
            "{faults} deliveries or connections lost, repeated or out of order"
        );
        ensure!(self.clients.len() == self.sockets, "clients are missing");
        Ok(())
    }
}

impl Tally {
    fn fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }

    fn delivered(&self, room: usize) {
        if self.timing.load(Ordering::Relaxed) {
            let latency = self.clock.instant().saturating_since(*lock(&self.sent[room]));
            lock(&self.latencies).push(latency);
        }
        self.delivered.fetch_add(1, Ordering::Relaxed);
    }
}

struct Client {
    stream: WebSocketStream<TcpStream>,
    room: Option<usize>,
}

impl Client {
    async fn open(address: SocketAddr, room: Option<usize>) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        let path = if room.is_some() { SOCKET_IO } else { ECHO };
        let url = format!("ws://{address}{path}{QUERY}");
        let (stream, _) = client_async_with_config(url, stream, Some(config)).await?;
        let mut client = Self { stream, room };
        if let Some(room) = room {
            client.expect(Said::Open).await?;
            client.stream.send(Message::text(connect_to(room))).await?;
            client.expect(Said::Connected).await?;
            client.expect(Said::Joined).await?;
        }
        Ok(client)
    }

    async fn expect(&mut self, expected: Said) -> Result<()> {
        loop {
            let message = self.stream.next().await.context("the server closed")??;
            match read(message.to_text()?) {
                said if said == expected => return Ok(()),
                Said::Ping => self.stream.send(Message::text(PONG)).await?,
                other => bail!("{expected:?} was expected, and came {other:?}"),
            }
        }
    }

    /// Counts what comes, until the server ends the connection, which it should not.
    async fn stay(mut self, tally: Arc<Tally>) {
        let mut next = 0;
        while let Some(Ok(message)) = self.stream.next().await {
            let Message::Text(text) = message else {
                break;
            };
            match read(&text) {
                Said::Reservation(Delivery { room, seq }) if Some(room) == self.room && seq == next => {
                    next += 1;
                    tally.delivered(room);
                }
                Said::Ping => {
                    // A failure shows when reading.
                    let _ = self.stream.send(Message::text(PONG)).await;
                }
                _ => tally.fault(),
            }
        }
        tally.fault();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use deskbell_clock::SystemClock;
    use deskbell_socketio::server::{Frame, Room};

    use super::*;
    use crate::commands::Reservation;
    use crate::server;
    use crate::wire::NAMESPACE;

    const CLIENTS: usize = 50;
    const IN_ROOMS: usize = 10;

    fn broadcast(rooms: &[Room], seqs: Range<u64>) {
        let mut reservation = Reservation::new().unwrap();
        for (number, room) in rooms.iter().enumerate().take(IN_ROOMS) {
            for seq in seqs.clone() {
                let data = reservation.number(number, seq);
                room.broadcast(&Frame::event(NAMESPACE, "reservation", data).unwrap());
            }
        }
    }

    async fn crowd() -> (Crowd, Arc<[Room]>) {
        let (address, rooms) = server::listen().await.unwrap();
        let crowd = Crowd::connect(address, CLIENTS, IN_ROOMS, Arc::new(SystemClock)).await;
        (crowd.unwrap(), rooms)
    }

    #[tokio::test]
    async fn our_server_delivers_everything_once_and_in_order() {
        let (crowd, rooms) = crowd().await;
        broadcast(&rooms, 0..20);
        crowd.wait_for(20 * 50).await.unwrap();
        broadcast(&rooms, 20..40);
        crowd.wait_for(40 * 50).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_repeated_or_left_out_is_noticed() {
        for wrong in [0, 2] {
            let (crowd, rooms) = crowd().await;
            broadcast(&rooms, 0..1);
            broadcast(&rooms, wrong..wrong + 1);
            broadcast(&rooms, 1..2);
            assert!(crowd.wait_for(2 * 50).await.is_err());
        }
    }
}
