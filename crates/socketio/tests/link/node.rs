//! Node's socket.io and socket.io-client 4.8.4.

use deskbell_socketio::server::Frame;
use serde_json::{Value, json};

use crate::dialogue::{Carriage, our_client_is_served};
use crate::peer::Peer;
use crate::reception::{config, quick_pings, start, start_at};

async fn served_by_node(carriage: Carriage) {
    our_client_is_served(Peer::node("server.js", &[]).await, carriage).await;
}

#[tokio::test]
async fn our_client_is_served_by_nodes_server_on_a_websocket() {
    served_by_node(Carriage::WebSocket).await;
}

#[tokio::test]
async fn our_client_is_served_by_nodes_server_on_polling() {
    served_by_node(Carriage::Polling).await;
}

#[tokio::test]
async fn our_client_goes_over_to_a_websocket_of_nodes_server() {
    served_by_node(Carriage::Upgrade).await;
}

#[tokio::test]
async fn nodes_client_is_served_by_our_server() {
    let running = start(quick_pings(), 20).await;
    let (address, url) = (running.address, running.url());

    let mut refused = Peer::node("client.js", &[&url, "", "websocket"]).await;
    assert_eq!(
        refused.says().await,
        json!(["connect_error", "Not admitted", { "code": "invalid_token" }])
    );

    let mut node = Peer::node("client.js", &[&url, "seoul", "websocket"]).await;
    assert_eq!(node.says().await, json!(["connect", "websocket"]));
    for number in 0..20 {
        assert_eq!(node.says().await, json!(["event", "number", number]));
    }
    node.tell(&json!(["echo", { "이름": "김크리스" }, 2, null])).await;
    assert_eq!(node.says().await, json!(["ack", { "이름": "김크리스" }, 2, null]));

    let reception = running.reception();
    let socket = reception.wait_for(1).await.remove(0);
    reception
        .room("busan")
        .broadcast(&Frame::event("/desk", "other", &1).unwrap());
    reception
        .room("seoul")
        .broadcast(&Frame::event("/desk", "own", &json!({ "name": "김" })).unwrap());
    assert_eq!(node.says().await, json!(["event", "own", { "name": "김" }]));

    running.stop().await;
    assert!(socket.is_gone());
    assert_eq!(node.says().await, json!(["event", "shutdown", 1]));
    assert_eq!(node.says().await, json!(["disconnect", "transport close"]));
    let running = start_at(address, config(), 0).await;
    loop {
        match node.says().await {
            connected if connected == json!(["connect", "websocket"]) => break,
            other => assert_eq!(other[0], "connect_error"),
        }
    }
    let socket = running.reception().wait_for(1).await.remove(0);
    socket.disconnect();
    assert_eq!(node.says().await, json!(["disconnect", "io server disconnect"]));
    running.reception().wait_for(0).await;
}

#[tokio::test]
async fn nodes_client_is_served_where_only_polling_passes() {
    let running = start(quick_pings(), 20).await;
    let url = running.url();
    let mut refused = Peer::node("client.js", &[&url, "", "polling"]).await;
    assert_eq!(
        refused.says().await,
        json!(["connect_error", "Not admitted", { "code": "invalid_token" }])
    );

    let mut node = Peer::node("client.js", &[&url, "seoul", "polling"]).await;
    assert_eq!(node.says().await, json!(["connect", "polling"]));
    for number in 0..20 {
        assert_eq!(node.says().await, json!(["event", "number", number]));
    }
    for number in 0..100 {
        node.tell(&json!(["echo", "김크리스", number])).await;
    }
    for number in 0..100 {
        assert_eq!(node.says().await, json!(["ack", "김크리스", number]));
    }

    let reception = running.reception();
    let socket = reception.wait_for(1).await.remove(0);
    for number in 0..10 {
        reception
            .room("seoul")
            .broadcast(&Frame::event("/desk", "own", &number).unwrap());
        assert_eq!(node.says().await, json!(["event", "own", number]));
    }
    socket.disconnect();
    assert_eq!(node.says().await, json!(["disconnect", "io server disconnect"]));
    reception.wait_for(0).await;

    let mut node = Peer::node("client.js", &[&url, "seoul", "polling"]).await;
    assert_eq!(node.says().await, json!(["connect", "polling"]));
    for number in 0..20 {
        assert_eq!(node.says().await, json!(["event", "number", number]));
    }
    reception.wait_for(1).await;
    running.stop().await;
    assert_eq!(node.says().await, json!(["event", "shutdown", 1]));
    assert_eq!(node.says().await, json!(["disconnect", "transport close"]));
}

#[tokio::test]
async fn nodes_client_goes_over_to_a_websocket_and_misses_nothing() {
    let running = start(quick_pings(), 500).await;
    let url = running.url();
    let mut node = Peer::node("client.js", &[&url, "seoul", "polling", "websocket"]).await;
    for number in 0..100 {
        node.tell(&json!(["echo", number])).await;
    }
    let (mut events, mut acks, mut others) = (0, 0, Vec::new());
    while events < 500 || acks < 100 || others.len() < 2 {
        let said = node.says().await;
        match said[0].as_str().unwrap() {
            "event" => {
                assert_eq!(said, json!(["event", "number", events]));
                events += 1;
            }
            "ack" => {
                assert_eq!(said, json!(["ack", acks]));
                acks += 1;
            }
            _ => others.push(said[0].clone()),
        }
    }
    // It connects on the one or the other.
    others.sort_by_key(Value::to_string);
    assert_eq!(others, ["connect", "upgrade"]);
    running.reception().wait_for(1).await;
    running
        .reception()
        .room("seoul")
        .broadcast(&Frame::event("/desk", "own", &1).unwrap());
    assert_eq!(node.says().await, json!(["event", "own", 1]));
    running.stop().await;
    assert_eq!(node.says().await, json!(["event", "shutdown", 1]));
    assert_eq!(node.says().await, json!(["disconnect", "transport close"]));
}
