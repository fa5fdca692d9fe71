use deskbell_socketio::client::{ClientConfig, DisconnectReason, ProxyFault, Transport, Transports};
use serde_json::json;

use crate::proxies::{INSIDE, Proxy};
use crate::reception::{Running, config, start};
use crate::tls::{Authority, terminate};
use crate::{PATIENCE, args, client_of, http_builder, link, values};

const BOTH: [(Transports, Transport); 2] = [
    (Transports::WebSocketOnly, Transport::WebSocket),
    (Transports::PollingOnly, Transport::Polling),
];

/// A server behind TLS with a certificate of the hospital's own authority, which knows it by [`INSIDE`].
async fn secure() -> (Running, std::net::SocketAddr, Authority) {
    let running = start(config(), 3).await;
    let authority = Authority::new();
    let address = terminate(authority.acceptor_for(INSIDE), running.address).await;
    (running, address, authority)
}

/// A link to `url` through `proxy` is made, and carries both ways, by both transports.
async fn carries(url: &str, proxy: &str, authority: &Authority) {
    for (transports, transport) in BOTH {
        let http = http_builder()
            .proxy(reqwest::Proxy::all(proxy).unwrap())
            .tls_certs_merge([authority.certificate()])
            .build()
            .unwrap();
        let config = ClientConfig {
            http,
            transports,
            ..link(url)
        };
        let (client, mut events) = client_of(config, json!({ "token": "seoul" }));
        assert_eq!(events.connected_by().await, transport, "{url} by {proxy}");
        for number in 0..3 {
            assert_eq!(events.event().await, json!(["number", number]));
        }
        let echo = client.emit_with_ack("echo", &args(&"안녕"), PATIENCE).await;
        assert_eq!(values(&echo.unwrap()), [json!("안녕")]);
    }
}

#[tokio::test]
async fn a_secure_link_passes_a_proxy_that_connects() {
    let (_running, server, authority) = secure().await;
    let proxy = Proxy::http(server, None).await;
    let url = format!("https://{INSIDE}");
    carries(&url, &format!("http://{}", proxy.address), &authority).await;
    assert!(proxy.carried() > 1);
}

#[tokio::test]
async fn a_secure_link_passes_a_proxy_that_wants_a_password() {
    let (_running, server, authority) = secure().await;
    let proxy = Proxy::http(server, Some("Basic YmVsbDpz")).await;
    let url = format!("https://{INSIDE}");
    carries(&url, &format!("http://bell:s@{}", proxy.address), &authority).await;

    let wrong = reqwest::Proxy::all(format!("http://bell:wrong@{}", proxy.address)).unwrap();
    let config = ClientConfig {
        http: http_builder().proxy(wrong).build().unwrap(),
        ..link(&url)
    };
    let (_client, mut events) = client_of(config, json!({ "token": "seoul" }));
    let reason = events.disconnected().await;
    let wants_password = matches!(
        reason,
        DisconnectReason::Proxy {
            fault: ProxyFault::WantsLogin,
            ..
        }
    );
    assert!(wants_password, "{reason:?}");
}

#[tokio::test]
async fn a_proxy_may_itself_be_reached_by_tls() {
    let (_running, server, authority) = secure().await;
    let proxy = Proxy::http(server, None).await;
    let proxy = authority.before(proxy.address).await;
    let url = format!("https://{INSIDE}");
    carries(&url, &format!("https://localhost:{}", proxy.port()), &authority).await;
}

#[tokio::test]
async fn a_link_passes_a_socks_proxy() {
    let (running, server, authority) = secure().await;
    let proxy = Proxy::socks(server).await;
    let url = format!("https://{INSIDE}");
    carries(&url, &format!("socks5h://{}", proxy.address), &authority).await;
    assert!(proxy.carried() > 1);

    let proxy = Proxy::socks(running.address).await;
    let url = format!("http://{INSIDE}");
    carries(&url, &format!("socks5h://{}", proxy.address), &authority).await;
}

#[tokio::test]
async fn a_websocket_passes_a_proxy_that_forwards() {
    let running = start(config(), 0).await;
    let proxy = Proxy::http(running.address, None).await;
    let through = reqwest::Proxy::all(format!("http://{}", proxy.address)).unwrap();
    let config = ClientConfig {
        http: http_builder().proxy(through).build().unwrap(),
        transports: Transports::WebSocketOnly,
        ..link(&format!("http://{INSIDE}"))
    };
    let (client, mut events) = client_of(config, json!({ "token": "seoul" }));
    events.connected().await;
    let echo = client.emit_with_ack("echo", &args(&1), PATIENCE).await;
    assert_eq!(values(&echo.unwrap()), [json!(1)]);
    assert_eq!(proxy.carried(), 1);
}

#[tokio::test]
async fn a_certificate_behind_a_proxy_is_looked_at_as_any_other() {
    let (_running, server, _) = secure().await;
    let proxy = Proxy::http(server, None).await;
    let through = reqwest::Proxy::all(format!("http://{}", proxy.address)).unwrap();
    let config = ClientConfig {
        http: http_builder().proxy(through).build().unwrap(),
        ..link(&format!("https://{INSIDE}"))
    };
    let (_client, mut events) = client_of(config, json!({ "token": "seoul" }));
    let unknown = DisconnectReason::Certificate(deskbell_socketio::client::CertificateFault::UnknownIssuer);
    assert_eq!(events.disconnected().await, unknown);
}
