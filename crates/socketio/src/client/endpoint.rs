use std::time::Duration;

use reqwest::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use url::Url;

use super::{ClientConfig, Transport};
use crate::packet::engine::PROTOCOL;

/// The largest `Cookie` header sent back to a server.
const MAX_COOKIES: usize = 4 * 1024;

/// Where an Engine.IO server is asked, and how.
#[derive(Clone)]
pub(super) struct Endpoint {
    http: reqwest::Client,
    url: Url,
    session: Option<Session>,
}

/// An Engine.IO session that has begun.
#[derive(Clone)]
struct Session {
    sid: String,
    /// What a load balancer knows the session's server by.
    cookies: Option<HeaderValue>,
}

impl Endpoint {
    /// For sessions that are to begin.
    pub(super) fn new(config: &ClientConfig) -> Self {
        Self {
            http: config.http.clone(),
            url: config.url.clone(),
            session: None,
        }
    }

    /// For the session `sid`, which began with an answer that had these headers.
    pub(super) fn of_session(&self, sid: &str, headers: &HeaderMap) -> Self {
        let session = Session {
            sid: sid.to_owned(),
            cookies: cookies(headers),
        };
        Self {
            session: Some(session),
            ..self.clone()
        }
    }

    /// A request, which may take `timeout` in all, and its address.
    pub(super) fn request(
        &self,
        method: Method,
        transport: Transport,
        timeout: Duration,
    ) -> (RequestBuilder, Url) {
        let url = self.address(transport);
        let mut request = self.http.request(method, url.clone()).timeout(timeout);
        if let Some(cookies) = self.session.as_ref().and_then(|session| session.cookies.clone()) {
            request = request.header(COOKIE, cookies);
        }
        (request, url)
    }

    fn address(&self, transport: Transport) -> Url {
        let mut url = self.url.clone();
        let path = format!("{}/socket.io/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        let transport = match transport {
            Transport::WebSocket => "websocket",
            Transport::Polling => "polling",
        };
        url.query_pairs_mut()
            .append_pair("EIO", PROTOCOL)
            .append_pair("transport", transport)
            .extend_pairs(self.session.iter().map(|session| ("sid", &session.sid)));
        url
    }
}

/// The cookies that `headers` set, as they are sent back for as long as the session lives. Their further terms are for
/// longer than that.
fn cookies(headers: &HeaderMap) -> Option<HeaderValue> {
    let set = headers
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookie.to_str().ok());
    let pairs: Vec<&str> = set
        .filter_map(|cookie| cookie.split(';').next())
        .map(str::trim)
        .collect();
    let cookies = pairs.join("; ");
    let mut value = HeaderValue::try_from(&cookies).ok()?;
    value.set_sensitive(true);
    (1..=MAX_COOKIES).contains(&cookies.len()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(base: &str) -> Endpoint {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Endpoint {
            http: reqwest::Client::new(),
            url: base.parse().unwrap(),
            session: None,
        }
    }

    #[test]
    fn the_endpoint_lies_under_the_base() {
        for (base, expected) in [
            (
                "http://localhost:8787",
                "http://localhost:8787/socket.io/?EIO=4&transport=websocket",
            ),
            (
                "https://a.example/bell/",
                "https://a.example/bell/socket.io/?EIO=4&transport=websocket",
            ),
            (
                "https://a.example/bell?site=1",
                "https://a.example/bell/socket.io/?site=1&EIO=4&transport=websocket",
            ),
        ] {
            assert_eq!(endpoint(base).address(Transport::WebSocket).as_str(), expected);
        }
    }

    #[test]
    fn a_session_is_named_and_its_cookies_come_back() {
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_static("node=a=b; Path=/; HttpOnly"));
        headers.append(SET_COOKIE, HeaderValue::from_static("io=x"));
        let endpoint = endpoint("http://a.example").of_session("s&1", &headers);
        let (request, _) = endpoint.request(Method::GET, Transport::Polling, Duration::from_secs(1));
        let request = request.build().unwrap();
        assert_eq!(
            request.url().as_str(),
            "http://a.example/socket.io/?EIO=4&transport=polling&sid=s%261"
        );
        assert_eq!(request.headers()[COOKIE], "node=a=b; io=x");
    }

    #[test]
    fn no_cookie_is_made_up_or_let_grow() {
        let mut headers = HeaderMap::new();
        assert_eq!(cookies(&headers), None);
        let large = format!("a={}", "x".repeat(MAX_COOKIES));
        headers.append(SET_COOKIE, HeaderValue::try_from(large).unwrap());
        assert_eq!(cookies(&headers), None);
    }
}
