//! Two gateways on one PostgreSQL, behind HAProxy, which is set up by the file in the docs.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use deskbell_protocol::Seq;
use deskbell_protocol::http::Paired;
use deskbell_socketio::client::Transports;
use deskbell_throwaway_postgres::Postgres;
use serde_json::{Value, json};

use crate::listener::{Listener, http, http_builder};
use crate::program::{Place, Serving};

/// The addresses from which desks come; HAProxy sends each to one gateway.
const PLACES: u8 = 8;

struct Balancer {
    child: Child,
    address: String,
}

impl Balancer {
    /// The file in the docs, with other addresses and without the certificate.
    fn before(gateways: [&Serving; 2], folder: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/haproxy.cfg");
        let mut text = std::fs::read_to_string(file).unwrap();
        let [a, b] = gateways.map(|gateway| gateway.address.as_str());
        for (from, to) in [
            (
                ":443 ssl crt /etc/haproxy/bell.example.kr.pem alpn http/1.1",
                address.as_str(),
            ),
            ("10.0.0.11:8787", a),
            ("10.0.0.12:8787", b),
        ] {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        let config = folder.join("haproxy.cfg");
        std::fs::write(&config, text).unwrap();
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap());
        let child = Command::new("sh")
            .args(["-c", "exec haproxy -q -db -f \"$0\""])
            .arg(config)
            .env("PATH", path)
            .spawn()
            .unwrap();
        Self { child, address }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Posts as a site does, again with the same key until it is taken in.
async fn post(balancer: &Balancer, key: &str, name: &str) {
    for _ in 0..100 {
        let form = json!({
            "relationship": "본인", "name": name, "phone": "010-1111-1111", "reservationdate": "2026-11-23",
            "reservationtime": "10:30 ~ 11:00",
        });
        let request = http().post(balancer.url("/v1/reservations")).bearer_auth(key);
        let answer = request.header("Idempotency-Key", name).json(&form).send().await;
        match answer.map(|answer| answer.status().as_u16()) {
            Ok(200 | 201) => return,
            Err(_) | Ok(502..=504) => tokio::time::sleep(Duration::from_millis(50)).await,
            Ok(other) => panic!("{other}"),
        }
    }
    panic!("nobody takes {name} in");
}

async fn a_killed_gateways_desks_go_to_the_other(place: &Place, folder: &Path) {
    let key = place.add_hospital("haneul", "하늘병원");
    let (a, b) = (place.serve(), place.serve());
    let balancer = Balancer::before([&a, &b], folder);
    post(&balancer, &key, "first").await;

    let mut desks = Vec::new();
    for n in 0..2 * PLACES {
        let (from, polls) = (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2 + n / 2)), n % 2 == 0);
        let code = json!({ "code": place.offer("haneul") });
        let paired = http().post(balancer.url("/v1/desks")).json(&code).send().await;
        let paired: Paired = paired.unwrap().json().await.unwrap();
        let auth = json!({ "token": paired.token, "api": 1, "client": "test/1" });
        let transports = if polls {
            Transports::PollingOnly
        } else {
            Transports::default()
        };
        let client = http_builder().local_address(from).build().unwrap();
        let mut desk = Listener::connect_over(transports, &balancer.url(""), client, None, auth);
        let (welcome, _) = desk.catch_up().await;
        assert_eq!(welcome.position.seq, Seq(1));
        desk.remember(welcome.position);
        desks.push(desk);
    }
    let listening: Vec<_> = desks
        .into_iter()
        .map(|mut desk| {
            tokio::spawn(async move {
                let heard = desk.seqs_until(Seq(61)).await;
                (heard, desk.welcomes())
            })
        })
        .collect();
    for n in 0..20 {
        post(&balancer, &key, &format!("before {n}")).await;
    }
    a.kill();
    for n in 0..40 {
        post(&balancer, &key, &format!("after {n}")).await;
    }
    let mut moved = BTreeSet::new();
    for (n, desk) in listening.into_iter().enumerate() {
        let (heard, welcomes) = desk.await.unwrap();
        assert_eq!(heard, (2..=61).collect::<Vec<_>>(), "desk {n}");
        if welcomes > 1 {
            moved.insert(n);
        }
    }
    for polls in [0, 1] {
        let of_kind = moved.iter().filter(|n| *n % 2 == polls).count();
        assert!(
            (1..usize::from(PLACES)).contains(&of_kind),
            "both gateways had desks: {moved:?}"
        );
    }
    let listed: Value = place.json(&["hospital", "list"]);
    assert_eq!(listed[0]["position"]["seq"], 61);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_balancer_a_killed_gateways_desks_go_to_the_other_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Postgres::start().unwrap();
    let place = Place::on(server.url("postgres"), folder.path());
    a_killed_gateways_desks_go_to_the_other(&place, folder.path()).await;
}
