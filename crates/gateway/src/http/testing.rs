//! A gateway in a temporary folder, spoken to through its real router. Time and chance are invented, so that answers can
//! be compared to the letter.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use deskbell_clock::{Clock, Entropy, FakeClock, SeededEntropy};
use deskbell_protocol::http::Paired;
use deskbell_protocol::{DeskId, EnrolmentId, Epoch, Hospital, HospitalId};
use deskbell_store::{
    Access, AccessFilter, Address, EnrolmentKey, EnrolmentOffer, Filter, IntakeKey, NewHospital, PairingCode,
    PairingOffer, Store, Who,
};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::edge::Client;
use crate::{Gateway, Options};

/// The form of the project that this one grows from, as it arrived there.
pub(crate) const SEED: &str = "relationship=%EB%B3%B8%EC%9D%B8&name=%EA%B9%80%ED%81%AC%EB%A6%AC%EC%8A%A4&\
    phone=010-1111-1111&reservationdate=2023-03-30&reservationtime=10%3A30+~+11%3A00&contents=...&\
    idnumber=960625-1111111&proxyName=&address=...";

pub(crate) const URLENCODED: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// Where requests come from.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);

/// The seed with another value in one of its fields.
pub(crate) fn with(field: &str, value: &str) -> String {
    let pairs = form_urlencoded::parse(SEED.as_bytes());
    let changed = pairs.map(|(name, seed)| {
        let value = if name == field { value.into() } else { seed };
        (name, value)
    });
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(changed)
        .finish()
}

/// A gateway, and one hospital's way into it.
pub(crate) struct Site {
    pub(crate) clock: FakeClock,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) hospital: Hospital,
    /// The hospital's intake key.
    pub(crate) key: String,
    pub(crate) gateway: Gateway,
    router: Router,
    entropy: Arc<SeededEntropy>,
    folder: Arc<TempDir>,
}

/// A paired desk.
pub(crate) struct Desk {
    pub(crate) token: String,
    hospital: HospitalId,
    pub(crate) id: DeskId,
    router: Router,
    /// Its files are there for as long as anybody uses them.
    _folder: Arc<TempDir>,
}

impl Site {
    /// A gateway with one hospital and no reservation, at 10 o'clock in Seoul.
    pub(crate) async fn new() -> Self {
        Self::with(Options {
            booking_page: true,
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::Sqlite(folder.path().join("gateway.sqlite"));
        let store = deskbell_store::open(&address).await.unwrap();
        let clock = FakeClock::at("2026-11-22T01:00:00Z".parse().unwrap());
        let entropy = Arc::new(SeededEntropy::new(1));
        let gateway = Gateway::new(
            Arc::clone(&store),
            Arc::new(clock.clone()),
            Arc::clone(&entropy) as Arc<dyn Entropy>,
            options,
        );
        let gateway = gateway.await.unwrap();
        Self::add("haneul", clock, store, gateway, entropy, Arc::new(folder)).await
    }

    /// Another hospital of the same gateway.
    pub(crate) async fn other_hospital(&self) -> Self {
        Self::add(
            "bada",
            self.clock.clone(),
            Arc::clone(&self.store),
            self.gateway.clone(),
            Arc::clone(&self.entropy),
            Arc::clone(&self.folder),
        )
        .await
    }

    async fn add(
        slug: &str,
        clock: FakeClock,
        store: Arc<dyn Store>,
        gateway: Gateway,
        entropy: Arc<SeededEntropy>,
        folder: Arc<TempDir>,
    ) -> Self {
        let id = HospitalId::new(clock.now(), &random(&entropy));
        let key = IntakeKey::mint(id, &*entropy);
        let hospital = Hospital {
            id,
            slug: slug.to_owned(),
            name: "하늘병원".to_owned(),
            timezone: "Asia/Seoul".to_owned(),
            hours: Some("mon-fri 09:00-18:00, sat 09:00-13:00".to_owned()),
        };
        let new = NewHospital {
            hospital: hospital.clone(),
            claim_minutes: 5,
            intake_key: key.digest(),
            epoch: Epoch(format!("epoch-of-{slug}")),
        };
        store.add_hospital(&new, clock.now()).await.unwrap();
        Self {
            clock,
            store,
            hospital,
            key: key.reveal(),
            router: super::router(&gateway),
            gateway,
            entropy,
            folder,
        }
    }

    /// Sends a request as nobody.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        send(&self.router, ELSEWHERE, method, path, headers, body).await
    }

    /// Sends a request as whoever has `token`, with a body in JSON.
    pub(crate) async fn send_as(&self, token: &str, method: &str, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        self.send(method, path, &[JSON, ("authorization", &bearer)], body)
            .await
    }

    /// Asks from the gateway's own machine.
    pub(crate) async fn get_here(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        send(&self.router, Ipv4Addr::LOCALHOST, "GET", path, headers, "").await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send("GET", path, &[("authorization", &format!("Bearer {token}"))], "")
            .await
    }

    /// Posts a reservation as the hospital's booking site.
    pub(crate) async fn post(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        let headers = [headers, &[("authorization", &*bearer)]].concat();
        self.send("POST", "/v1/reservations", &headers, body).await
    }

    /// Posts the seed, and gives the new reservation's address.
    pub(crate) async fn booked(&self) -> String {
        self.post(&[URLENCODED], SEED).await.header("location").unwrap()
    }

    /// The access record, a line each: who, from where, what, and more of it.
    pub(crate) async fn accesses(&self) -> Vec<String> {
        let lines = self.store.accesses(AccessFilter::default(), 0, 1_000).await;
        let line = |(_, access): (u64, Access)| {
            let who = match access.who {
                Who::Desk {
                    desk,
                    staff: Some(staff),
                } => format!("{} ({staff})", desk.name),
                Who::Desk { desk, staff: None } => desk.name,
                Who::Site => "site".to_owned(),
                other => format!("{other:?}"),
            };
            let from = access.from.map(|from| from.to_string()).unwrap_or_default();
            let reservation = access.reservation.map(|_| "it".to_owned());
            let rest = [reservation, access.detail].into_iter().flatten();
            [who, from, access.what.to_string()]
                .into_iter()
                .chain(rest)
                .collect::<Vec<_>>()
                .join(" | ")
        };
        lines.unwrap().into_iter().map(line).collect()
    }

    /// Deletes the database's file. Readers that have it open go on reading, and by then all have: more reads at once
    /// than there are connections open every one. A connection opened later would find no file.
    #[cfg(unix)]
    pub(crate) async fn lose_the_database(&self) {
        let mut reads = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let store = Arc::clone(&self.store);
            reads.spawn(async move { store.hospital_by_slug("haneul").await.unwrap() });
        }
        reads.join_all().await;
        std::fs::remove_file(self.folder.path().join("gateway.sqlite")).unwrap();
    }

    /// How many reservations the hospital has.
    pub(crate) async fn recorded(&self) -> usize {
        let list = self.store.reservations(self.hospital.id, Filter::Pending).await;
        list.unwrap().reservations.len()
    }

    /// Gives out a pairing code for 10 minutes.
    pub(crate) async fn offer(&self, desk_name: Option<&str>) -> String {
        let code = PairingCode::mint(&*self.entropy);
        let offer = PairingOffer {
            hospital: self.hospital.id,
            code: code.digest(),
            desk_name: desk_name.map(str::to_owned),
            expires_at: self.clock.now() + Duration::from_secs(600),
        };
        self.store.offer_pairing(&offer, self.clock.now()).await.unwrap();
        code.to_string()
    }

    /// Gives out an enrolment key for a day.
    pub(crate) async fn enrolment(&self, count: u32) -> String {
        let id = EnrolmentId::new(self.clock.now(), &random(&self.entropy));
        let key = EnrolmentKey::mint(id, &*self.entropy);
        let offer = EnrolmentOffer {
            id,
            hospital: self.hospital.id,
            key: key.digest(),
            count,
            expires_at: self.clock.now() + Duration::from_secs(24 * 60 * 60),
        };
        self.store
            .offer_enrolment(&offer, self.clock.now())
            .await
            .unwrap();
        key.reveal()
    }

    pub(crate) async fn pair(&self) -> Desk {
        let body = format!(r#"{{"code":"{}"}}"#, self.offer(None).await);
        let paired: Paired =
            serde_json::from_str(&self.send("POST", "/v1/desks", &[JSON], &body).await.body).unwrap();
        Desk {
            token: paired.token,
            hospital: paired.hospital.id,
            id: paired.desk.id,
            router: self.router.clone(),
            _folder: Arc::clone(&self.folder),
        }
    }

    pub(crate) async fn revoke(&self, desk: &Desk) {
        self.store
            .revoke_desk(desk.hospital, desk.id, self.clock.now())
            .await
            .unwrap();
    }
}

impl Desk {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    /// Sends a body in JSON.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(method, path, &[JSON], body).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [headers, &[("authorization", &*bearer)]].concat();
        send(&self.router, ELSEWHERE, method, path, &headers, body).await
    }
}

/// An answer. `Display` is what snapshots hold: status, telling headers, body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    headers: HeaderMap,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        for name in [
            "content-type",
            "cache-control",
            "location",
            "retry-after",
            "www-authenticate",
            "deskbell-refused",
            "content-disposition",
        ] {
            if let Some(value) = self.header(name) {
                writeln!(f, "{name}: {value}")?;
            }
        }
        match serde_json::from_str::<Value>(&self.body) {
            Ok(json) => write!(f, "{json:#}"),
            Err(_) => f.write_str(&self.body),
        }
    }
}

async fn send(
    router: &Router,
    from: Ipv4Addr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(body.to_owned())).unwrap();
    request.extensions_mut().insert(Client(from.into()));
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body).unwrap(),
    }
}

fn random(entropy: &SeededEntropy) -> [u8; 10] {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    random
}
