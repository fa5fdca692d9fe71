//! What two ends say to each other when one of them is not ours, whoever made it and whatever carries it.

use std::time::Duration;

use bytes::Bytes;
use deskbell_fault_proxy::{FaultProxy, Faults, Opening, StatusCode};
use deskbell_socketio::client::{ClientConfig, ClientEvent, DisconnectReason, Transport, Transports};
use deskbell_socketio::server::Frame;
use deskbell_socketio::{Args, Backoff};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::peer::Peer;
use crate::reception::{quick_pings, start};
use crate::{PATIENCE, args, client_of, link, values};

/// How our client gets to their server.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Carriage {
    WebSocket,
    Polling,
    /// By polling first.
    Upgrade,
}

/// Our client is refused, greeted, answered, called in its room, put out and left by their server.
pub(crate) async fn our_client_is_served(mut peer: Peer, carriage: Carriage) {
    let url = peer.url().await;
    let proxy = FaultProxy::start(url.trim_start_matches("http://").parse().unwrap())
        .await
        .unwrap();
    if carriage == Carriage::Upgrade {
        proxy.set(Faults {
            opening: Opening::RefusedUnlessUpgrade(StatusCode::FORBIDDEN),
            ..Faults::default()
        });
    }
    let connect = |token: Value| {
        let transports = match carriage {
            Carriage::WebSocket => Transports::WebSocketOnly,
            Carriage::Polling => Transports::PollingOnly,
            Carriage::Upgrade => Transports::Both {
                probe: Backoff {
                    base: Duration::from_millis(50),
                    cap: Duration::from_millis(50),
                },
            },
        };
        let config = ClientConfig {
            transports,
            ..link(&proxy.url())
        };
        client_of(config, token)
    };

    let (_refused, mut events) = connect(Value::Null);
    let Some(ClientEvent::Refused { message, data }) = events.next().await else {
        panic!("not refused")
    };
    assert_eq!(
        (message.as_str(), data),
        ("Not admitted", Some(json!({ "code": "invalid_token" })))
    );

    let (seoul, mut events) = connect(json!({ "token": "seoul" }));
    let (busan, mut busan_events) = connect(json!({ "token": "busan" }));
    let first = match carriage {
        Carriage::WebSocket => Transport::WebSocket,
        Carriage::Polling | Carriage::Upgrade => Transport::Polling,
    };
    for events in [&mut events, &mut busan_events] {
        assert_eq!(events.connected_by().await, first);
        let (mut greetings, mut upgrades) = (0, u32::from(carriage == Carriage::Upgrade));
        while greetings < 50 || upgrades > 0 {
            match events.next().await {
                Some(ClientEvent::Event {
                    name,
                    args,
                    ack: None,
                }) => {
                    assert_eq!(
                        (name.as_str(), values(&args)),
                        ("number", vec![json!(greetings), json!("more")])
                    );
                    greetings += 1;
                }
                Some(ClientEvent::Upgraded) => upgrades -= 1,
                other => panic!("{other:?}"),
            }
        }
    }

    let echo = json!({ "이름": ["김크리스", 1.5, null], "quoted": "\"\\\n" });
    let ack = seoul.emit_with_ack("echo", &args(&echo), PATIENCE).await.unwrap();
    assert_eq!(values(&ack), [echo]);
    let ack = seoul.emit_with_ack("echo", &attached(), PATIENCE).await.unwrap();
    assert_eq!(
        (values(&ack), &ack.attachments),
        (values(&attached()), &attached().attachments)
    );

    // More than some servers take at once on polling.
    let acks = (0..50).map(|number| seoul.emit_with_ack("echo", &args(&number), PATIENCE));
    for (number, ack) in acks.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(values(&ack.await.unwrap()), [json!(number)]);
    }

    for (from, to, heard_by) in [
        (&busan, "seoul", &mut events),
        (&seoul, "busan", &mut busan_events),
    ] {
        let room = json!({ "room": to });
        from.emit("ring", &args(&room)).await.unwrap();
        assert_eq!(heard_by.event().await, json!(["reservation", room]));
    }

    seoul.emit("leave", &args(&Value::Null)).await.unwrap();
    assert_eq!(events.disconnected().await, DisconnectReason::ServerDisconnect);
    events.connected().await;

    drop(peer);
    busan_events.disconnected().await;
}

/// An argument with an attachment.
fn attached() -> Args {
    let json = r#"{"file":{"_placeholder":true,"num":0}}"#;
    Args {
        json: vec![RawValue::from_string(json.to_owned()).unwrap()],
        attachments: vec![Bytes::from_static(&[0, 1, 0x1e, 0xff])],
    }
}

/// Their client, which `start` starts for an address and a token, is refused, greeted, answered, called in its room, put out
/// and left by our server.
pub(crate) async fn their_client_is_served(start_peer: impl AsyncFn(&str, &str) -> Peer, carriage: Carriage) {
    let running = start(quick_pings(), 20).await;
    let url = running.url();
    let mut refused = start_peer(&url, "").await;
    let refusal = refused.says().await;
    assert_eq!(refusal[0], "connect_error");
    assert!(refusal.to_string().contains("Not admitted") && refusal.to_string().contains("invalid_token"));

    let mut peer = start_peer(&url, "seoul").await;
    let (mut connected, mut greetings) = (false, 0);
    while !connected || greetings < 20 {
        let said = peer.says().await;
        match said[0].as_str().unwrap() {
            "event" => {
                assert_eq!(said, json!(["event", "number", greetings]));
                greetings += 1;
            }
            "connect" => {
                let by = match carriage {
                    Carriage::Polling => "polling",
                    Carriage::WebSocket | Carriage::Upgrade => "websocket",
                };
                assert_eq!(said, json!(["connect", by]));
                connected = true;
            }
            other => panic!("{other}"),
        }
    }
    for number in 0..50 {
        peer.tell(&json!(["echo", { "이름": "김크리스" }, number])).await;
    }
    for number in 0..50 {
        assert_eq!(peer.says().await, json!(["ack", { "이름": "김크리스" }, number]));
    }

    let reception = running.reception();
    let socket = reception.wait_for(1).await.remove(0);
    for (room, name) in [("busan", "other"), ("seoul", "own")] {
        let frame = Frame::event("/desk", name, &json!({ "name": "김" })).unwrap();
        reception.room(room).broadcast(&frame);
    }
    assert_eq!(peer.says().await, json!(["event", "own", { "name": "김" }]));
    socket.disconnect();
    assert_eq!(peer.says().await[0], "disconnect");
    reception.wait_for(0).await;
}
