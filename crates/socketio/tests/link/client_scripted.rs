//! Our client with servers that do, word for word, what seldom happens.

use std::time::Duration;

use deskbell_socketio::Args;
use deskbell_socketio::client::{
    AckError, Client, ClientConfig, ClientEvent, DisconnectReason, Transport, Transports,
};
use serde_json::{Value, json};

use crate::client_transports::NO_PROBE;
use crate::peer::Peer;
use crate::scripted::{For, Script, handshake, number, quiet};
use crate::{Events, PATIENCE, args, client_of, link};

/// More events than wait for the receiver.
const MANY: u32 = 100;

async fn start(transports: Transports) -> (Script, Client, Events) {
    let script = Script::start().await;
    let config = ClientConfig {
        transports,
        ..link(&script.url)
    };
    let (client, events) = client_of(config, Value::Null);
    (script, client, events)
}

async fn numbers(events: &mut Events) {
    for number in 0..MANY {
        assert_eq!(events.event().await, json!(["number", number]));
    }
}

#[tokio::test]
async fn what_pythons_server_emits_while_it_lets_us_in_arrives() {
    for transports in [Transports::WebSocketOnly, Transports::PollingOnly] {
        let mut peer = Peer::python("greeter.py", &[]).await;
        let config = ClientConfig {
            transports,
            ..link(&peer.url().await)
        };
        let (_client, mut events) = client_of(config, Value::Null);
        events.connected().await;
        assert_eq!(events.event().await, json!(["number", 1]));
    }
}

#[tokio::test]
async fn what_came_in_one_answer_arrives_though_nothing_can_be_posted_any_more() {
    let (mut script, _client, mut events) = start(Transports::PollingOnly).await;
    script.enter_by_polling(&quiet()).await;
    events.connected().await;
    let all: Vec<String> = std::iter::once("2".to_owned())
        .chain((0..MANY).map(number))
        .collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    script.asked(For::Packets).await.packets(&all).await;
    let unknown = r#"{"code":1,"message":"Session ID unknown"}"#;
    script
        .asked(For::Posting)
        .await
        .answer("400 Bad Request", unknown)
        .await
        .until_let_go()
        .await;
    numbers(&mut events).await;
    assert_eq!(events.disconnected().await, DisconnectReason::Closed);
}

#[tokio::test]
async fn what_came_by_a_websocket_arrives_though_nothing_can_be_written_any_more() {
    let (mut script, client, mut events) = start(Transports::WebSocketOnly).await;
    let mut socket = script.enter(&quiet()).await;
    events.connected().await;
    socket.say_all((0..MANY).map(number)).await;
    drop(socket);
    for number in 0..MANY {
        assert_eq!(events.event().await, json!(["number", number]));
        // The second of these finds that nobody listens.
        let _ = client.emit("shown", &args(&number)).await;
    }
    assert_eq!(events.disconnected().await, DisconnectReason::Closed);
}

#[tokio::test]
async fn a_network_where_websockets_open_and_then_stall_is_learned() {
    let (mut script, client, mut events) = start(NO_PROBE).await;
    let quick = handshake(200, 200);
    script
        .asked(For::WebSocket)
        .await
        .answer("403 Forbidden", "")
        .await;
    script.enter_by_polling(&quick).await;
    assert_eq!(events.connected_by().await, Transport::Polling);
    // A ping on polling says nothing about WebSockets.
    script.asked(For::Packets).await.packets(&["2"]).await;
    script.asked(For::Posting).await.answer("200 OK", "ok").await;
    client.reconnect_now();
    let mut socket = script.asked(For::WebSocket).await.upgrade().await;
    assert_eq!(socket.hear().await, "2probe");
    socket.say("3probe").await;
    script.asked(For::Packets).await.packets(&["6"]).await;
    assert_eq!(socket.hear().await, "5");
    assert!(matches!(events.next().await, Some(ClientEvent::Upgraded)));
    assert_eq!(events.disconnected().await, DisconnectReason::PingTimeout);
    assert_eq!(script.next().await.what, For::Packets);
}

#[tokio::test]
async fn a_websocket_that_cannot_take_over_holds_up_nothing_and_is_tried_again() {
    let (mut script, client, mut events) = start(NO_PROBE).await;
    script
        .asked(For::WebSocket)
        .await
        .answer("403 Forbidden", "")
        .await;
    script.enter_by_polling(&quiet()).await;
    events.connected().await;
    client.reconnect_now();
    let mut socket = script.asked(For::WebSocket).await.upgrade().await;
    assert_eq!(socket.hear().await, "2probe");
    // There is no room for all of them, so that nothing is read for now.
    let all: Vec<String> = (0..MANY).map(number).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let packets = script.asked(For::Packets).await.packets(&all).await;
    packets.until_let_go().await;
    socket.say("3probe").await;
    client.emit("shown", &args(&1)).await.unwrap();
    let posting = script.asked(For::Posting).await;
    assert_eq!(posting.body(), r#"42/desk,["shown",1]"#);
    posting.answer("200 OK", "ok").await;
    socket.say_goodbye().await;
    socket.until_gone().await;
    numbers(&mut events).await;
    script.asked(For::WebSocket).await;
}

#[tokio::test]
async fn an_ack_expires_though_the_receiver_takes_no_event() {
    let (mut script, client, mut events) = start(Transports::WebSocketOnly).await;
    let mut socket = script.enter(&quiet()).await;
    events.connected().await;
    socket.say_all((0..MANY).map(number)).await;
    let ack = client.emit_with_ack("echo", &args(&1), Duration::from_millis(200));
    let ack = tokio::time::timeout(PATIENCE, ack).await.expect("an end in time");
    assert!(matches!(ack, Err(AckError::TimedOut)), "{ack:?}");
    numbers(&mut events).await;
}

#[tokio::test]
async fn what_is_emitted_is_sent_though_the_receiver_takes_no_event() {
    let (mut script, client, mut events) = start(Transports::WebSocketOnly).await;
    let mut socket = script.enter(&quiet()).await;
    events.connected().await;
    socket.say_all((0..MANY).map(number)).await;
    for number in 0..3 {
        client.emit("shown", &args(&number)).await.unwrap();
        assert_eq!(socket.hear().await, format!(r#"42/desk,["shown",{number}]"#));
    }
    numbers(&mut events).await;
}

#[tokio::test]
async fn what_a_stuck_server_does_not_read_is_bounded_though_the_receiver_takes_no_event() {
    let (mut script, client, mut events) = start(Transports::WebSocketOnly).await;
    let mut socket = script.enter(&quiet()).await;
    events.connected().await;
    socket.say_all((0..MANY).map(number)).await;
    let large = args(&"x".repeat(500_000));
    let mut sent = 0;
    while client.emit("large", &large).await.is_ok() {
        sent += 1;
        // What the operating system takes, and 4 MiB.
        assert!(sent < 100);
    }
}

#[tokio::test]
async fn a_websocket_that_says_goodbye_is_over_though_its_connection_stays() {
    let (mut script, _client, mut events) = start(Transports::WebSocketOnly).await;
    let mut socket = script.enter(&quiet()).await;
    events.connected().await;
    socket.say(&number(0)).await;
    socket.say_goodbye().await;
    assert_eq!(events.event().await, json!(["number", 0]));
    assert_eq!(events.disconnected().await, DisconnectReason::Closed);
    script.enter(&quiet()).await;
    events.connected().await;
}

#[tokio::test]
async fn an_answer_in_mid_session_that_is_another_programs_says_so() {
    let page = DisconnectReason::NotSocketIo {
        status: 200,
        html: true,
    };
    for (status, headers, body, reason) in [
        ("200 OK", "content-type: text/html\r\n", "<p>Hello", page),
        // What Python's server says of a session that it does not know.
        (
            "400 Bad Request",
            "content-type: application/json\r\n",
            r#""Invalid session s""#,
            DisconnectReason::Closed,
        ),
    ] {
        let (mut script, _client, mut events) = start(Transports::PollingOnly).await;
        script.enter_by_polling(&quiet()).await;
        events.connected().await;
        script
            .asked(For::Packets)
            .await
            .answer_with(status, headers, body)
            .await;
        assert_eq!(events.disconnected().await, reason, "{status}");
    }
}

#[tokio::test]
async fn what_the_carrier_cannot_hold_is_not_sent() {
    for transports in [Transports::WebSocketOnly, Transports::PollingOnly] {
        let (mut script, client, mut events) = start(transports).await;
        let _socket = match transports {
            Transports::PollingOnly => {
                script.enter_by_polling(&quiet()).await;
                None
            }
            _ => Some(script.enter(&quiet()).await),
        };
        events.connected().await;
        let large = Args {
            attachments: vec![vec![0; 700_000].into(); 10],
            ..Args::none()
        };
        assert_eq!(client.emit("large", &large).await, Err(AckError::TooLarge));
        assert_eq!(client.emit("small", &args(&1)).await, Ok(()));
    }
}

#[tokio::test]
async fn a_session_that_is_given_up_sends_nothing_more_but_its_goodbye() {
    let (mut script, client, mut events) = start(Transports::PollingOnly).await;
    script.enter_by_polling(&quiet()).await;
    events.connected().await;
    client.emit("first", &args(&1)).await.unwrap();
    let first = script.asked(For::Posting).await;
    client.emit("late", &args(&1)).await.unwrap();
    script.asked(For::Packets).await.packets(&["41/desk,"]).await;
    assert_eq!(events.disconnected().await, DisconnectReason::ServerDisconnect);
    first.answer("200 OK", "ok").await;
    assert_eq!(script.asked(For::Posting).await.body(), "1");
}

#[tokio::test]
async fn an_attempt_ends_with_its_receiver() {
    let (mut script, _client, events) = start(Transports::WebSocketOnly).await;
    let asked = script.asked(For::WebSocket).await;
    drop(events);
    asked.until_let_go().await;
}
