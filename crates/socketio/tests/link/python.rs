//! python-socketio 5.18.1, as server and as client.

use crate::dialogue::{Carriage, our_client_is_served, their_client_is_served};
use crate::peer::Peer;

async fn served_by_python(carriage: Carriage) {
    our_client_is_served(Peer::python("server.py", &[]).await, carriage).await;
}

async fn python_is_served(transports: &[&str], carriage: Carriage) {
    let start = async |url: &str, token: &str| {
        let arguments = [&[url, token], transports].concat();
        Peer::python("client.py", &arguments).await
    };
    their_client_is_served(start, carriage).await;
}

#[tokio::test]
async fn our_client_is_served_by_pythons_server_on_a_websocket() {
    served_by_python(Carriage::WebSocket).await;
}

#[tokio::test]
async fn our_client_is_served_by_pythons_server_on_polling() {
    served_by_python(Carriage::Polling).await;
}

#[tokio::test]
async fn our_client_goes_over_to_a_websocket_of_pythons_server() {
    served_by_python(Carriage::Upgrade).await;
}

#[tokio::test]
async fn pythons_client_is_served_on_a_websocket() {
    python_is_served(&["websocket"], Carriage::WebSocket).await;
}

#[tokio::test]
async fn pythons_client_is_served_on_polling() {
    python_is_served(&["polling"], Carriage::Polling).await;
}

#[tokio::test]
async fn pythons_client_goes_over_to_a_websocket() {
    python_is_served(&["polling", "websocket"], Carriage::Upgrade).await;
}
