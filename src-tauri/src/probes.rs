//! What only this side can see of the machine, for the doctor.

#[cfg(target_os = "linux")]
#[path = "probes/linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "probes/macos.rs"]
mod system;
#[cfg(windows)]
#[path = "probes/windows.rs"]
mod system;

use deskbell_desk::{AutostartProbe, Probes};

use crate::autostart::{self, Entry};

/// Looks at the machine. Needs a tokio runtime, and no display; takes a few seconds at most.
pub(crate) async fn look() -> Probes {
    let (notifications, tray) = system::look().await;
    Probes {
        notifications,
        tray,
        autostart: starts_at_login(),
    }
}

fn starts_at_login() -> AutostartProbe {
    if crate::own_home().is_some() {
        return AutostartProbe::OwnHome;
    }
    match autostart::entry() {
        Ok(Entry::Ours) => AutostartProbe::On,
        Ok(Entry::Missing) => AutostartProbe::Off,
        Ok(Entry::SwitchedOff) => AutostartProbe::SwitchedOff,
        Ok(Entry::Elsewhere) => AutostartProbe::Elsewhere,
        Err(error) => {
            tracing::warn!(%error, "the entry that starts the app at login cannot be read");
            AutostartProbe::Unreadable
        }
    }
}
