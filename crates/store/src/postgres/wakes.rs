//! Gateways that tell each other whose log has grown, by `LISTEN` and `NOTIFY`.
//!
//! `NOTIFY` holds a lock of the whole server until its transaction ends. So it is never sent in a transaction that writes, and
//! not more often than every [`PAUSE`]: many wake-ups are one.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deskbell_protocol::HospitalId;
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

/// What gateways listen to.
const CHANNEL: &str = "deskbell_wakes";

/// At least this long between two announcements.
const PAUSE: Duration = Duration::from_millis(25);

/// How many hospitals one announcement names: a payload has less than 8000 bytes.
const NAMES: usize = 200;

/// How long to wait before listening is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// How many hospitals' wake-ups wait to be heard; beyond, they are dropped, as the heads are looked at anyway.
const QUEUE: usize = 1024;

#[derive(Debug)]
pub(super) struct Wakes {
    grown: Arc<Grown>,
    announcer: JoinHandle<()>,
    heard: tokio::sync::Mutex<Option<Listener>>,
}

/// The hospitals to announce.
#[derive(Debug)]
struct Grown {
    pool: PgPool,
    hospitals: Mutex<HashSet<HospitalId>>,
    some: Notify,
}

#[derive(Debug)]
struct Listener {
    wakes: mpsc::Receiver<HospitalId>,
    task: JoinHandle<()>,
}

impl Wakes {
    pub(super) fn new(pool: PgPool) -> Self {
        let grown = Arc::new(Grown {
            pool,
            hospitals: Mutex::default(),
            some: Notify::new(),
        });
        let announcer = tokio::spawn({
            let grown = Arc::clone(&grown);
            async move {
                loop {
                    grown.some.notified().await;
                    grown.announce_all().await;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        });
        Self {
            grown,
            announcer,
            heard: tokio::sync::Mutex::default(),
        }
    }

    /// Tells the other gateways, soon.
    pub(super) fn announce(&self, hospitals: &[HospitalId]) {
        self.grown.hospitals().extend(hospitals);
        self.grown.some.notify_one();
    }

    /// Waits until a gateway, perhaps this one, says that a log has grown. Who never asks never listens.
    pub(super) async fn next(&self) -> HospitalId {
        let mut heard = self.heard.lock().await;
        let listener = heard.get_or_insert_with(|| Listener::new(self.grown.pool.clone()));
        match listener.wakes.recv().await {
            Some(hospital) => hospital,
            // The listener ends with the pool.
            None => std::future::pending().await,
        }
    }

    /// Says what is still to be said, and no more.
    pub(super) async fn close(&self) {
        self.announcer.abort();
        self.grown.announce_all().await;
    }
}

impl Drop for Wakes {
    fn drop(&mut self) {
        self.announcer.abort();
    }
}

impl Grown {
    fn hospitals(&self) -> std::sync::MutexGuard<'_, HashSet<HospitalId>> {
        self.hospitals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn announce_all(&self) {
        let grown = std::mem::take(&mut *self.hospitals());
        let names: Vec<_> = grown.iter().map(ToString::to_string).collect();
        for names in names.chunks(NAMES) {
            // A hint that is lost is made good by who looks at the heads.
            let _ = sqlx::query("SELECT pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(names.join(","))
                .execute(&self.pool)
                .await;
        }
    }
}

impl Listener {
    fn new(pool: PgPool) -> Self {
        let (told, wakes) = mpsc::channel(QUEUE);
        let task = tokio::spawn(async move {
            while !pool.is_closed() && !told.is_closed() {
                if listen(&pool, &told).await.is_err() {
                    tokio::time::sleep(AGAIN).await;
                }
            }
        });
        Self { wakes, task }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(pool: &PgPool, told: &mpsc::Sender<HospitalId>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let wake = listener.recv().await?;
        for hospital in wake.payload().split(',').filter_map(|name| name.parse().ok()) {
            let _ = told.try_send(hospital);
        }
    }
}
