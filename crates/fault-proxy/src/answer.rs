//! Answers of the proxy's own, and what it does to the server's.

use std::convert::Infallible;

use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE};
use hyper::{Response, StatusCode};

/// What such programs show to people.
const PAGE: &str =
    "<!DOCTYPE html><html><head><title>Network</title></head><body><h1>Network</h1></body></html>";

pub(crate) type Body = BoxBody<Bytes, hyper::Error>;

/// A page for people.
pub(crate) fn page(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(whole(Bytes::from_static(PAGE.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        hyper::header::HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}

/// The answer without its body.
pub(crate) fn head<B>(response: Response<B>) -> Response<Body> {
    response.map(|_| whole(Bytes::new()))
}

/// The answer as it came.
pub(crate) fn passed(response: Response<Incoming>) -> Response<Body> {
    response.map(BodyExt::boxed)
}

/// The answer in chunks of `size` bytes, once it is there.
pub(crate) async fn chunked(
    response: Response<Incoming>,
    size: usize,
) -> Result<Response<Body>, hyper::Error> {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let rest = body.collect().await?.to_bytes();
    let chunks = stream::unfold(rest, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        // So that what is there is written before the next is.
        tokio::task::yield_now().await;
        let chunk = rest.split_to(size.clamp(1, rest.len()));
        Some((Ok(Frame::data(chunk)), rest))
    });
    Ok(Response::from_parts(
        parts,
        BodyExt::boxed(StreamBody::new(chunks)),
    ))
}

fn whole(bytes: Bytes) -> Body {
    Full::new(bytes)
        .map_err(|never: Infallible| match never {})
        .boxed()
}
