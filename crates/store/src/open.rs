use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;

use crate::{OpenError, Store, postgres, sqlite};

/// Where a database is: `sqlite://PATH`, or `postgres://USER:PASSWORD@HOST/DATABASE` with the parameters that PostgreSQL's own
/// programs know.
#[derive(Clone)]
pub enum Address {
    /// A file of this machine.
    Sqlite(PathBuf),
    /// A PostgreSQL server's database.
    Postgres(Box<PostgresAddress>),
}

/// A PostgreSQL database. `Display` and `Debug` leave the password out.
#[derive(Clone)]
pub struct PostgresAddress(PgConnectOptions);

/// The text is no [`Address`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a database address is sqlite://PATH, for example sqlite:///var/lib/deskbell-gateway/gateway.sqlite, or \
     postgres://USER:PASSWORD@HOST:PORT/DATABASE"
)]
pub struct NotAnAddress;

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        match text.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(Path::new(path).to_owned())),
            Some(("postgres" | "postgresql", _)) => {
                let options = text.parse().map_err(|_| NotAnAddress)?;
                Ok(Self::Postgres(Box::new(PostgresAddress(options))))
            }
            _ => Err(NotAnAddress),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.0.get_host(), self.0.get_port());
        // As PostgreSQL does it: a database without a name is the user's own.
        let (user, database) = (self.0.get_username(), self.0.get_database());
        write!(f, "postgres://{user}@{host}:{port}/{}", database.unwrap_or(user))
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Opens the database at `address`, makes its tables when there are none, and brings them up to date. A SQLite file is made
/// when there is none; a PostgreSQL database must be there.
///
/// # Errors
/// See [`OpenError`].
pub async fn open(address: &Address) -> Result<Arc<dyn Store>, OpenError> {
    match address {
        Address::Sqlite(path) => Ok(Arc::new(sqlite::open(path).await?)),
        Address::Postgres(address) => Ok(Arc::new(postgres::open(&address.0).await?)),
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
            assert_eq!(text.parse::<Address>().unwrap_err(), NotAnAddress, "{text}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let address: Address = "postgres://bell:canary@db.example:5433/deskbell?sslmode=verify-full"
            .parse()
            .unwrap();
        assert_eq!(address.to_string(), "postgres://bell@db.example:5433/deskbell");
        assert!(!format!("{address:?}").contains("canary"));
    }
}
