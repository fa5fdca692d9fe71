use std::net::IpAddr;

use url::{Host, Url};

/// Why a text is no gateway's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    /// It names no machine.
    #[error("not an address")]
    NotAnAddress,
    /// `http://` to another machine.
    #[error("http:// is only for this machine")]
    PlainHttp,
}

/// Whom `http://` may be spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PlainHttp {
    /// Programs on this machine.
    #[default]
    Here,
    /// Any machine: only an administrator can say so.
    Anywhere,
}

/// Reads a gateway's address as people type it: the scheme may be missing. Path, query and credentials are none of it.
pub(crate) fn read(text: &str) -> Result<Url, AddressError> {
    read_where(text, PlainHttp::Here)
}

/// The same, where `plain` holds.
pub(crate) fn read_where(text: &str, plain: PlainHttp) -> Result<Url, AddressError> {
    let text = text.trim();
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        // Only this machine is spoken to in plain: guess https and see whether the host is this machine.
        Url::parse(&format!("https://{text}")).and_then(|url| {
            if is_loopback(&url) {
                Url::parse(&format!("http://{text}"))
            } else {
                Ok(url)
            }
        })
    };
    let mut url = url.map_err(|_| AddressError::NotAnAddress)?;
    if !url.has_host() || !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::NotAnAddress);
    }
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    match url.scheme() {
        "https" => Ok(url),
        "http" if plain == PlainHttp::Anywhere || is_loopback(&url) => Ok(url),
        "http" => Err(AddressError::PlainHttp),
        _ => Err(AddressError::NotAnAddress),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_type_them() {
        for (typed, read_as) in [
            ("https://deskbell.example.kr", "https://deskbell.example.kr/"),
            (" deskbell.example.kr ", "https://deskbell.example.kr/"),
            ("deskbell.example.kr:8443", "https://deskbell.example.kr:8443/"),
            ("https://a.example/book/x?y#z", "https://a.example/"),
            ("http://127.0.0.1:8787", "http://127.0.0.1:8787/"),
            ("localhost:8787", "http://localhost:8787/"),
            ("127.0.0.1:8787", "http://127.0.0.1:8787/"),
            ("http://[::1]:8787", "http://[::1]:8787/"),
        ] {
            assert_eq!(read(typed).as_ref().map(Url::as_str), Ok(read_as), "{typed}");
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for typed in [
            "http://a.example",
            "http://192.168.0.5:8787",
            "http://localhost.example",
        ] {
            assert_eq!(read(typed), Err(AddressError::PlainHttp), "{typed}");
            assert!(read_where(typed, PlainHttp::Anywhere).is_ok(), "{typed}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in [
            "",
            "   ",
            "https://",
            "ftp://a.example",
            "file:///etc",
            "https://user:pw@a.example",
            "a b",
        ] {
            assert_eq!(read(typed), Err(AddressError::NotAnAddress), "{typed}");
        }
    }
}
