mod request;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Method;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::connection::Connection;
use super::polling::{Polling, Polls, Refused};
use super::transport::{ServerWebSocket, Transport};
use super::upgrade::upgrade;
use super::{Namespaces, Peer, Server, Shared, cors};
use crate::session::Violation;
use crate::transport::websocket::WebSocket;
use request::{EndpointError, Purpose};

/// What a POST is answered.
const TAKEN: Bytes = Bytes::from_static(b"ok");

/// Every request of Engine.IO; an error is answered as the protocol has it.
pub(super) async fn endpoint<H: Namespaces>(State(server): State<Server<H>>, request: Request) -> Response {
    let response = if request.method() == Method::OPTIONS {
        cors::preflight()
    } else {
        answer(server.shared, request)
            .await
            .unwrap_or_else(IntoResponse::into_response)
    };
    cors::open_to_all(response)
}

async fn answer<H: Namespaces>(shared: Arc<Shared<H>>, request: Request) -> Result<Response, EndpointError> {
    match Purpose::of(&request)? {
        Purpose::OpenWebSocket => open_websocket(shared, request),
        Purpose::OpenPolling => open_polling(shared, peer(&request)).await,
        Purpose::Upgrade(sid) => {
            let polls = shared.polls(&sid)?;
            upgrade_to_websocket(&shared, polls, request)
        }
        Purpose::Get(sid) => Ok(payload(shared.polls(&sid)?.get().await?)),
        Purpose::Post(sid) => {
            let polls = shared.polls(&sid)?;
            post(&polls, request.into_body(), shared.config.max_payload).await
        }
    }
}

impl<H> Shared<H> {
    fn polls(&self, sid: &str) -> Result<Arc<Polls>, EndpointError> {
        self.registry.find(sid).ok_or(EndpointError::SidUnknown)
    }
}

fn open_websocket<H: Namespaces>(
    shared: Arc<Shared<H>>,
    request: Request,
) -> Result<Response, EndpointError> {
    let peer = peer(&request);
    let (response, opening) = switch(request, shared.config.max_payload)?;
    let connection = Connection::enter(shared, peer).map_err(|_| EndpointError::Unavailable)?;
    tokio::spawn(async move {
        // Boxed and awaited first, so that an open connection does not carry the room its handshake took.
        if let Some(socket) = Box::pin(opening).await {
            connection.run(Transport::WebSocket(socket)).await;
        }
    });
    Ok(response)
}

async fn open_polling<H: Namespaces>(shared: Arc<Shared<H>>, peer: Peer) -> Result<Response, EndpointError> {
    let connection = Connection::enter(shared, peer).map_err(|_| EndpointError::Unavailable)?;
    let (polls, polling) = Polling::new();
    let polls = Arc::new(polls);
    connection.answer_to(Arc::clone(&polls));
    tokio::spawn(connection.run(Transport::Polling(Box::new(polling))));
    Ok(payload(polls.get().await?))
}

fn upgrade_to_websocket<H: Namespaces>(
    shared: &Shared<H>,
    polls: Arc<Polls>,
    request: Request,
) -> Result<Response, EndpointError> {
    let at_most = shared.config.upgrade_timeout;
    let (response, opening) = switch(request, shared.config.max_payload)?;
    tokio::spawn(async move {
        if let Some(socket) = opening.await {
            upgrade(socket, &polls, at_most).await;
        }
    });
    Ok(response)
}

async fn post(polls: &Polls, body: Body, max_payload: usize) -> Result<Response, EndpointError> {
    let turn = polls.turn().await?;
    // A body that does not come to its end is given up with its connection, which hears nothing else meanwhile.
    let body = tokio::select! {
        body = to_bytes(body, max_payload) => body,
        () = polls.over() => return Err(EndpointError::BadRequest),
    };
    let Ok(body) = body else {
        polls.breach(Violation::Frame).await;
        return Err(EndpointError::TooLarge);
    };
    polls.post(turn, body).await?;
    Ok(payload(TAKEN))
}

/// Answers a WebSocket's handshake; the WebSocket comes after the answer, unless the client has gone.
fn switch(
    mut request: Request,
    max_payload: usize,
) -> Result<(Response, impl Future<Output = Option<ServerWebSocket>>), EndpointError> {
    let response = create_response_with_body(&request, Body::empty).map_err(|_| EndpointError::BadRequest)?;
    let upgrade = hyper::upgrade::on(&mut request);
    let opening = async move {
        match upgrade.await {
            Ok(stream) => {
                let socket = WebSocket::new(TokioIo::new(stream), Role::Server, max_payload).await;
                Some(Box::new(socket))
            }
            Err(error) => {
                tracing::debug!(%error, "WebSocket not opened");
                None
            }
        }
    };
    Ok((response, opening))
}

fn peer(request: &Request) -> Peer {
    let address = request
        .extensions()
        .get()
        .map(|ConnectInfo(address): &ConnectInfo<SocketAddr>| *address);
    Peer { address }
}

fn payload(body: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=UTF-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, body).into_response()
}

impl From<Refused> for EndpointError {
    fn from(Refused: Refused) -> Self {
        Self::BadRequest
    }
}
