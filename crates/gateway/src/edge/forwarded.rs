use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use ipnet::IpNet;

/// Where a request comes from: the client's address, as far as it is known for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) IpAddr);

/// How the client speaks to the gateway, or to the proxy before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// Networks of proxies that are believed when they say for whom they ask.
///
/// They have to set `X-Forwarded-For`, or add to it; the rightmost address in it that is no trusted proxy is the client.
/// A network with clients in it must not be named: what they write of themselves would be believed.
/// `Forwarded` (RFC 7239) is not read: a proxy that writes the one hands the other through as the client invented it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// A text that names no network.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{0}` is neither an address nor a network such as 10.0.0.0/8")]
pub struct ProxyError(String);

impl FromStr for TrustedProxies {
    type Err = ProxyError;

    /// Reads networks (CIDR) or single addresses, with commas between them.
    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let network = |text: &str| {
            let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| ProxyError(text.to_owned()))
        };
        let named = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        named.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl TrustedProxies {
    /// Whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who sent a request that came from `peer`.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut known = peer;
        for hop in hops(headers, "x-forwarded-for") {
            if !self.contains(known) {
                break;
            }
            // What cannot be read may be anybody: the proxy that let it through is as far as is known.
            let Some(address) = address(hop) else { break };
            known = address;
        }
        known
    }

    /// How that client speaks, if a proxy says so that is trusted.
    pub(super) fn scheme(&self, peer: IpAddr, headers: &HeaderMap) -> Option<Scheme> {
        let said = hops(headers, "x-forwarded-proto").next();
        let said = said.filter(|_| self.contains(peer))?;
        let encrypted = ["https", "wss"].iter().any(|s| said.eq_ignore_ascii_case(s));
        Some(if encrypted { Scheme::Https } else { Scheme::Http })
    }
}

/// What the proxies wrote, the nearest first. Nothing is left out: an empty or unreadable entry is one too.
fn hops<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    let lines = lines.into_iter().rev();
    lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',').map(str::trim))
}

/// An address as proxies write it: some put the port behind it.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare
        .parse()
        .or_else(|_| hop.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let client = parts.extensions.get().copied();
        client.ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl<S: Sync> FromRequestParts<S> for Scheme {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::Http))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn headers(name: &'static str, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn the_client_is_the_rightmost_address_that_is_no_trusted_proxy() {
        let trusted: TrustedProxies = "10.0.0.0/8, 2001:db8:1::/48,192.0.2.1".parse().unwrap();
        for (peer, lines, client) in [
            ("10.0.0.1", &[][..], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            ("192.0.2.1", &["203.0.113.7:51000"], "203.0.113.7"),
            // What the client wrote itself is left of what the proxy added.
            ("10.0.0.1", &["127.0.0.1, 203.0.113.7"], "203.0.113.7"),
            (
                "10.0.0.1",
                &["198.51.100.1", "203.0.113.7, 10.0.0.2"],
                "203.0.113.7",
            ),
            (
                "2001:db8:1::9",
                &["2001:db8:2::1, [2001:db8:1::8]:443"],
                "2001:db8:2::1",
            ),
            ("10.0.0.1", &["[2001:db8:2::1]"], "2001:db8:2::1"),
            ("10.0.0.1", &["::ffff:203.0.113.7"], "203.0.113.7"),
            // All are proxies: the farthest.
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // Beyond what cannot be read, nothing is believed.
            ("10.0.0.1", &["203.0.113.7, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["203.0.113.7,"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7", "병원"], "10.0.0.1"),
        ] {
            let headers = headers("x-forwarded-for", lines);
            assert_eq!(trusted.client(ip(peer), &headers), ip(client), "{lines:?}");
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let trusted: TrustedProxies = "10.0.0.0/8".parse().unwrap();
        let for_another = headers("x-forwarded-for", &["203.0.113.7"]);
        let encrypted = headers("x-forwarded-proto", &["https"]);
        for trusted in [trusted, TrustedProxies::default()] {
            let stranger = ip("198.51.100.1");
            assert_eq!(trusted.client(stranger, &for_another), stranger);
            assert_eq!(trusted.scheme(stranger, &encrypted), None);
        }
    }

    #[test]
    fn a_proxy_says_whether_its_client_spoke_tls() {
        let trusted: TrustedProxies = "10.0.0.0/8".parse().unwrap();
        let said = |lines: &[&str]| trusted.scheme(ip("10.0.0.1"), &headers("x-forwarded-proto", lines));
        assert_eq!(said(&["https"]), Some(Scheme::Https));
        assert_eq!(said(&["WSS"]), Some(Scheme::Https));
        assert_eq!(said(&["https, http"]), Some(Scheme::Http));
        assert_eq!(said(&[]), None);
    }

    #[test]
    fn a_text_that_is_no_network_is_named() {
        for text in ["10.0.0.0/33", "proxy.hospital.example", "10.0.0.1 10.0.0.2"] {
            let error = format!("10.0.0.0/8,{text}")
                .parse::<TrustedProxies>()
                .unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
        assert_eq!("".parse::<TrustedProxies>().unwrap(), TrustedProxies::default());
    }
}
