use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use deskbell_clock::{FakeClock, OsEntropy, SystemClock};
use deskbell_protocol::event::{self, CaughtUp, Change};
use deskbell_protocol::{Epoch, Form, ReservationId};
use deskbell_socketio::Backoff;
use deskbell_socketio::client::{ClientConfig, ClientEvent, Transports, connect};
use deskbell_socketio::server::{Server, ServerConfig};
use deskbell_store::{Head, LogState, Logged, Store};
use jiff::Timestamp;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::net::TcpListener;

use super::*;
use crate::http::testing::{SEED, Site};
use crate::{Gateway, Options};

/// The logs of some hospitals, each 3 changes long; of one, the first is missing, and of one, nothing can be read for now.
struct Logs {
    broken: HospitalId,
    slow: HospitalId,
    /// Those whose logs are known to have grown without a wake.
    grown: Vec<HospitalId>,
    /// Up to where each log is forgotten.
    pruned: Seq,
    /// How many questions are never answered.
    lost: AtomicU32,
    /// Whose log another gateway says has grown, once.
    said: Mutex<Option<HospitalId>>,
}

const HEAD: Seq = Seq(3);

#[async_trait]
impl Log for Logs {
    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        self.lose_some().await;
        let head = |hospital: &HospitalId| Head {
            hospital: *hospital,
            log: LogState {
                position: position("e", HEAD),
                pruned: self.pruned,
            },
            sign_outs: 0,
        };
        Ok(self.grown.iter().map(head).collect())
    }

    async fn changes_after(
        &self,
        hospital: HospitalId,
        after: Seq,
        _: u32,
    ) -> Result<Vec<Logged>, StoreError> {
        self.lose_some().await;
        if hospital == self.slow {
            return std::future::pending().await;
        }
        let first = if hospital == self.broken { 2 } else { 1 };
        let oldest = first.max(self.pruned.next().0);
        let seqs = oldest.max(after.next().0)..=HEAD.0;
        let logged = |seq| Logged {
            seq: Seq(seq),
            change: RawValue::NULL.to_owned(),
        };
        Ok(seqs.map(logged).collect())
    }

    async fn signed_out(&self, _: HospitalId) -> Result<Vec<DeskId>, StoreError> {
        Ok(Vec::new())
    }

    async fn next_wake(&self) -> HospitalId {
        let said = lock(&self.said).take();
        match said {
            Some(hospital) => hospital,
            None => std::future::pending().await,
        }
    }
}

impl Logs {
    async fn lose_some(&self) {
        let lost = self
            .lost
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if lost.is_ok() {
            std::future::pending::<()>().await;
        }
    }
}

/// A hospital with this number.
fn hospital(number: u8) -> HospitalId {
    HospitalId::new(Timestamp::UNIX_EPOCH, &[number; 10])
}

/// A push over the logs of hospitals 0 to 7, of which 0 is broken and 1 is slow, and `grown` have grown.
fn push(grown: impl IntoIterator<Item = u8>) -> Push {
    push_that_hears(grown, None)
}

/// The same, where another gateway says that `said` has grown.
fn push_that_hears(grown: impl IntoIterator<Item = u8>, said: Option<u8>) -> Push {
    let logs = Logs {
        broken: hospital(0),
        slow: hospital(1),
        grown: grown.into_iter().map(hospital).collect(),
        pruned: Seq(0),
        lost: AtomicU32::new(0),
        said: Mutex::new(said.map(hospital)),
    };
    push_of(logs)
}

fn push_of(logs: Logs) -> Push {
    Push::new(logs, Arc::new(FakeClock::at(Timestamp::UNIX_EPOCH)))
}

fn position(epoch: &str, seq: Seq) -> Position {
    let epoch = Epoch(epoch.to_owned());
    Position { epoch, seq }
}

/// Puts empty rooms at the beginning of the logs, which nobody was woken for.
fn rooms(push: &Push) {
    let room = |number| {
        (
            hospital(number),
            Arc::new(HospitalRoom::new(hospital(number), position("e", Seq(0)))),
        )
    };
    lock(&push.rooms).extend((0..8).map(room));
}

fn pushed(push: &Push) -> Vec<u64> {
    let rooms = lock(&push.rooms);
    (0..8).map(|number| rooms[&hospital(number)].pushed().0).collect()
}

/// Pushes until everything that can be done at once is done.
async fn settle(running: &mut (impl Future<Output = ()> + Unpin)) {
    for _ in 0..100 {
        tokio::select! { biased;
            () = &mut *running => panic!("it ended"),
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_hospital_that_is_slow_or_broken_keeps_no_other_waiting() {
    for woken in [false, true] {
        let push = push(if woken { 0..0 } else { 0..8 });
        rooms(&push);
        let mut running = Box::pin(push.run());
        if woken {
            // One by one, so that others are woken while the slow one is under way.
            for number in 0..8 {
                push.wake(hospital(number));
                settle(&mut running).await;
            }
        } else {
            settle(&mut running).await;
        }
        assert_eq!(pushed(&push), [0, 0, 3, 3, 3, 3, 3, 3], "woken: {woken}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_gateway_says_is_not_left_to_the_poll() {
    let push = push_that_hears([], Some(5));
    rooms(&push);
    let mut running = Box::pin(push.run());
    settle(&mut running).await;
    assert_eq!(pushed(&push), [0, 0, 0, 0, 0, 3, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_room_that_slept_for_longer_than_is_retained_goes_on_with_what_there_is() {
    for pruned in [2, 3] {
        let push = push_of(Logs {
            broken: hospital(8),
            slow: hospital(9),
            grown: (0..8).map(hospital).collect(),
            pruned: Seq(pruned),
            lost: AtomicU32::new(0),
            said: Mutex::default(),
        });
        rooms(&push);
        // A desk that comes before anybody looked is not served from a room that lags behind, nor for ever.
        let early = push.room(hospital(1), &position("e", HEAD)).await;
        assert!(matches!(early, Err(PushError::Hole(Seq(0)))), "pruned {pruned}");
        let mut running = Box::pin(push.run());
        settle(&mut running).await;
        assert_eq!(pushed(&push), [3; 8], "pruned {pruned}");
        assert!(push.room(hospital(1), &position("e", HEAD)).await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_never_answered_is_asked_again() {
    let push = push_of(Logs {
        broken: hospital(8),
        slow: hospital(9),
        grown: (0..8).map(hospital).collect(),
        pruned: Seq(0),
        lost: AtomicU32::new(3),
        said: Mutex::default(),
    });
    rooms(&push);
    // Two changes are asked for, and where all logs stand.
    push.wake(hospital(0));
    push.wake(hospital(1));
    tokio::select! {
        () = push.run() => panic!("it ended"),
        () = tokio::time::sleep(3 * PATIENCE) => {}
    }
    assert_eq!(pushed(&push), [3; 8]);
}

#[tokio::test(start_paused = true)]
async fn what_came_before_there_was_a_room_is_not_waited_for() {
    let push = push([]);
    push.wake(hospital(2));
    let mut running = Box::pin(push.run());
    settle(&mut running).await;
    let room = push.room(hospital(2), &position("e", Seq(0))).await.unwrap();
    settle(&mut running).await;
    assert_eq!(room.pushed(), HEAD);
}

#[tokio::test]
async fn a_desk_signed_out_between_its_admission_and_its_seat_gets_none() {
    let site = Site::new().await;
    let desk = site.pair().await;
    let gateway = gateway_of(&site).await;
    let address = sockets(&gateway).await;
    // As if its token had been looked up before, for the store knows of no sign-out.
    let log = site.store.log_state(site.hospital.id).await.unwrap();
    let room = gateway
        .push()
        .room(site.hospital.id, &log.position)
        .await
        .unwrap();
    gateway.push().sign_out(site.hospital.id, desk.id);
    let (_client, mut events) = connect(
        config(address, "/desk"),
        desk_auth(desk.token),
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
    );
    loop {
        match events.recv().await.unwrap() {
            ClientEvent::Connected { .. } => {}
            ClientEvent::Disconnected { .. } => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(room.seats.is_empty());
}

#[tokio::test]
async fn another_life_of_the_log_puts_every_desk_out_to_come_back_for_a_resync() {
    let site = Site::new().await;
    let desk = site.pair().await;
    let gateway = gateway_of(&site).await;
    let address = sockets(&gateway).await;
    // As if this gateway had served the life before, which was longer.
    let before = position("the life before", Seq(9));
    let room = gateway.push().room(site.hospital.id, &before).await.unwrap();
    let cursor = json!({"epoch": "the life before", "seq": 9});
    let auth = json!({"token": desk.token, "api": 1, "client": "test/1", "cursor": cursor});
    let (_client, mut events) = connect(
        config(address, "/desk"),
        move || auth.clone(),
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
    );
    let follow = async {
        let mut heard = Vec::new();
        loop {
            match events.recv().await.unwrap() {
                ClientEvent::Event { name, args, .. } if name == event::Welcome::NAME => {
                    let welcome: event::Welcome = serde_json::from_str(args.first().get()).unwrap();
                    assert_eq!(welcome.replay, event::Replay::Resync);
                }
                ClientEvent::Event { name, .. } if name == CaughtUp::NAME => {
                    record(&*site.store, site.hospital.id, heard.len() as u64).await;
                }
                ClientEvent::Event { name, args, .. } if name == Change::NAME => {
                    let change: Change = serde_json::from_str(args.first().get()).unwrap();
                    heard.push(change.reservation.seq.0);
                    if heard.len() == 2 {
                        return heard;
                    }
                    record(&*site.store, site.hospital.id, heard.len() as u64).await;
                }
                _ => {}
            }
        }
    };
    let heard = tokio::select! {
        () = gateway.push().run() => panic!("it ended"),
        heard = follow => heard,
        () = tokio::time::sleep(Duration::from_secs(30)) => panic!("it hears nothing of the new life"),
    };
    assert_eq!(heard, [1, 2]);
    assert_eq!(room.pushed(), Seq(2));
}

#[tokio::test]
async fn many_changes_at_once_cost_no_desk_its_connection() {
    const COUNT: u64 = 400;
    // Nobody runs this gateway's push but the test.
    let site = Site::new().await;
    let token = site.pair().await.token;
    let gateway = gateway_of(&site).await;
    let address = sockets(&gateway).await;
    let auth = desk_auth(token);
    let (_client, mut events) = connect(
        config(address, "/desk"),
        auth,
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
    );
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
        let mut seq = 0;
        while seq < COUNT {
            let event = events.recv().await.unwrap();
            let ClientEvent::Event { name, args, .. } = event else {
                panic!("{event:?} after change {seq}");
            };
            if name == event::Head::NAME {
                continue;
            }
            seq += 1;
            assert_eq!(name, Change::NAME);
            let change: Change = serde_json::from_str(args.first().get()).unwrap();
            assert_eq!(change.reservation.seq, Seq(seq));
        }
    };
    tokio::select! {
        () = gateway.push().run() => panic!("it ended"),
        () = hear => {}
    }
}

/// Another gateway on the site's store.
pub(super) async fn gateway_of(site: &Site) -> Gateway {
    let gateway = Gateway::new(
        Arc::clone(&site.store),
        Arc::new(site.clock.clone()),
        Arc::new(OsEntropy),
        Options::default(),
    );
    gateway.await.unwrap()
}

/// How to reach a namespace at `address`.
pub(super) fn config(address: SocketAddr, namespace: &str) -> ClientConfig {
    ClientConfig {
        url: format!("http://{address}").parse().unwrap(),
        namespace: namespace.to_owned(),
        http: http(),
        connect_timeout: Duration::from_secs(20),
        backoff: Backoff {
            base: Duration::from_millis(20),
            cap: Duration::from_millis(200),
        },
        transports: Transports::default(),
    }
}

fn desk_auth(token: String) -> impl FnMut() -> serde_json::Value + Send + 'static {
    move || json!({ "token": token, "api": 1, "client": "test/1" })
}

/// The gateway's sockets alone, at the address given.
pub(super) async fn sockets(gateway: &Gateway) -> SocketAddr {
    // Shorter than a page of the log, so that not even one page fits.
    let config = ServerConfig {
        queue: 64,
        ..ServerConfig::default()
    };
    let server = Server::new(
        config,
        Sockets::new(gateway.clone()),
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
    store.record(hospital, None, id, &new, None, now).await.unwrap();
}
