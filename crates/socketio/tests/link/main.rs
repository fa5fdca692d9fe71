//! Both ends over real TCP: with each other, with Node's socket.io and socket.io-client, with
//! python-socketio, and with peers and networks that misbehave.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what it expects by failing"
)]

mod client_node;
mod client_proxies;
mod client_reasons;
mod client_scripted;
mod client_transports;
mod client_wake;
mod dialogue;
mod engine;
mod faults;
mod handling;
mod hostile;
mod loopback;
mod node;
mod peer;
mod polling;
mod proxies;
mod python;
mod reception;
mod scripted;
mod tls;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{SeededEntropy, SystemClock};
use deskbell_socketio::client::{Client, ClientConfig, ClientEvent, Transport, Transports, connect};
use deskbell_socketio::{Args, Backoff};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Longer than anything a test waits for takes, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What happens at a client under test.
struct Events(mpsc::Receiver<ClientEvent>);

impl Events {
    async fn next(&mut self) -> Option<ClientEvent> {
        tokio::time::timeout(PATIENCE, self.0.recv())
            .await
            .expect("an event in time")
    }

    async fn connected(&mut self) {
        self.connected_by().await;
    }

    /// What carries the link that is made.
    async fn connected_by(&mut self) -> Transport {
        match self.next().await {
            Some(ClientEvent::Connected { transport }) => transport,
            other => panic!("{other:?}"),
        }
    }

    /// What carries the link that is made in the end.
    async fn connected_after_failures(&mut self) -> Transport {
        loop {
            match self.next().await {
                Some(ClientEvent::Disconnected { .. }) => {}
                Some(ClientEvent::Connected { transport }) => return transport,
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next event of the server, as `[name, data]`.
    async fn event(&mut self) -> Value {
        match self.next().await {
            Some(ClientEvent::Event { name, args, .. }) => {
                json!([name, serde_json::from_str::<Value>(args.first().get()).unwrap()])
            }
            other => panic!("{other:?}"),
        }
    }

    /// Why the link was lost.
    async fn disconnected(&mut self) -> deskbell_socketio::client::DisconnectReason {
        match self.next().await {
            Some(ClientEvent::Disconnected { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }
}

/// One argument.
fn args(data: &impl Serialize) -> Args {
    Args::of(data).unwrap()
}

/// All arguments.
fn values(args: &Args) -> Vec<Value> {
    let value = |arg: &RawValue| serde_json::from_str(arg.get()).unwrap();
    args.json.iter().map(|arg| value(arg)).collect()
}

/// A client of `/desk` at `url` that comes back quickly.
fn client(url: &str, auth: Value) -> (Client, Events) {
    client_of(link(url), auth)
}

fn client_with(url: &str, auth: Value, backoff: Backoff) -> (Client, Events) {
    client_of(ClientConfig { backoff, ..link(url) }, auth)
}

fn client_of(config: ClientConfig, auth: Value) -> (Client, Events) {
    let (client, events) = connect(
        config,
        move || auth.clone(),
        Arc::new(SystemClock),
        Arc::new(SeededEntropy::new(1)),
    );
    (client, Events(events))
}

/// A link to `/desk` at `url` that comes back quickly.
fn link(url: &str) -> ClientConfig {
    ClientConfig {
        url: url.parse().unwrap(),
        namespace: "/desk".to_owned(),
        http: http(),
        connect_timeout: PATIENCE,
        backoff: Backoff {
            base: Duration::from_millis(20),
            cap: Duration::from_millis(100),
        },
        transports: Transports::default(),
    }
}

fn http() -> reqwest::Client {
    http_builder().build().unwrap()
}

fn http_builder() -> reqwest::ClientBuilder {
    // Another test may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
}
