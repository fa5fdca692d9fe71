use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use crate::{OpenError, Sqlite, Store};

/// Where a database is: `sqlite://PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A file of this machine.
    Sqlite(PathBuf),
}

/// The text is no [`Address`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a database address is sqlite://PATH, for example sqlite:///var/lib/deskbell/gateway.sqlite")]
pub struct NotAnAddress;

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        match text.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(Path::new(path).to_owned())),
            _ => Err(NotAnAddress),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
        }
    }
}

/// Opens the database at `address`, makes it when there is none, and brings its tables up to date.
///
/// # Errors
/// See [`OpenError`].
pub async fn open(address: &Address) -> Result<Arc<dyn Store>, OpenError> {
    match address {
        Address::Sqlite(path) => Ok(Arc::new(Sqlite::open(path).await?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_alike() {
        for text in [
            "sqlite:///var/lib/deskbell/gateway.sqlite",
            "sqlite://gateway.sqlite",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for text in ["", "sqlite://", "gateway.sqlite", "mysql://localhost/deskbell"] {
            assert_eq!(text.parse::<Address>(), Err(NotAnAddress), "{text}");
        }
    }
}
