//! The start at login: one entry where the system looks for such, for this account alone.
//!
//! Each system's entry is a module of text, tested everywhere, and the few calls that read and write it. What a person
//! has switched off in the system's own settings counts as off, and only their own wish here switches it on again.

#[cfg(any(target_os = "linux", all(unix, test)))]
mod desktop_entry;
#[cfg(any(target_os = "macos", all(unix, test)))]
mod launch_agent;
#[cfg(any(windows, test))]
mod run_key;

#[cfg(unix)]
mod file;

#[cfg(target_os = "linux")]
use self::desktop_entry as system;
#[cfg(target_os = "macos")]
use self::launch_agent as system;
#[cfg(windows)]
use self::run_key as system;

use std::io;
use std::path::PathBuf;

/// Starts the app in the tray, without a window.
const HIDDEN: &str = "--hidden";

/// What stands where the system looks for programs to start at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Nothing of ours.
    Missing,
    /// Ours, and somebody has switched it off in the system's settings.
    #[cfg_attr(
        all(target_os = "macos", not(test)),
        expect(dead_code, reason = "macOS tells no program so")
    )]
    SwitchedOff,
    /// One that starts another program: this one was moved, or there are two.
    Elsewhere,
    /// One that starts this program.
    Ours,
}

/// What stands there now.
///
/// # Errors
/// When it cannot be read, or this program cannot be named in such an entry.
pub(crate) fn entry() -> io::Result<Entry> {
    system::entry(&program()?)
}

/// Makes the entry, switched on, or removes it.
///
/// # Errors
/// When the system does not take it.
pub(crate) fn set(on: bool) -> io::Result<()> {
    if on {
        system::write(&program()?)
    } else {
        system::remove()
    }
}

/// Makes an entry that is on start this program again: an update may have moved it.
pub(crate) fn mend() {
    let mended = match entry() {
        Ok(Entry::Elsewhere) => set(true),
        Ok(Entry::Missing | Entry::SwitchedOff | Entry::Ours) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = mended {
        tracing::warn!(%error, "the entry that starts the app at login cannot be mended");
    }
}

/// This program, by the name that will still be its own at the next login.
fn program() -> io::Result<PathBuf> {
    // An AppImage runs from a folder that goes with the process; it says where it lies itself.
    #[cfg(target_os = "linux")]
    if let (Some(image), Some(_)) = (std::env::var_os("APPIMAGE"), std::env::var_os("APPDIR")) {
        return Ok(image.into());
    }
    std::env::current_exe()
}

fn unfit(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
