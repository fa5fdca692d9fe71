use std::collections::BTreeMap;

/// A key of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PolicyKey {
    /// The gateways.
    Servers,
    /// Whether they may be spoken to by `http://`.
    AllowPlainHttp,
    /// The most a toast may tell.
    ToastDetailMax,
    /// When there are no toasts.
    QuietHours,
    /// Whether the app starts at login.
    Autostart,
    /// Through whom servers are reached.
    Proxy,
    /// Certificates that are trusted beside the system's.
    CaFile,
    /// Whether the token stands in the credential store.
    CredentialStore,
    /// What makes the PC a desk by itself.
    EnrolmentKey,
}

impl PolicyKey {
    /// Every key.
    pub(crate) const ALL: [Self; 9] = [
        Self::Servers,
        Self::AllowPlainHttp,
        Self::ToastDetailMax,
        Self::QuietHours,
        Self::Autostart,
        Self::Proxy,
        Self::CaFile,
        Self::CredentialStore,
        Self::EnrolmentKey,
    ];

    /// How `policy.toml` spells it.
    pub(crate) const fn in_file(self) -> &'static str {
        match self {
            Self::Servers => "servers",
            Self::AllowPlainHttp => "allow_plain_http",
            Self::ToastDetailMax => "toast_detail_max",
            Self::QuietHours => "quiet_hours",
            Self::Autostart => "autostart",
            Self::Proxy => "proxy",
            Self::CaFile => "ca_file",
            Self::CredentialStore => "credential_store",
            Self::EnrolmentKey => "enrolment_key",
        }
    }

    /// How the registry and managed preferences spell it.
    #[cfg(any(test, windows, target_os = "macos"))]
    pub(crate) const fn in_registry(self) -> &'static str {
        match self {
            Self::Servers => "Servers",
            Self::AllowPlainHttp => "AllowPlainHttp",
            Self::ToastDetailMax => "ToastDetailMax",
            Self::QuietHours => "QuietHours",
            Self::Autostart => "Autostart",
            Self::Proxy => "Proxy",
            Self::CaFile => "CaFile",
            Self::CredentialStore => "CredentialStore",
            Self::EnrolmentKey => "EnrolmentKey",
        }
    }
}

/// What stands under a key, as the platform gives it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PolicyValue {
    /// True or false.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// Texts.
    List(Vec<String>),
    /// Something that no key takes.
    Other,
}

/// The keys that are there.
pub(crate) type PolicyTable = BTreeMap<PolicyKey, PolicyValue>;

impl PolicyValue {
    /// True or false; the registry has numbers for it.
    pub(super) const fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(is) => Some(*is),
            Self::Number(0) => Some(false),
            Self::Number(1) => Some(true),
            Self::Number(_) | Self::Text(_) | Self::List(_) | Self::Other => None,
        }
    }

    /// A number.
    pub(super) const fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Flag(_) | Self::Text(_) | Self::List(_) | Self::Other => None,
        }
    }

    /// A text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Flag(_) | Self::Number(_) | Self::List(_) | Self::Other => None,
        }
    }

    /// Texts; one alone is a list of one.
    pub(super) fn list(&self) -> Option<&[String]> {
        match self {
            Self::List(texts) => Some(texts),
            Self::Text(text) => Some(std::slice::from_ref(text)),
            Self::Flag(_) | Self::Number(_) | Self::Other => None,
        }
    }
}
