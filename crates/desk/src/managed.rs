//! What the hospital's administrator has decided for this PC: it counts before what a person chose.
//!
//! The platform's own place gives a table of values; [`Policy::of`] says what they mean, and is the same everywhere.

mod key;
mod place;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use deskbell_protocol::WeekSpan;
use url::Url;

use crate::address::{self, PlainHttp};
use crate::credentials::Token;
use crate::settings::{MOST_DETAIL, Proxy, Settings, SettingsError, SettingsFile};
use crate::source::Source;
use crate::{Folders, Managed};

pub(crate) use crate::managed::key::{PolicyKey, PolicyTable, PolicyValue};
pub use crate::managed::place::PolicyPlace;

/// The administrator's decisions; what is `None` is left to the person at the PC.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Policy {
    /// The gateways, in the order in which they are tried. They also make a gateway the source.
    servers: Option<Vec<Url>>,
    /// Whether another machine may be spoken to by `http://`.
    plain_http: PlainHttp,
    /// The most a toast may tell.
    toast_detail_max: Option<u8>,
    /// When there are no toasts; empty for never.
    pub quiet: Option<Vec<WeekSpan>>,
    /// Whether the app starts at login.
    pub autostart: Option<bool>,
    /// Through whom servers are reached.
    proxy: Option<Proxy>,
    /// Certificates that are trusted beside the system's.
    ca_file: Option<PathBuf>,
    /// Whether the token stands in the credential store.
    use_store: Option<bool>,
    /// What makes this PC a desk at its first start.
    pub enrolment_key: Option<Token>,
}

impl Policy {
    /// What `table` means, and which of its keys hold something else than they should; those decide nothing.
    pub(crate) fn of(table: &PolicyTable) -> (Self, Vec<PolicyKey>) {
        let mut policy = Self::default();
        let mut wrong = Vec::new();
        // Whether `http://` is allowed decides about the servers.
        if let Some(value) = table.get(&PolicyKey::AllowPlainHttp) {
            match value.flag() {
                Some(true) => policy.plain_http = PlainHttp::Anywhere,
                Some(false) => {}
                None => wrong.push(PolicyKey::AllowPlainHttp),
            }
        }
        for (key, value) in table {
            let is_right = match key {
                PolicyKey::AllowPlainHttp => true,
                PolicyKey::Servers => {
                    let plain = policy.plain_http;
                    let read = |server: &String| address::read_where(server, plain).ok();
                    let servers: Option<Vec<_>> = value
                        .list()
                        .and_then(|servers| servers.iter().map(read).collect());
                    set(&mut policy.servers, servers.filter(|servers| !servers.is_empty()))
                }
                PolicyKey::ToastDetailMax => {
                    let detail = value.number().and_then(|detail| u8::try_from(detail).ok());
                    set(
                        &mut policy.toast_detail_max,
                        detail.filter(|detail| *detail <= MOST_DETAIL),
                    )
                }
                PolicyKey::QuietHours => {
                    let spans = value
                        .list()
                        .map(|spans| spans.iter().map(|span| span.parse().ok()));
                    set(&mut policy.quiet, spans.and_then(Iterator::collect))
                }
                PolicyKey::Autostart => set(&mut policy.autostart, value.flag()),
                PolicyKey::Proxy => set(&mut policy.proxy, value.text().and_then(Proxy::read)),
                PolicyKey::CaFile => {
                    let path = value.text().map(PathBuf::from);
                    // Beside what would it lie?
                    set(&mut policy.ca_file, path.filter(|path| path.is_absolute()))
                }
                PolicyKey::CredentialStore => set(&mut policy.use_store, value.flag()),
                PolicyKey::EnrolmentKey => {
                    let key = value.text().map(str::trim).filter(|key| !key.is_empty());
                    set(&mut policy.enrolment_key, key.map(Token::new))
                }
            };
            if !is_right {
                wrong.push(*key);
            }
        }
        (policy, wrong)
    }

    /// `settings` as they count: with the administrator's decisions in the place of the person's.
    pub(crate) fn over(&self, settings: Settings) -> Settings {
        let mut settings = settings;
        if let Some(servers) = &self.servers {
            settings.source = Source::Gateway;
            settings.servers.clone_from(servers);
        }
        settings.toast_detail = settings.toast_detail.min(self.most_detail());
        if let Some(quiet) = &self.quiet {
            settings.notifications.quiet.clone_from(quiet);
        }
        if let Some(proxy) = &self.proxy {
            settings.network.proxy = proxy.clone();
        }
        if let Some(file) = &self.ca_file {
            settings.network.ca_file = Some(file.clone());
        }
        if let Some(use_store) = self.use_store {
            settings.use_store = use_store;
        }
        settings
    }

    /// The most a toast may tell here.
    pub(crate) fn most_detail(&self) -> u8 {
        self.toast_detail_max.unwrap_or(MOST_DETAIL)
    }

    /// Whom `http://` may be spoken to.
    pub(crate) const fn plain_http(&self) -> PlainHttp {
        self.plain_http
    }

    /// Whether a person may pair this PC with `server`.
    pub(crate) fn permits(&self, server: &Url) -> bool {
        self.servers
            .as_ref()
            .is_none_or(|servers| servers.contains(server))
    }

    /// The settings that a person cannot change here.
    pub(crate) fn managed(&self) -> Vec<Managed> {
        [
            (self.servers.is_some(), Managed::Servers),
            (self.toast_detail_max.is_some(), Managed::ToastDetail),
            (self.quiet.is_some(), Managed::QuietHours),
            (self.autostart.is_some(), Managed::Autostart),
            (self.proxy.is_some(), Managed::Proxy),
            (self.ca_file.is_some(), Managed::Ca),
        ]
        .into_iter()
        .filter_map(|(is_decided, managed)| is_decided.then_some(managed))
        .collect()
    }
}

/// Takes `value` over; says whether there was one.
fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let is_right = value.is_some();
    if is_right {
        *place = value;
    }
    is_right
}

/// The policy's place could not be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the policy cannot be read")]
pub(crate) struct PolicyUnreadable;

/// Everything that is decided for this PC, by whomever.
#[derive(Debug)]
pub(crate) struct Decided {
    /// What counts.
    pub settings: Settings,
    /// What is wrong with the person's own file.
    pub fault: Option<SettingsError>,
    /// The administrator's part.
    pub policy: Policy,
    /// Which keys of it decide nothing, since they hold something wrong.
    pub wrong: Vec<PolicyKey>,
    /// Whether there is one that cannot be read: nothing of it counts that did not before.
    pub is_unreadable: bool,
}

/// Reads policy and settings.
pub(crate) fn decided(folders: &Folders) -> Decided {
    decided_after(folders, &Policy::default())
}

/// The same, where `before` counted: it goes on counting while there is a policy that cannot be read.
pub(crate) fn decided_after(folders: &Folders, before: &Policy) -> Decided {
    let table = folders.policy.read();
    let is_unreadable = table.is_err();
    let (policy, wrong) = match table {
        Ok(table) => Policy::of(&table),
        Err(PolicyUnreadable) => (before.clone(), Vec::new()),
    };
    let (settings, fault) = SettingsFile::new(folders).where_plain(policy.plain_http()).load();
    Decided {
        settings,
        fault,
        policy,
        wrong,
        is_unreadable,
    }
}
