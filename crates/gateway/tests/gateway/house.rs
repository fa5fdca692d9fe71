//! A gateway in this process, on a real socket, whose store a test can reach into.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, Entropy, OsEntropy, SystemClock};
use deskbell_gateway::{Gateway, Options, serve};
use deskbell_protocol::{DeskId, Epoch, Form, Hospital, HospitalId, Position, ReservationId, Seq};
use deskbell_store::{Address, DeskToken, IntakeKey, NewDesk, NewHospital, PairingCode, PairingOffer, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) struct House {
    pub(crate) address: String,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) hospital: HospitalId,
    /// The hospital's intake key.
    pub(crate) key: String,
    pub(crate) folder: TempDir,
    stop: oneshot::Sender<()>,
    served: JoinHandle<anyhow::Result<()>>,
}

impl House {
    /// A gateway with one hospital.
    pub(crate) async fn open() -> Self {
        Self::open_with(Options::default()).await
    }

    pub(crate) async fn open_with(options: Options) -> Self {
        Self::open_by(Arc::new(SystemClock), options).await
    }

    /// A gateway that goes by `clock`.
    pub(crate) async fn open_by(clock: Arc<dyn Clock>, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        let gateway = Gateway::new(Arc::clone(&store), clock, Arc::new(OsEntropy), options)
            .await
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(gateway, listener, async {
            let _ = stopped.await;
        }));
        let (hospital, key) = add_hospital(&*store, "haneul").await;
        Self {
            address,
            store,
            hospital,
            key,
            folder,
            stop,
            served,
        }
    }

    /// A pairing code.
    pub(crate) async fn offer(&self) -> PairingCode {
        let (now, code) = (SystemClock.now(), PairingCode::mint(&OsEntropy));
        let offer = PairingOffer {
            hospital: self.hospital,
            code: code.digest(),
            desk_name: None,
            expires_at: now + Duration::from_secs(60),
        };
        self.store.offer_pairing(&offer, now).await.unwrap();
        code
    }

    /// A token of a new desk of the hospital.
    pub(crate) async fn pair(&self) -> DeskToken {
        let (now, code) = (SystemClock.now(), self.offer().await);
        let token = DeskToken::mint(DeskId::new(now, &random()), &OsEntropy);
        let desk = NewDesk {
            token: token.clone(),
            name: None,
        };
        self.store.pair(&code, &desk, now).await.unwrap();
        token
    }

    /// The place `seq` of the hospital's log.
    pub(crate) fn at(seq: u64) -> Position {
        Position {
            epoch: Epoch("epoch".to_owned()),
            seq: Seq(seq),
        }
    }

    /// Stops in good order.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap().unwrap();
    }
}

/// Opens the database of `folder`, as another process might.
pub(crate) async fn open(folder: &Path) -> Arc<dyn Store> {
    let address = Address::Sqlite(folder.join("gateway.sqlite"));
    deskbell_store::open(&address).await.unwrap()
}

async fn add_hospital(store: &dyn Store, slug: &str) -> (HospitalId, String) {
    let now = SystemClock.now();
    let id = HospitalId::new(now, &random());
    let hospital = Hospital {
        id,
        slug: slug.to_owned(),
        name: slug.to_owned(),
        timezone: "Asia/Seoul".to_owned(),
        hours: None,
    };
    let key = IntakeKey::mint(id, &OsEntropy);
    let new = NewHospital {
        hospital,
        claim_minutes: 5,
        intake_key: key.digest(),
        epoch: Epoch("epoch".to_owned()),
    };
    store.add_hospital(&new, now).await.unwrap();
    (id, key.reveal())
}

/// Records a reservation behind the gateway's back.
pub(crate) async fn record(store: &dyn Store, hospital: HospitalId) {
    let mut form = Form::default();
    for (field, value) in [
        ("relationship", "본인"),
        ("name", "김크리스"),
        ("phone", "010-1111-1111"),
        ("reservationdate", "2026-11-23"),
        ("reservationtime", "10:30 ~ 11:00"),
    ] {
        form.take(field, || value.to_owned());
    }
    let now = SystemClock.now();
    let id = ReservationId::new(now, &random());
    store
        .record(hospital, None, id, &form.check().unwrap(), None, now)
        .await
        .unwrap();
}

fn random() -> [u8; 10] {
    let mut random = [0; 10];
    OsEntropy.fill(&mut random);
    random
}
