use std::net::SocketAddr;

use deskbell_soak::Entry;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// A server that pings before anything else, lets its first client in when the answer has come, and sends one entry.
pub(crate) async fn pings_at_once() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = open(stream).await;
        let handshake = json!({ "sid": "a", "upgrades": [], "pingInterval": 25_000, "pingTimeout": 20_000 });
        say(&mut socket, format!("0{handshake}")).await;
        say(&mut socket, "2").await;
        let mut heard = [hear(&mut socket).await, hear(&mut socket).await];
        heard.sort();
        assert_eq!(heard, ["3", r#"40/desk,{"cursor":0}"#]);
        say(&mut socket, "2").await;
        say(&mut socket, r#"40/desk,{"sid":"b"}"#).await;
        assert_eq!(hear(&mut socket).await, "3");
        say(
            &mut socket,
            format!("42/desk,{}", json!([Entry::NAME, Entry::new(1)])),
        )
        .await;
        // Until the client leaves.
        let _ = socket.next().await;
    });
    address
}

async fn open(mut stream: TcpStream) -> WebSocketStream<TcpStream> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("sec-websocket-key: "))
        .unwrap();
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    WebSocketStream::from_raw_socket(stream, Role::Server, None).await
}

async fn say(socket: &mut WebSocketStream<TcpStream>, text: impl Into<String>) {
    socket.send(Message::text(text.into())).await.unwrap();
}

async fn hear(socket: &mut WebSocketStream<TcpStream>) -> String {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => text.as_str().to_owned(),
        other => panic!("{other:?}"),
    }
}
