//! `settings.toml`: what a person, or IT, has chosen for this PC.

mod mistake;
mod network;
mod notifications;
mod own_server;
mod source;
mod staff;

use std::io::ErrorKind;
use std::path::PathBuf;

use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};
use url::Url;

use crate::address::{self, PlainHttp};
pub(crate) use crate::settings::mistake::Mistake;
pub(crate) use crate::settings::network::{Network, Proxy};
pub(crate) use crate::settings::notifications::NotificationSettings;
pub(crate) use crate::settings::staff::{LONGEST_STAFF, Staff};
use crate::source::Source;
use crate::{Folders, Language, Theme, disk};

/// What a toast tells unless somebody chose otherwise: masked name and time.
const DEFAULT_DETAIL: u8 = 2;

/// The most a toast can tell.
pub(crate) const MOST_DETAIL: u8 = 3;

/// The settings, defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// Where reservations come from.
    pub source: Source,
    /// The gateways, in the order in which they are tried.
    pub servers: Vec<Url>,
    /// How servers are reached.
    pub network: Network,
    /// The language chosen; `None` leaves it to the system.
    pub language: Option<Language>,
    /// How much a toast tells: 0 a count, 1 the time, 2 masked name and time, 3 everything.
    pub toast_detail: u8,
    /// Who sits here.
    pub staff: Staff,
    /// Whether the desk's token stands in the platform's credential store, where there is one; else in a file.
    pub use_store: bool,
    /// When and how the bell makes itself heard.
    pub notifications: NotificationSettings,
    /// How the window looks.
    pub theme: Theme,
    /// Whether single letters are keys of the window.
    pub letter_keys: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            source: Source::default(),
            servers: Vec::new(),
            network: Network::default(),
            language: None,
            toast_detail: DEFAULT_DETAIL,
            staff: Staff::default(),
            use_store: true,
            notifications: NotificationSettings::default(),
            theme: Theme::default(),
            letter_keys: true,
        }
    }
}

/// One setting with its new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// The gateways.
    Servers(Vec<Url>),
    /// The language.
    Language(Language),
    /// The toasts' detail; more than 3 counts as 3.
    ToastDetail(u8),
    /// Who sits here; `keep` stays as it is.
    Staff(Staff),
    /// When and how the bell makes itself heard.
    Notifications(NotificationSettings),
    /// The window's look.
    Theme(Theme),
    /// Whether single letters are keys.
    LetterKeys(bool),
}

/// The settings file. It is read anew before each change, so that what others wrote into it stays.
#[derive(Clone, Debug)]
pub(crate) struct SettingsFile(PathBuf, PlainHttp);

/// Why the settings file cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// A person must correct it; it is not overwritten.
    #[error("settings.toml is wrong: {0:?}")]
    Broken(Mistake),
    /// The disk.
    #[error("settings.toml cannot be read or written: {0}")]
    Disk(#[from] std::io::Error),
}

impl SettingsError {
    /// What a person has to put right.
    pub(crate) const fn mistake(&self) -> Mistake {
        match self {
            Self::Broken(mistake) => *mistake,
            Self::Disk(_) => Mistake::Unreadable,
        }
    }
}

impl SettingsFile {
    /// The file in its folder.
    pub(crate) fn new(folders: &Folders) -> Self {
        Self(folders.config.join("settings.toml"), PlainHttp::Here)
    }

    /// The same file on a PC where `plain` holds.
    pub(crate) fn where_plain(self, plain: PlainHttp) -> Self {
        Self(self.0, plain)
    }

    /// Reads the settings. What can be read counts, also when something else in the file is wrong.
    pub(crate) fn load(&self) -> (Settings, Option<SettingsError>) {
        match self.document() {
            Ok(document) => {
                let (mut settings, fault) = read(&document, self.1);
                // Not beside whatever folder the app or the doctor was started in.
                if let (Some(file), Some(folder)) = (&mut settings.network.ca_file, self.0.parent()) {
                    *file = folder.join(&file);
                }
                (settings, fault)
            }
            Err(error) => {
                // Nobody knows what stands in it: not even that no other source does.
                let settings = Settings {
                    source: Source::Wrong(error.mistake()),
                    ..Settings::default()
                };
                (settings, Some(error))
            }
        }
    }

    /// Whether another user of this machine can read it.
    pub(crate) fn is_open_to_others(&self) -> bool {
        disk::is_open_to_others(&self.0)
    }

    /// Changes one setting and leaves everything else in the file as it is.
    ///
    /// # Errors
    /// When the file is wrong already: what a person wrote is not overwritten.
    pub(crate) fn choose(&self, chosen: &Chosen) -> Result<(), SettingsError> {
        let mut document = self.document()?;
        if let (_, Some(error)) = read(&document, self.1) {
            return Err(error);
        }
        match chosen {
            Chosen::Servers(servers) => {
                let servers: Array = servers.iter().map(Url::as_str).collect();
                put(document.as_table_mut(), "servers", servers.into());
            }
            Chosen::Language(language) => put(document.as_table_mut(), "language", language.code().into()),
            Chosen::Theme(theme) => put(document.as_table_mut(), "theme", theme.code().into()),
            Chosen::LetterKeys(on) => put(document.as_table_mut(), "letter_keys", (*on).into()),
            Chosen::ToastDetail(detail) => {
                let detail = i64::from((*detail).min(MOST_DETAIL));
                put(document.as_table_mut(), "toast_detail", detail.into());
            }
            Chosen::Staff(staff) => staff::write(&mut document, staff),
            Chosen::Notifications(notifications) => {
                let table = document
                    .entry("notifications")
                    .or_insert_with(|| Item::Table(Table::new()));
                if let Some(table) = table.as_table_like_mut() {
                    for (key, value) in notifications.values() {
                        put(table, key, value);
                    }
                }
            }
        }
        Ok(disk::replace(&self.0, document.to_string().as_bytes())?)
    }

    fn document(&self) -> Result<DocumentMut, SettingsError> {
        let text = match disk::read(&self.0) {
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return Err(SettingsError::Broken(Mistake::Encoding));
            }
            read => read?.unwrap_or_default(),
        };
        text.parse().map_err(|error: toml_edit::TomlError| {
            // Not the error's own words, which quote the line: a secret may stand in it.
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = 1 + before.unwrap_or_default().matches('\n').count();
            tracing::error!(line, "settings.toml is no TOML");
            SettingsError::Broken(Mistake::Syntax)
        })
    }
}

/// A comment behind the old value stays behind the new one.
fn put(table: &mut dyn TableLike, key: &str, value: Value) {
    let item = table.entry(key).or_insert(Item::None);
    let decor = item.as_value().map(|old| old.decor().clone());
    *item = Item::Value(value);
    if let (Some(decor), Some(value)) = (decor, item.as_value_mut()) {
        *value.decor_mut() = decor;
    }
}

fn read(document: &DocumentMut, plain: PlainHttp) -> (Settings, Option<SettingsError>) {
    let mut settings = Settings::default();
    let mut fault = None;
    let mut wrong = |mistake| {
        fault.get_or_insert(SettingsError::Broken(mistake));
    };
    if let Some(item) = document.get("source") {
        match source::read(item, plain) {
            Ok(source) => settings.source = source,
            Err(mistake) => {
                settings.source = Source::Wrong(mistake);
                wrong(mistake);
            }
        }
    }
    if let Some(item) = document.get("network") {
        settings.network = network::read(item, &mut wrong);
    }
    if let Some(item) = document.get("servers") {
        match servers(item, plain) {
            Some(servers) => settings.servers = servers,
            None => wrong(Mistake::Servers),
        }
    }
    if let Some(item) = document.get("language") {
        match item.as_str().and_then(Language::from_code) {
            Some(language) => settings.language = Some(language),
            None => wrong(Mistake::Language),
        }
    }
    if let Some(item) = document.get("theme") {
        match item.as_str().and_then(Theme::from_code) {
            Some(theme) => settings.theme = theme,
            None => wrong(Mistake::Theme),
        }
    }
    if let Some(item) = document.get("letter_keys") {
        match item.as_bool() {
            Some(on) => settings.letter_keys = on,
            None => wrong(Mistake::LetterKeys),
        }
    }
    if let Some(item) = document.get("toast_detail") {
        match item.as_integer().and_then(|detail| u8::try_from(detail).ok()) {
            Some(detail) if detail <= MOST_DETAIL => settings.toast_detail = detail,
            Some(_) | None => wrong(Mistake::ToastDetail),
        }
    }
    if let Some(item) = document.get("staff") {
        settings.staff = staff::read(item, &mut wrong);
    }
    if let Some(item) = document.get("credentials") {
        match item.as_str() {
            Some("store") => settings.use_store = true,
            Some("file") => settings.use_store = false,
            Some(_) | None => wrong(Mistake::Credentials),
        }
    }
    if let Some(item) = document.get("notifications") {
        settings.notifications = notifications::read(item, &mut wrong);
    }
    (settings, fault)
}

fn servers(item: &Item, plain: PlainHttp) -> Option<Vec<Url>> {
    item.as_array()?
        .iter()
        .map(|server| address::read_where(server.as_str()?, plain).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(contents: &str) -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile(folder.path().join("settings.toml"), PlainHttp::Here);
        std::fs::write(&file.0, contents).unwrap();
        (folder, file)
    }

    #[test]
    fn without_a_file_the_defaults_count() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile(folder.path().join("settings.toml"), PlainHttp::Here);
        let (settings, fault) = file.load();
        assert_eq!(settings, Settings::default());
        assert!(fault.is_none());
    }

    #[test]
    fn a_choice_is_read_back_and_leaves_the_rest_alone() {
        let (_folder, file) = file(
            "# ours\nvolume = 3 # unknown here\ntoast_detail = 1 # shared screen\n[source]\nkind = \"gateway\"\n",
        );
        let servers = vec![Url::parse("https://a.example/").unwrap()];
        file.choose(&Chosen::ToastDetail(9)).unwrap();
        file.choose(&Chosen::Language(Language::En)).unwrap();
        file.choose(&Chosen::Servers(servers.clone())).unwrap();
        file.choose(&Chosen::Theme(Theme::Contrast)).unwrap();
        file.choose(&Chosen::LetterKeys(false)).unwrap();
        let (settings, fault) = file.load();
        assert!(fault.is_none());
        assert_eq!(
            settings,
            Settings {
                servers,
                language: Some(Language::En),
                toast_detail: 3,
                theme: Theme::Contrast,
                letter_keys: false,
                ..Settings::default()
            }
        );
        let text = std::fs::read_to_string(&file.0).unwrap();
        for kept in [
            "# ours",
            "volume = 3 # unknown here",
            "# shared screen",
            "[source]",
        ] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
    }

    #[test]
    fn a_bad_file_is_reported_and_never_overwritten() {
        for contents in [
            "toast_detail = ",
            "toast_detail = 4",
            "toast_detail = \"2\"",
            "language = \"fr\"",
            "theme = \"pink\"",
            "letter_keys = \"no\"",
            "servers = \"https://a.example\"",
            "servers = [\"http://elsewhere.example\"]",
            "[source]\nkind = \"socketio\"",
            "[network]\nproxy = \"proxy.example\"",
            "credentials = \"keyring\"",
            "notifications = 1",
            "[notifications]\nsound = \"gong\"",
            "[notifications]\nvolume = 101",
            "[notifications]\nrepeats = \"yes\"",
            "[notifications]\nquiet = [\"always\"]",
            "notifications.quiet = \"sun\"",
        ] {
            let (_folder, file) = file(contents);
            assert!(
                matches!(file.load().1, Some(SettingsError::Broken(_))),
                "{contents}"
            );
            assert!(matches!(
                file.choose(&Chosen::Language(Language::Ko)),
                Err(SettingsError::Broken(_))
            ));
            assert_eq!(std::fs::read_to_string(&file.0).unwrap(), contents);
        }
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_read_or_reported_and_left_alone() {
        let whole = "language = \"en\"\nservers = [\"https://a.example\"]\ntoast_detail = 1\n[network]\nproxy = \"none\"\n";
        for length in 0..whole.len() {
            let (_folder, file) = file(&whole[..length]);
            let (_, fault) = file.load();
            let chosen = file.choose(&Chosen::ToastDetail(0));
            assert_eq!(fault.is_some(), chosen.is_err(), "cut at {length}");
            if fault.is_some() {
                assert_eq!(std::fs::read_to_string(&file.0).unwrap(), whole[..length]);
            }
        }
    }

    #[test]
    fn garbage_and_what_cannot_be_read_is_reported_and_stops_nothing() {
        let (_folder, file) = file("");
        for bytes in [&b"\0\0\0\0"[..], b"\xFF\xFE[\0s\0", b"]][["] {
            std::fs::write(&file.0, bytes).unwrap();
            assert!(file.load().1.is_some());
            assert!(file.choose(&Chosen::ToastDetail(0)).is_err());
            assert_eq!(std::fs::read(&file.0).unwrap(), bytes);
        }
        std::fs::remove_file(&file.0).unwrap();
        std::fs::create_dir(&file.0).unwrap();
        assert_eq!(file.load().1.unwrap().mistake(), Mistake::Unreadable);
        assert!(file.choose(&Chosen::ToastDetail(0)).is_err());
        assert!(file.0.is_dir());
    }

    #[test]
    fn quiet_hours_are_read_and_a_choice_leaves_the_rest_of_their_table_alone() {
        let (_folder, file) = file(
            "[notifications]\nquiet = [\"mon-fri 18:00-08:00\", \"sun\"] # closed\nflash = true # unknown here\n",
        );
        let mut notifications = file.load().0.notifications;
        let quiet: Vec<_> = notifications.quiet.iter().map(ToString::to_string).collect();
        assert_eq!(quiet, ["mon-fri 18:00-08:00", "sun"]);
        assert_eq!((notifications.volume, notifications.repeats), (70, true));
        (notifications.sound, notifications.volume) = (None, 0);
        notifications.quiet.pop();
        file.choose(&Chosen::Notifications(notifications.clone()))
            .unwrap();
        assert_eq!(file.load().0.notifications, notifications);
        let text = std::fs::read_to_string(&file.0).unwrap();
        for kept in ["# closed", "flash = true # unknown here"] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
    }

    #[test]
    fn what_is_no_toml_is_not_quoted() {
        let (_folder, file) = file("language = \"ko\"\n[source]\nauth = { token = \"hush\n");
        let error = file.load().1.unwrap();
        assert_eq!(error.mistake(), Mistake::Syntax);
        assert!(!error.to_string().contains("hush"));
    }

    #[test]
    fn a_file_as_windows_editors_save_it_is_read_or_its_encoding_is_named() {
        let (_folder, file) = file("\u{feff}language = \"en\"\r\n");
        let (settings, fault) = file.load();
        assert!(fault.is_none(), "{fault:?}");
        assert_eq!(settings.language, Some(Language::En));
        // `한`, in the code page of Korean Windows.
        std::fs::write(&file.0, b"language = \"ko\" # \xC7\xD1\r\n").unwrap();
        assert_eq!(file.load().1.unwrap().mistake(), Mistake::Encoding);
    }

    #[test]
    fn a_ca_file_without_a_folder_lies_beside_the_settings() {
        let (folder, file) = file("[network]\nca_file = \"hospital.pem\"");
        assert_eq!(
            file.load().0.network.ca_file,
            Some(folder.path().join("hospital.pem"))
        );
        let elsewhere = folder.path().join("elsewhere.pem");
        std::fs::write(&file.0, format!("[network]\nca_file = {elsewhere:?}")).unwrap();
        assert_eq!(file.load().0.network.ca_file, Some(elsewhere));
    }

    #[test]
    fn what_is_right_in_a_bad_file_counts() {
        let (_folder, file) = file("toast_detail = 7\nlanguage = \"en\"\nservers = [\"https://a.example\"]");
        let (settings, _) = file.load();
        assert_eq!(settings.language, Some(Language::En));
        assert_eq!(settings.toast_detail, DEFAULT_DETAIL);
        assert_eq!(settings.servers.len(), 1);
    }
}
