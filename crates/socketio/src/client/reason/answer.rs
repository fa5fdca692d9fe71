use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use url::Url;

use super::{DisconnectReason, ProxyFault, ServerWords};

/// As much of an unwanted answer is looked at.
const LOOKED_AT: usize = 4 * 1024;

/// What an Engine.IO server says to a request it does not take.
#[derive(Deserialize)]
struct Rejection {
    code: u64,
    message: ServerWords,
}

/// Why an answer to a request for `asked` is of no use. Reads the beginning of its body.
pub(crate) async fn of_answer(mut response: Response, asked: &Url) -> DisconnectReason {
    let head = Head::of(&response, asked);
    let mut body = Vec::new();
    // What cannot be read any more is not missed.
    while body.len() < LOOKED_AT
        && head.status != StatusCode::SWITCHING_PROTOCOLS
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    head.reason(&body)
}

/// What an answer shows before its body.
pub(crate) struct Head {
    status: StatusCode,
    login: bool,
    html: bool,
}

impl Head {
    /// Of an answer to a request for `asked`.
    pub(crate) fn of(response: &Response, asked: &Url) -> Self {
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.map(|value| value.as_bytes().to_ascii_lowercase());
        Self {
            status: response.status(),
            login: is_login(response, asked),
            html: content_type.is_some_and(|value| value.windows(4).any(|part| part == b"html")),
        }
    }

    /// Why an answer that continues with `body` is of no use.
    pub(crate) fn reason(&self, body: &[u8]) -> DisconnectReason {
        let status = self.status.as_u16();
        if self.login {
            return DisconnectReason::LoginPage;
        }
        if self.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return DisconnectReason::Proxy {
                fault: ProxyFault::WantsLogin,
                detail: "the proxy wants a name and password".to_owned(),
            };
        }
        if self.status == StatusCode::TOO_MANY_REQUESTS || self.status.is_server_error() {
            return DisconnectReason::Busy { status };
        }
        match serde_json::from_slice(body) {
            Ok(Rejection { code, message }) if self.status.is_client_error() => {
                DisconnectReason::Rejected { code, message }
            }
            _ => DisconnectReason::NotSocketIo {
                status,
                html: self.html || body.trim_ascii_start().starts_with(b"<"),
            },
        }
    }
}

/// Whether the network wants a login: it says so, or leads (or, if redirects are followed, has led) elsewhere.
fn is_login(response: &Response, asked: &Url) -> bool {
    let status = response.status();
    if status == StatusCode::NETWORK_AUTHENTICATION_REQUIRED {
        return true;
    }
    let location = response.headers().get(LOCATION);
    let location = location.filter(|_| status.is_redirection());
    let location = location.and_then(|location| asked.join(location.to_str().ok()?).ok());
    location.as_ref().unwrap_or(response.url()).host() != asked.host()
}
