use serde_json::Value;

use super::{Peer, Socket};
use crate::Args;

/// What a server does for its sockets. Implement it with `async fn`.
///
/// Every future runs in the connection's own task. It may be dropped at any await when its socket goes. A panic ends its
/// connection alone, without [`Self::gone`].
pub trait Namespaces: Send + Sync + 'static {
    /// What is known about a socket, from its admission on.
    type Session: Send + Sync + 'static;

    /// Decides, before CONNECT is answered, whether a client may enter `namespace`. `auth` is what it says for itself: an
    /// object, or `null`.
    fn admit(
        &self,
        namespace: &str,
        auth: Value,
        peer: &Peer,
    ) -> impl Future<Output = Result<Self::Session, ConnectRefused>> + Send;

    /// Runs once for an admitted socket, after CONNECT was answered and beside all else: joins rooms, welcomes, replays. The
    /// socket stays when it returns.
    fn serve(&self, socket: &Socket, session: &Self::Session) -> impl Future<Output = ()> + Send;

    /// Takes an event. One at a time per connection, in the order sent; while it runs, the next ones wait. `Some` is the
    /// ack, which is sent if the client asked for one, after what was emitted before.
    ///
    /// It should not take long: when 16 events wait, nothing is read any more, so nobody notices whether the client is
    /// there. An ack that is waited for here comes after the events sent before it, which wait for this one: it may time
    /// out though the client answers.
    fn event(
        &self,
        socket: &Socket,
        session: &Self::Session,
        name: &str,
        args: Args,
    ) -> impl Future<Output = Option<Args>> + Send;

    /// Runs once for an admitted socket after it went: it is out of all its rooms, and `serve` and `event` run no more.
    fn gone(&self, socket: &Socket, session: &Self::Session) -> impl Future<Output = ()> + Send;
}

/// A namespace is not granted. The client gets both fields as `CONNECT_ERROR`.
#[derive(Clone, Debug)]
pub struct ConnectRefused {
    /// Why, in words.
    pub message: String,
    /// Why, for programs.
    pub data: Option<Value>,
}

impl ConnectRefused {
    /// A refusal with a code or more for programs.
    pub fn new(message: impl Into<String>, data: impl Into<Option<Value>>) -> Self {
        Self {
            message: message.into(),
            data: data.into(),
        }
    }

    /// The protocol's own refusal of a namespace that does not exist.
    #[must_use]
    pub fn invalid_namespace() -> Self {
        Self::new("Invalid namespace", None)
    }
}
