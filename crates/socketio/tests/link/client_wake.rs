use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{FakeClock, SeededEntropy, Timestamp};
use deskbell_socketio::Backoff;
use deskbell_socketio::client::{
    Client, ClientConfig, ClientEvent, DisconnectReason, Transport, Transports, connect,
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::reception::{config, start};
use crate::scripted::{Script, number, quiet};
use crate::wire::Wire;
use crate::{Events, PATIENCE, args, link, values};

/// Longer than the server's pings may be apart.
const NIGHT: Duration = Duration::from_secs(8 * 60 * 60);

/// A client on a machine that sleeps when the test says so, and that never comes back by itself.
fn sleeper(url: &str) -> (FakeClock, Client, Events) {
    sleeper_of(patient(url))
}

/// A link that waits for ages before it is made anew.
fn patient(url: &str) -> ClientConfig {
    ClientConfig {
        backoff: Backoff {
            base: Duration::from_secs(360_000),
            cap: Duration::from_secs(360_000),
        },
        ..link(url)
    }
}

fn sleeper_of(config: ClientConfig) -> (FakeClock, Client, Events) {
    let clock = FakeClock::at(Timestamp::UNIX_EPOCH);
    let auth = || json!({ "token": "seoul" });
    let entropy = Arc::new(SeededEntropy::new(1));
    let (client, events) = connect(config, auth, Arc::new(clock.clone()), entropy);
    (clock, client, Events(events))
}

#[tokio::test]
async fn a_link_that_the_machine_slept_through_is_made_anew_at_once() {
    let running = start(config(), 0).await;
    let wire = Wire::to(running.address).await;
    let (clock, _client, mut events) = sleeper(&wire.url());
    events.connected().await;
    wire.kink();
    clock.sleep(NIGHT);
    match events.next().await {
        Some(ClientEvent::Disconnected {
            reason,
            retry_in,
            silent_for,
        }) => {
            assert_eq!(
                (reason, retry_in),
                (DisconnectReason::PingTimeout, Duration::ZERO)
            );
            assert!(silent_for >= NIGHT, "{silent_for:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_short_sleep_costs_no_connection() {
    let running = start(config(), 0).await;
    let (clock, client, mut events) = sleeper(&running.url());
    events.connected().await;
    let socket = running.reception().wait_for(1).await.remove(0);
    for _ in 0..3 {
        clock.sleep(Duration::from_secs(10));
        let echo = client.emit_with_ack("echo", &args(&1), PATIENCE).await;
        assert_eq!(values(&echo.unwrap()), [json!(1)]);
    }
    assert!(!socket.is_gone());
}

#[tokio::test]
async fn a_wait_between_two_attempts_ends_when_the_machine_wakes() {
    let running = start(config(), 0).await;
    let wire = Wire::to(running.address).await;
    let (clock, _client, mut events) = sleeper(&wire.url());
    for _ in 0..3 {
        assert_eq!(events.connected_by().await, Transport::WebSocket);
        wire.cut();
        assert_eq!(events.disconnected().await, DisconnectReason::Closed);
        clock.sleep(Duration::from_secs(10));
    }
}

#[tokio::test]
async fn an_attempt_that_the_machine_slept_through_is_made_anew() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = ClientConfig {
        transports: Transports::WebSocketOnly,
        // Without the sleep it would still be waiting.
        connect_timeout: PATIENCE * 100,
        ..patient(&format!("http://{}", listener.local_addr().unwrap()))
    };
    let (clock, _client, _events) = sleeper_of(config);
    let (_unanswered, _) = listener.accept().await.unwrap();
    clock.sleep(NIGHT);
    let again = tokio::time::timeout(PATIENCE, listener.accept());
    again.await.expect("an attempt in time").unwrap();
}

#[tokio::test]
async fn what_lay_there_while_the_machine_slept_is_read_and_the_link_made_anew_at_once() {
    let mut script = Script::start().await;
    let config = ClientConfig {
        transports: Transports::WebSocketOnly,
        ..patient(&script.url)
    };
    let (clock, _client, mut events) = sleeper_of(config);
    let mut socket = script.enter(&quiet()).await;
    events.connected().await;
    // Waking is noticed late, or never.
    clock.advance(NIGHT);
    socket.say(&number(0)).await;
    assert_eq!(events.event().await, json!(["number", 0]));
    match events.next().await {
        Some(ClientEvent::Disconnected { reason, retry_in, .. }) => {
            assert_eq!(
                (reason, retry_in),
                (DisconnectReason::PingTimeout, Duration::ZERO)
            );
        }
        other => panic!("{other:?}"),
    }
    script.enter(&quiet()).await;
    events.connected().await;
}

#[tokio::test]
async fn a_receiver_that_takes_its_time_costs_no_connection() {
    let mut script = Script::start().await;
    let config = ClientConfig {
        transports: Transports::WebSocketOnly,
        ..patient(&script.url)
    };
    let (clock, client, mut events) = sleeper_of(config);
    let mut socket = script.enter(&quiet()).await;
    events.connected().await;
    socket.say_all((0..100).map(number)).await;
    // It has read what there is room for when it sends this, and more when it has sent the next.
    for _ in 0..2 {
        client.emit("shown", &args(&1)).await.unwrap();
        socket.hear().await;
    }
    clock.advance(NIGHT);
    for number in 0..100 {
        assert_eq!(events.event().await, json!(["number", number]));
    }
    client.emit("shown", &args(&1)).await.unwrap();
    assert_eq!(socket.hear().await, r#"42/desk,["shown",1]"#);
    socket.say("2").await;
    assert_eq!(socket.hear().await, "3");
}
