//! The database's file: made for this user alone, and known again.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{BackupError, StoreError};

/// A file at a path, as it was when it was opened.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    identity: Identity,
}

/// Tells one file from another: a path may come to name another, an open connection stays with the one it has. Elsewhere
/// than on Unix a file that is open can be neither deleted nor replaced.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("the database file cannot be found")]
    NotFound(#[source] io::Error),
    #[error("another file is where the database was: restart this program")]
    Replaced,
}

impl File {
    /// Makes the file, and its folder, when there is none, and sees to it that no other user may read it. SQLite gives
    /// its `-wal` and `-shm` files the same mode.
    pub(super) fn prepare(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self {
            path: path.to_owned(),
            identity: Identity::of(&file.metadata()?),
        })
    }

    /// Whether what is written now is in the file that the next start will open.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let lost = match std::fs::metadata(&self.path) {
            Ok(there) if Identity::of(&there) == self.identity => return Ok(()),
            Ok(_) => Lost::Replaced,
            Err(error) => Lost::NotFound(error),
        };
        Err(StoreError::Unavailable(Box::new(lost)))
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(file: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        Self {
            device: file.dev(),
            inode: file.ino(),
        }
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self {}
    }
}

/// Has `write` fill a new file that this user alone may read. Nothing is left behind when it fails, and what it wrote is on
/// the disk when it does not.
pub(crate) async fn new_backup(
    path: &Path,
    write: impl Future<Output = Result<(), StoreError>>,
) -> Result<(), BackupError> {
    let unwritable = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(path.to_owned()),
        _ => BackupError::File {
            path: path.to_owned(),
            source,
        },
    };
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(unwritable)?;
    let written = match write.await {
        Ok(()) => file.sync_all().map_err(unwritable),
        Err(error) => Err(error.into()),
    };
    if written.is_err() {
        // What is half a backup must not be taken for one.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// A copy of a backup, beside it, that this user alone may read.
pub(super) fn copy(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let copy = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    std::io::copy(&mut std::fs::File::open(path)?, &mut copy.as_file())?;
    Ok(copy)
}
