use std::time::Duration;

use deskbell_fault_proxy::{FaultProxy, Faults, Opening, Polls, StatusCode};
use deskbell_socketio::Backoff;
use deskbell_socketio::client::{
    AckError, Client, ClientConfig, ClientEvent, DisconnectReason, Transport, Transports,
};
use deskbell_socketio::server::{Frame, ServerConfig};
use serde_json::json;

use crate::reception::{Running, config, start};
use crate::{Events, PATIENCE, args, client_of, link, values};

/// A WebSocket is not tried again in any test's time.
pub(crate) const NO_PROBE: Transports = Transports::Both {
    probe: Backoff {
        base: Duration::from_secs(360_000),
        cap: Duration::from_secs(360_000),
    },
};

/// A WebSocket is tried again and again.
const PROBES: Transports = Transports::Both {
    probe: Backoff {
        base: Duration::from_millis(20),
        cap: Duration::from_millis(20),
    },
};

fn on(url: &str, transports: Transports) -> ClientConfig {
    ClientConfig {
        transports,
        ..link(url)
    }
}

async fn through_proxy(opening: Opening) -> (Running, FaultProxy) {
    let running = start(config(), 0).await;
    let proxy = FaultProxy::start(running.address).await.unwrap();
    proxy.set(Faults {
        opening,
        ..Faults::default()
    });
    (running, proxy)
}

fn number(number: u32) -> Frame {
    Frame::event("/desk", "number", &number).unwrap()
}

#[tokio::test]
async fn polling_alone_carries_everything_in_order() {
    let running = start(config(), 1_000).await;
    let config = on(&running.url(), Transports::PollingOnly);
    let (client, mut events) = client_of(config, json!({ "token": "seoul" }));
    assert_eq!(events.connected_by().await, Transport::Polling);
    for number in 0..1_000 {
        assert_eq!(events.event().await, json!(["number", number]));
    }
    let acks = (0..100).map(|number| client.emit_with_ack("echo", &args(&number), PATIENCE));
    let acks: Vec<_> = acks.collect();
    // More than wait for the task at once.
    let (sent, refused): (Vec<_>, Vec<_>) = futures_util::future::join_all(acks)
        .await
        .into_iter()
        .partition(Result::is_ok);
    assert!(refused.iter().all(|ack| matches!(ack, Err(AckError::Congested))));
    let sent: Vec<_> = sent.into_iter().map(|ack| values(&ack.unwrap())).collect();
    let expected: Vec<_> = (0..sent.len()).map(|number| [json!(number)]).collect();
    assert_eq!(sent, expected);
    // It does not wait until the server misses its answers to pings.
    drop(client);
    assert!(events.next().await.is_none());
    running.reception().wait_for(0).await;
}

#[tokio::test]
async fn a_websocket_alone_does_not_poll() {
    let (_running, proxy) = through_proxy(Opening::Refused(StatusCode::FORBIDDEN)).await;
    let config = on(&proxy.url(), Transports::WebSocketOnly);
    let (_client, mut events) = client_of(config, json!({ "token": "seoul" }));
    let forbidden = DisconnectReason::NotSocketIo {
        status: 403,
        html: true,
    };
    assert_eq!(events.disconnected().await, forbidden);
    proxy.set(Faults::default());
    assert_eq!(events.connected_after_failures().await, Transport::WebSocket);
}

#[tokio::test]
async fn a_network_without_websockets_is_remembered_until_it_may_be_another() {
    let (running, proxy) = through_proxy(Opening::Page).await;
    let (client, mut events) = client_of(on(&proxy.url(), NO_PROBE), json!({ "token": "seoul" }));
    assert_eq!(events.connected_by().await, Transport::Polling);
    proxy.set(Faults::default());
    for _ in 0..2 {
        running.reception().wait_for(1).await.remove(0).disconnect();
        assert_eq!(events.disconnected().await, DisconnectReason::ServerDisconnect);
        assert_eq!(events.connected_by().await, Transport::Polling);
    }
    client.reconnect_now();
    assert!(matches!(events.next().await, Some(ClientEvent::Upgraded)));
    let echo = client.emit_with_ack("echo", &args(&1), PATIENCE).await;
    assert_eq!(values(&echo.unwrap()), [json!(1)]);
    running.stop().await;
    events.event().await;
    assert_eq!(events.disconnected().await, DisconnectReason::Closed);
}

#[tokio::test]
async fn a_network_that_carries_nothing_at_all_teaches_nothing() {
    let (_running, proxy) = through_proxy(Opening::Page).await;
    let nothing = Faults {
        opening: Opening::Page,
        polls: Polls::Page,
        ..Faults::default()
    };
    proxy.set(nothing);
    let (_client, mut events) = client_of(on(&proxy.url(), NO_PROBE), json!({ "token": "seoul" }));
    let page = DisconnectReason::NotSocketIo {
        status: 200,
        html: true,
    };
    assert_eq!(events.disconnected().await, page);
    proxy.set(Faults::default());
    assert_eq!(events.connected_after_failures().await, Transport::WebSocket);
}

/// Numbers from the server, and others there and back, until `until` has happened; nothing is lost, doubled or overtaken.
/// Gives how often a WebSocket took over.
async fn numbers_until(
    running: &Running,
    client: &Client,
    events: &mut Events,
    until: impl Fn(u32, u32) -> bool,
) -> u32 {
    let socket = running.reception().wait_for(1).await.remove(0);
    let sending = tokio::spawn(async move {
        for sent in 0.. {
            socket.emit(&number(sent)).await.unwrap();
        }
    });
    let client = client.clone();
    let asking = tokio::spawn(async move {
        for asked in 0_u32.. {
            let echo = client.emit_with_ack("echo", &args(&asked), PATIENCE).await;
            assert_eq!(values(&echo.unwrap()), [json!(asked)]);
        }
    });
    let (mut received, mut upgraded) = (0, 0);
    while !until(received, upgraded) {
        match events.next().await {
            Some(ClientEvent::Event { args, .. }) => {
                assert_eq!(values(&args), [json!(received)]);
                received += 1;
            }
            Some(ClientEvent::Upgraded) => upgraded += 1,
            other => panic!("{other:?}"),
        }
    }
    for task in [sending, asking] {
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }
    upgraded
}

#[tokio::test]
async fn a_websocket_takes_over_while_events_flow() {
    let (running, proxy) = through_proxy(Opening::RefusedUnlessUpgrade(StatusCode::FORBIDDEN)).await;
    let (client, mut events) = client_of(on(&proxy.url(), PROBES), json!({ "token": "seoul" }));
    assert_eq!(events.connected_by().await, Transport::Polling);
    let after = |received, upgraded| upgraded == 1 && received > 500;
    assert_eq!(numbers_until(&running, &client, &mut events, after).await, 1);
}

#[tokio::test]
async fn probes_that_fail_cost_no_event() {
    for (opening, probes) in [
        // Once a second probe begins, the first has failed.
        (Opening::Refused(StatusCode::FORBIDDEN), 2),
        (Opening::Page, 2),
        (Opening::AnswerStripped, 2),
        // This one goes on until nobody waits for it any more.
        (Opening::Deaf, 1),
    ] {
        let (running, proxy) = through_proxy(Opening::Refused(StatusCode::FORBIDDEN)).await;
        let (client, mut events) = client_of(on(&proxy.url(), PROBES), json!({ "token": "seoul" }));
        assert_eq!(events.connected_by().await, Transport::Polling);
        proxy.set(Faults {
            opening,
            ..Faults::default()
        });
        let before = proxy.openings();
        let probed = |received, _| received > 500 && proxy.openings() >= before + probes;
        let numbers = numbers_until(&running, &client, &mut events, probed);
        let upgraded = tokio::time::timeout(PATIENCE, numbers).await;
        assert_eq!(upgraded.expect("probes in time"), 0, "{opening:?}");
    }
}

#[tokio::test]
async fn what_the_server_would_not_take_is_not_sent() {
    for transports in [Transports::WebSocketOnly, Transports::PollingOnly] {
        let small = ServerConfig {
            max_payload: 4 * 1024,
            ..config()
        };
        let running = start(small, 0).await;
        let (client, mut events) = client_of(on(&running.url(), transports), json!({ "token": "seoul" }));
        events.connected().await;
        let large = client
            .emit_with_ack("echo", &args(&"x".repeat(4 * 1024)), PATIENCE)
            .await;
        assert!(matches!(large, Err(AckError::TooLarge)), "{large:?}");
        // Many that are small go in as many requests as it takes.
        let several = (0..8).map(|_| client.emit_with_ack("echo", &args(&"x".repeat(3 * 1024)), PATIENCE));
        for ack in several.collect::<Vec<_>>() {
            assert_eq!(values(&ack.await.unwrap()), [json!("x".repeat(3 * 1024))]);
        }
    }
}
