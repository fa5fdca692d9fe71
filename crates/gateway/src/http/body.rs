use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};
use deskbell_protocol::Form;
use serde::de::DeserializeOwned;

use super::Problem;

/// The largest body that is taken.
const MOST_BYTES: usize = 16 * 1024;

/// How long a body may take to arrive: a form is one packet.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a request's body is not taken. Never holds any of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("neither of the content types taken here")]
    ContentType,
    #[error("too large")]
    TooLarge,
    #[error("too slow")]
    TooSlow,
    #[error("broken off")]
    BrokenOff,
    #[error("no JSON object, at line {line}, column {column}")]
    NotJson { line: usize, column: usize },
    #[error("not in UTF-8")]
    NotUtf8,
}

impl BodyError {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenOff | Self::NotJson { .. } | Self::NotUtf8 => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for BodyError {
    fn into_response(self) -> Response {
        let problem = |name, title| Problem::new(self.status(), name, title);
        match self {
            Self::ContentType => problem(
                "unsupported-media-type",
                "The body has a content type that is not taken here",
            )
            .detail("Send application/json, or a form as application/x-www-form-urlencoded, in UTF-8."),
            Self::TooLarge => problem("too-large", "The body is larger than 16 KiB"),
            Self::TooSlow => problem("too-slow", "The body took too long to arrive"),
            Self::BrokenOff => problem("malformed", "The body did not arrive whole"),
            Self::NotJson { line, column } => {
                problem("malformed", "The body is no JSON object of that shape")
                    .detail(format!("It cannot be read from line {line}, column {column} on."))
            }
            Self::NotUtf8 => problem("malformed", "The form is not in UTF-8")
                .detail("Say accept-charset=\"utf-8\" in the form."),
        }
        .into_response()
    }
}

/// Reads a booking form, urlencoded or JSON. What is none of the five fields is dropped unread.
pub(crate) async fn read_form(headers: &HeaderMap, body: Body) -> Result<Form, BodyError> {
    match content_type(headers) {
        Some("application/x-www-form-urlencoded") => urlencoded(&read(body).await?),
        Some("application/json") => json(&read(body).await?),
        _ => Err(BodyError::ContentType),
    }
}

/// Reads the bytes of an urlencoded form, and of nothing else.
pub(crate) async fn read_urlencoded(headers: &HeaderMap, body: Body) -> Result<Bytes, BodyError> {
    match content_type(headers) {
        Some("application/x-www-form-urlencoded") => read(body).await,
        _ => Err(BodyError::ContentType),
    }
}

/// Reads a JSON object.
pub(super) async fn read_json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, BodyError> {
    match content_type(headers) {
        Some("application/json") => json(&read(body).await?),
        _ => Err(BodyError::ContentType),
    }
}

/// Reads a JSON object, or takes nothing at all for an empty one.
pub(super) async fn read_json_or_nothing<T: DeserializeOwned + Default>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, BodyError> {
    if headers.contains_key(CONTENT_TYPE) {
        return read_json(headers, body).await;
    }
    if read(body).await?.is_empty() {
        Ok(T::default())
    } else {
        Err(BodyError::ContentType)
    }
}

/// The media type, unless its parameters say that it is not UTF-8, which some write without the hyphen.
fn content_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let (media_type, parameters) = value.split_once(';').unwrap_or((value, ""));
    let foreign = parameters.split(';').any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        let is_utf8 = ["utf-8", "utf8"]
            .iter()
            .any(|name| value.eq_ignore_ascii_case(name));
        name.trim().eq_ignore_ascii_case("charset") && !is_utf8
    });
    let known = ["application/json", "application/x-www-form-urlencoded"];
    let media_type = known
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(media_type.trim()));
    media_type.filter(|_| !foreign)
}

async fn read(body: Body) -> Result<Bytes, BodyError> {
    match tokio::time::timeout(PATIENCE, to_bytes(body, MOST_BYTES)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_length_limit(&error) => Err(BodyError::TooLarge),
        Ok(Err(_)) => Err(BodyError::BrokenOff),
        Err(_) => Err(BodyError::TooSlow),
    }
}

fn is_length_limit(error: &axum::Error) -> bool {
    error
        .source()
        .is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, BodyError> {
    // An array in the fields' order would be read too, if it were let through.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(BodyError::NotJson { line: 1, column: 1 });
    }
    // The error's own text may quote a value.
    serde_json::from_slice(body).map_err(|error| BodyError::NotJson {
        line: error.line(),
        column: error.column(),
    })
}

/// The five fields of an urlencoded form.
pub(crate) fn urlencoded(body: &[u8]) -> Result<Form, BodyError> {
    let mut form = Form::default();
    let mut is_utf8 = true;
    for (name, pair) in pairs(body) {
        form.take(&name, || {
            let value = decoded(pair);
            // What the decoder puts where the bytes make no letter, as those of EUC-KR do.
            is_utf8 &= !value.contains(char::REPLACEMENT_CHARACTER);
            value
        });
    }
    if is_utf8 {
        Ok(form)
    } else {
        Err(BodyError::NotUtf8)
    }
}

/// The value of one field of an urlencoded form: the first, if there are several.
pub(crate) fn value(body: &[u8], field: &str) -> Option<String> {
    pairs(body)
        .find(|(name, _)| name == field)
        .map(|(_, pair)| decoded(pair))
}

/// Each pair's name, and the pair, whose value is not decoded yet.
fn pairs(body: &[u8]) -> impl Iterator<Item = (Cow<'_, str>, &[u8])> {
    body.split(|byte| *byte == b'&').filter_map(|pair| {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        let (name, _) = form_urlencoded::parse(name).next()?;
        Some((name, pair))
    })
}

fn decoded(pair: &[u8]) -> String {
    let decoded = form_urlencoded::parse(pair).next();
    decoded.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn content_types_are_read_as_they_are_written() {
        for (value, expected) in [
            ("application/json", Some("application/json")),
            ("Application/JSON; charset=UTF-8", Some("application/json")),
            (
                "application/x-www-form-urlencoded;charset=\"utf-8\"",
                Some("application/x-www-form-urlencoded"),
            ),
            ("application/x-www-form-urlencoded; charset=euc-kr", None),
            ("application/json; charset=UTF8", Some("application/json")),
            ("multipart/form-data; boundary=x", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
            assert_eq!(content_type(&headers), expected, "{value}");
        }
        assert_eq!(content_type(&HeaderMap::new()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for_for_ever() {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        assert!(matches!(
            read_form(&headers, never).await,
            Err(BodyError::TooSlow)
        ));
    }
}
