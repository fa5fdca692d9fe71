use std::net::SocketAddr;
use std::time::Duration;

use deskbell_socketio::server::{Frame, ServerConfig};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::reception::{Running, config, last_words, start};
use crate::{PATIENCE, http};

const CONNECT: &str = r#"40/desk,{"token":"seoul"}"#;

/// A connection on bare requests, past its handshake.
struct Polled {
    http: reqwest::Client,
    url: String,
    sid: String,
}

/// What a request was answered.
type Answer = (StatusCode, String);

fn ok(body: &str) -> Answer {
    (StatusCode::OK, body.to_owned())
}

impl Polled {
    async fn open(running: &Running) -> Self {
        let (http, url) = (
            http(),
            format!("{}/socket.io/?EIO=4&transport=polling", running.url()),
        );
        let body = http.get(&url).send().await.unwrap().text().await.unwrap();
        let terms: Value = serde_json::from_str(body.strip_prefix('0').unwrap()).unwrap();
        assert_eq!(terms["upgrades"], json!(["websocket"]));
        let sid = terms["sid"].as_str().unwrap().to_owned();
        Self {
            url: format!("{url}&sid={sid}"),
            http,
            sid,
        }
    }

    /// The only one that is in its namespace and its room.
    async fn enter(running: &Running) -> Self {
        Self::enter_after(0, running).await
    }

    /// One that is in its namespace and its room, as `others` are.
    async fn enter_after(others: usize, running: &Running) -> Self {
        let polled = Self::open(running).await;
        assert_eq!(polled.post(CONNECT).await, ok("ok"));
        let (_, body) = polled.get().await;
        assert!(body.starts_with(r#"40/desk,{"sid":""#), "{body}");
        running.reception().wait_for(others + 1).await;
        polled
    }

    async fn ask(&self, method: Method, body: impl Into<reqwest::Body>) -> Answer {
        let asked = self.http.request(method, &self.url).body(body).send();
        let answer = tokio::time::timeout(PATIENCE, asked)
            .await
            .expect("an answer in time")
            .unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn get(&self) -> Answer {
        self.ask(Method::GET, "").await
    }

    async fn post(&self, body: impl Into<reqwest::Body>) -> Answer {
        self.ask(Method::POST, body).await
    }

    /// A GET that waits at the server when this returns.
    async fn park(&self) -> JoinHandle<Answer> {
        let (address, path) = self.url["http://".len()..].split_once('/').unwrap();
        let mut parked = TcpStream::connect(address).await.unwrap();
        let head = format!("GET /{path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        parked.write_all(head.as_bytes()).await.unwrap();
        // What is asked later is answered later.
        assert_eq!(self.post("6").await, ok("ok"));
        tokio::spawn(async move {
            let mut answer = String::new();
            let read = tokio::time::timeout(PATIENCE, parked.read_to_string(&mut answer)).await;
            read.expect("an answer in time").unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let status = head.split(' ').nth(1).unwrap();
            (status.parse().unwrap(), body.to_owned())
        })
    }

    /// Its connection takes nothing any more.
    async fn is_refused(&self) {
        assert_eq!(self.get().await.0, StatusCode::BAD_REQUEST);
        assert_eq!(self.post("3").await.0, StatusCode::BAD_REQUEST);
    }
}

/// A WebSocket of its own, before its handshake.
async fn websocket_alone(running: &Running) -> WebSocketStream<TcpStream> {
    open_websocket(running.address, "/socket.io/?EIO=4&transport=websocket").await
}

/// A WebSocket for the connection `sid`.
async fn websocket(running: &Running, sid: &str) -> WebSocketStream<TcpStream> {
    let path = format!("/socket.io/?EIO=4&transport=websocket&sid={sid}");
    open_websocket(running.address, &path).await
}

/// A WebSocket at `path`.
pub(crate) async fn open_websocket(address: SocketAddr, path: &str) -> WebSocketStream<TcpStream> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    WebSocketStream::from_raw_socket(stream, Role::Client, None).await
}

pub(crate) async fn send(socket: &mut WebSocketStream<TcpStream>, text: &str) {
    socket.send(Message::text(text)).await.unwrap();
}

/// The next text; `None` if the server ended the WebSocket.
pub(crate) async fn next_text(socket: &mut WebSocketStream<TcpStream>) -> Option<String> {
    match tokio::time::timeout(PATIENCE, socket.next())
        .await
        .expect("an answer in time")
    {
        Some(Ok(Message::Text(text))) => Some(text.as_str().to_owned()),
        _ => None,
    }
}

#[tokio::test]
async fn many_packets_in_one_body_are_answered_in_order() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let questions: Vec<_> = (0..200)
        .map(|number| format!(r#"42/desk,{number}["echo",{number},"김"]"#))
        .collect();
    let (posted, answers) = tokio::join!(polled.post(questions.join("\x1e")), async {
        let mut answers = Vec::new();
        while answers.len() < 200 {
            let (status, body) = polled.get().await;
            assert_eq!(status, StatusCode::OK);
            answers.extend(body.split('\x1e').map(str::to_owned));
        }
        answers
    });
    assert_eq!(posted, ok("ok"));
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer, &format!(r#"43/desk,{number}[{number},"김"]"#));
    }
}

#[tokio::test]
async fn a_parked_poll_ends_with_what_a_room_hears() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let frame = |number| Frame::event("/desk", "a", &number).unwrap();
    let room = running.reception().room("seoul");
    for number in 0..10 {
        let parked = polled.park().await;
        room.broadcast(&frame(number));
        assert_eq!(parked.await.unwrap(), ok(&format!(r#"42/desk,["a",{number}]"#)));
    }
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_connection() {
    let running = start(config(), 0).await;
    for body in [
        &b"abc"[..],
        b"",
        b"4abc",
        b"2",
        b"5",
        b"4\xff",
        b"bAQID",
        b"b?",
        b"3\x1e",
        b"3\x1eabc",
    ] {
        let polled = Polled::open(&running).await;
        let answer = polled.post(body).await;
        assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{body:?}");
        polled.is_refused().await;
    }
    let polled = Polled::open(&running).await;
    let answer = polled.post("4".repeat(config().max_payload + 1)).await;
    assert_eq!(answer.0, StatusCode::PAYLOAD_TOO_LARGE);
    polled.is_refused().await;
    let polled = Polled::open(&running).await;
    assert_eq!(polled.ask(Method::PUT, "3").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(polled.post("3\x1e6").await, ok("ok"), "nobody heard the PUT");
}

#[tokio::test]
async fn a_second_poll_ends_the_connection_and_the_first() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let (first, second) = tokio::join!(polled.get(), polled.get());
    let mut answers = [first, second];
    answers.sort();
    assert_eq!(answers[0], ok("1"));
    assert_eq!(answers[1].0, StatusCode::BAD_REQUEST);
    polled.is_refused().await;
    running.reception().wait_for(0).await;
}

#[tokio::test]
async fn a_second_body_ends_the_connection_and_the_first() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let mut slow = TcpStream::connect(running.address).await.unwrap();
    let head = format!(
        "POST /socket.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n\
         content-length: 10\r\n\r\n",
        polled.sid
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    // The server says "100 Continue" when it begins to read the body.
    let mut heard = [0; 12];
    slow.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"HTTP/1.1 100");
    assert_eq!(polled.post("3").await.0, StatusCode::BAD_REQUEST);
    running.reception().wait_for(0).await;
    let mut rest = String::new();
    tokio::time::timeout(PATIENCE, slow.read_to_string(&mut rest))
        .await
        .expect("an answer in time")
        .unwrap();
    assert!(rest.contains("HTTP/1.1 400"), "{rest}");
}

#[tokio::test]
async fn a_poll_that_is_given_up_ends_the_connection() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let mut given_up = TcpStream::connect(running.address).await.unwrap();
    let head = format!(
        "GET /socket.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\nhost: a\r\n\r\n",
        polled.sid
    );
    given_up.write_all(head.as_bytes()).await.unwrap();
    drop(given_up);
    running.reception().wait_for(0).await;
    polled.is_refused().await;
}

#[tokio::test]
async fn a_close_ends_the_parked_poll() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let parked = polled.park().await;
    assert_eq!(polled.post("1").await, ok("ok"));
    assert_eq!(parked.await.unwrap(), ok("6"));
    polled.is_refused().await;
    running.reception().wait_for(0).await;
}

#[tokio::test]
async fn who_neither_polls_nor_answers_pings_is_swept() {
    let impatient = ServerConfig {
        ping_interval: Duration::from_millis(100),
        ping_timeout: Duration::from_secs(2),
        ..config()
    };
    let running = start(impatient, 0).await;
    // All it was sent but the ping has been taken.
    let polled = Polled::enter(&running).await;
    running.reception().wait_for(0).await;
    polled.is_refused().await;
}

#[tokio::test]
async fn who_takes_less_than_it_is_sent_is_cut() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let socket = running.reception().wait_for(1).await.remove(0);
    let frame = Frame::event("/desk", "a", &1).unwrap();
    let mut sent = 0;
    while socket.try_emit(&frame).is_ok() {
        sent += 1;
        assert!(sent < 1_000, "what waits is bounded");
        tokio::task::yield_now().await;
    }
    running.reception().wait_for(0).await;
    polled.is_refused().await;
}

#[tokio::test]
async fn an_upgrade_keeps_the_order_and_shuts_the_door_behind_it() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let room = running.reception().room("seoul");
    let parked = polled.park().await;
    let mut socket = websocket(&running, &polled.sid).await;
    send(&mut socket, "2probe").await;
    assert_eq!(next_text(&mut socket).await.as_deref(), Some("3probe"));
    assert_eq!(parked.await.unwrap(), ok("6"));
    assert_eq!(polled.get().await, ok("6"), "no poll is kept waiting");
    let frame = |number| Frame::event("/desk", "a", &number).unwrap();
    for number in 0..5 {
        room.broadcast(&frame(number));
    }
    send(&mut socket, "5").await;
    send(&mut socket, r#"42/desk,1["echo",1]"#).await;
    room.broadcast(&frame(5));
    let mut heard = Vec::new();
    for _ in 0..7 {
        heard.push(next_text(&mut socket).await.unwrap());
    }
    heard.retain(|text| text != r#"43/desk,1[1]"#);
    let expected: Vec<_> = (0..6)
        .map(|number| format!(r#"42/desk,["a",{number}]"#))
        .collect();
    assert_eq!(heard, expected);
    polled.is_refused().await;
    let mut second = websocket(&running, &polled.sid).await;
    assert_eq!(next_text(&mut second).await, None);
    send(&mut socket, r#"42/desk,2["echo",2]"#).await;
    assert_eq!(next_text(&mut socket).await.unwrap(), "43/desk,2[2]");
}

#[tokio::test]
async fn an_upgrade_that_fails_leaves_the_connection_on_requests() {
    let hurried = ServerConfig {
        upgrade_timeout: Duration::from_millis(100),
        ..config()
    };
    let running = start(hurried, 0).await;
    let polled = Polled::enter(&running).await;
    for steps in [
        &[][..],
        &["2"],
        &["5"],
        &["4hello"],
        &["2probe"],
        &["2probe", "2probe"],
        &["2probe", "4hello"],
    ] {
        let mut socket = websocket(&running, &polled.sid).await;
        for step in steps {
            // The server may have hung up.
            let _ = socket.send(Message::text(*step)).await;
        }
        while next_text(&mut socket).await.is_some() {}
        // It may be on its way to the connection still that there is no WebSocket any more.
        let (_, noops) = tokio::join!(polled.post(r#"42/desk,1["echo",1]"#), async {
            let mut noops = 0;
            while polled.get().await != ok("43/desk,1[1]") {
                noops += 1;
            }
            noops
        });
        assert!(noops < 10, "{steps:?}");
    }
}

#[tokio::test]
async fn one_websocket_at_a_time_is_tried_out() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let mut socket = websocket(&running, &polled.sid).await;
    send(&mut socket, "2probe").await;
    assert_eq!(next_text(&mut socket).await.as_deref(), Some("3probe"));
    let mut second = websocket(&running, &polled.sid).await;
    assert_eq!(next_text(&mut second).await, None);
    send(&mut socket, "5").await;
    send(&mut socket, r#"42/desk,2["echo",2]"#).await;
    assert_eq!(next_text(&mut socket).await.unwrap(), "43/desk,2[2]");
}

#[tokio::test]
async fn connections_of_nobody_make_place_for_newer_ones() {
    let small = ServerConfig {
        max_connections: 8,
        ..config()
    };
    let running = start(small, 0).await;
    let known = Polled::enter(&running).await;
    let nobody = Polled::open(&running).await;
    let parked = nobody.park().await;
    let newer = Polled::enter_after(1, &running).await;
    assert_eq!(newer.post("3").await, ok("ok"));
    assert_eq!(parked.await.unwrap(), ok("1"), "it is told");
    nobody.is_refused().await;
    assert_eq!(known.post("3").await, ok("ok"), "who is known stays");
}

#[tokio::test]
async fn connections_of_nobody_cannot_fill_the_server() {
    let small = ServerConfig {
        max_connections: 8,
        ..config()
    };
    let running = start(small, 0).await;
    for _ in 0..20 {
        Polled::open(&running).await;
    }
    Polled::enter(&running).await;
}

#[tokio::test]
async fn who_polls_hears_the_last_words_and_then_the_end() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let idle = Polled::open(&running).await;
    let parked = idle.park().await;
    let (stopped, ()) = tokio::join!(running.server.shutdown(last_words), async {
        assert_eq!(polled.get().await, ok(r#"42/desk,["shutdown",1]"#));
        assert_eq!(
            polled.post("3").await,
            ok("ok"),
            "a client is not refused before it knows why"
        );
        assert_eq!(polled.get().await, ok("1"));
        assert_eq!(parked.await.unwrap(), ok("1"));
    });
    let () = stopped;
    polled.is_refused().await;
    let url = format!("{}/socket.io/?EIO=4&transport=polling", running.url());
    let answer = polled.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn who_does_not_come_is_cut_when_a_closing_server_has_waited_long_enough() {
    let hurried = ServerConfig {
        shutdown_timeout: Duration::from_millis(50),
        ..config()
    };
    let running = start(hurried, 0).await;
    let polled = Polled::enter(&running).await;
    running.server.shutdown(last_words).await;
    polled.is_refused().await;
}

#[tokio::test]
async fn a_frame_above_the_limit_ends_the_connection_on_either_transport() {
    let running = start(config(), 0).await;
    let room = running.reception().room("seoul");
    let bulky = Frame::event("/desk", "a", &"x".repeat(5 * 1024 * 1024)).unwrap();
    let polled = Polled::enter(&running).await;
    room.broadcast(&bulky);
    running.reception().wait_for(0).await;
    polled.is_refused().await;
    let mut socket = websocket_alone(&running).await;
    send(&mut socket, CONNECT).await;
    running.reception().wait_for(1).await;
    room.broadcast(&bulky);
    running.reception().wait_for(0).await;
}

#[tokio::test]
async fn binary_data_goes_both_ways_as_base64() {
    let running = start(config(), 0).await;
    let polled = Polled::enter(&running).await;
    let question = [
        r#"451-/desk,1["echo",{"_placeholder":true,"num":0}]"#,
        "bAQIDBA==",
    ]
    .join("\x1e");
    assert_eq!(polled.post(question).await, ok("ok"));
    let answer = [r#"461-/desk,1[{"_placeholder":true,"num":0}]"#, "bAQIDBA=="].join("\x1e");
    assert_eq!(polled.get().await, ok(&answer));
}

#[tokio::test]
async fn pages_of_any_origin_may_poll_without_cookies() {
    let running = start(config(), 0).await;
    let url = format!("{}/socket.io/?EIO=4&transport=polling", running.url());
    for (method, url, status) in [
        (Method::OPTIONS, url.clone(), 204),
        (Method::GET, url.clone(), 200),
        (Method::GET, format!("{url}&sid=x"), 400),
    ] {
        let answer = http()
            .request(method, &url)
            .header("origin", "https://clinic.example")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    }
}
