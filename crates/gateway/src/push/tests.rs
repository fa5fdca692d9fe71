use std::net::SocketAddr;

use async_trait::async_trait;
use deskbell_clock::{FakeClock, OsEntropy, SystemClock};
use deskbell_protocol::event::{CaughtUp, Change};
use deskbell_protocol::http::{ReservationDetails, ReservationList};
use deskbell_protocol::{Form, NewReservation, ReservationId};
use deskbell_socketio::Backoff;
use deskbell_socketio::client::{ClientConfig, ClientEvent, Transports, connect};
use deskbell_socketio::server::{Server, ServerConfig};
use deskbell_store::{Filter, Idempotency, LogState, Logged, Recorded, Store};
use jiff::Timestamp;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::net::TcpListener;

use super::*;
use crate::http::testing::{SEED, Site};
use crate::{Gateway, Options};

/// The logs of some hospitals, each 3 changes long; of one, the first is missing.
struct Logs {
    broken: HospitalId,
    hospitals: Vec<HospitalId>,
}

const HEAD: Seq = Seq(3);

#[async_trait]
impl Reservations for Logs {
    async fn heads(&self) -> Result<Vec<(HospitalId, Seq)>, StoreError> {
        Ok(self.hospitals.iter().map(|hospital| (*hospital, HEAD)).collect())
    }

    async fn changes_after(
        &self,
        hospital: HospitalId,
        after: Seq,
        _: u32,
    ) -> Result<Vec<Logged>, StoreError> {
        let oldest = if hospital == self.broken { 2 } else { 1 };
        let seqs = oldest.max(after.next().0)..=HEAD.0;
        let logged = |seq| Logged {
            seq: Seq(seq),
            change: RawValue::NULL.to_owned(),
        };
        Ok(seqs.map(logged).collect())
    }

    async fn record(
        &self,
        _: HospitalId,
        _: ReservationId,
        _: &NewReservation,
        _: Option<&Idempotency>,
        _: Timestamp,
    ) -> Result<Recorded, StoreError> {
        Err(StoreError::NotFound)
    }

    async fn log_state(&self, _: HospitalId) -> Result<LogState, StoreError> {
        Err(StoreError::NotFound)
    }

    async fn reservations(&self, _: HospitalId, _: Filter) -> Result<ReservationList, StoreError> {
        Err(StoreError::NotFound)
    }

    async fn reservation(&self, _: HospitalId, _: ReservationId) -> Result<ReservationDetails, StoreError> {
        Err(StoreError::NotFound)
    }
}

/// A push over such logs with every room at the beginning, and the hospitals, the broken one first.
async fn push_with_one_broken_log() -> (Push, Vec<HospitalId>) {
    let now = Timestamp::UNIX_EPOCH;
    let hospitals: Vec<_> = (0..8).map(|n| HospitalId::new(now, &[n; 10])).collect();
    let logs = Logs {
        broken: hospitals[0],
        hospitals: hospitals.clone(),
    };
    let push = Push::new(Arc::new(logs), Arc::new(FakeClock::at(now)));
    for hospital in &hospitals {
        push.room(*hospital, Seq(0)).await.unwrap();
    }
    (push, hospitals)
}

fn pushed(push: &Push, hospitals: &[HospitalId]) -> Vec<u64> {
    let rooms = lock(&push.rooms);
    hospitals
        .iter()
        .map(|hospital| rooms[hospital].pushed().0)
        .collect()
}

#[tokio::test]
async fn a_hole_in_one_hospitals_log_keeps_no_other_hospital_waiting() {
    let (push, hospitals) = push_with_one_broken_log().await;
    push.push_grown().await.unwrap();
    assert_eq!(pushed(&push, &hospitals), [0, 3, 3, 3, 3, 3, 3, 3]);

    let (push, hospitals) = push_with_one_broken_log().await;
    for hospital in &hospitals {
        push.wake(*hospital);
    }
    push.push_woken().await;
    assert_eq!(pushed(&push, &hospitals), [0, 3, 3, 3, 3, 3, 3, 3]);
}

#[tokio::test]
async fn many_changes_at_once_cost_no_desk_its_connection() {
    const COUNT: u64 = 400;
    // Nobody runs this gateway's push but the test.
    let site = Site::new().await;
    let token = site.pair().await.token;
    let gateway = Gateway::new(
        Arc::clone(&site.store),
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
        Options::default(),
    );
    let gateway = gateway.await.unwrap();
    let address = sockets(&gateway).await;
    let config = ClientConfig {
        url: format!("http://{address}").parse().unwrap(),
        namespace: "/desk".to_owned(),
        http: http(),
        connect_timeout: Duration::from_secs(20),
        backoff: Backoff {
            base: Duration::from_millis(20),
            cap: Duration::from_millis(200),
        },
        transports: Transports::default(),
    };
    let auth = move || json!({ "token": token, "api": 1, "client": "test/1" });
    let (_client, mut events) = connect(config, auth, Arc::new(SystemClock), Arc::new(OsEntropy));
    loop {
        match events.recv().await.unwrap() {
            ClientEvent::Event { name, .. } if name == CaughtUp::NAME => break,
            ClientEvent::Disconnected { reason, .. } => panic!("{reason:?}"),
            _ => {}
        }
    }

    let hospital = site.hospital.id;
    for n in 0..COUNT {
        record(&*site.store, hospital, n).await;
    }
    gateway.push().wake(hospital);
    let hear = async {
        for seq in 1..=COUNT {
            let event = events.recv().await.unwrap();
            let ClientEvent::Event { name, args, .. } = event else {
                panic!("{event:?} instead of change {seq}");
            };
            assert_eq!(name, Change::NAME);
            let change: Change = serde_json::from_str(args.first().get()).unwrap();
            assert_eq!(change.reservation.seq, Seq(seq));
        }
    };
    tokio::join!(gateway.push().push_woken(), hear);
}

/// The gateway's sockets alone, at the address given.
async fn sockets(gateway: &Gateway) -> SocketAddr {
    // Shorter than a page of the log, so that not even one page fits.
    let config = ServerConfig {
        queue: 64,
        ..ServerConfig::default()
    };
    let server = Server::new(
        config,
        Desks::new(gateway.clone()),
        gateway.clock().clone(),
        gateway.entropy().clone(),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = server
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

fn http() -> reqwest::Client {
    // A second time is no harm.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .http1_only()
        .no_proxy()
        .build()
        .unwrap()
}

async fn record(store: &dyn Store, hospital: HospitalId, n: u64) {
    let mut form = Form::default();
    for (field, value) in form_urlencoded::parse(SEED.as_bytes()) {
        form.take(&field, || value.into_owned());
    }
    let now = Timestamp::UNIX_EPOCH + Duration::from_millis(n);
    let id = ReservationId::new(now, &[0; 10]);
    let new = form.check().unwrap();
    store.record(hospital, id, &new, None, now).await.unwrap();
}
