use std::net::SocketAddr;

use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::json;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::connection::Connection;
use super::{Namespaces, Peer, Server};
use crate::packet::engine::PROTOCOL;
use crate::transport::websocket::WebSocket;

/// What Engine.IO asks for in the query.
#[derive(Deserialize)]
struct Parameters {
    #[serde(rename = "EIO")]
    protocol: Option<String>,
    transport: Option<String>,
    sid: Option<String>,
}

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum EndpointError {
    #[error("Transport unknown")]
    TransportUnknown,
    #[error("Session ID unknown")]
    SidUnknown,
    #[error("Bad handshake method")]
    BadMethod,
    #[error("Bad request")]
    BadRequest,
    #[error("Unsupported protocol version")]
    UnsupportedProtocol,
    /// The one error the protocol has no code for: full, or closing.
    #[error("Unavailable")]
    Unavailable,
}

impl IntoResponse for EndpointError {
    fn into_response(self) -> Response {
        let code = match self {
            Self::TransportUnknown => 0,
            Self::SidUnknown => 1,
            Self::BadMethod => 2,
            Self::BadRequest => 3,
            Self::UnsupportedProtocol => 5,
            Self::Unavailable => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        };
        let body = json!({ "code": code, "message": self.to_string() });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}

/// Opens a connection, or answers with the protocol's error.
pub(super) async fn endpoint<H: Namespaces>(
    State(server): State<Server<H>>,
    request: Request,
) -> Result<Response, Response> {
    open(server, request).map_err(IntoResponse::into_response)
}

fn open<H: Namespaces>(server: Server<H>, mut request: Request) -> Result<Response, EndpointError> {
    check(&request)?;
    let response = create_response_with_body(&request, Body::empty).map_err(|_| EndpointError::BadRequest)?;
    let address = request
        .extensions()
        .get()
        .map(|ConnectInfo(address): &ConnectInfo<SocketAddr>| *address);
    let connection =
        Connection::enter(server.shared, Peer { address }).map_err(|_| EndpointError::Unavailable)?;
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        // Boxed and awaited first, so that an open connection does not carry the room its handshake took.
        match Box::pin(upgrade).await {
            Ok(stream) => {
                let max_payload = connection.max_payload();
                let socket = WebSocket::new(TokioIo::new(stream), Role::Server, max_payload).await;
                connection.run(socket).await;
            }
            Err(error) => tracing::debug!(%error, "upgrade not completed"),
        }
    });
    Ok(response)
}

/// The checks of the Node server, in its order.
fn check(request: &Request) -> Result<(), EndpointError> {
    let Ok(Query(parameters)) = Query::<Parameters>::try_from_uri(request.uri()) else {
        return Err(EndpointError::BadRequest);
    };
    if parameters.transport.as_deref() != Some("websocket") {
        return Err(EndpointError::TransportUnknown);
    }
    if parameters.sid.is_some() {
        return Err(EndpointError::SidUnknown);
    }
    if request.method() != Method::GET {
        return Err(EndpointError::BadMethod);
    }
    if parameters.protocol.as_deref() != Some(PROTOCOL) {
        return Err(EndpointError::UnsupportedProtocol);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(method: Method, query: &str) -> Result<(), EndpointError> {
        let uri = format!("/socket.io/?{query}");
        check(
            &Request::builder()
                .method(method)
                .uri(uri)
                .body(Body::empty())
                .unwrap(),
        )
    }

    #[test]
    fn a_bad_request_is_answered_as_the_node_server_does() {
        for (method, query, expected) in [
            (Method::GET, "EIO=4&transport=websocket&t=abc", Ok(())),
            (Method::GET, "EIO=4", Err(EndpointError::TransportUnknown)),
            (
                Method::GET,
                "EIO=4&transport=abc",
                Err(EndpointError::TransportUnknown),
            ),
            (
                Method::GET,
                "EIO=4&transport=polling",
                Err(EndpointError::TransportUnknown),
            ),
            (
                Method::GET,
                "EIO=4&transport=websocket&sid=abc",
                Err(EndpointError::SidUnknown),
            ),
            (
                Method::POST,
                "EIO=4&transport=websocket",
                Err(EndpointError::BadMethod),
            ),
            (
                Method::GET,
                "transport=websocket",
                Err(EndpointError::UnsupportedProtocol),
            ),
            (
                Method::GET,
                "EIO=3&transport=websocket",
                Err(EndpointError::UnsupportedProtocol),
            ),
            (
                Method::GET,
                "EIO=4&EIO=4&transport=websocket",
                Err(EndpointError::BadRequest),
            ),
        ] {
            assert_eq!(checked(method, query), expected, "{query}");
        }
    }
}
