//! Far more connections than anybody needs, at the real program with its own limits.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::time::Instant;

use super::*;
use crate::program::{Place, Serving, within};

/// How many connections one address opens: more than it may have. `DESKBELL_CROWD=10000` makes it as many as issue 4 names.
fn crowd() -> usize {
    let wanted = std::env::var("DESKBELL_CROWD").ok();
    wanted.map_or(2_500, |wanted| wanted.parse().unwrap())
}

fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.maximum;
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).unwrap();
}

/// Posts a reservation as 127.0.0.`n`.
async fn post(n: u8, gateway: &Serving, key: &str) -> u16 {
    let form = json!({
        "relationship": "본인", "name": "김크리스", "phone": "010-1111-1111", "reservationdate": "2026-11-23",
        "reservationtime": "10:30 ~ 11:00",
    });
    let request = client(n)
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
    raise_open_files();
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let (haneul, bada) = (
        place.add_hospital("haneul", "하늘병원"),
        place.add_hospital("bada", "바다의원"),
    );
    let gateway = Serving::start(place.command(&["serve", "--listen", "127.0.0.1:0"]));
    let mut held = Vec::new();
    for _ in 0..crowd() {
        held.push(connect(2, &gateway.address).await);
    }
    let began = Instant::now();
    for n in 3..103 {
        assert_eq!(post(n, &gateway, &haneul).await, 201);
    }
    eprintln!(
        "{} idle connections; 100 posts of others in {:?}",
        held.len(),
        began.elapsed()
    );

    // Those above the limit were closed, those below it were not: they still have time for a header.
    let over = async {
        while held.iter().filter(|stream| is_over(stream)).count() < held.len() - 2_048 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, over)
        .await
        .expect("they have places");
    // Once they have gone, the address is served as any other.
    drop(held);
    let request = || client(2).get(gateway.url("/healthz")).send();
    let again = async { while request().await.is_err() {} };
    tokio::time::timeout(PATIENCE, again)
        .await
        .expect("the places are not given back");
    assert_eq!(post(2, &gateway, &bada).await, 201);
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
    tokio::time::timeout(PATIENCE, over)
        .await
        .expect("more connections than files");
    drop(held);
    let healthy = async { while client(3).get(gateway.url("/readyz")).send().await.is_err() {} };
    tokio::time::timeout(PATIENCE, healthy)
        .await
        .expect("nobody is served");
    assert_eq!(post(3, &gateway, &key).await, 201);
}
