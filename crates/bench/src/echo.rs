//! A WebSocket on axum with nothing on it, and the same small buffers: what no Socket.IO server can stay below.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use futures_util::{SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, stdin};
use tokio::net::TcpListener;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// Bytes, as our server reads into.
const READ_BUFFER: usize = 2 * 1024;

/// Serves until its standard input ends.
///
/// # Errors
/// When it cannot listen.
pub(crate) async fn run() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let router = Router::new().route("/socket.io/", any(open));
    tokio::spawn(axum::serve(listener, router).into_future());
    stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

async fn open(mut request: Request) -> Response {
    let Ok(response) = create_response_with_body(&request, Body::empty) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        // One that has gone needs no echo.
        if let Ok(stream) = Box::pin(upgrade).await {
            let config = WebSocketConfig::default()
                .read_buffer_size(READ_BUFFER)
                .write_buffer_size(0);
            let stream = TokioIo::new(stream);
            let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
            while let Some(Ok(message)) = socket.next().await {
                if socket.send(message).await.is_err() {
                    break;
                }
            }
        }
    });
    response
}
