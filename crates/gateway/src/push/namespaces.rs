use deskbell_clock::Entropy;
use deskbell_protocol::event::Shutdown;
use deskbell_protocol::{event, watch as pages};
use deskbell_socketio::Args;
use deskbell_socketio::server::{ConnectRefused, Frame, Gone, Namespaces, Peer, Socket};
use deskbell_store::StoreError;
use serde_json::Value;

use super::desk::Desks;
use super::watch::Pages;
use super::{PushError, desk, watch};
use crate::Gateway;
use crate::logging::chain;

/// Between these many milliseconds sockets come back after a planned stop: soon, but not all at once.
const COME_BACK: std::ops::Range<f64> = 500.0..5_000.0;

/// The namespaces of a gateway: `/desk` and `/watch`.
#[derive(Debug)]
pub(crate) struct Sockets {
    desks: Desks,
    pages: Pages,
}

/// What is known about a socket.
pub(crate) enum Session {
    /// Boxed: eight times a page's, of which there may be many more.
    Desk(Box<desk::Session>),
    Page(watch::Session),
    /// Whose socket it is cannot be looked up now. A refusal would be final, so it is let in and put out again.
    PutOff,
}

/// Why a socket is not let in.
#[derive(Debug, thiserror::Error)]
pub(super) enum Denied {
    #[error("refused")]
    Refused(ConnectRefused),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the hospital's time zone is not known")]
    TimeZone(#[from] jiff::Error),
}

/// Why a socket was served no further.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Gone(#[from] Gone),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("an event cannot be written")]
    Encode(#[from] serde_json::Error),
    #[error(transparent)]
    Push(#[from] PushError),
}

impl Sockets {
    pub(crate) fn new(gateway: Gateway) -> Self {
        Self {
            desks: Desks::new(gateway.clone()),
            pages: Pages::new(gateway),
        }
    }
}

impl Namespaces for Sockets {
    type Session = Session;

    async fn admit(&self, namespace: &str, auth: Value, peer: &Peer) -> Result<Session, ConnectRefused> {
        let session = match namespace {
            event::NAMESPACE => self
                .desks
                .admit(&auth, peer)
                .await
                .map(|desk| Session::Desk(Box::new(desk))),
            pages::NAMESPACE => self.pages.admit(&auth).await.map(Session::Page),
            _ => return Err(ConnectRefused::invalid_namespace()),
        };
        match session {
            Ok(session) => Ok(session),
            Err(Denied::Refused(refused)) => Err(refused),
            Err(error) => {
                tracing::error!(error = chain(&error), "a socket's token cannot be looked up");
                Ok(Session::PutOff)
            }
        }
    }

    async fn serve(&self, socket: &Socket, session: &Session) {
        let served = match session {
            Session::Desk(session) => self.desks.serve(socket, session).await,
            Session::Page(session) => self.pages.serve(socket, session).await,
            Session::PutOff => return socket.disconnect(),
        };
        match served {
            Ok(()) | Err(Broken::Gone(_)) => {}
            Err(error) => {
                tracing::error!(error = chain(&error), "a socket cannot be brought up to date");
                // It comes back and tries again.
                socket.disconnect();
            }
        }
    }

    async fn event(&self, _socket: &Socket, session: &Session, name: &str, args: Args) -> Option<Args> {
        match session {
            Session::Desk(session) => self.desks.event(session, name, &args).await,
            // Nothing a page says is listened to.
            Session::Page(_) | Session::PutOff => None,
        }
    }

    async fn gone(&self, socket: &Socket, session: &Session) {
        match session {
            Session::Desk(session) => self.desks.gone(socket, session),
            Session::Page(session) => self.pages.gone(session),
            Session::PutOff => {}
        }
    }
}

/// What a socket is told before a planned stop.
pub(crate) fn last_words(socket: &Socket, entropy: &dyn Entropy) -> Option<Frame> {
    Frame::event(socket.namespace(), Shutdown::NAME, &shutdown(entropy)).ok()
}

/// To come back at a moment of its own.
fn shutdown(entropy: &dyn Entropy) -> Shutdown {
    let spread = COME_BACK.end - COME_BACK.start;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the range above"
    )]
    let retry_after_ms = (COME_BACK.start + spread * entropy.fraction()) as u64;
    Shutdown { retry_after_ms }
}

#[cfg(test)]
mod tests {
    use deskbell_clock::SeededEntropy;

    use super::*;

    #[test]
    fn last_words_are_different_for_each_socket() {
        let entropy = SeededEntropy::new(1);
        let moments: std::collections::BTreeSet<_> =
            (0..20).map(|_| shutdown(&entropy).retry_after_ms).collect();
        assert!(moments.len() > 15, "{moments:?}");
        assert!(moments.iter().all(|ms| (500..5_000).contains(ms)), "{moments:?}");
    }
}
