//! Our server, as the gateway has it: one namespace, a room per hospital, entered by the token. `node/server.js` is the
//! same for Node.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::ListenerExt;
use deskbell_clock::{OsEntropy, SystemClock};
use deskbell_socketio::Args;
use deskbell_socketio::server::{
    ConnectRefused, Frame, Namespaces, Peer, Room, Server, ServerConfig, Socket,
};
use serde_json::{Map, Value};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::net::TcpListener;

use crate::wire::{NAMESPACE, ROOMS, room_of};

/// What a booking site's form becomes on its way to the desks.
const RESERVATION: &str = include_str!("../../protocol/golden/reservation_created.json");

/// Serves until its standard input ends; broadcasts what that asks for.
///
/// # Errors
/// When it cannot listen, or is asked for what it does not understand.
pub(crate) async fn run() -> anyhow::Result<()> {
    let rooms: Arc<[Room]> = (0..ROOMS).map(|_| Room::new()).collect();
    let desks = Desks {
        rooms: Arc::clone(&rooms),
        joined: Frame::event(NAMESPACE, "joined", &())?,
    };
    let server = Server::new(
        ServerConfig::default(),
        desks,
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    // As the gateway: a failure only makes it slower.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let service = server
        .router::<()>()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, service).into_future());

    let mut reservation: Map<String, Value> = serde_json::from_str(RESERVATION)?;
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let numbers: Vec<usize> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [first_room, end_of_rooms, first_event, end_of_events] = numbers[..] else {
            anyhow::bail!("not a command: {line}");
        };
        for (number, room) in rooms.iter().enumerate().take(end_of_rooms).skip(first_room) {
            reservation.insert("room".into(), number.into());
            for seq in first_event..end_of_events {
                reservation.insert("seq".into(), seq.into());
                room.broadcast(&Frame::event(NAMESPACE, "reservation", &reservation)?);
            }
        }
    }
    Ok(())
}

struct Desks {
    rooms: Arc<[Room]>,
    joined: Frame,
}

impl Namespaces for Desks {
    type Session = Room;

    async fn admit(&self, namespace: &str, auth: Value, _: &Peer) -> Result<Room, ConnectRefused> {
        if namespace != NAMESPACE {
            return Err(ConnectRefused::invalid_namespace());
        }
        auth["token"]
            .as_str()
            .and_then(room_of)
            .and_then(|number| self.rooms.get(number))
            .cloned()
            .ok_or_else(|| ConnectRefused::new("Not admitted", None))
    }

    async fn serve(&self, socket: &Socket, room: &Room) {
        room.join(socket);
        // One that has gone need not know.
        let _ = socket.emit(&self.joined).await;
    }

    async fn event(&self, _: &Socket, _: &Room, _: &str, _: Args) -> Option<Args> {
        None
    }

    async fn gone(&self, _: &Socket, _: &Room) {}
}
