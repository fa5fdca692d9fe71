use deskbell_protocol::ReservationId;

use crate::PauseFor;

/// The tray icon with its menu: a value, drawn anew only when it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayMenu {
    /// Which icon.
    pub icon: TrayIcon,
    /// What the mouse is told; also the icon's accessible name.
    pub tooltip: String,
    /// Top to bottom; never empty.
    pub items: Vec<TrayItem>,
}

/// The icon's variants. The first that applies from the end of this list wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayIcon {
    /// Nothing waits.
    Quiet,
    /// So many reservations have rung and nobody has taken or handled them.
    Ringing(usize),
    /// The gateway does not answer.
    Offline,
    /// Somebody must do something: pair the desk, or look why toasts do not come through.
    Attention,
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrayItem {
    /// A line between groups.
    Separator,
    /// A line of text.
    Entry(TrayEntry),
}

/// A line of text in the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayEntry {
    /// The text, as it is: an underscore or ampersand in it marks no shortcut.
    pub label: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// Whether it carries a check mark; `None` where it cannot.
    pub checked: Option<bool>,
    /// What choosing it does; `None` for a line that only tells.
    pub action: Option<TrayAction>,
}

/// What choosing a menu line does; [`crate::DeskRequest`] has a `From` of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayAction {
    /// Opens the window.
    OpenWindow,
    /// Opens the window on one reservation.
    OpenReservation(ReservationId),
    /// Opens the window on the settings.
    OpenSettings,
    /// Starts the app at login, or no longer.
    SetAutostart(bool),
    /// Wants quiet for a while, or no longer.
    Pause(PauseFor),
    /// Ends the app.
    Quit,
}
