//! How a desk comes to belong to a hospital, and what of it is kept.

use std::io;
use std::path::PathBuf;

use deskbell_protocol::{Desk, Hospital};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::address::{AddressError, PlainHttp};
use crate::credentials::{Token, Vault};
use crate::gateway::PairError;
use crate::http::{Http, HttpError};
use crate::kept_day::KeptDayFile;
use crate::managed::{Decided, Policy, decided};
use crate::settings::{Chosen, Mistake, Settings, SettingsError, SettingsFile};
use crate::source::Source;
use crate::{DeskConfig, ErrorCode, Folders, Language, Paired, Place, UserError, address, disk, gateway};

/// The longest name of a desk, in characters.
const LONGEST_NAME: usize = 60;

/// Pairs this PC with a hospital by the code that IT was given, and writes down what the app needs from then on. An app
/// that is running notices by itself.
///
/// # Errors
/// With a code and a sentence for the person who typed `server` and `code`.
pub async fn pair(config: &DeskConfig, server: &str, code: &str) -> Result<Place, UserError> {
    let language = decided(&config.folders)
        .settings
        .language
        .unwrap_or_else(|| Language::of_locale(config.locale.as_deref()));
    try_pair(config, server, code, None)
        .await
        .map_err(|code| UserError::new(code, language))
}

/// Makes this PC a desk called `name` by the key that its administrator has given to many.
///
/// # Errors
/// With what went wrong; nobody stands beside it to be told.
pub(crate) async fn enrol(
    config: &DeskConfig,
    server: &Url,
    key: &Token,
    name: Option<String>,
) -> Result<Place, ErrorCode> {
    try_pair(config, server.as_str(), key.as_str(), name.and_then(as_desk_name)).await
}

/// A machine's name as gateways take one.
fn as_desk_name(name: String) -> Option<String> {
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

async fn try_pair(
    config: &DeskConfig,
    server: &str,
    code: &str,
    name: Option<String>,
) -> Result<Place, ErrorCode> {
    let Decided {
        settings,
        fault,
        policy,
        is_unreadable,
        ..
    } = decided(&config.folders);
    // What it decides is not known: a pairing that it forbids would cost the desk the place it has.
    if is_unreadable {
        return Err(ErrorCode::Managed);
    }
    let server = address::read_where(server, policy.plain_http())?;
    if !policy.permits(&server) {
        return Err(ErrorCode::Managed);
    }
    let code = code.trim();
    if code.is_empty() {
        return Err(ErrorCode::CodeRefused);
    }
    // A code works once: whatever would keep its fruit from being written down is looked for first.
    if let Some(error) = fault {
        return Err(error.into());
    }
    let settings = policy.over(settings);
    if settings.source != Source::Gateway {
        return Err(ErrorCode::AnotherSource);
    }
    let http =
        Http::new(&config.version, &settings.network, std::slice::from_ref(&server)).map_err(|error| {
            tracing::error!(%error, "no HTTP client can be made");
            match error {
                HttpError::CaUnreadable(_) | HttpError::CaNotPem | HttpError::Proxy => {
                    ErrorCode::SettingsBroken
                }
                HttpError::Internal(_) => ErrorCode::Internal,
            }
        })?;
    let paired = gateway::pair(&http, &server, code, name).await.map_err(|error| {
        tracing::warn!(%error, "pairing failed");
        ErrorCode::from(error)
    })?;
    let whose = Whose {
        hospital: paired.hospital,
        desk: paired.desk,
        servers: servers_to_try(&paired.servers, &server, policy.plain_http()),
    };
    keep(config, &settings, &policy, &whose, Token::new(paired.token))
        .await
        .map_err(|error| {
            tracing::error!(%error, "the pairing cannot be written down");
            ErrorCode::from(error)
        })?;
    Ok(whose.at(server))
}

/// The token comes last and the old one goes first: no token ever stands beside servers that it is not for.
async fn keep(
    config: &DeskConfig,
    settings: &Settings,
    policy: &Policy,
    whose: &Whose,
    token: Token,
) -> Result<(), SettingsError> {
    let folders = &config.folders;
    let vault = Vault::new(folders, config.credentials.clone(), config.entropy.clone());
    let old = vault.file.read();
    vault.file.forget()?;
    KeptDayFile::new(folders).forget()?;
    SettingsFile::new(folders)
        .where_plain(policy.plain_http())
        .choose(&Chosen::Servers(whose.servers.clone()))?;
    PlaceFile::new(folders).keep(whose)?;
    vault.keep(token, settings.use_store).await?;
    // One that cannot be read, or not be removed, is nobody's from now on.
    if let Ok(Some(old)) = old
        && let Err(error) = vault.remove(old).await
    {
        tracing::warn!(%error, "the token of before stays in the credential store");
    }
    Ok(())
}

/// The gateway's own list, without what a desk may not talk to; the address that was typed has just worked.
fn servers_to_try(told: &[Url], typed: &Url, plain: PlainHttp) -> Vec<Url> {
    let mut servers: Vec<Url> = told
        .iter()
        .filter_map(|server| address::read_where(server.as_str(), plain).ok())
        .collect();
    if !servers.contains(typed) {
        servers.push(typed.clone());
    }
    servers
}

impl From<AddressError> for ErrorCode {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::NotAnAddress => Self::NotAnAddress,
            AddressError::PlainHttp => Self::PlainHttp,
        }
    }
}

impl From<PairError> for ErrorCode {
    fn from(error: PairError) -> Self {
        match error {
            PairError::Unreachable(_) => Self::Unreachable,
            PairError::NotDeskbell => Self::NotDeskbell,
            PairError::CodeRefused => Self::CodeRefused,
            PairError::TooManyTries => Self::TooManyTries,
            PairError::Failed(_) => Self::ServerFailed,
        }
    }
}

impl From<SettingsError> for ErrorCode {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Broken(_) => Self::SettingsBroken,
            SettingsError::Disk(_) => Self::NotSaved,
        }
    }
}

/// Whose desk this is, for the time before a gateway has answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Whose {
    /// The hospital.
    pub hospital: Hospital,
    /// The desk.
    pub desk: Desk,
    /// The gateways it used, for the time in which the settings file cannot be read.
    pub servers: Vec<Url>,
}

impl Whose {
    /// The same for people, while the desk talks to `server`.
    pub(crate) fn at(&self, server: Url) -> Place {
        Place {
            paired: Some(Paired {
                hospital: self.hospital.name.clone(),
                desk: self.desk.name.clone(),
            }),
            timezone: self.hospital.timezone.clone(),
            server,
        }
    }
}

/// The file that keeps [`Whose`]. It is a convenience: the gateway tells all of it anew with each connection.
#[derive(Clone, Debug)]
pub(crate) struct PlaceFile(PathBuf);

impl PlaceFile {
    /// The file in its folder.
    pub(crate) fn new(folders: &Folders) -> Self {
        Self(folders.data.join("place.json"))
    }

    /// What it says; `None` when there is none that can be read.
    pub(crate) fn load(&self) -> Option<Whose> {
        serde_json::from_str(&disk::read(&self.0).ok()??).ok()
    }

    /// What a start goes by: `read`, or the gateways this desk used, where the file that names them cannot be read.
    pub(crate) fn stand_in(&self, read: Settings) -> Settings {
        let unread = matches!(
            read.source,
            Source::Wrong(Mistake::Syntax | Mistake::Encoding | Mistake::Unreadable)
        );
        let unnamed = read.source == Source::Gateway && read.servers.is_empty();
        match self.load().filter(|_| unread || unnamed) {
            Some(whose) => Settings {
                source: Source::Gateway,
                servers: whose.servers,
                ..read
            },
            None => read,
        }
    }

    /// Writes it anew.
    pub(crate) fn keep(&self, whose: &Whose) -> io::Result<()> {
        disk::replace(&self.0, &serde_json::to_vec(whose)?)
    }

    /// Removes it.
    pub(crate) fn forget(&self) -> io::Result<()> {
        disk::remove(&self.0)
    }
}

#[cfg(test)]
mod tests;
