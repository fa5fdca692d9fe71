//! Windows: a value under the account's `Run` key, and Task Manager's word on it.

use super::HIDDEN;

/// A longer command is not started (Microsoft, "Run and `RunOnce` Registry Keys").
const LONGEST: usize = 260;

/// The value that starts `program`: the path in quotes, since Windows tries each word of one without.
fn command(program: &str) -> Option<String> {
    let command = format!("\"{program}\" {HIDDEN}");
    (command.encode_utf16().count() <= LONGEST).then_some(command)
}

/// Task Manager and the settings write down here what they switch off: an odd first byte.
fn is_switched_off(approved: &[u8]) -> bool {
    approved.first().is_some_and(|state| state & 1 == 1)
}

#[cfg(windows)]
pub(super) use registry::{entry, remove, write};

#[cfg(windows)]
mod registry {
    use std::io;
    use std::path::Path;

    use windows_registry::{CURRENT_USER, Key};

    use super::{command, is_switched_off};
    use crate::autostart::{Entry, unfit};

    const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
    const APPROVED: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";
    const NAME: &str = "Deskbell";
    /// `HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)`: no such key, or no such value.
    const NOT_FOUND: i32 = 0x8007_0002_u32.cast_signed();

    pub(in crate::autostart) fn entry(program: &Path) -> io::Result<Entry> {
        let Some(written) = key(RUN)?.and_then(|run| run.get_string(NAME).ok()) else {
            return Ok(Entry::Missing);
        };
        let approved = key(APPROVED)?.and_then(|approved| approved.get_value(NAME).ok());
        if approved.is_some_and(|value| is_switched_off(&value)) {
            return Ok(Entry::SwitchedOff);
        }
        Ok(if written == command_of(program)? {
            Entry::Ours
        } else {
            Entry::Elsewhere
        })
    }

    pub(in crate::autostart) fn write(program: &Path) -> io::Result<()> {
        let command = command_of(program)?;
        CURRENT_USER.create(RUN)?.set_string(NAME, command)?;
        // Without a word of Task Manager's the entry is on.
        forget(APPROVED)
    }

    pub(in crate::autostart) fn remove() -> io::Result<()> {
        forget(RUN)?;
        forget(APPROVED)
    }

    fn command_of(program: &Path) -> io::Result<String> {
        let name = program
            .to_str()
            .ok_or_else(|| unfit("the program's path is no Unicode"))?;
        command(name).ok_or_else(|| unfit("the program's path is too long to be started at login"))
    }

    /// `None` when there is no such key.
    fn key(path: &str) -> io::Result<Option<Key>> {
        missing_is_none(CURRENT_USER.open(path))
    }

    fn forget(path: &str) -> io::Result<()> {
        match CURRENT_USER.options().read().write().open(path) {
            Ok(key) => missing_is_none(key.remove_value(NAME)).map(drop),
            Err(error) => missing_is_none::<()>(Err(error)).map(drop),
        }
    }

    fn missing_is_none<T>(outcome: windows_registry::Result<T>) -> io::Result<Option<T>> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.code().0 == NOT_FOUND => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_path_is_quoted_whatever_stands_in_it() {
        for program in [
            r"C:\Program Files\Deskbell\deskbell.exe",
            r"C:\Users\원무과\AppData\Local\Deskbell\deskbell.exe",
            r"D:\100% desk\deskbell.exe",
        ] {
            assert_eq!(command(program).unwrap(), format!("\"{program}\" --hidden"));
        }
    }

    #[test]
    fn a_command_that_windows_would_not_start_is_refused() {
        let longest = "가".repeat(LONGEST - "\"\" --hidden".len());
        assert!(command(&longest).is_some());
        assert!(command(&format!("{longest}나")).is_none());
    }

    #[test]
    fn what_task_manager_switched_off_is_off() {
        assert!(is_switched_off(&[3, 0, 0, 0, 0x9d, 1, 2, 3, 4, 5, 6, 7]));
        assert!(!is_switched_off(&[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
        assert!(!is_switched_off(&[]));
    }
}
