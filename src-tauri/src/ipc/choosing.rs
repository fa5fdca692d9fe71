//! Wishes about the settings, and about quiet.

use deskbell_desk::{DeskHandle, DeskRequest, PauseFor};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use super::notifications::NotificationsView;
use super::settings::{LanguageView, ThemeView};

/// How long somebody wants quiet.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PauseView {
    HalfHour,
    Hour,
    TwoHours,
    UntilTomorrow,
    Over,
}

impl PauseView {
    pub(super) const fn length(self) -> PauseFor {
        match self {
            Self::HalfHour => PauseFor::Minutes(30),
            Self::Hour => PauseFor::Minutes(60),
            Self::TwoHours => PauseFor::Minutes(120),
            Self::UntilTomorrow => PauseFor::UntilTomorrow,
            Self::Over => PauseFor::Over,
        }
    }
}

/// Starts the app at login from now on, or no more.
#[tauri::command]
#[specta::specta]
pub(super) fn set_autostart(desk: State<'_, DeskHandle>, on: bool) {
    crate::ask(&desk, DeskRequest::SetAutostart(on));
}

/// Changes the language of every text.
#[tauri::command]
#[specta::specta]
pub(super) fn set_language(desk: State<'_, DeskHandle>, language: LanguageView) {
    crate::ask(&desk, DeskRequest::SetLanguage(language.language()));
}

/// Changes how much a toast says.
#[tauri::command]
#[specta::specta]
pub(super) fn set_toast_detail(desk: State<'_, DeskHandle>, detail: u8) {
    crate::ask(&desk, DeskRequest::SetToastDetail(detail));
}

/// Changes how the window looks.
#[tauri::command]
#[specta::specta]
pub(super) fn set_theme(desk: State<'_, DeskHandle>, theme: ThemeView) {
    crate::ask(&desk, DeskRequest::SetTheme(theme.theme()));
}

/// Takes single letters for keys from now on, or no more.
#[tauri::command]
#[specta::specta]
pub(super) fn set_letter_keys(desk: State<'_, DeskHandle>, on: bool) {
    crate::ask(&desk, DeskRequest::SetLetterKeys(on));
}

/// Changes when and how the bell makes itself heard.
#[tauri::command]
#[specta::specta]
pub(super) fn set_notifications(desk: State<'_, DeskHandle>, notifications: NotificationsView) {
    match notifications.chosen() {
        Some(notifications) => crate::ask(&desk, DeskRequest::SetNotifications(notifications)),
        None => tracing::warn!("the page asked for quiet at no time"),
    }
}

/// Wants quiet for a while, or no longer.
#[tauri::command]
#[specta::specta]
pub(super) fn pause(desk: State<'_, DeskHandle>, length: PauseView) {
    crate::ask(&desk, DeskRequest::Pause(length.length()));
}

/// Shows a toast that announces nothing.
#[tauri::command]
#[specta::specta]
pub(super) fn test_toast(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::TestToast);
}

/// The settings that somebody has asked for elsewhere are no longer on the page.
#[tauri::command]
#[specta::specta]
pub(super) fn close_settings(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::CloseSettings);
}
