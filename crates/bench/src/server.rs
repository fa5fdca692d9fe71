//! Our server, as the gateway has it: one namespace, a room per hospital, entered by the token. `node/server.js` is the
//! same for Node.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::serve::ListenerExt;
use deskbell_clock::{OsEntropy, SystemClock};
use deskbell_socketio::Args;
use deskbell_socketio::server::{
    ConnectRefused, Frame, Namespaces, Peer, Room, Server, ServerConfig, Socket,
};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::commands::{Command, Commands, Reservation};
use crate::wire::{NAMESPACE, ROOMS, room_of};

/// Serves until its standard input ends; broadcasts what that asks for.
///
/// # Errors
/// When it cannot listen, or is asked for what it does not understand.
pub(crate) async fn run() -> Result<()> {
    let (address, rooms) = listen().await?;
    println!("{}", address.port());
    // A task like the gateway's push, which wakes the sockets' tasks more cheaply than the main one.
    tokio::spawn(obey(rooms)).await?
}

/// Serves from now on. Gives where, and the rooms.
///
/// # Errors
/// When it cannot listen.
pub(crate) async fn listen() -> Result<(SocketAddr, Arc<[Room]>)> {
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
    let address = listener.local_addr()?;
    // As the gateway: a failure only makes it slower.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let service = server
        .router::<()>()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, service).into_future());
    Ok((address, rooms))
}

async fn obey(rooms: Arc<[Room]>) -> Result<()> {
    let (mut commands, mut reservation) = (Commands::new(), Reservation::new()?);
    while let Some(Command { rooms: asked, seqs }) = commands.next().await? {
        for (number, room) in rooms.iter().enumerate().take(asked.end).skip(asked.start) {
            for seq in seqs.clone() {
                let data = reservation.number(number, seq);
                room.broadcast(&Frame::event(NAMESPACE, "reservation", data)?);
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
