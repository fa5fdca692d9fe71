mod request;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Method;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::connection::Connection;
use super::polling::{Polling, Polls, Refused};
use super::registry::{Carrier, Unavailable};
use super::transport::{ServerWebSocket, Transport};
use super::upgrade::upgrade;
use super::{Connections, Engine, Peer, Shared, cors, random_name};
use crate::session::Violation;
use crate::transport::websocket::WebSocket;
use request::{EndpointError, Purpose};

/// What a POST is answered.
const TAKEN: &str = "ok";

/// Every request of Engine.IO; an error is answered as the protocol has it.
pub(super) async fn endpoint<C: Connections>(State(engine): State<Engine<C>>, request: Request) -> Response {
    let response = if request.method() == Method::OPTIONS {
        cors::preflight()
    } else {
        answer(engine.shared, request)
            .await
            .unwrap_or_else(IntoResponse::into_response)
    };
    cors::open_to_all(response)
}

async fn answer<C: Connections>(shared: Arc<Shared<C>>, request: Request) -> Result<Response, EndpointError> {
    match Purpose::of(&request)? {
        Purpose::OpenWebSocket => open_websocket(shared, request),
        Purpose::OpenPolling => open_polling(shared, peer(&request)).await,
        Purpose::Upgrade(sid) => upgrade_to_websocket(shared, sid, request),
        Purpose::Get(sid) => get(&*shared.polls(&sid)?).await,
        Purpose::Post(sid) => {
            let polls = shared.polls(&sid)?;
            post(&polls, request.into_body(), shared.config.max_payload).await
        }
    }
}

impl<C> Shared<C> {
    fn carrier(&self, sid: &str) -> Result<Carrier, EndpointError> {
        self.registry.find(sid).ok_or(EndpointError::SidUnknown)
    }

    fn polls(&self, sid: &str) -> Result<Arc<Polls>, EndpointError> {
        match self.carrier(sid)? {
            Carrier::Requests(polls) => Ok(polls),
            Carrier::WebSocket => Err(EndpointError::BadRequest),
        }
    }
}

fn open_websocket<C: Connections>(
    shared: Arc<Shared<C>>,
    request: Request,
) -> Result<Response, EndpointError> {
    let peer = peer(&request);
    let (response, opening) = switch(request, shared.config.max_payload)?;
    let place = shared.registry.enter()?;
    // Boxed, so that an open connection does not carry the room its handshake took.
    let opening = Box::pin(opening);
    tokio::spawn(async move {
        let _place = place;
        if let Some(socket) = opening.await {
            let sid = random_name(&*shared.entropy);
            let connection = Connection::new(&shared, sid, peer, Transport::WebSocket(socket));
            shared.connections.serve(connection).await;
        }
    });
    Ok(response)
}

async fn open_polling<C: Connections>(shared: Arc<Shared<C>>, peer: Peer) -> Result<Response, EndpointError> {
    let mut place = shared.registry.enter()?;
    let sid = random_name(&*shared.entropy);
    let (polls, mut polling) = Polling::new();
    let polls = Arc::new(polls);
    polling.give_up_with(place.answer_to(&sid, Arc::clone(&polls)));
    tokio::spawn(async move {
        let _place = place;
        let connection = Connection::new(&shared, sid, peer, Transport::Polling(Box::new(polling)));
        shared.connections.serve(connection).await;
    });
    get(&polls).await
}

fn upgrade_to_websocket<C: Connections>(
    shared: Arc<Shared<C>>,
    sid: String,
    request: Request,
) -> Result<Response, EndpointError> {
    let carrier = shared.carrier(&sid)?;
    let (response, opening) = switch(request, shared.config.max_payload)?;
    tokio::spawn(async move {
        let Some(socket) = opening.await else {
            return;
        };
        match carrier {
            Carrier::Requests(polls) => {
                if upgrade(socket, &polls, shared.config.upgrade_timeout).await {
                    shared.registry.note_upgrade(&sid);
                }
            }
            // There is no second time.
            Carrier::WebSocket => socket.close(CloseCode::Normal).await,
        }
    });
    Ok(response)
}

async fn get(polls: &Polls) -> Result<Response, EndpointError> {
    Ok(payload(Body::new(polls.get().await?)))
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
    Ok(payload(Body::from(TAKEN)))
}

/// Answers a WebSocket's handshake; the WebSocket comes after the answer, unless the client has gone.
fn switch(
    mut request: Request,
    max_payload: usize,
) -> Result<(Response, impl Future<Output = Option<ServerWebSocket>> + use<>), EndpointError> {
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

fn payload(body: Body) -> Response {
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

impl From<Unavailable> for EndpointError {
    fn from(Unavailable: Unavailable) -> Self {
        Self::Unavailable
    }
}
