//! What can be set on the page, and what the administrator has decided.

use deskbell_desk::{Language, Managed, ShownSettings, Theme};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::notifications::NotificationsView;

/// The language of every text.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(super) enum LanguageView {
    #[default]
    Ko,
    En,
}

impl LanguageView {
    pub(super) const fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self::Ko,
            Language::En => Self::En,
        }
    }

    pub(super) const fn language(self) -> Language {
        match self {
            Self::Ko => Language::Ko,
            Self::En => Language::En,
        }
    }
}

/// What can be set on the page.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettingsView {
    autostart: bool,
    /// 0 count only, 1 time, 2 masked name and time, 3 everything.
    toast_detail: u8,
    theme: ThemeView,
    /// Single letters are keys.
    letter_keys: bool,
    notifications: NotificationsView,
}

impl SettingsView {
    pub(super) fn of(settings: &ShownSettings) -> Self {
        Self {
            autostart: settings.autostart,
            toast_detail: settings.toast_detail,
            theme: ThemeView::of(settings.theme),
            letter_keys: settings.letter_keys,
            notifications: NotificationsView::of(&settings.notifications),
        }
    }
}

/// How the window looks.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(super) enum ThemeView {
    #[default]
    System,
    Light,
    Dark,
    Contrast,
}

impl ThemeView {
    pub(super) const fn of(theme: Theme) -> Self {
        match theme {
            Theme::System => Self::System,
            Theme::Light => Self::Light,
            Theme::Dark => Self::Dark,
            Theme::Contrast => Self::Contrast,
        }
    }

    pub(super) const fn theme(self) -> Theme {
        match self {
            Self::System => Theme::System,
            Self::Light => Theme::Light,
            Self::Dark => Theme::Dark,
            Self::Contrast => Theme::Contrast,
        }
    }
}

/// A setting that the administrator has decided.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ManagedView {
    Servers,
    ToastDetail,
    QuietHours,
    Autostart,
    Proxy,
    Ca,
}

impl ManagedView {
    pub(super) const fn of(managed: Managed) -> Self {
        match managed {
            Managed::Servers => Self::Servers,
            Managed::ToastDetail => Self::ToastDetail,
            Managed::QuietHours => Self::QuietHours,
            Managed::Autostart => Self::Autostart,
            Managed::Proxy => Self::Proxy,
            Managed::Ca => Self::Ca,
        }
    }
}
