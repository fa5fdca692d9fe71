use crate::managed::PolicyKey;
use crate::settings::Mistake;

/// Something wrong on this PC that does not stop the bell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Warning {
    /// Toasts do not come through; what they were to tell is tried again.
    ToastsFail,
    /// The last toast did not come through, and there is nothing to try again.
    ToastsShut,
    /// The lists could not be fetched; they are being tried again.
    ListsFail,
    /// The administrator's policy cannot be read.
    PolicyUnreadable,
    /// A key of the administrator's policy holds something else than it should.
    PolicyWrong(PolicyKey),
    /// The settings file is wrong and is not touched.
    SettingsBroken(Mistake),
    /// Others on this PC can read the settings file, and a secret stands in it.
    SettingsOpen,
    /// A choice could not be written down.
    SettingsNotSaved,
    /// The ledger could not be read and was kept aside.
    LedgerBroken,
    /// The ledger cannot be written: after a crash something may ring twice.
    LedgerNotSaved,
    /// The desk's secret cannot be read, or not be removed.
    TokenUnusable,
    /// The system did not take the autostart setting.
    AutostartFailed,
    /// Another process's pairing will be noticed only after a restart.
    FoldersUnwatched,
    /// The hospital's time zone is unknown on this PC.
    ZoneUnknown,
    /// The key by which reservations are recognised cannot be kept: after a restart some may ring again.
    KeyNotKept,
    /// There is no tray: without its window the app is nowhere to be seen.
    NoTray,
    /// A part of the app failed and was started again.
    PartFailed,
}

impl Warning {
    /// Every warning.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 17] = [
        Self::ToastsFail,
        Self::ToastsShut,
        Self::ListsFail,
        Self::PolicyUnreadable,
        Self::PolicyWrong(PolicyKey::Servers),
        Self::SettingsBroken(Mistake::Syntax),
        Self::SettingsOpen,
        Self::SettingsNotSaved,
        Self::LedgerBroken,
        Self::LedgerNotSaved,
        Self::TokenUnusable,
        Self::AutostartFailed,
        Self::FoldersUnwatched,
        Self::ZoneUnknown,
        Self::KeyNotKept,
        Self::NoTray,
        Self::PartFailed,
    ];
}
