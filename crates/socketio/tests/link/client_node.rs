//! What our client does with Node's server beyond what it does with any.

use std::time::Duration;

use deskbell_fault_proxy::{FaultProxy, Faults, Opening, StatusCode};
use deskbell_socketio::client::{AckHandle, Client, ClientConfig, ClientEvent, Transport, Transports};
use deskbell_socketio::{Args, Backoff};
use serde_json::json;
use serde_json::value::to_raw_value;

use crate::peer::Peer;
use crate::{Events, args, client_of, link, values};

async fn connected(url: &str, transports: Transports, by: Transport) -> (Client, Events) {
    let config = ClientConfig {
        transports,
        ..link(url)
    };
    let (client, mut events) = client_of(config, json!({ "token": "seoul" }));
    assert_eq!(events.connected_by().await, by);
    for number in 0..50 {
        assert_eq!(events.event().await, json!(["number", number]));
    }
    (client, events)
}

/// Arguments with these attachments, one in each.
fn with_bytes(attachments: Vec<Vec<u8>>) -> Args {
    let places = (0..attachments.len()).map(|num| json!({ "_placeholder": true, "num": num }));
    Args {
        json: places.map(|place| to_raw_value(&place).unwrap()).collect(),
        attachments: attachments.into_iter().map(Into::into).collect(),
    }
}

/// The next event, which asks for an answer as `asks` says.
async fn next_args(events: &mut Events, expected: &str, asks: bool) -> (Args, Option<AckHandle>) {
    match events.next().await {
        Some(ClientEvent::Event { name, args, ack }) => {
            assert_eq!((name.as_str(), ack.is_some()), (expected, asks));
            (args, ack)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_question_of_the_server_is_answered() {
    let mut node = Peer::node("server.js", &[]).await;
    let url = node.url().await;
    for (transports, by) in [
        (Transports::WebSocketOnly, Transport::WebSocket),
        (Transports::PollingOnly, Transport::Polling),
    ] {
        let (client, mut events) = connected(&url, transports, by).await;
        let asked = with_bytes(vec![vec![0, 0x1e, 0xff]]);
        client.emit("ask", &asked).await.unwrap();
        let (question, ack) = next_args(&mut events, "question", true).await;
        assert_eq!(values(&question), values(&asked));
        assert_eq!(question.attachments, asked.attachments);
        let answer = with_bytes(vec![vec![1], vec![7; 100_000]]);
        ack.unwrap().send(answer.clone()).unwrap();
        let (answered, _) = next_args(&mut events, "answered", false).await;
        assert_eq!(answered.attachments, answer.attachments);
    }
}

#[tokio::test]
async fn a_server_without_websockets_is_polled() {
    let mut node = Peer::node("server.js", &["polling"]).await;
    let url = node.url().await;
    let (client, mut events) = connected(&url, Transports::default(), Transport::Polling).await;
    client.emit("leave", &Args::none()).await.unwrap();
    events.disconnected().await;
    assert_eq!(events.connected_by().await, Transport::Polling);
}

#[tokio::test]
async fn the_server_sees_a_polling_client_leave() {
    let mut node = Peer::node("server.js", &[]).await;
    let url = node.url().await;
    let (client, mut events) = connected(&url, Transports::PollingOnly, Transport::Polling).await;
    drop(client);
    assert!(events.next().await.is_none());
    assert_eq!(node.says().await, "client namespace disconnect");
}

#[tokio::test]
async fn a_websocket_takes_over_while_events_and_their_attachments_flow() {
    let mut node = Peer::node("server.js", &[]).await;
    let url = node.url().await;
    let server = url.trim_start_matches("http://").parse().unwrap();
    let proxy = FaultProxy::start(server).await.unwrap();
    proxy.set(Faults {
        opening: Opening::Refused(StatusCode::FORBIDDEN),
        ..Faults::default()
    });
    let probe = Backoff {
        base: Duration::from_millis(20),
        cap: Duration::from_millis(20),
    };
    let both = Transports::Both { probe };
    let (client, mut events) = connected(&proxy.url(), both, Transport::Polling).await;
    client.emit("flow", &args(&1_000)).await.unwrap();
    let (mut number, mut upgraded) = (0_u32, false);
    while number < 1_000 || !upgraded {
        let args = match events.next().await {
            Some(ClientEvent::Event { args, .. }) => args,
            Some(ClientEvent::Upgraded) => {
                upgraded = true;
                continue;
            }
            other => panic!("{other:?} instead of {number}"),
        };
        if number.is_multiple_of(10) {
            assert_eq!(args.attachments, [vec![u8::try_from(number / 10).unwrap()]]);
        } else {
            assert_eq!(values(&args), [json!(number)]);
        }
        number += 1;
        if number == 300 {
            proxy.set(Faults::default());
        }
    }
}
