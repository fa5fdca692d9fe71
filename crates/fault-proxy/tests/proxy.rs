//! The proxy does what it says, in front of a server that answers everything with ten bytes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what it expects by failing"
)]

use std::time::Duration;

use deskbell_fault_proxy::{Blow, FaultProxy, Faults, Flow, Opening, Polls, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(20);
const POLL: &str =
    "GET /socket.io/?transport=polling&sid=abc HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
const OPENING: &str = "GET /socket.io/?transport=websocket HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n";

/// A proxy in front of a server that says in its answer what it was asked for.
async fn proxy() -> FaultProxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let known = String::from_utf8(head).unwrap().contains("sid=abc");
                let body = if known { "0123456789" } else { "who is it?" };
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            });
        }
    });
    FaultProxy::start(server).await.unwrap()
}

/// What is heard until the connection ends, whichever way.
async fn ask(proxy: &FaultProxy, request: &str) -> String {
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    hear(&mut stream).await
}

async fn hear(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let end = stream.read_to_end(&mut heard);
    let _ = tokio::time::timeout(PATIENCE, end).await.expect("an end in time");
    String::from_utf8(heard).unwrap()
}

#[tokio::test]
async fn without_faults_everything_passes() {
    assert!(ask(&proxy().await, POLL).await.ends_with("\r\n\r\n0123456789"));
}

#[tokio::test]
async fn answers_come_in_chunks() {
    let proxy = proxy().await;
    proxy.set(Faults {
        polls: Polls::Chunked(4),
        ..Faults::default()
    });
    let answer = ask(&proxy, POLL).await;
    assert!(
        answer.ends_with("4\r\n0123\r\n4\r\n4567\r\n2\r\n89\r\n0\r\n\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn another_node_does_not_know_the_session() {
    let proxy = proxy().await;
    proxy.set(Faults {
        polls: Polls::WrongNode,
        ..Faults::default()
    });
    assert!(ask(&proxy, POLL).await.ends_with("who is it?"));
}

#[tokio::test]
async fn a_websocket_is_refused_and_polls_pass() {
    let proxy = proxy().await;
    proxy.set(Faults {
        opening: Opening::Refused(StatusCode::FORBIDDEN),
        ..Faults::default()
    });
    assert!(ask(&proxy, OPENING).await.starts_with("HTTP/1.1 403 Forbidden"));
    assert!(ask(&proxy, POLL).await.ends_with("0123456789"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_bad_gateway() {
    let proxy = proxy().await;
    let gone = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    proxy.point_to(gone);
    assert!(ask(&proxy, POLL).await.starts_with("HTTP/1.1 502 Bad Gateway"));
}

#[tokio::test]
async fn a_fuse_cuts_in_the_middle() {
    let proxy = proxy().await;
    let cut = proxy.after(12, Blow::Cut);
    assert_eq!(ask(&proxy, POLL).await, "HTTP/1.1 200");
    cut.await.unwrap();
    assert!(ask(&proxy, POLL).await.ends_with("0123456789"));
}

#[tokio::test]
async fn what_waited_during_a_pause_passes_after_it() {
    let proxy = proxy().await;
    proxy.set(Faults {
        flow: Flow::ToServer,
        ..Faults::default()
    });
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(POLL.as_bytes()).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(100), stream.read_u8()).await;
    assert!(early.is_err());
    proxy.set(Faults::default());
    assert!(hear(&mut stream).await.ends_with("0123456789"));
}

#[tokio::test]
async fn a_silenced_connection_stays_silent_and_a_new_one_passes() {
    let proxy = proxy().await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    // Its connection is there once it was answered, so this one waits for another.
    assert!(ask(&proxy, POLL).await.ends_with("0123456789"));
    proxy.silence();
    stream.write_all(POLL.as_bytes()).await.unwrap();
    assert!(ask(&proxy, POLL).await.ends_with("0123456789"));
    let heard = tokio::time::timeout(Duration::from_millis(100), stream.read_u8()).await;
    assert!(heard.is_err());
    proxy.cut();
    assert_eq!(hear(&mut stream).await, "");
}
