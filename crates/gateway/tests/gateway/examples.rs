//! The examples for booking sites, as they stand in the docs.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::program::{Place, Serving};

const EXAMPLES: [(&str, &str); 3] = [("node", "post.mjs"), ("python3", "post.py"), ("php", "post.php")];

const BOOKING: &str = r#"{"id":"42","relationship":"본인","name":"김크리스","phone":"010-1111-1111",
    "reservationdate":"2026-11-23","reservationtime":"10:30 ~ 11:00","idnumber":"960625-1111111"}"#;

fn start((program, file): (&str, &str), address: SocketAddr, key: &str, booking: &str) -> Child {
    let example = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/examples")
        .join(file);
    let mut child = std::process::Command::new(program);
    let (reader, mut writer) = std::io::pipe().unwrap();
    child
        .arg(example)
        .env("BELL_URL", format!("http://{address}"))
        .env("INTAKE_KEY", key)
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONUTF8", "1")
        .stdin(reader)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    writer.write_all(booking.as_bytes()).unwrap();
    let mut child = Command::from(child);
    child.kill_on_drop(true).spawn().unwrap()
}

/// What it says of its next attempt, and so when it has made one.
async fn attempt(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::with_capacity(1, child.stderr.as_mut().unwrap())
        .read_line(&mut line)
        .await
        .unwrap();
    line
}

/// The whole of the next request.
async fn request(listener: &TcpListener) -> (TcpStream, Vec<u8>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().unwrap())
        });
        if body.len() >= length.expect("a request without a length") {
            return (stream, request);
        }
    }
}

async fn answer(stream: &mut TcpStream, status: &str) {
    let head =
        format!("HTTP/1.1 {status}\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
}

/// What the gateway answers to `request`.
async fn passed_on(gateway: &Serving, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(&gateway.address).await.unwrap();
    let request = String::from_utf8(request.to_vec()).unwrap();
    let (line, rest) = request.split_once("\r\n").unwrap();
    let request = format!(
        "{line}\r\nConnection: close\r\n{}",
        rest.replace("Connection: keep-alive\r\n", "")
            .replace("connection: keep-alive\r\n", "")
            .replace("Connection: close\r\n", "")
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

async fn stores_once_through_every_fault(example: (&str, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let key = place.add_hospital("haneul", "하늘병원");
    let gateway = place.serve();
    // A port at which nobody listens yet: the first attempt is refused.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let mut child = start(example, address, &key, BOOKING);
    let said = attempt(&mut child).await;
    assert!(said.starts_with("attempt 1: "), "{example:?}: {said}");

    let site = TcpListener::bind(address).await.unwrap();
    for status in ["503 Service Unavailable", "429 Too Many Requests"] {
        let (mut stream, _) = request(&site).await;
        answer(&mut stream, status).await;
        drop(stream);
        let said = attempt(&mut child).await;
        assert!(said.contains(&status[..3]), "{example:?}: {said}");
        assert!(
            said.ends_with("again in 2.0 s\n"),
            "Retry-After: {example:?}: {said}"
        );
    }
    // Stored, but the answer is lost.
    let (stream, first) = request(&site).await;
    assert!(passed_on(&gateway, &first).await.starts_with(b"HTTP/1.1 201"));
    drop(stream);
    let said = attempt(&mut child).await;
    assert!(said.starts_with("attempt 4: "), "{example:?}: {said}");
    let (mut stream, again) = request(&site).await;
    let answered = passed_on(&gateway, &again).await;
    assert!(answered.starts_with(b"HTTP/1.1 200"), "a repeat is recognised");
    stream.write_all(&answered).await.unwrap();
    drop(stream);

    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{example:?}: {output:?}");
    let id = String::from_utf8(output.stdout).unwrap();
    assert!(
        String::from_utf8_lossy(&answered).contains(id.trim()),
        "{example:?}: {id}"
    );
    let listed = place.json(&["hospital", "list"]);
    assert_eq!(listed[0]["position"]["seq"], 1, "{example:?}");
    let sent = String::from_utf8_lossy(&first).into_owned();
    assert!(!sent.contains("960625"), "{example:?} sends only the five fields");
}

async fn does_not_repeat_what_is_refused(example: (&str, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let key = place.add_hospital("haneul", "하늘병원");
    let gateway = place.serve();
    let booking = BOOKING.replace("010-1111-1111", "none");
    let child = start(example, gateway.address.parse().unwrap(), &key, &booking);
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{example:?}: {said}");
    assert!(said.starts_with("refused: 422"), "{example:?}: {said}");
    assert!(said.contains("phone"), "{example:?}: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_example_stores_a_booking_once_whatever_the_network_does() {
    let [node, python, php] = EXAMPLES.map(stores_once_through_every_fault);
    tokio::join!(node, python, php);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_example_does_not_repeat_what_is_refused() {
    let [node, python, php] = EXAMPLES.map(does_not_repeat_what_is_refused);
    tokio::join!(node, python, php);
}
