use std::time::Duration;

use deskbell_socketio::Backoff;
use deskbell_socketio::client::{AckError, ClientEvent, DisconnectReason};
use deskbell_socketio::server::{Frame, Gone, ServerConfig};
use serde_json::json;

use crate::reception::{config, quick_pings, start, start_at};
use crate::wire::Wire;
use crate::{Events, PATIENCE, args, client, client_with, values};

fn frame(name: &str) -> Frame {
    Frame::event("/desk", name, &json!({ "for": name })).unwrap()
}

#[tokio::test]
async fn events_arrive_whole_and_in_order_however_short_the_queue() {
    let running = start(config(), 1_000).await;
    let (_client, mut events) = client(&running.url(), json!({ "token": "seoul" }));
    events.connected().await;
    for number in 0..1_000 {
        assert_eq!(events.event().await, json!(["number", number]));
    }
}

#[tokio::test]
async fn an_emit_gets_its_own_ack_or_says_why_not() {
    let running = start(config(), 0).await;
    let (client, mut events) = client(&running.url(), json!({ "token": "seoul" }));
    let early = client.emit_with_ack("echo", &args(&1), PATIENCE).await;
    assert!(matches!(early, Err(AckError::Disconnected)), "{early:?}");
    events.connected().await;
    let acks =
        (0..20).map(|number| client.emit_with_ack("echo", &args(&json!({ "number": number })), PATIENCE));
    for (number, ack) in acks.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(values(&ack.await.unwrap()), [json!({ "number": number })]);
    }
    let unanswered = client
        .emit_with_ack("silence", &args(&1), Duration::from_millis(50))
        .await;
    assert!(matches!(unanswered, Err(AckError::TimedOut)), "{unanswered:?}");
    let pending = client.emit_with_ack("silence", &args(&1), PATIENCE);
    running.stop().await;
    let lost = pending.await;
    assert!(matches!(lost, Err(AckError::Disconnected)), "{lost:?}");
}

#[tokio::test]
async fn a_refusal_is_final() {
    let running = start(config(), 0).await;
    let (_client, mut events) = client(&running.url(), json!({ "token": "" }));
    let Some(ClientEvent::Refused { message, data }) = events.next().await else {
        panic!("not refused");
    };
    assert_eq!(
        (message.as_str(), data),
        ("Not admitted", Some(json!({ "code": "invalid_token" })))
    );
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn a_frame_for_a_room_reaches_that_room_alone() {
    let running = start(config(), 0).await;
    let reception = running.reception();
    let mut desks: Vec<(String, _, Events)> = Vec::new();
    for hospital in ["seoul", "busan", "seoul", "jeju"] {
        let (handle, mut events) = client(&running.url(), json!({ "token": hospital }));
        events.connected().await;
        desks.push((hospital.to_owned(), handle, events));
    }
    reception.wait_for(4).await;
    for hospital in ["seoul", "busan", "jeju"] {
        reception.room(hospital).broadcast(&frame(hospital));
        reception.room(hospital).broadcast(&frame("end"));
    }
    for (hospital, _, events) in &mut desks {
        assert_eq!(events.event().await, json!([hospital, { "for": hospital }]));
        assert_eq!(events.event().await, json!(["end", { "for": "end" }]));
    }
}

#[tokio::test]
async fn a_client_that_is_dropped_leaves_its_room() {
    let running = start(config(), 0).await;
    let (first, mut events) = client(&running.url(), json!({ "token": "seoul" }));
    events.connected().await;
    running.reception().wait_for(1).await;
    drop(first);
    assert!(events.next().await.is_none());
    running.reception().wait_for(0).await;
    assert!(running.reception().room("seoul").is_empty());
}

#[tokio::test]
async fn a_socket_that_is_put_out_comes_back_after_its_last_frames() {
    let running = start(config(), 0).await;
    let (_client, mut events) = client(&running.url(), json!({ "token": "seoul" }));
    events.connected().await;
    let socket = running.reception().wait_for(1).await.remove(0);
    socket.try_emit(&frame("last")).unwrap();
    socket.disconnect();
    assert_eq!(events.event().await, json!(["last", { "for": "last" }]));
    assert_eq!(events.disconnected().await, DisconnectReason::ServerDisconnect);
    events.connected().await;
    assert!(socket.is_gone());
}

#[tokio::test]
async fn a_client_returns_when_its_server_does() {
    let running = start(config(), 0).await;
    let (address, url) = (running.address, running.url());
    let (_client, mut events) = client(&url, json!({ "token": "seoul" }));
    events.connected().await;
    running.reception().wait_for(1).await;
    running.stop().await;
    assert_eq!(events.event().await, json!(["shutdown", 1]));
    assert_eq!(events.disconnected().await, DisconnectReason::Closed);
    let reason = events.disconnected().await;
    assert!(
        matches!(reason, DisconnectReason::Unreachable { .. }),
        "{reason:?}"
    );
    let _running = start_at(address, config(), 0).await;
    loop {
        match events.next().await {
            Some(ClientEvent::Connected { .. }) => break,
            Some(ClientEvent::Disconnected {
                reason: DisconnectReason::Unreachable { .. },
                ..
            }) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_client_returns_after_its_cable_was_pulled() {
    let running = start(config(), 0).await;
    let wire = Wire::to(running.address).await;
    let (_client, mut events) = client(&wire.url(), json!({ "token": "seoul" }));
    for _ in 0..5 {
        events.connected().await;
        wire.cut();
        assert_eq!(events.disconnected().await, DisconnectReason::Closed);
    }
}

#[tokio::test]
async fn both_ends_notice_when_nothing_passes_any_more() {
    let running = start(quick_pings(), 0).await;
    let wire = Wire::to(running.address).await;
    let (_client, mut events) = client(&wire.url(), json!({ "token": "seoul" }));
    events.connected().await;
    running.reception().wait_for(1).await;
    wire.kink();
    assert_eq!(events.disconnected().await, DisconnectReason::PingTimeout);
    running.reception().wait_for(0).await;
}

#[tokio::test]
async fn a_link_outlives_many_pings() {
    let running = start(quick_pings(), 0).await;
    let (client, mut events) = client(&running.url(), json!({ "token": "seoul" }));
    events.connected().await;
    let several_pings = Duration::from_secs(1);
    let silence = client.emit_with_ack("silence", &args(&1), several_pings).await;
    assert!(matches!(silence, Err(AckError::TimedOut)), "{silence:?}");
    assert_eq!(
        values(&client.emit_with_ack("echo", &args(&1), PATIENCE).await.unwrap()),
        [json!(1)]
    );
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_and_the_others_are_served() {
    // No ping notices the slow client before its queue does.
    let patient = ServerConfig {
        ping_interval: PATIENCE,
        ..config()
    };
    let running = start(patient, 0).await;
    let wire = Wire::to(running.address).await;
    let (_slow, mut slow_events) = client(&wire.url(), json!({ "token": "seoul" }));
    slow_events.connected().await;
    let slow = running.reception().wait_for(1).await.remove(0);
    let (_quick, mut quick_events) = client(&running.url(), json!({ "token": "seoul" }));
    quick_events.connected().await;
    running.reception().wait_for(2).await;
    wire.kink();

    let bulky = Frame::event("/desk", "bulky", &"x".repeat(256 * 1024)).unwrap();
    let mut sent = 0;
    while !slow.is_gone() {
        assert!(sent < 1_000, "the queue is bounded");
        running.reception().room("seoul").broadcast(&bulky);
        sent += 1;
        assert_eq!(quick_events.event().await[0], "bulky");
    }
    assert_eq!(slow.try_emit(&bulky), Err(Gone));
    assert_eq!(running.reception().wait_for(1).await.len(), 1);
    assert_eq!(running.reception().room("seoul").len(), 1);
}

#[tokio::test]
async fn a_server_that_closes_takes_no_new_client() {
    let running = start(config(), 0).await;
    running.server.shutdown(|_| None).await;
    let (_client, mut events) = client(&running.url(), json!({ "token": "seoul" }));
    assert_eq!(
        events.disconnected().await,
        DisconnectReason::Busy { status: 503 }
    );
}

#[tokio::test]
async fn a_client_that_does_not_read_does_not_keep_the_server_from_closing() {
    let hurried = ServerConfig {
        shutdown_timeout: Duration::from_millis(200),
        ..config()
    };
    let running = start(hurried, 0).await;
    let wire = Wire::to(running.address).await;
    let (_client, mut events) = client(&wire.url(), json!({ "token": "seoul" }));
    events.connected().await;
    let socket = running.reception().wait_for(1).await.remove(0);
    wire.kink();
    let bulky = Frame::event("/desk", "bulky", &"x".repeat(3 * 1024 * 1024)).unwrap();
    for _ in 0..4 {
        socket.try_emit(&bulky).unwrap();
    }
    tokio::time::timeout(PATIENCE, running.stop())
        .await
        .expect("it closes");
}

#[tokio::test]
async fn waiting_for_the_next_attempt_is_cut_short_on_request() {
    let running = start(config(), 0).await;
    let wire = Wire::to(running.address).await;
    let hours = Backoff {
        base: Duration::from_secs(36_000),
        cap: Duration::from_secs(36_000),
    };
    let (client, mut events) = client_with(&wire.url(), json!({ "token": "seoul" }), hours);
    events.connected().await;
    client.reconnect_now();
    assert_eq!(
        values(&client.emit_with_ack("echo", &args(&1), PATIENCE).await.unwrap()),
        [json!(1)]
    );
    wire.cut();
    assert_eq!(events.disconnected().await, DisconnectReason::Closed);
    client.reconnect_now();
    events.connected().await;
}

#[tokio::test]
async fn further_connections_than_allowed_are_refused() {
    let running = start(
        ServerConfig {
            max_connections: 1,
            ..config()
        },
        0,
    )
    .await;
    let (_first, mut first_events) = client(&running.url(), json!({ "token": "seoul" }));
    first_events.connected().await;
    let (_second, mut second_events) = client(&running.url(), json!({ "token": "seoul" }));
    assert_eq!(
        second_events.disconnected().await,
        DisconnectReason::Busy { status: 503 }
    );
}
