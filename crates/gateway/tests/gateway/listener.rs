//! A desk's socket that remembers everything it was sent, and comes back with its cursor.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskbell_clock::{OsEntropy, SystemClock};
use deskbell_protocol::event::{CaughtUp, Change, ConnectRefused, RefusalCode, Shown, Welcome};
use deskbell_protocol::{Position, Seq};
use deskbell_socketio::client::{Client, ClientConfig, ClientEvent, Transports, connect};
use deskbell_socketio::{Args, Backoff};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Longer than anything here takes, so that a test that would hang fails instead.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Listener {
    client: Client,
    events: mpsc::Receiver<ClientEvent>,
    cursor: Arc<Mutex<Option<Position>>>,
    welcomes: usize,
    /// The text of every event, as it came.
    pub(crate) heard: String,
}

pub(crate) fn http() -> reqwest::Client {
    http_builder().build().unwrap()
}

pub(crate) fn http_builder() -> reqwest::ClientBuilder {
    // A second time is no harm.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().http1_only().no_proxy()
}

pub(crate) fn url(address: &str) -> String {
    format!("http://{address}")
}

/// How to reach a namespace of the gateway at `url`, without long waits.
pub(crate) fn config(
    transports: Transports,
    url: &str,
    http: reqwest::Client,
    namespace: &str,
) -> ClientConfig {
    ClientConfig {
        url: url.parse().unwrap(),
        namespace: namespace.to_owned(),
        http,
        connect_timeout: PATIENCE,
        backoff: Backoff {
            base: Duration::from_millis(20),
            cap: Duration::from_millis(200),
        },
        transports,
    }
}

impl Listener {
    /// Connects to the gateway at `address` as the desk that has `token`.
    pub(crate) fn connect(address: &str, token: &str, cursor: Option<Position>) -> Self {
        Self::connect_with(
            address,
            cursor,
            json!({ "token": token, "api": 1, "client": "test/1" }),
        )
    }

    /// Connects where no WebSocket passes.
    pub(crate) fn poll(address: &str, token: &str) -> Self {
        let auth = json!({ "token": token, "api": 1, "client": "test/1" });
        Self::connect_over(Transports::PollingOnly, &url(address), http(), None, auth)
    }

    /// Connects with an auth of the test's own making; the cursor is put into it.
    pub(crate) fn connect_with(address: &str, cursor: Option<Position>, auth: Value) -> Self {
        Self::connect_over(Transports::default(), &url(address), http(), cursor, auth)
    }

    /// Connects over what `transports` names, with a client of the test's own making.
    pub(crate) fn connect_over(
        transports: Transports,
        url: &str,
        http: reqwest::Client,
        cursor: Option<Position>,
        mut auth: Value,
    ) -> Self {
        let cursor = Arc::new(Mutex::new(cursor));
        let config = config(transports, url, http, "/desk");
        let kept = Arc::clone(&cursor);
        let auth = move || {
            if let Some(cursor) = &*kept.lock().unwrap() {
                auth["cursor"] = serde_json::to_value(cursor).unwrap();
            }
            auth.clone()
        };
        let (client, events) = connect(config, auth, Arc::new(SystemClock), Arc::new(OsEntropy));
        Self {
            client,
            events,
            cursor,
            welcomes: 0,
            heard: String::new(),
        }
    }

    /// What the link tells next.
    pub(crate) async fn next(&mut self) -> ClientEvent {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        let event = event.expect("nothing came").expect("the link ended");
        if let ClientEvent::Event { name, args, .. } = &event {
            self.welcomes += usize::from(name == Welcome::NAME);
            self.heard.push_str(&format!("{name} {}\n", args.first()));
        }
        event
    }

    /// The next event, which must be called `name`. The gateway's beat is heard past.
    pub(crate) async fn event<T: DeserializeOwned>(&mut self, name: &str) -> T {
        loop {
            match self.next().await {
                ClientEvent::Event { name: heard, .. } if heard == "head" && name != "head" => {}
                ClientEvent::Event {
                    name: heard, args, ..
                } => {
                    assert_eq!(heard, name);
                    return serde_json::from_str(args.first().get()).unwrap();
                }
                ClientEvent::Connected { .. } => {}
                other => panic!("{other:?} instead of {name}"),
            }
        }
    }

    /// The welcome, then the replay up to `caught_up`.
    pub(crate) async fn catch_up(&mut self) -> (Welcome, Vec<Change>) {
        let welcome: Welcome = self.event(Welcome::NAME).await;
        let mut changes = Vec::new();
        loop {
            let ClientEvent::Event { name, args, .. } = self.next().await else {
                panic!("the link was lost");
            };
            match name.as_str() {
                Change::NAME => changes.push(serde_json::from_str::<Change>(args.first().get()).unwrap()),
                CaughtUp::NAME => {
                    let caught_up: CaughtUp = serde_json::from_str(args.first().get()).unwrap();
                    let last = changes.last().map(|change| change.reservation.seq);
                    assert!(last.is_none_or(|last| last == caught_up.seq));
                    return (welcome, changes);
                }
                other => panic!("{other}"),
            }
        }
    }

    /// The next change.
    pub(crate) async fn change(&mut self) -> Change {
        self.event(Change::NAME).await
    }

    /// Comes back with this cursor.
    #[cfg(target_os = "linux")]
    pub(crate) fn remember(&self, cursor: Position) {
        *self.cursor.lock().unwrap() = Some(cursor);
    }

    /// How often it was let in.
    #[cfg(target_os = "linux")]
    pub(crate) fn welcomes(&self) -> usize {
        self.welcomes
    }

    /// Listens until change `last`, through every loss of the link, and gives the seqs in the order in which they came.
    pub(crate) async fn seqs_until(&mut self, last: Seq) -> Vec<u64> {
        let known = self.cursor.lock().unwrap().clone();
        let (mut seqs, mut epoch) = (Vec::new(), known.map(|cursor| cursor.epoch));
        while seqs.last() != Some(&last.0) {
            let ClientEvent::Event { name, args, .. } = self.next().await else {
                continue;
            };
            if name == Welcome::NAME {
                let welcome: Welcome = serde_json::from_str(args.first().get()).unwrap();
                epoch = Some(welcome.position.epoch);
            }
            if name == Change::NAME {
                let change: Change = serde_json::from_str(args.first().get()).unwrap();
                let seq = change.reservation.seq;
                seqs.push(seq.0);
                *self.cursor.lock().unwrap() = epoch.clone().map(|epoch| Position { epoch, seq });
            }
        }
        seqs
    }

    /// Says that the desk has decided up to `position`; whether the gateway said that it knows.
    pub(crate) async fn say_shown(&self, position: Position) -> bool {
        let ack = self.client.emit_with_ack(
            Shown::NAME,
            &Args::of(&Shown { position }).unwrap(),
            Duration::from_secs(3),
        );
        ack.await.is_ok_and(|ack| ack.first().get() == "{}")
    }

    /// Says something that no desk says.
    pub(crate) async fn say(&self, name: &str, data: Value) {
        let _ = self
            .client
            .emit_with_ack(name, &Args::of(&data).unwrap(), Duration::from_millis(200))
            .await;
    }

    /// Why the namespace was refused.
    pub(crate) async fn refusal(&mut self) -> RefusalCode {
        match self.next().await {
            ClientEvent::Refused { data, .. } => {
                serde_json::from_value::<ConnectRefused>(data.unwrap())
                    .unwrap()
                    .code
            }
            other => panic!("{other:?} instead of a refusal"),
        }
    }
}

/// The numbers of the changes.
pub(crate) fn seqs(changes: &[Change]) -> Vec<u64> {
    changes.iter().map(|change| change.reservation.seq.0).collect()
}
