//! The PostgreSQL back end: several gateways on one database.

#[path = "sql/mod.rs"]
#[expect(
    clippy::duplicate_mod,
    reason = "compiled once for each back end, decision 0014"
)]
pub(crate) mod sql;
mod wakes;

use std::path::Path;
use std::time::Duration;

use deskbell_protocol::HospitalId;
use futures_util::TryStreamExt;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection as _, PgTransaction};

use crate::sqlite::{self, file::new_backup};
use crate::transfer::TABLES;
use crate::{BackupError, OpenError, StoreError};
use sql::{Tables, fault};
use wakes::Wakes;

/// How long a command waits for another transaction's lock, or for a connection, before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections of one gateway. A server takes 100 by default: enough for several gateways and their commands.
const CONNECTIONS: u32 = 12;

/// How many rows of a backup are written by one statement.
const PART: usize = 500;

/// The statements' database.
type Db = sqlx::Postgres;

/// Changes of one hospital wait for each other, those of others do not.
const LOCK_HOSPITAL: &str = "SELECT head, claim_minutes FROM hospitals WHERE id = $1 FOR NO KEY UPDATE";
const LOCKED: &str = " FOR NO KEY UPDATE";

/// The next number is after those that came with the backup.
const AFTER_RESTORE: &[&str] = &["SELECT setval(pg_get_serial_sequence('access_record', 'number'),
                                               (SELECT coalesce(max(number), 0) + 1 FROM access_record), false)"];

/// Opens the database, whose tables it makes where there are none.
///
/// # Errors
/// See [`OpenError`].
pub(crate) async fn open(options: &PgConnectOptions) -> Result<Tables, OpenError> {
    let patience = format!("{}ms", PATIENCE.as_millis());
    let options = options
        .clone()
        .application_name("deskbell-gateway")
        // A gateway that hangs within a transaction must not keep the others waiting for good.
        .options([
            ("lock_timeout", &*patience),
            ("idle_in_transaction_session_timeout", "30s"),
        ])
        // A statement's text has no values in it, but nobody needs it in a log either.
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .after_connect(|connection, _| {
            Box::pin(async move {
                // What was answered is on the disk, whatever the server's default is.
                sqlx::query(
                    "SELECT set_config('synchronous_commit', 'on', false)
                     WHERE current_setting('synchronous_commit') = 'off'",
                )
                .execute(connection)
                .await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .map_err(unavailable)?;
    // Takes a lock of the database's: gateways that start at once wait for each other.
    let migrated = sqlx::migrate!("migrations/postgres").run(&pool).await;
    migrated.map_err(|error| match error {
        MigrateError::VersionMissing(schema) => OpenError::Newer { schema },
        other => unavailable(other),
    })?;
    Ok(Tables::new(Connections {
        wakes: Wakes::new(pool.clone()),
        pool,
    }))
}

/// The connections to one database.
#[derive(Debug)]
pub(crate) struct Connections {
    pool: PgPool,
    wakes: Wakes,
}

impl Connections {
    /// Begins to write. What is read inside may be outdated unless its hospital is locked first.
    async fn write(&self) -> Result<PgTransaction<'static>, StoreError> {
        self.pool.begin_with("BEGIN READ WRITE").await.map_err(fault)
    }

    /// Ends what [`Self::write`] began.
    async fn commit(&self, tx: PgTransaction<'static>) -> Result<(), StoreError> {
        tx.commit().await.map_err(fault)
    }

    /// Begins to read: everything inside sees one moment.
    async fn read(&self) -> Result<PgTransaction<'static>, StoreError> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.pool.begin_with(begin).await.map_err(fault)
    }

    /// For single statements that only read.
    fn readers(&self) -> &PgPool {
        &self.pool
    }

    fn announce(&self, grown: &[HospitalId]) {
        self.wakes.announce(grown);
    }

    async fn next_wake(&self) -> HospitalId {
        self.wakes.next().await
    }

    /// Copies every row, as all of them stand at one moment.
    async fn backup(&self, path: &Path) -> Result<(), BackupError> {
        let copy = async {
            let opened = sqlite::open_alone(path).await;
            let mut target = opened.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
            let (mut source, mut tx) = (self.read().await?, target.begin().await.map_err(fault)?);
            for table in TABLES {
                let mut rows = sql::transfer::rows_of(&mut source, table).try_chunks(PART);
                while let Some(part) = rows.try_next().await.map_err(|error| error.1)? {
                    sqlite::sql::transfer::insert(&mut tx, table, part.into_iter()).await?;
                }
            }
            tx.commit().await.map_err(fault)?;
            target.close().await.map_err(fault)
        };
        new_backup(path, copy).await
    }

    async fn close(&self) {
        self.wakes.close().await;
        self.pool.close().await;
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> OpenError {
    OpenError::Unavailable(Box::new(error))
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
