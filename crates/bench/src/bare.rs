//! What no server can stay below: a WebSocket on axum with nothing on it, and every delivery written straight to its TCP
//! connection, a system call each.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::serve::ListenerExt;
use futures_util::{FutureExt, SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::task::coop::unconstrained;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::commands::{Command, Commands, Reservation};
use crate::wire::{ECHO, NAMESPACE, ROOMS, SOCKET_IO, room_of};

/// Bytes a WebSocket reads into at once.
const READ_BUFFER: usize = 2 * 1024;

/// How a text frame of 126 to 65,535 bytes begins.
const TEXT_FRAME: [u8; 2] = [0x81, 126];

/// Connections that are only written to.
type Room = Mutex<Vec<TokioIo<Upgraded>>>;

/// Serves until its standard input ends; broadcasts what that asks for.
///
/// # Errors
/// When it cannot listen, is asked for what it does not understand, or a client does not keep up.
pub(crate) async fn run() -> anyhow::Result<()> {
    let rooms: Arc<[Room]> = (0..ROOMS).map(|_| Room::default()).collect();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let router = Router::new()
        .route(ECHO, any(open_echo))
        .route(SOCKET_IO, any(open_room))
        .with_state(Arc::clone(&rooms));
    tokio::spawn(axum::serve(listener, router).into_future());
    tokio::spawn(obey(rooms)).await?
}

async fn obey(rooms: Arc<[Room]>) -> anyhow::Result<()> {
    let (mut commands, mut reservation) = (Commands::new(), Reservation::new()?);
    while let Some(Command { rooms: asked, seqs }) = commands.next().await? {
        for (number, room) in rooms.iter().enumerate().take(asked.end).skip(asked.start) {
            for seq in seqs.clone() {
                let data = serde_json::to_string(reservation.number(number, seq))?;
                let text = format!(r#"42{NAMESPACE},["reservation",{data}]"#);
                let length = u16::try_from(text.len())?.to_be_bytes();
                let frame = [&TEXT_FRAME, &length, text.as_bytes()].concat();
                for stream in &mut *lock(room) {
                    let written = unconstrained(stream.write_all(&frame)).now_or_never();
                    written.context("a client does not keep up")??;
                }
            }
        }
    }
    Ok(())
}

/// Opens a WebSocket that answers what it hears.
async fn open_echo(request: Request) -> Response {
    let Some((response, opening)) = open(request) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    tokio::spawn(async move {
        let Some(mut socket) = Box::pin(opening).await else {
            return;
        };
        while let Some(Ok(message)) = socket.next().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    });
    response
}

/// As much of a Socket.IO server as lets a client into its room.
async fn open_room(State(rooms): State<Arc<[Room]>>, request: Request) -> Response {
    let Some((response, opening)) = open(request) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    tokio::spawn(async move {
        if let Some(mut socket) = Box::pin(opening).await
            && let Some(room) = admit(&mut socket).await
            && let Some(room) = rooms.get(room)
        {
            lock(room).push(socket.into_inner());
        }
    });
    response
}

/// Says what a client needs to hear; gives the room it asks for.
async fn admit(socket: &mut Socket) -> Option<usize> {
    socket.send(Message::text("0{}")).await.ok()?;
    let connect = socket.next().await?.ok()?;
    let (_, auth) = connect.to_text().ok()?.split_once(',')?;
    let auth: serde_json::Value = serde_json::from_str(auth).ok()?;
    let room = room_of(auth["token"].as_str()?)?;
    for text in [
        format!("40{NAMESPACE},{{}}"),
        format!(r#"42{NAMESPACE},["joined",null]"#),
    ] {
        socket.send(Message::text(text)).await.ok()?;
    }
    Some(room)
}

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// The answer to a WebSocket's handshake, and the WebSocket after it.
fn open(mut request: Request) -> Option<(Response, impl Future<Output = Option<Socket>>)> {
    let response = create_response_with_body(&request, Body::empty).ok()?;
    let upgrade = hyper::upgrade::on(&mut request);
    let opening = async move {
        let stream = TokioIo::new(upgrade.await.ok()?);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0);
        Some(WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await)
    };
    Some((response, opening))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
