//! Far more connections than anybody needs, at the real program with its own limits.

use std::process::{Command, Stdio};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::time::Instant;

use super::*;
use crate::program::{Place, Serving, within};

/// How many connections one address opens: far more than it may have.
const CROWD: u64 = 10_000;

/// Sooner than idle connections are cut.
const AT_ONCE: Duration = Duration::from_secs(5);

/// Lets the test have as many files open as it may, and says how many of them the crowd can have.
fn room_for_crowd() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.maximum;
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).unwrap();
    current.map_or(CROWD, |files| CROWD.min(files - 1_000))
}

async fn post(client: &reqwest::Client, gateway: &Serving, key: &str) -> u16 {
    let form = json!({
        "relationship": "본인", "name": "김크리스", "phone": "010-1111-1111", "reservationdate": "2026-11-23",
        "reservationtime": "10:30 ~ 11:00",
    });
    let request = client
        .post(gateway.url("/v1/reservations"))
        .bearer_auth(key)
        .json(&form);
    request.send().await.unwrap().status().as_u16()
}

/// Whether the gateway has ended the connection.
fn is_over(stream: &TcpStream) -> bool {
    match stream.try_read(&mut [0]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "the number that the crowd is there for")]
async fn a_crowd_of_idle_connections_from_one_address_stops_nobody_else() {
    let crowd = room_for_crowd();
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let (haneul, bada) = (
        place.add_hospital("haneul", "하늘병원"),
        place.add_hospital("bada", "바다의원"),
    );
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.stderr(Stdio::null());
    let gateway = Serving::start(command);
    let mut held = Vec::new();
    for _ in 0..crowd {
        held.push(connect(2, &gateway.address).await);
    }
    let mut slowest = Duration::ZERO;
    for n in 3..13 {
        let other = client(n);
        for _ in 0..10 {
            let began = Instant::now();
            assert_eq!(post(&other, &gateway, &haneul).await, 201);
            slowest = slowest.max(began.elapsed());
        }
    }
    eprintln!(
        "{} idle connections; the slowest of 100 posts of others took {slowest:?}",
        held.len()
    );

    assert!(held.iter().any(|stream| !is_over(stream)), "nobody was idle");
    // Those above the limit were closed.
    let over = async {
        while held.iter().filter(|stream| is_over(stream)).count() < held.len() - 2_048 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(AT_ONCE, over)
        .await
        .expect("they have places");
    // Once they have gone, the address is served as any other.
    drop(held);
    let request = || client(2).get(gateway.url("/healthz")).send();
    let again = async { while request().await.is_err() {} };
    tokio::time::timeout(PATIENCE, again)
        .await
        .expect("the places are not given back");
    assert_eq!(post(&client(2), &gateway, &bada).await, 201);
}

#[tokio::test]
async fn a_gateway_that_may_open_few_files_keeps_some_for_its_work() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let key = place.add_hospital("haneul", "하늘병원");
    let command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    let few = "ulimit -n 96; exec \"$0\" \"$@\"";
    let gateway = Serving::start(within("sh", &["-c", few], &command));
    let mut held = Vec::new();
    for _ in 0..200 {
        held.push(connect(2, &gateway.address).await);
    }
    // As many as there may be are there. One that leaves makes room for one that books.
    let over = async {
        while held.iter().filter(|stream| is_over(stream)).count() < held.len() - 48 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(AT_ONCE, over)
        .await
        .expect("more connections than files");
    drop(held);
    let healthy = async { while client(3).get(gateway.url("/readyz")).send().await.is_err() {} };
    tokio::time::timeout(PATIENCE, healthy)
        .await
        .expect("nobody is served");
    assert_eq!(post(&client(3), &gateway, &key).await, 201);
}

#[tokio::test]
async fn a_connection_for_which_there_is_no_file_waits_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let gateway = place.serve();
    let limit = |files: &str| {
        let (pid, files) = (gateway.pid().to_string(), format!("--nofile={files}:"));
        let set = Command::new("prlimit").args(["--pid", &pid, &files]).status();
        assert!(set.unwrap().success());
    };
    limit("3");
    let mut waiting = connect(2, &gateway.address).await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    waiting.write_all(request).await.unwrap();
    let failed = async {
        while !place.log().contains("no connection can be taken now") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, failed)
        .await
        .expect("there was a file");
    limit("1024");
    let served = rest(&mut waiting).await;
    assert!(served.starts_with("HTTP/1.1 200 "), "{served}");
}
