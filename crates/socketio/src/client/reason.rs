//! Why a link was lost, or could not be made: what a person can do about it decides the variants.

mod answer;
mod cause;
mod words;

pub use words::ServerWords;

pub(super) use answer::{Head, of_answer};
pub(super) use cause::of_error;

use crate::session::Violation;
use crate::session::client::CloseReason;
use crate::transport::Closed;

/// Why a link was lost, or could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisconnectReason {
    /// The server's name has no address: a typing error, or no network.
    #[error("the server's name is not known")]
    NameNotFound,
    /// No connection: refused, no route, or it broke before an answer came.
    #[error("the server cannot be reached: {detail}")]
    Unreachable {
        /// The causes, outermost first, without the address.
        detail: String,
    },
    /// The proxy cannot be reached, or will not carry the connection. A proxy that only forwards (`http` servers) and
    /// cannot be reached looks like a server that cannot: [`Self::Unreachable`].
    #[error("the proxy does not carry the connection: {detail}")]
    Proxy {
        /// What is wrong.
        fault: ProxyFault,
        /// The causes, outermost first, without the address.
        detail: String,
    },
    /// The server's certificate is not trusted.
    #[error("the server's certificate is not trusted: {0}")]
    Certificate(CertificateFault),
    /// No TLS: the server does not speak it there, or nothing that both speak.
    #[error("no secure connection: {detail}")]
    Tls {
        /// The causes, outermost first, without the address.
        detail: String,
    },
    /// A network that wants a login first: a redirect to another host, or HTTP 511.
    #[error("the network answers with a login page")]
    LoginPage,
    /// An HTTP answer that no Socket.IO server gives: another program, or a proxy's page.
    #[error("HTTP {status} is no answer of a Socket.IO server")]
    NotSocketIo {
        /// The HTTP status.
        status: u16,
        /// Whether it came with a page to look at.
        html: bool,
    },
    /// A Socket.IO server that will not have this connection.
    #[error("the server rejects the connection (code {code})")]
    Rejected {
        /// Engine.IO's number: 0 unknown transport, 1 unknown session, 3 bad request, 4 forbidden, 5 another version of
        /// the protocol.
        code: u64,
        /// Why, in the server's words.
        message: ServerWords,
    },
    /// The server, or the proxy before it, has no time now (HTTP 429), or trouble of its own (5xx).
    #[error("the server is busy (HTTP {status})")]
    Busy {
        /// The HTTP status.
        status: u16,
    },
    /// Not let in within [`ClientConfig::connect_timeout`](super::ClientConfig::connect_timeout).
    #[error("the server did not answer in time")]
    ConnectTimeout,
    /// The server fell silent: nothing came for longer than two pings may be apart.
    #[error("the server fell silent")]
    PingTimeout,
    /// The server or the network closed the connection.
    #[error("the connection was closed")]
    Closed,
    /// The server put us out of the namespace.
    #[error("the server ended the session")]
    ServerDisconnect,
    /// The server does not speak the protocol.
    #[error("the server broke the protocol: {0}")]
    Violation(#[from] Violation),
}

/// What is wrong with a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyFault {
    /// It cannot be reached, or breaks off.
    Away,
    /// It wants a name and password, or others.
    WantsLogin,
    /// It will not carry this connection, or cannot reach the server.
    Refuses,
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Its time is over, or this machine's clock is wrong.
    #[error("it has expired")]
    Expired,
    /// Its time has not begun, or this machine's clock is wrong.
    #[error("it is not valid yet")]
    NotYetValid,
    /// It belongs to another host.
    #[error("it is for another host")]
    WrongHost,
    /// Nobody whom this machine trusts has signed it.
    #[error("its issuer is not known")]
    UnknownIssuer,
    /// Its issuer has withdrawn it.
    #[error("it was revoked")]
    Revoked,
    /// Anything else; the log has the detail.
    #[error("it cannot be used")]
    Other,
}

impl From<CloseReason> for DisconnectReason {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::ConnectTimeout => Self::ConnectTimeout,
            CloseReason::PingTimeout => Self::PingTimeout,
            CloseReason::PeerClosed => Self::Closed,
            CloseReason::ServerDisconnect => Self::ServerDisconnect,
            CloseReason::Violation(violation) => Self::Violation(violation),
        }
    }
}

impl From<Closed> for DisconnectReason {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Ended | Closed::Full => Self::Closed,
            Closed::Violation(violation) => Self::Violation(violation),
        }
    }
}
