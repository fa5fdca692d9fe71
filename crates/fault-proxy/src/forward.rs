//! One request, to the server and back.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::answer::{Body, chunked, head, page, passed};
use crate::faults::{Faults, Opening, Polls};
use crate::proxy::Control;

type Failure = Box<dyn Error + Send + Sync>;

/// The answer to a request: the server's, unless a fault wants another.
pub(crate) async fn forward(
    request: Request<Incoming>,
    control: Arc<Control>,
) -> Result<Response<Body>, Infallible> {
    let answered = if request.headers().contains_key(UPGRADE) {
        open(request, &control).await
    } else {
        poll(request, &control).await
    };
    Ok(answered.unwrap_or_else(|error| {
        tracing::debug!(error, "the server behind the fault proxy does not answer");
        page(StatusCode::BAD_GATEWAY)
    }))
}

async fn poll(mut request: Request<Incoming>, control: &Control) -> Result<Response<Body>, Failure> {
    let polls = faults(control).polls;
    match polls {
        Polls::Refused(status) => return Ok(page(status)),
        Polls::Page => return Ok(page(StatusCode::OK)),
        Polls::WrongNode => misname(request.uri_mut())?,
        Polls::Passed | Polls::Chunked(_) => {}
    }
    let response = ask(request, control).await?;
    match polls {
        Polls::Chunked(size) => Ok(chunked(response, size).await?),
        _ => Ok(passed(response)),
    }
}

async fn open(mut request: Request<Incoming>, control: &Control) -> Result<Response<Body>, Failure> {
    control.openings.fetch_add(1, Ordering::SeqCst);
    let Faults { opening, polls, .. } = faults(control);
    match opening {
        Opening::Refused(status) => return Ok(page(status)),
        Opening::RefusedUnlessUpgrade(status) if sid(request.uri()).is_none() => return Ok(page(status)),
        Opening::Page => return Ok(page(StatusCode::OK)),
        Opening::Stripped => {
            request.headers_mut().remove(UPGRADE);
            request.headers_mut().remove(CONNECTION);
        }
        Opening::Passed | Opening::RefusedUnlessUpgrade(_) | Opening::AnswerStripped | Opening::Deaf => {}
    }
    if polls == Polls::WrongNode {
        misname(request.uri_mut())?;
    }
    let client = hyper::upgrade::on(&mut request);
    let mut response = ask(request, control).await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(passed(response));
    }
    if opening == Opening::AnswerStripped {
        for header in [UPGRADE, CONNECTION, SEC_WEBSOCKET_ACCEPT] {
            response.headers_mut().remove(header);
        }
        *response.status_mut() = StatusCode::OK;
        return Ok(head(response));
    }
    let server = hyper::upgrade::on(&mut response);
    tokio::spawn(async move {
        if let Ok((client, server)) = tokio::try_join!(client, server) {
            let (mut client, mut server) = (TokioIo::new(client), TokioIo::new(server));
            if opening == Opening::Deaf {
                // Held, so that neither end sees the other's end.
                let _ = tokio::io::copy(&mut client, &mut tokio::io::sink()).await;
            } else {
                // However it ended, it has.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            }
        }
    });
    Ok(head(response))
}

/// The server's answer, on a connection of its own: a request that is given up is given up there too.
async fn ask(request: Request<Incoming>, control: &Control) -> Result<Response<Incoming>, Failure> {
    let server = control.state.borrow().server;
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender.send_request(request).await?)
}

fn faults(control: &Control) -> Faults {
    control.state.borrow().faults
}

fn sid(uri: &Uri) -> Option<&str> {
    let parameters = uri.query()?.split('&');
    parameters
        .filter_map(|parameter| parameter.strip_prefix("sid="))
        .next()
}

/// Puts a name that no session has in the place of the request's.
fn misname(uri: &mut Uri) -> Result<(), Failure> {
    let Some(sid) = sid(uri) else {
        return Ok(());
    };
    let path = uri.to_string().replace(sid, "another-nodes-session");
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse::<PathAndQuery>()?);
    *uri = Uri::from_parts(parts)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_session_is_misnamed() {
        for (path, misnamed) in [
            (
                "/socket.io/?EIO=4&transport=polling",
                "/socket.io/?EIO=4&transport=polling",
            ),
            (
                "/socket.io/?EIO=4&transport=polling&sid=abc",
                "/socket.io/?EIO=4&transport=polling&sid=another-nodes-session",
            ),
            (
                "/socket.io/?sid=abc&EIO=4",
                "/socket.io/?sid=another-nodes-session&EIO=4",
            ),
        ] {
            let mut uri: Uri = path.parse().unwrap();
            misname(&mut uri).unwrap();
            assert_eq!(uri.to_string(), misnamed);
        }
    }
}
