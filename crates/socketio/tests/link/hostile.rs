use std::time::Duration;

use deskbell_socketio::Args;
use deskbell_socketio::client::DisconnectReason;
use deskbell_socketio::server::{AckError, ServerConfig};
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::reception::{Running, config, start};
use crate::{PATIENCE, args, client, http, values};

const CONNECT: &str = r#"40/desk,{"token":"seoul"}"#;

/// A bare WebSocket to the server, past its Engine.IO handshake.
async fn bare(running: &Running) -> WebSocketStream<TcpStream> {
    bare_on(TcpStream::connect(running.address).await.unwrap()).await
}

async fn bare_on(mut stream: TcpStream) -> WebSocketStream<TcpStream> {
    let request = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
    assert!(
        next_text(&mut socket)
            .await
            .is_some_and(|text| text.starts_with("0{"))
    );
    socket
}

/// The next text, `None` if the server ended the connection.
async fn next_text(socket: &mut WebSocketStream<TcpStream>) -> Option<String> {
    loop {
        match tokio::time::timeout(PATIENCE, socket.next())
            .await
            .expect("an answer in time")
        {
            Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return None,
        }
    }
}

async fn send(socket: &mut WebSocketStream<TcpStream>, text: &str) {
    socket.send(Message::text(text)).await.unwrap();
}

#[tokio::test]
async fn requests_that_open_nothing_get_the_protocols_error() {
    let running = start(config(), 0).await;
    for (query, expected) in [
        (
            "EIO=4&transport=abc",
            json!({ "code": 0, "message": "Transport unknown" }),
        ),
        (
            "EIO=4&transport=polling&sid=x",
            json!({ "code": 1, "message": "Session ID unknown" }),
        ),
        (
            "EIO=4&transport=websocket&sid=x",
            json!({ "code": 1, "message": "Session ID unknown" }),
        ),
        (
            "EIO=4&transport=websocket",
            json!({ "code": 3, "message": "Bad request" }),
        ),
        (
            "EIO=3&transport=websocket",
            json!({ "code": 5, "message": "Unsupported protocol version" }),
        ),
    ] {
        let response = http()
            .get(format!("{}/socket.io/?{query}", running.url()))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), 400, "{query}");
        assert_eq!(response.json::<Value>().await.unwrap(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_client_that_breaks_the_protocol_is_closed_and_the_server_lives() {
    let running = start(config(), 0).await;
    for text in ["", "abc", "4", "4abc", "42{}", "5", "2", r#"42["not connected"]"#] {
        let mut socket = bare(&running).await;
        send(&mut socket, text).await;
        assert_eq!(next_text(&mut socket).await, None, "{text:?}");
    }
    for texts in [
        // The second CONNECT, attachments without end, and one that is late.
        &[CONNECT, CONNECT][..],
        &[r#"411-["a"]"#],
        &[CONNECT, r#"4511-/desk,["a"]"#],
        &[CONNECT, r#"4599999999999999999999-/desk,["a"]"#],
        &[CONNECT, r#"451-/desk,["a"]"#, r#"42/desk,["a"]"#],
        &[CONNECT, r#"43/desk,99999999999999999999[]"#],
    ] {
        let mut socket = bare(&running).await;
        for text in texts {
            send(&mut socket, text).await;
        }
        while next_text(&mut socket).await.is_some() {}
    }
    for message in [
        Message::binary(vec![1, 2]),
        Message::text("4".repeat(64 * 1024 + 1)),
    ] {
        let mut socket = bare(&running).await;
        // The server may have hung up before it is all sent.
        let _ = socket.send(message).await;
        assert_eq!(next_text(&mut socket).await, None);
    }
    for bytes in [
        &[0xff; 64][..],
        &[0x81, 0x85, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x81, 0x01, b'4'],
    ] {
        let mut socket = bare(&running).await;
        socket.get_mut().write_all(bytes).await.unwrap();
        assert_eq!(next_text(&mut socket).await, None, "{bytes:?}");
    }
    let (_client, mut events) = client(&running.url(), json!({ "token": "seoul" }));
    events.connected().await;
}

#[tokio::test]
async fn a_client_that_asks_much_and_takes_nothing_is_cut() {
    let impatient = ServerConfig {
        ping_timeout: Duration::from_millis(300),
        ..config()
    };
    let running = start(impatient, 0).await;
    let narrow = TcpSocket::new_v4().unwrap();
    narrow.set_recv_buffer_size(4096).unwrap();
    let mut socket = bare_on(narrow.connect(running.address).await.unwrap()).await;
    send(&mut socket, CONNECT).await;
    running.reception().wait_for(1).await;
    // The answers fill every buffer on the way, then the questions do, as the server reads no more.
    let question = format!(r#"42/desk,1["echo","{}"]"#, "x".repeat(60_000));
    let ask = async { while socket.send(Message::text(question.clone())).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, ask).await.expect("it is cut");
    running.reception().wait_for(0).await;
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_is_closed() {
    let hurried = ServerConfig {
        connect_timeout: Duration::from_millis(100),
        ..config()
    };
    let running = start(hurried, 0).await;
    assert_eq!(next_text(&mut bare(&running).await).await, None);
}

#[tokio::test]
async fn attachments_are_bounded_together() {
    let running = start(config(), 0).await;
    let mut socket = bare(&running).await;
    send(&mut socket, CONNECT).await;
    send(&mut socket, r#"452-/desk,["a"]"#).await;
    for _ in 0..2 {
        // The server may have hung up.
        let _ = socket
            .send(Message::binary(vec![0; config().max_payload / 2 + 1]))
            .await;
    }
    while next_text(&mut socket).await.is_some() {}
    running.reception().wait_for(0).await;
}

#[tokio::test]
async fn an_ack_is_waited_for_no_longer_than_agreed_and_not_from_who_has_gone() {
    let (running, args) = (start(config(), 0).await, Args::none());
    let mut socket = bare(&running).await;
    send(&mut socket, CONNECT).await;
    let heard = running.reception().wait_for(1).await.remove(0);
    let silence = heard.emit_with_ack("ask", &args, Duration::from_millis(50)).await;
    assert_eq!(silence.unwrap_err(), AckError::TimedOut);
    let asked = heard.emit_with_ack("ask", &args, PATIENCE);
    let leaving = async {
        while next_text(&mut socket).await.unwrap() != r#"42/desk,1["ask"]"# {}
        send(&mut socket, "41/desk,").await;
    };
    let (answer, ()) = tokio::join!(asked, leaving);
    assert_eq!(answer.unwrap_err(), AckError::Gone);
    running.reception().wait_for(0).await;
    let late = heard.emit_with_ack("ask", &args, PATIENCE).await;
    assert_eq!(late.unwrap_err(), AckError::Gone);
}

#[tokio::test]
async fn acks_that_are_waited_for_are_counted() {
    let running = start(config(), 0).await;
    let mut socket = bare(&running).await;
    send(&mut socket, CONNECT).await;
    let heard = running.reception().wait_for(1).await.remove(0);
    let args = Args::none();
    let mut asked: FuturesUnordered<_> = (0..=256)
        .map(|_| heard.emit_with_ack("ask", &args, PATIENCE))
        .collect();
    assert_eq!(asked.next().await.unwrap().unwrap_err(), AckError::Congested);
    drop(socket);
    while let Some(answer) = asked.next().await {
        assert_eq!(answer.unwrap_err(), AckError::Gone);
    }
}

#[tokio::test]
async fn an_unknown_namespace_is_refused_and_another_can_still_be_entered() {
    let running = start(config(), 0).await;
    let mut socket = bare(&running).await;
    send(&mut socket, "40/random,").await;
    let refusal = next_text(&mut socket).await.unwrap();
    assert_eq!(refusal, r#"44/random,{"message":"Invalid namespace"}"#);
    send(&mut socket, CONNECT).await;
    assert!(
        next_text(&mut socket)
            .await
            .unwrap()
            .starts_with(r#"40/desk,{"sid":""#)
    );
}

#[tokio::test]
async fn events_sent_at_once_are_answered_one_by_one_in_order() {
    let running = start(
        ServerConfig {
            ping_interval: PATIENCE,
            ..config()
        },
        0,
    )
    .await;
    let mut socket = bare(&running).await;
    send(&mut socket, CONNECT).await;
    next_text(&mut socket).await.unwrap();
    for number in 0..200 {
        send(&mut socket, &format!(r#"42/desk,{number}["echo",{number},"x"]"#)).await;
    }
    for number in 0..200 {
        assert_eq!(
            next_text(&mut socket).await.unwrap(),
            format!(r#"43/desk,{number}[{number},"x"]"#)
        );
    }
}

#[tokio::test]
async fn a_handler_that_panics_ends_its_own_connection_alone() {
    let running = start(config(), 0).await;
    let mut socket = bare(&running).await;
    send(&mut socket, CONNECT).await;
    next_text(&mut socket).await.unwrap();
    let (client, mut events) = client(&running.url(), json!({ "token": "seoul" }));
    events.connected().await;
    running.reception().wait_for(2).await;
    send(&mut socket, r#"42/desk,["panic"]"#).await;
    assert_eq!(next_text(&mut socket).await, None);
    assert_eq!(running.reception().room("seoul").len(), 1);
    assert_eq!(
        values(&client.emit_with_ack("echo", &args(&1), PATIENCE).await.unwrap()),
        [json!(1)]
    );
}

#[tokio::test]
async fn a_server_that_is_none_gives_a_reason_and_is_tried_again() {
    for (answer, expected) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nlogin",
            DisconnectReason::NotSocketIo {
                status: 200,
                html: false,
            },
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
            DisconnectReason::Busy { status: 502 },
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
            DisconnectReason::NotSocketIo {
                status: 101,
                html: false,
            },
        ),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                assert!(stream.read(&mut request).await.unwrap() > 0);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let (_client, mut events) = client(&url, Value::Null);
        for _ in 0..2 {
            assert_eq!(events.disconnected().await, expected);
        }
    }
}
