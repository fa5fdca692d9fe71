//! Between the listener and the endpoints, on real sockets. Clients have addresses of their own, 127.0.0.N.

mod crowd;
mod proxies;
mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use deskbell_gateway::{Edge, Limits, Options, TrustedProxies};
use deskbell_socketio::client::Transports;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::house::House;
use crate::listener::{Listener, http, http_builder};

/// Longer than anything here takes, so that a test that would hang fails instead.
const PATIENCE: Duration = Duration::from_secs(20);

/// Short enough for a test, long enough for a slow machine to answer in.
const SOON: Duration = Duration::from_millis(500);

/// The client 127.0.0.`n`.
fn client(n: u8) -> reqwest::Client {
    http_builder()
        .local_address(std::net::IpAddr::from([127, 0, 0, n]))
        .build()
        .unwrap()
}

/// A connection of the client 127.0.0.`n`.
async fn connect(n: u8, address: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let from = SocketAddr::from((Ipv4Addr::new(127, 0, 0, n), 0));
    socket.bind(from).unwrap();
    socket.connect(address.parse().unwrap()).await.unwrap()
}

/// What comes until the gateway ends the connection, in order or not.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    // An error is an end too.
    let _ = read.expect("the connection is not ended");
    String::from_utf8(bytes).unwrap()
}

/// What is answered to `request`, if the gateway ends the connection then.
async fn answer(address: &str, request: &str) -> String {
    let mut stream = connect(1, address).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(&mut stream).await
}

async fn house(limits: Limits, trusted: &str) -> House {
    let edge = Edge {
        trusted: trusted.parse::<TrustedProxies>().unwrap(),
        limits,
        tls: None,
    };
    let options = Options {
        edge,
        ..Options::default()
    };
    House::open_with(options).await
}

/// Nobody is cut for idling while a test looks at something else.
fn patient() -> Limits {
    Limits {
        header: PATIENCE * 100,
        ..Limits::default()
    }
}

async fn hasty() -> House {
    let limits = Limits {
        header: SOON,
        ..Limits::default()
    };
    house(limits, "").await
}

#[tokio::test]
async fn half_a_header_is_cut_however_busily_it_goes_on() {
    let house = hasty().await;
    let mut silent = connect(1, &house.address).await;
    silent
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
        .await
        .unwrap();
    assert_eq!(rest(&mut silent).await, "");

    let (mut reading, mut writing) = connect(1, &house.address).await.into_split();
    let dribble = async {
        writing.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
        while writing.write_all(b"A: b\r\n").await.is_ok() {
            tokio::time::sleep(SOON / 20).await;
        }
    };
    let mut answer = Vec::new();
    let cut = async {
        tokio::select! {
            () = dribble => {}
            _ = reading.read_to_end(&mut answer) => {}
        }
    };
    tokio::time::timeout(PATIENCE, cut).await.expect("it is not cut");
    assert_eq!(answer, b"");
    house.stop().await;
}

#[tokio::test]
async fn a_connection_that_says_nothing_or_nothing_more_is_ended() {
    let house = hasty().await;
    let mut silent = connect(1, &house.address).await;
    assert_eq!(rest(&mut silent).await, "");
    let served = answer(&house.address, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(served.starts_with("HTTP/1.1 200 OK\r\n"), "{served}");
    house.stop().await;
}

#[tokio::test]
async fn a_header_that_is_too_large_is_refused() {
    let house = House::open().await;
    let long = format!(
        "GET /healthz HTTP/1.1\r\nHost: a\r\nA: {}\r\n\r\n",
        "b".repeat(16 * 1024)
    );
    let many = format!("GET /healthz HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(65));
    let address = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "b".repeat(16 * 1024));
    for request in [long, many, address] {
        let refused = answer(&house.address, &request).await;
        assert!(refused.starts_with("HTTP/1.1 431 "), "{refused}");
    }
    let most = format!(
        "GET /healthz HTTP/1.1\r\n{}\r\n",
        "A: b\r\n".repeat(63) + "connection: close\r\n"
    );
    let taken = answer(&house.address, &most).await;
    assert!(taken.starts_with("HTTP/1.1 200 "), "{taken}");
    house.stop().await;
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let house = House::open().await;
    for nonsense in [
        "hello\r\n\r\n",
        "GET /healthz\r\n\r\n",
        "GET / HTTP/1.1\r\nA b\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST /v1/reservations HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ] {
        let refused = answer(&house.address, nonsense).await;
        assert!(
            refused.is_empty() || refused.starts_with("HTTP/1.1 400 "),
            "{refused}"
        );
    }
    house.stop().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_has_come() {
    let house = House::open().await;
    let head = format!(
        "POST /v1/reservations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n{}",
        house.key,
        " ".repeat(16 * 1024 + 1),
    );
    let refused = answer(&house.address, &head).await;
    assert!(refused.starts_with("HTTP/1.1 413 "), "{refused}");
    assert!(
        refused.contains("urn:problem-type:deskbell:too-large"),
        "{refused}"
    );
    house.stop().await;
}

#[tokio::test]
async fn a_body_that_nobody_reads_holds_no_connection() {
    let house = House::open().await;
    let half = "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhalf of it";
    let answered = answer(&house.address, half).await;
    assert!(answered.starts_with("HTTP/1.1 200 "), "{answered}");
    house.stop().await;
}

#[tokio::test]
async fn one_address_has_so_many_places_and_no_more() {
    let limits = Limits {
        connections_per_address: 3,
        ..patient()
    };
    let house = house(limits, "").await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(connect(2, &house.address).await);
    }
    assert_eq!(
        rest(&mut connect(2, &house.address).await).await,
        "",
        "closed unread"
    );
    let url = format!("http://{}/healthz", house.address);
    assert_eq!(client(3).get(&url).send().await.unwrap().status(), 200);
    held.pop();
    // Until the gateway has seen that one went.
    let again = async { while client(2).get(&url).send().await.is_err() {} };
    tokio::time::timeout(PATIENCE, again)
        .await
        .expect("the place is not given back");
    house.stop().await;
}

#[tokio::test]
async fn a_websocket_keeps_its_place() {
    let limits = Limits {
        connections_per_address: 1,
        ..patient()
    };
    let house = house(limits, "").await;
    let token = house.pair().await.reveal();
    let auth = json!({ "token": token, "api": 1, "client": "test/1" });
    let url = format!("http://{}", house.address);
    let mut desk = Listener::connect_over(Transports::WebSocketOnly, &url, client(2), None, auth);
    desk.catch_up().await;
    assert_eq!(
        rest(&mut connect(2, &house.address).await).await,
        "",
        "closed unread"
    );
    house.stop().await;
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let house = House::open().await;
    for path in [
        "/healthz",
        "/v1/reservations",
        "/nowhere",
        "/socket.io/?EIO=4&transport=polling",
    ] {
        let answer = http()
            .get(format!("http://{}{path}", house.address))
            .send()
            .await
            .unwrap();
        let headers = answer.headers();
        for (name, value) in [
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(headers.get(name).unwrap(), value, "{path}: {name}");
        }
        assert!(!headers.contains_key("strict-transport-security"), "{path}");
    }
    house.stop().await;
}

#[tokio::test]
async fn a_gateway_that_stops_does_not_wait_for_those_who_say_nothing() {
    let house = House::open().await;
    let mut idle = connect(1, &house.address).await;
    let answered = http()
        .get(format!("http://{}/healthz", house.address))
        .send()
        .await;
    assert_eq!(answered.unwrap().status(), 200);
    let stopped = tokio::time::timeout(SOON * 4, house.stop()).await;
    stopped.expect("it waits");
    assert_eq!(rest(&mut idle).await, "");
}
