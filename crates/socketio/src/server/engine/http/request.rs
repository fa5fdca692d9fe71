use axum::Json;
use axum::extract::{Query, Request};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::packet::engine::PROTOCOL;

/// What Engine.IO asks for in the query.
#[derive(Deserialize)]
struct Parameters {
    #[serde(rename = "EIO")]
    protocol: Option<String>,
    transport: Option<String>,
    sid: Option<String>,
}

/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A new connection on a WebSocket.
    OpenWebSocket,
    /// A new connection on requests.
    OpenPolling,
    /// A WebSocket for the connection of this name.
    Upgrade(String),
    /// What waits for the connection of this name.
    Get(String),
    /// Packets for the connection of this name.
    Post(String),
}

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum EndpointError {
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
    /// No code of the protocol: a body above the limit.
    #[error("Payload too large")]
    TooLarge,
    /// No code of the protocol: full, or closing.
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
            Self::TooLarge => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
            Self::Unavailable => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        };
        let body = json!({ "code": code, "message": self.to_string() });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}

impl Purpose {
    /// The checks of the Node server, in its order. Whether the connection exists is not among them.
    pub(super) fn of(request: &Request) -> Result<Self, EndpointError> {
        let Ok(Query(parameters)) = Query::<Parameters>::try_from_uri(request.uri()) else {
            return Err(EndpointError::BadRequest);
        };
        let polling = match parameters.transport.as_deref() {
            Some("polling") => true,
            Some("websocket") => false,
            _ => return Err(EndpointError::TransportUnknown),
        };
        let get = request.method() == Method::GET;
        if let Some(sid) = parameters.sid {
            return match (polling, get) {
                (true, true) => Ok(Self::Get(sid)),
                (true, false) if request.method() == Method::POST => Ok(Self::Post(sid)),
                (false, true) => Ok(Self::Upgrade(sid)),
                _ => Err(EndpointError::BadRequest),
            };
        }
        if !get {
            return Err(EndpointError::BadMethod);
        }
        if parameters.protocol.as_deref() != Some(PROTOCOL) {
            return Err(EndpointError::UnsupportedProtocol);
        }
        Ok(if polling {
            Self::OpenPolling
        } else {
            Self::OpenWebSocket
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn purpose(method: Method, query: &str) -> Result<Purpose, EndpointError> {
        let uri = format!("/socket.io/?{query}");
        Purpose::of(
            &Request::builder()
                .method(method)
                .uri(uri)
                .body(Body::empty())
                .unwrap(),
        )
    }

    #[test]
    fn a_request_is_understood_as_by_the_node_server() {
        use EndpointError::{BadMethod, BadRequest, TransportUnknown, UnsupportedProtocol};
        let sid = || "abc".to_owned();
        for (method, query, expected) in [
            (
                Method::GET,
                "EIO=4&transport=websocket&t=abc",
                Ok(Purpose::OpenWebSocket),
            ),
            (
                Method::GET,
                "EIO=4&transport=polling&t=abc",
                Ok(Purpose::OpenPolling),
            ),
            (
                Method::GET,
                "EIO=4&transport=websocket&sid=abc",
                Ok(Purpose::Upgrade(sid())),
            ),
            (
                Method::GET,
                "EIO=4&transport=polling&sid=abc",
                Ok(Purpose::Get(sid())),
            ),
            (
                Method::POST,
                "EIO=4&transport=polling&sid=abc",
                Ok(Purpose::Post(sid())),
            ),
            (Method::PUT, "EIO=4&transport=polling&sid=abc", Err(BadRequest)),
            (Method::POST, "EIO=4&transport=websocket&sid=abc", Err(BadRequest)),
            (Method::GET, "EIO=4", Err(TransportUnknown)),
            (Method::GET, "EIO=4&transport=abc", Err(TransportUnknown)),
            (Method::POST, "EIO=4&transport=websocket", Err(BadMethod)),
            (Method::POST, "EIO=4&transport=polling", Err(BadMethod)),
            (Method::HEAD, "EIO=4&transport=polling", Err(BadMethod)),
            (Method::GET, "transport=websocket", Err(UnsupportedProtocol)),
            (Method::GET, "EIO=3&transport=websocket", Err(UnsupportedProtocol)),
            (Method::GET, "EIO=abc&transport=polling", Err(UnsupportedProtocol)),
            (Method::GET, "EIO=4&EIO=4&transport=websocket", Err(BadRequest)),
        ] {
            assert_eq!(purpose(method, query), expected, "{query}");
        }
    }
}
