use deskbell_socketio::client::{CertificateFault, DisconnectReason, ProxyFault};

/// Why there is no link: one variant for each thing that a person would do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkFault {
    /// The server's name has no address.
    NameNotFound,
    /// Nobody answers at the address.
    Unreachable,
    /// The proxy cannot be reached.
    ProxyAway,
    /// The proxy asks for a name and a password.
    ProxyLogin,
    /// The proxy does not carry this connection: it may not, or does not reach the server itself.
    ProxyRefuses,
    /// The server's certificate is not trusted.
    Certificate(CertificateFault),
    /// There is no encryption where there should be.
    Tls,
    /// The network wants a login first.
    LoginPage,
    /// A web page, where a server of reservations should be: another program's or a proxy's.
    WebPage,
    /// Somebody answers, who speaks something else.
    OtherProgram,
    /// The server speaks the protocol and will not have this connection.
    Rejected,
    /// The server has no time, or trouble of its own.
    Busy,
    /// The server takes the connection and says nothing.
    Silent,
    /// The connection broke.
    Cut,
    /// The server put this desk out.
    PutOut,
    /// A gateway stops as planned and will be back.
    Stopping,
    /// Our own task failed.
    Internal,
}

impl From<&DisconnectReason> for LinkFault {
    fn from(reason: &DisconnectReason) -> Self {
        match reason {
            DisconnectReason::NameNotFound => Self::NameNotFound,
            DisconnectReason::Unreachable { .. } => Self::Unreachable,
            DisconnectReason::Proxy { fault, .. } => match fault {
                ProxyFault::Away => Self::ProxyAway,
                ProxyFault::WantsLogin => Self::ProxyLogin,
                ProxyFault::Refuses => Self::ProxyRefuses,
            },
            DisconnectReason::Certificate(fault) => Self::Certificate(*fault),
            DisconnectReason::Tls { .. } => Self::Tls,
            DisconnectReason::LoginPage => Self::LoginPage,
            DisconnectReason::NotSocketIo { html: true, .. } => Self::WebPage,
            DisconnectReason::NotSocketIo { html: false, .. } | DisconnectReason::Violation(_) => {
                Self::OtherProgram
            }
            DisconnectReason::Rejected { .. } => Self::Rejected,
            DisconnectReason::Busy { .. } => Self::Busy,
            DisconnectReason::ConnectTimeout => Self::Silent,
            DisconnectReason::PingTimeout | DisconnectReason::Closed => Self::Cut,
            DisconnectReason::ServerDisconnect => Self::PutOut,
        }
    }
}

impl LinkFault {
    /// Every fault.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 22] = [
        Self::NameNotFound,
        Self::Unreachable,
        Self::ProxyAway,
        Self::ProxyLogin,
        Self::ProxyRefuses,
        Self::Certificate(CertificateFault::Expired),
        Self::Certificate(CertificateFault::NotYetValid),
        Self::Certificate(CertificateFault::WrongHost),
        Self::Certificate(CertificateFault::UnknownIssuer),
        Self::Certificate(CertificateFault::Revoked),
        Self::Certificate(CertificateFault::Other),
        Self::Tls,
        Self::LoginPage,
        Self::WebPage,
        Self::OtherProgram,
        Self::Rejected,
        Self::Busy,
        Self::Silent,
        Self::Cut,
        Self::PutOut,
        Self::Stopping,
        Self::Internal,
    ];
}
