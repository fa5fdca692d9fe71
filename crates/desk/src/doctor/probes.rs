/// What only the shell can see of this machine, for the doctor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probes {
    /// Who shows toasts.
    pub notifications: NotificationsProbe,
    /// Where the bell is seen.
    pub tray: TrayProbe,
    /// Whether the app starts at login.
    pub autostart: AutostartProbe,
}

/// Who shows this account's toasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotificationsProbe {
    /// They are shown.
    Shown {
        /// By whom: the notification server's name and version, or the system's.
        by: String,
    },
    /// There is somebody to show them, who keeps them back: do not disturb, or a presentation.
    HeldBack {
        /// Who.
        by: String,
    },
    /// There is nobody to show them.
    Nobody,
    /// It cannot be asked.
    Unasked(Unasked),
}

/// Where the bell is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayProbe {
    /// In a tray.
    There,
    /// This desktop has no tray.
    Missing,
    /// It cannot be asked.
    Unasked(Unasked),
}

/// Whether the app starts at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutostartProbe {
    /// It does.
    On,
    /// It does not, as it is when nobody has asked for it.
    Off,
    /// Its entry is there, and switched off in the system's own settings.
    SwitchedOff,
    /// Its entry starts another program.
    Elsewhere,
    /// The entry cannot be read.
    Unreadable,
    /// A desk with a home of its own starts with no login.
    OwnHome,
}

/// Why something cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unasked {
    /// There is no desktop session here: a terminal from afar, a service.
    NoSession,
    /// The system has no question for it.
    NoQuestion,
}
