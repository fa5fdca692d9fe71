use std::error::Error;
use std::path::PathBuf;

use deskbell_protocol::Reservation;

use crate::Refusal;

/// Why a store did not do what it was asked. Holds no value of a reservation's fields.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing, or it belongs to another hospital.
    #[error("there is no such thing here")]
    NotFound,
    /// It contradicts what is kept already.
    #[error("it contradicts what is kept already")]
    Conflict,
    /// The database cannot be read or written now; the same request may succeed later.
    #[error("the database cannot be used")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// Why a reservation was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The wish does not fit how the reservation stands.
    #[error("{0}")]
    Refused(Refusal, Box<Reservation>),
    /// It is not known, or the database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a backup was not made, or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something where the backup is to be written.
    #[error("{path} is there already: name another file, or move it away", path = .0.display())]
    Exists(PathBuf),
    /// Restoring would mix two lives of a database.
    #[error("the database has hospitals already: restore into an empty one")]
    NotEmpty,
    /// The file of the backup cannot be opened.
    #[error("{path} cannot be read as a backup", path = path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<OpenError>,
    },
    /// The file of the backup cannot be made.
    #[error("{path} cannot be written", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A later version of this program has been at it.
    #[error(
        "the database was written by a newer deskbell-gateway (its schema is {schema}): update this program"
    )]
    Newer {
        /// The schema's version there.
        schema: i64,
    },
    /// The file or its folder cannot be made, or its mode cannot be set.
    #[error("the database file {path} cannot be prepared", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is no database of ours, or it cannot be read now.
    #[error("the database cannot be opened")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}
