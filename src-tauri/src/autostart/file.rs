//! An entry that is a file.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The file's text; `None` when there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read(path) {
        // What is no UTF-8 is no entry of ours either.
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes it whole: a login in between finds the old one or the new one.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    // A name that no system takes for an entry.
    let fresh = path.with_extension("new");
    fs::write(&fresh, text)?;
    fs::rename(&fresh, path)
}

/// Removes it; one that is gone already is as good.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
