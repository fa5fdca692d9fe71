use std::net::SocketAddr;
use std::time::Duration;

use deskbell_socketio::Backoff;
use deskbell_socketio::client::{CertificateFault, ClientConfig, DisconnectReason, ProxyFault};
use rcgen::{BasicConstraints, CertificateParams, IsCa, date_time_ymd};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::proxies::{INSIDE, Proxy};
use crate::tls::{Authority, acceptor, terminate};
use crate::{client_of, http, http_builder, link};

/// Why the first attempt fails.
async fn reason(config: ClientConfig) -> DisconnectReason {
    let (_client, mut events) = client_of(config, Value::Null);
    events.disconnected().await
}

/// A server that reads something, gives `answer` to whatever is asked, and hangs up.
async fn answering(answer: &str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = answer.to_owned();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            // A client that gives up early is as good.
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

fn answer(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Why an attempt fails at an `http` server that gives `answer`.
async fn reason_of(answer: &str) -> DisconnectReason {
    reason(link(&format!("http://{}", answering(answer).await))).await
}

/// Why an attempt fails at a server whose certificate has `params`, when its issuer is trusted.
async fn reason_of_certificate(params: CertificateParams) -> DisconnectReason {
    let authority = Authority::new();
    let address = terminate(authority.acceptor(&params), answering("").await).await;
    let http = http_builder()
        .tls_certs_only([authority.certificate()])
        .build()
        .unwrap();
    reason(ClientConfig {
        http,
        ..link(&format!("https://localhost:{}", address.port()))
    })
    .await
}

fn for_localhost() -> CertificateParams {
    CertificateParams::new(vec!["localhost".to_owned()]).unwrap()
}

#[tokio::test]
async fn a_name_that_nobody_knows() {
    let reason = reason(link("http://no-such-host.invalid")).await;
    assert_eq!(reason, DisconnectReason::NameNotFound);
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let reason = reason(link(&format!("http://{address}"))).await;
    let DisconnectReason::Unreachable { detail } = reason else {
        panic!("{reason:?}");
    };
    assert!(!detail.contains(&address.to_string()), "{detail}");
}

#[tokio::test]
async fn a_server_that_hangs_up_without_an_answer() {
    let reason = reason_of("").await;
    assert!(
        matches!(reason, DisconnectReason::Unreachable { .. }),
        "{reason:?}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = ClientConfig {
        connect_timeout: Duration::from_millis(200),
        ..link(&format!("http://{}", listener.local_addr().unwrap()))
    };
    assert_eq!(reason(config).await, DisconnectReason::ConnectTimeout);
}

#[tokio::test]
async fn a_certificate_that_has_expired() {
    let mut params = for_localhost();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let expired = DisconnectReason::Certificate(CertificateFault::Expired);
    assert_eq!(reason_of_certificate(params).await, expired);
}

#[tokio::test]
async fn a_certificate_of_the_future() {
    let mut params = for_localhost();
    params.not_before = date_time_ymd(2900, 1, 1);
    params.not_after = date_time_ymd(2901, 1, 1);
    let early = DisconnectReason::Certificate(CertificateFault::NotYetValid);
    assert_eq!(reason_of_certificate(params).await, early);
}

#[tokio::test]
async fn a_certificate_of_another_host() {
    let params = CertificateParams::new(vec!["bell.example".to_owned()]).unwrap();
    let wrong = DisconnectReason::Certificate(CertificateFault::WrongHost);
    assert_eq!(reason_of_certificate(params).await, wrong);
}

#[tokio::test]
async fn a_certificate_of_an_issuer_whom_nobody_trusts() {
    let unknown = DisconnectReason::Certificate(CertificateFault::UnknownIssuer);
    let address = Authority::new().before(answering("").await).await;
    let other = http_builder().tls_certs_only([Authority::new().certificate()]);
    // By an authority of the same name, and by the platform's trust store.
    for http in [other.build().unwrap(), http()] {
        let config = ClientConfig {
            http,
            ..link(&format!("https://localhost:{}", address.port()))
        };
        assert_eq!(reason(config).await, unknown);
    }
}

#[tokio::test]
async fn a_certificate_that_signed_itself() {
    let mut params = for_localhost();
    for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        params.is_ca = is_ca;
        let address = terminate(acceptor(&params, None), answering("").await).await;
        let unknown = DisconnectReason::Certificate(CertificateFault::UnknownIssuer);
        assert_eq!(
            reason(link(&format!("https://localhost:{}", address.port()))).await,
            unknown
        );
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_tls() {
    for spoken in ["SSH-2.0-OpenSSH\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", ""] {
        let address = answering(spoken).await;
        let reason = reason(link(&format!("https://localhost:{}", address.port()))).await;
        assert!(
            matches!(reason, DisconnectReason::Tls { .. }),
            "{spoken:?}: {reason:?}"
        );
    }
}

#[tokio::test]
async fn a_network_that_wants_a_login() {
    for head in [
        "302 Found\r\nlocation: http://login.example/?to=bell",
        "307 Temporary Redirect\r\nlocation: //192.0.2.1/",
        "511 Network Authentication Required",
    ] {
        let reason = reason_of(&answer(head, "<p>Welcome")).await;
        assert_eq!(reason, DisconnectReason::LoginPage, "{head}");
    }
}

#[tokio::test]
async fn a_login_page_is_seen_by_a_client_that_follows_redirects_too() {
    let portal = answering(&answer("200 OK\r\ncontent-type: text/html", "<p>Welcome")).await;
    let head = format!("302 Found\r\nlocation: http://localhost:{}/", portal.port());
    let config = ClientConfig {
        http: http_builder()
            .redirect(reqwest::redirect::Policy::limited(3))
            .build()
            .unwrap(),
        ..link(&format!("http://{}", answering(&answer(&head, "")).await))
    };
    assert_eq!(reason(config).await, DisconnectReason::LoginPage);
}

#[tokio::test]
async fn another_program_than_a_socket_io_server() {
    for (head, body, status, html) in [
        (
            "200 OK\r\ncontent-type: text/HTML; charset=utf-8",
            "hello",
            200,
            true,
        ),
        ("403 Forbidden", "\n<!doctype html><p>Blocked", 403, true),
        (
            "404 Not Found\r\ncontent-type: application/json",
            r#"{"code":"none"}"#,
            404,
            false,
        ),
        ("200 OK", r#"{"code":1,"message":"well"}"#, 200, false),
        ("301 Moved Permanently\r\nlocation: /elsewhere", "", 301, false),
        ("204 No Content", "", 204, false),
    ] {
        let expected = DisconnectReason::NotSocketIo { status, html };
        assert_eq!(reason_of(&answer(head, body)).await, expected, "{head}");
    }
}

#[tokio::test]
async fn a_server_that_has_no_time() {
    for (head, status) in [
        ("503 Service Unavailable", 503),
        ("429 Too Many Requests", 429),
        ("502 Bad Gateway\r\ncontent-type: text/html", 502),
    ] {
        let reason = reason_of(&answer(head, "<p>sorry")).await;
        assert_eq!(reason, DisconnectReason::Busy { status }, "{head}");
    }
}

#[tokio::test]
async fn who_asks_for_fewer_requests_is_not_asked_again_by_polling() {
    for (head, requests) in [("429 Too Many Requests", 1), ("503 Service Unavailable", 2)] {
        let server = answering(&answer(head, "")).await;
        let proxy = Proxy::http(server, None).await;
        let config = ClientConfig {
            http: http_proxied(&format!("http://{}", proxy.address)),
            backoff: Backoff {
                base: Duration::from_secs(360_000),
                cap: Duration::from_secs(360_000),
            },
            ..link(&format!("http://{INSIDE}"))
        };
        let (_client, mut events) = client_of(config, Value::Null);
        events.disconnected().await;
        assert_eq!(proxy.carried(), requests, "{head}");
    }
}

#[tokio::test]
async fn a_server_that_rejects_the_connection() {
    let body = r#"{"code":5,"message":"Unsupported protocol version"}"#;
    let rejected = DisconnectReason::Rejected {
        code: 5,
        message: "Unsupported protocol version".to_owned().into(),
    };
    assert_eq!(reason_of(&answer("400 Bad Request", body)).await, rejected);
}

#[tokio::test]
async fn a_server_that_quotes_what_it_was_asked_is_not_quoted_in_a_log() {
    let body = r#"{"code":4,"message":"SECRET\nINFO forged"}"#;
    let reason = reason_of(&answer("403 Forbidden", body)).await;
    for shown in [format!("{reason}"), format!("{reason:?}")] {
        assert!(shown.contains('4') && !shown.contains("SECRET"), "{shown}");
    }
    assert!(
        matches!(reason, DisconnectReason::Rejected { message, .. } if message.as_str() == "SECRETINFO forged")
    );
}

#[tokio::test]
async fn a_proxy_that_wants_a_password() {
    let proxy = answering(&answer("407 Proxy Authentication Required", "")).await;
    for server in ["http://bell.example", "https://bell.example"] {
        let http = http_proxied(&format!("http://{proxy}"));
        let reason = reason(ClientConfig { http, ..link(server) }).await;
        assert_eq!(proxy_fault(&reason), ProxyFault::WantsLogin, "{server}");
    }
}

#[tokio::test]
async fn a_proxy_that_will_not_connect() {
    for (scheme, said, fault) in [
        ("http", "HTTP/1.1 403 Forbidden\r\n\r\n", ProxyFault::Refuses),
        ("http", "HTTP/1.1 502 Bad Gateway\r\n\r\n", ProxyFault::Refuses),
        ("http", "", ProxyFault::Away),
        (
            "socks5h",
            "\x05\x00\x05\x05\x00\x01\0\0\0\0\0\0",
            ProxyFault::Refuses,
        ),
        ("socks5h", "", ProxyFault::Away),
    ] {
        let http = http_proxied(&format!("{scheme}://{}", answering(said).await));
        let reason = reason(ClientConfig {
            http,
            ..link("https://bell.example")
        })
        .await;
        assert_eq!(proxy_fault(&reason), fault, "{scheme} {said:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_cannot_be_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for proxy in [
        format!("http://{address}"),
        format!("socks5h://{address}"),
        "http://no-such-host.invalid:3128".to_owned(),
    ] {
        let reason = reason(ClientConfig {
            http: http_proxied(&proxy),
            ..link("https://bell.example")
        })
        .await;
        assert_eq!(proxy_fault(&reason), ProxyFault::Away, "{proxy}");
    }
}

fn proxy_fault(reason: &DisconnectReason) -> ProxyFault {
    match reason {
        DisconnectReason::Proxy { fault, .. } => *fault,
        other => panic!("{other:?}"),
    }
}

fn http_proxied(proxy: &str) -> reqwest::Client {
    let proxy = reqwest::Proxy::all(proxy).unwrap();
    http_builder().proxy(proxy).build().unwrap()
}
