//! A broadcast to 1,000 sockets, from the call until each has all of it: queues, tasks, WebSocket frames and all, but no
//! network: `cargo bench -p deskbell-socketio --all-features --bench broadcast`. What the network adds is measured by
//! `cargo xtask bench link`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up ends there")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::serve::Listener;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deskbell_clock::{SeededEntropy, SystemClock};
use deskbell_socketio::Args;
use deskbell_socketio::server::{
    ConnectRefused, Frame, Namespaces, Peer, Room, Server, ServerConfig, Socket,
};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncReadExt, DuplexStream, duplex};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

const SOCKETS: usize = 1_000;

/// Events at once: one, and what a room may be sent after a pause.
const BURSTS: [usize; 2] = [1, 16];

/// Bytes that one direction of a connection holds: more than the largest burst.
const PIPE: usize = 16 * 1024;

/// One room for everybody.
struct Hall(Room);

impl Namespaces for Hall {
    type Session = ();

    async fn admit(&self, _: &str, _: Value, _: &Peer) -> Result<(), ConnectRefused> {
        Ok(())
    }

    async fn serve(&self, socket: &Socket, (): &()) {
        self.0.join(socket);
    }

    async fn event(&self, _: &Socket, (): &(), _: &str, _: Args) -> Option<Args> {
        None
    }

    async fn gone(&self, _: &Socket, (): &()) {}
}

/// Connections without a network.
struct Memory(mpsc::Receiver<DuplexStream>);

impl Listener for Memory {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.recv().await {
            Some(stream) => (stream, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What all clients have been sent, in bytes.
#[derive(Default)]
struct Heard {
    bytes: AtomicUsize,
    more: Notify,
}

impl Heard {
    async fn wait_for(&self, bytes: usize) {
        while self.bytes.load(Ordering::Relaxed) < bytes {
            self.more.notified().await;
        }
        assert_eq!(self.bytes.swap(0, Ordering::Relaxed), bytes);
    }
}

async fn join(server: &mpsc::Sender<DuplexStream>, heard: Arc<Heard>) {
    let (near, far) = duplex(PIPE);
    server.send(far).await.unwrap();
    let url = "ws://memory/socket.io/?EIO=4&transport=websocket";
    let (mut socket, _) = client_async(url, near).await.unwrap();
    socket.next().await.unwrap().unwrap();
    socket.send(Message::text("40")).await.unwrap();
    socket.next().await.unwrap().unwrap();
    let mut stream = socket.into_inner();
    tokio::spawn(async move {
        let mut bytes = vec![0; PIPE];
        while let Ok(length @ 1..) = stream.read(&mut bytes).await {
            heard.bytes.fetch_add(length, Ordering::Relaxed);
            heard.more.notify_one();
        }
    });
}

/// A room with all its sockets in it.
async fn fill() -> (Room, Arc<Heard>) {
    let (room, heard) = (Room::new(), Arc::new(Heard::default()));
    let server = Server::new(
        ServerConfig::default(),
        Hall(room.clone()),
        Arc::new(SystemClock),
        Arc::new(SeededEntropy::new(1)),
    );
    let (connections, incoming) = mpsc::channel(1);
    tokio::spawn(axum::serve(Memory(incoming), server.router::<()>()).into_future());
    for _ in 0..SOCKETS {
        join(&connections, Arc::clone(&heard)).await;
    }
    while room.len() < SOCKETS {
        tokio::task::yield_now().await;
    }
    (room, heard)
}

fn broadcast(criterion: &mut Criterion) {
    let runtime: Runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (room, heard) = runtime.block_on(fill());
    let frame = Frame::event("/", "reservation", &"a".repeat(360)).unwrap();
    // Its text, and the header of a WebSocket frame of this size.
    let size = format!("42[\"reservation\",\"{}\"]", "a".repeat(360)).len() + 4;
    let mut group = criterion.benchmark_group("broadcast to 1000");
    for burst in BURSTS {
        group.throughput(Throughput::Elements((burst * SOCKETS) as u64));
        group.bench_function(format!("{burst} at once"), |bencher| {
            bencher.iter(|| {
                runtime.block_on(async {
                    for _ in 0..burst {
                        room.broadcast(&frame);
                    }
                    heard.wait_for(burst * SOCKETS * size).await;
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, broadcast);
criterion_main!(benches);
