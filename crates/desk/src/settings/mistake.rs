/// What is wrong with `settings.toml`. [`crate::Language::mistake`] says it to people, by the setting's name and never
/// by its value, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Mistake {
    /// It is no TOML.
    Syntax,
    /// It is no UTF-8.
    Encoding,
    /// It cannot be read from the disk.
    Unreadable,
    /// `servers` is no list of addresses.
    Servers,
    /// `language` is none that we speak.
    Language,
    /// `toast_detail` is none of the levels.
    ToastDetail,
    /// `staff` is no table of `name`, `on` and `keep`.
    Staff,
    /// `credentials` is none of the places.
    Credentials,
    /// `notifications` is no table.
    Notifications,
    /// `notifications.sound` is none there is.
    Sound,
    /// `notifications.volume` is no loudness.
    Volume,
    /// `notifications.repeats` is neither yes nor no.
    Repeats,
    /// `notifications.quiet` is no list of times of the week.
    Quiet,
    /// `theme` is none that there is.
    Theme,
    /// `letter_keys` is neither yes nor no.
    LetterKeys,
    /// `source.kind` is unknown.
    SourceKind,
    /// `source.url` is missing or no address.
    SourceUrl,
    /// `source.url` is `http://` to another machine.
    SourcePlainHttp,
    /// `source.namespace` is no namespace.
    SourceNamespace,
    /// `source.event` is no event's name.
    SourceEvent,
    /// `source.timezone` is missing or no zone.
    SourceTimezone,
    /// `source.auth` is no table.
    SourceAuth,
    /// `source.join` is no table of `event` and `payload`.
    SourceJoin,
    /// `network.proxy` is none of what it can be.
    Proxy,
    /// `network.ca_file` is no path.
    CaFile,
    /// The file that `network.ca_file` names cannot be read.
    CaUnreadable,
    /// The file that `network.ca_file` names holds no certificate.
    CaNotPem,
}

impl Mistake {
    /// Every mistake.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 27] = [
        Self::Syntax,
        Self::Encoding,
        Self::Unreadable,
        Self::Servers,
        Self::Language,
        Self::ToastDetail,
        Self::Staff,
        Self::Credentials,
        Self::Notifications,
        Self::Sound,
        Self::Volume,
        Self::Repeats,
        Self::Quiet,
        Self::Theme,
        Self::LetterKeys,
        Self::SourceKind,
        Self::SourceUrl,
        Self::SourcePlainHttp,
        Self::SourceNamespace,
        Self::SourceEvent,
        Self::SourceTimezone,
        Self::SourceAuth,
        Self::SourceJoin,
        Self::Proxy,
        Self::CaFile,
        Self::CaUnreadable,
        Self::CaNotPem,
    ];
}
