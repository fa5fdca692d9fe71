use std::error::Error;
use std::path::PathBuf;

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
