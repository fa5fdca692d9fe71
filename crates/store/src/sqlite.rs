//! The SQLite back end: one file, one writer, any number of readers.

pub(crate) mod file;
#[path = "sql/mod.rs"]
pub(crate) mod sql;

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use deskbell_protocol::HospitalId;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous, SqliteTransaction,
};
use sqlx::{ConnectOptions, Connection as _};
use tempfile::NamedTempFile;

use crate::transfer::{Table, Value};
use crate::{BackupError, OpenError, StoreError};
use file::File;
use sql::{Tables, fault};

/// How long a command waits for another process's transaction, or for a connection, before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Readers at the same time; a gateway's queries take well under a millisecond each.
const READERS: u32 = 4;

/// The statements' database.
type Db = sqlx::Sqlite;

/// Whoever writes has the whole database to itself: nothing more is locked.
const LOCK_HOSPITAL: &str = "SELECT head, claim_minutes FROM hospitals WHERE id = $1";
const LOCKED: &str = "";
const AFTER_RESTORE: &[&str] = &[];

/// Opens the file, readable by this user alone; makes it, and its folder, when there is none. In WAL mode with
/// `synchronous=FULL`: what was committed survives a power cut.
///
/// # Errors
/// See [`OpenError`].
pub(crate) async fn open(path: &Path) -> Result<Tables, OpenError> {
    let file = File::prepare(path).map_err(|source| OpenError::File {
        path: path.to_owned(),
        source,
    })?;
    let options = options(path)
        .journal_mode(SqliteJournalMode::Wal)
        // What is forgotten is not left in the file's free pages.
        .pragma("secure_delete", "ON")
        // What a statement would put back if it failed half-way is kept in memory: it costs a file for each statement else.
        .pragma("temp_store", "MEMORY")
        // Pages written again and again are carried over once in a while, 32 MiB at most behind.
        .pragma("wal_autocheckpoint", "8000");
    let writer = pool(1).connect_with(options.clone()).await.map_err(unavailable)?;
    migrate(&mut *writer.acquire().await.map_err(unavailable)?).await?;
    let readers = pool(READERS).connect_lazy_with(options.clone().pragma("query_only", "ON"));
    Ok(Tables::new(Connections {
        writer,
        readers,
        options,
        file,
    }))
}

/// The connections to one file.
#[derive(Debug)]
pub(crate) struct Connections {
    /// The one connection that writes: SQLite has one writer at a time anyway, and waiting here is fair.
    writer: SqlitePool,
    readers: SqlitePool,
    options: SqliteConnectOptions,
    file: File,
}

impl Connections {
    /// Begins to write. Waits for every other writer first, so that nothing read inside can be outdated.
    async fn write(&self) -> Result<SqliteTransaction<'static>, StoreError> {
        self.file.check()?;
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(fault)
    }

    /// Ends what [`Self::write`] began. Looks at the file last: a commit into one that was deleted is worth nothing.
    async fn commit(&self, tx: SqliteTransaction<'static>) -> Result<(), StoreError> {
        tx.commit().await.map_err(fault)?;
        self.file.check()
    }

    /// Begins to read: everything inside sees one moment.
    async fn read(&self) -> Result<SqliteTransaction<'static>, StoreError> {
        self.readers.begin().await.map_err(fault)
    }

    /// For single statements that only read.
    fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// A file carries no hints: who wants to know looks.
    fn announce(&self, _grown: &[HospitalId]) {}

    async fn next_wake(&self) -> HospitalId {
        std::future::pending().await
    }

    /// A connection of its own copies at leisure, while others write.
    async fn backup(&self, path: &Path) -> Result<(), BackupError> {
        let name = path.to_str().ok_or_else(|| BackupError::File {
            path: path.to_owned(),
            source: ErrorKind::InvalidFilename.into(),
        })?;
        file::new_backup(path, async {
            let mut connection = self.options.connect().await.map_err(fault)?;
            sqlx::query("VACUUM INTO $1")
                .bind(name)
                .execute(&mut connection)
                .await
                .map_err(fault)?;
            connection.close().await.map_err(fault)
        })
        .await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A backup, open to be read. The file itself is left as it is: what is opened, and perhaps brought up to date, is a copy
/// beside it, which goes with this value.
pub(crate) struct Backup {
    connection: SqliteConnection,
    _copy: NamedTempFile,
}

/// Opens a backup.
pub(crate) async fn open_backup(path: &Path) -> Result<Backup, BackupError> {
    let unreadable = |source: OpenError| BackupError::Unreadable {
        path: path.to_owned(),
        source: Box::new(source),
    };
    let copy = file::copy(path).map_err(|source| {
        unreadable(OpenError::File {
            path: path.to_owned(),
            source,
        })
    })?;
    let connection = open_copy(copy.path()).await.map_err(unreadable)?;
    Ok(Backup {
        connection,
        _copy: copy,
    })
}

/// Opens a copy of a backup. What has none of our tables is none: they would be made, and be empty.
async fn open_copy(path: &Path) -> Result<SqliteConnection, OpenError> {
    let mut connection = options(path).connect().await.map_err(unavailable)?;
    sqlx::query("SELECT version FROM _sqlx_migrations LIMIT 1")
        .fetch_one(&mut connection)
        .await
        .map_err(unavailable)?;
    connection.close().await.map_err(unavailable)?;
    open_alone(path).await
}

impl Backup {
    /// The rows of a table.
    pub(crate) fn rows_of<'c>(
        &'c mut self,
        table: &'static Table,
    ) -> impl futures_util::Stream<Item = Result<Vec<Value>, StoreError>> + Unpin + Send + 'c {
        sql::transfer::rows_of(&mut self.connection, table)
    }
}

/// Opens a file that nobody else uses, with all tables as this program knows them.
pub(crate) async fn open_alone(path: &Path) -> Result<SqliteConnection, OpenError> {
    let options = options(path).journal_mode(SqliteJournalMode::Delete);
    let mut connection = options.connect().await.map_err(unavailable)?;
    migrate(&mut connection).await?;
    Ok(connection)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        // A statement's text has no values in it, but nobody needs it in a log either.
        .disable_statement_logging()
}

fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        // A file does not hang up as a server does: no connection needs to be pinged or renewed.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        // On a full disk SQLite rolls back by itself, and sqlx, whose own rollback then fails, counts the transaction
        // as open for good: a writer would begin none any more, a reader would see one moment for ever.
        .before_acquire(|connection, _| {
            let usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(usable) })
        })
}

/// Brings the tables up to date. Two programs that start at once on a new file must not both make its tables: the first
/// holds the lock meanwhile.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let mut tx = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(unavailable)?;
    // `Migrator::run` is not `Send` when it is given a transaction's connection; this is what it calls.
    let migrated = sqlx::migrate!("migrations/sqlite")
        .run_direct(None, &mut *tx, false)
        .await;
    migrated.map_err(|error| match error {
        MigrateError::VersionMissing(schema) => OpenError::Newer { schema },
        other => unavailable(other),
    })?;
    tx.commit().await.map_err(unavailable)
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> OpenError {
    OpenError::Unavailable(Box::new(error))
}

#[cfg(test)]
mod tests;
