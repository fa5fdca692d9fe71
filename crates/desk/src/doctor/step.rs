use deskbell_socketio::client::CertificateFault;

use crate::settings::Mistake;
use crate::update::{LinkFault, Refusal};

/// One step on the way from this PC to its reservations, in their order, and what is looked at on the PC itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// `settings.toml` can be read.
    Settings,
    /// It is known whom to talk to.
    Server,
    /// The server's name has an address.
    Name,
    /// The server, or the proxy before it, takes connections.
    Connection,
    /// The server's certificate is trusted.
    Tls,
    /// A Socket.IO server answers.
    Answer,
    /// It keeps the connection.
    Socket,
    /// It lets this desk in.
    Admission,
    /// How events travel.
    Transport,
    /// Toasts come through.
    Notifications,
    /// There is a tray to be seen in.
    Tray,
    /// The app starts at login, where somebody wants it to.
    Autostart,
    /// Where the desk's secret is kept.
    Credentials,
}

impl Step {
    /// The steps to the server.
    pub(super) const WAY: [Self; 7] = [
        Self::Name,
        Self::Connection,
        Self::Tls,
        Self::Answer,
        Self::Socket,
        Self::Admission,
        Self::Transport,
    ];

    /// The step as programs spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Server => "server",
            Self::Name => "name",
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Answer => "answer",
            Self::Socket => "socket",
            Self::Admission => "admission",
            Self::Transport => "transport",
            Self::Notifications => "notifications",
            Self::Tray => "tray",
            Self::Autostart => "autostart",
            Self::Credentials => "credentials",
        }
    }

    /// The step at which a connection with this fault stops.
    pub(super) const fn of(fault: LinkFault) -> Self {
        match fault {
            LinkFault::NameNotFound => Self::Name,
            LinkFault::Internal => Self::Server,
            LinkFault::Unreachable
            | LinkFault::ProxyAway
            | LinkFault::ProxyLogin
            | LinkFault::ProxyRefuses
            | LinkFault::Silent => Self::Connection,
            LinkFault::Certificate(_) | LinkFault::Tls => Self::Tls,
            LinkFault::LoginPage
            | LinkFault::WebPage
            | LinkFault::OtherProgram
            | LinkFault::Rejected
            | LinkFault::Busy => Self::Answer,
            LinkFault::Cut | LinkFault::PutOut | LinkFault::Stopping => Self::Socket,
        }
    }

    /// The step at which a desk that is refused stops.
    pub(super) const fn of_refusal(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Setting(_) | Refusal::StoreShut | Refusal::EnrolmentRefused => Self::Server,
            Refusal::SignedOut | Refusal::UpgradeRequired | Refusal::AuthRefused | Refusal::Unknown => {
                Self::Admission
            }
        }
    }
}

impl LinkFault {
    /// The fault as programs spell it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::NameNotFound => "name_not_found",
            Self::Unreachable => "unreachable",
            Self::ProxyAway => "proxy_unreachable",
            Self::ProxyLogin => "proxy_login",
            Self::ProxyRefuses => "proxy_refuses",
            Self::Certificate(CertificateFault::Expired) => "certificate_expired",
            Self::Certificate(CertificateFault::NotYetValid) => "certificate_not_yet_valid",
            Self::Certificate(CertificateFault::WrongHost) => "certificate_wrong_host",
            Self::Certificate(CertificateFault::UnknownIssuer) => "certificate_unknown_issuer",
            Self::Certificate(CertificateFault::Revoked) => "certificate_revoked",
            Self::Certificate(CertificateFault::Other) => "certificate_unusable",
            Self::Tls => "no_tls",
            Self::LoginPage => "login_page",
            Self::WebPage => "web_page",
            Self::OtherProgram => "other_program",
            Self::Rejected => "rejected",
            Self::Busy => "busy",
            Self::Silent => "silent",
            Self::Cut => "cut",
            Self::PutOut => "put_out",
            Self::Stopping => "stopping",
            Self::Internal => "internal",
        }
    }
}

impl Refusal {
    /// The refusal as programs spell it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::UpgradeRequired => "upgrade_required",
            Self::AuthRefused => "auth_refused",
            Self::Unknown => "refused",
            Self::EnrolmentRefused => "enrolment_refused",
            Self::StoreShut => "store_shut",
            Self::Setting(Mistake::CaUnreadable | Mistake::CaNotPem) => "ca_file",
            Self::Setting(_) => "settings",
        }
    }
}
