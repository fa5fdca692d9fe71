use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use url::Url;

use super::DisconnectReason;

/// As much of an unwanted answer is looked at.
const LOOKED_AT: usize = 4 * 1024;

/// What an Engine.IO server says to a request it does not take.
#[derive(Deserialize)]
struct Rejection {
    code: u64,
    message: String,
}

/// Why an answer to a request for `asked` is of no use. Reads the beginning of its body.
pub(crate) async fn of_answer(response: Response, asked: &Url) -> DisconnectReason {
    let status = response.status();
    if is_login(&response, asked) {
        return DisconnectReason::LoginPage;
    }
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => DisconnectReason::Proxy {
            status: Some(status.as_u16()),
            detail: "the proxy wants a name and password".to_owned(),
        },
        _ if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => DisconnectReason::Busy {
            status: status.as_u16(),
        },
        _ => of_content(response).await,
    }
}

/// Whether the network wants a login: it says so, or leads (or, if redirects are followed, has led) elsewhere.
fn is_login(response: &Response, asked: &Url) -> bool {
    if response.status() == StatusCode::NETWORK_AUTHENTICATION_REQUIRED {
        return true;
    }
    let location = response
        .headers()
        .get(LOCATION)
        .filter(|_| response.status().is_redirection());
    let location = location.and_then(|location| asked.join(location.to_str().ok()?).ok());
    location.as_ref().unwrap_or(response.url()).host() != asked.host()
}

async fn of_content(mut response: Response) -> DisconnectReason {
    let status = response.status();
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    let mut body = Vec::new();
    // What cannot be read any more is not missed.
    while body.len() < LOOKED_AT
        && status != StatusCode::SWITCHING_PROTOCOLS
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    match serde_json::from_slice(&body) {
        Ok(Rejection { code, message }) if status.is_client_error() => {
            DisconnectReason::Rejected { code, message }
        }
        _ => DisconnectReason::NotSocketIo {
            status: status.as_u16(),
            html: content_type.is_some_and(|value| value.windows(4).any(|part| part == b"html"))
                || body.trim_ascii_start().starts_with(b"<"),
        },
    }
}
