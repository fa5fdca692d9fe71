//! The SQLite back end: one file, one writer, any number of readers.

mod columns;
mod desks;
mod file;
mod hospitals;
mod reservations;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
    SqliteTransaction,
};
use sqlx::{ConnectOptions, Connection};

use crate::{OpenError, Store, StoreError};
use file::File;

/// How long a command waits for another process's transaction, or for a connection, before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Readers at the same time; a gateway's queries take well under a millisecond each.
const READERS: u32 = 4;

/// A [`Store`] in a SQLite file. In WAL mode with `synchronous=FULL`: what was committed survives a power cut.
#[derive(Debug)]
pub struct Sqlite {
    /// The one connection that writes: SQLite has one writer at a time anyway, and waiting here is fair.
    writer: SqlitePool,
    readers: SqlitePool,
    file: File,
}

impl Sqlite {
    /// Opens the file, readable by this user alone; makes it, and its folder, when there is none.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let file = File::prepare(path).map_err(|source| OpenError::File {
            path: path.to_owned(),
            source,
        })?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            // A statement's text has no values in it, but nobody needs it in a log either.
            .disable_statement_logging();
        let writer = pool(1).connect_with(options.clone()).await.map_err(unavailable)?;
        migrate(&writer).await?;
        let readers = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self {
            writer,
            readers,
            file,
        })
    }

    /// Begins to write. Waits for every other writer first, so that nothing read inside can be outdated.
    async fn write(&self) -> Result<SqliteTransaction<'_>, StoreError> {
        self.file.check()?;
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(fault)
    }

    /// Ends what [`Self::write`] began. Looks at the file last: a commit into one that was deleted is worth nothing.
    async fn commit(&self, tx: SqliteTransaction<'_>) -> Result<(), StoreError> {
        tx.commit().await.map_err(fault)?;
        self.file.check()
    }

    /// Begins to read: everything inside sees one moment.
    async fn read(&self) -> Result<SqliteTransaction<'_>, StoreError> {
        self.readers.begin().await.map_err(fault)
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn ready(&self) -> Result<(), StoreError> {
        // Looks for the file, takes the write lock and gives it back: one that went away, is read-only or is locked
        // shows itself. A full disk does not: only writing tells.
        let tx = self.write().await?;
        tx.rollback().await.map_err(fault)
    }

    async fn secret(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let mut tx = self.write().await?;
        sqlx::query("INSERT INTO server_secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(fresh.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        let row = sqlx::query("SELECT value FROM server_secrets WHERE name = ?")
            .bind(name)
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
        let value = columns::bytes(&row, "value")?;
        self.commit(tx).await?;
        Ok(value)
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
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

/// Two programs that start at once on a new file must not both make its tables: the first holds the lock meanwhile.
async fn migrate(writer: &SqlitePool) -> Result<(), OpenError> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await.map_err(unavailable)?;
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

/// What the caller has to decide by. SQLite's messages name tables and columns, never a value.
fn fault(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::RowNotFound => StoreError::NotFound,
        sqlx::Error::Database(database) if database.is_foreign_key_violation() => StoreError::NotFound,
        _ => StoreError::Unavailable(Box::new(error)),
    }
}

/// The fault of inserting what a caller chose and may choose again: what is taken already is a conflict.
fn unless_taken(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => StoreError::Conflict,
        _ => fault(error),
    }
}

#[cfg(test)]
mod tests {
    use deskbell_protocol::{Position, Seq};

    use super::*;
    use crate::conformance::{Fixture, form};
    use crate::{Recorded, Reservations as _};

    crate::conformance::suite!(|folder: std::path::PathBuf| async move {
        let store = Sqlite::open(&folder.join("gateway.sqlite")).await.unwrap();
        Box::new(store) as Box<dyn Store>
    });

    #[tokio::test]
    async fn a_database_of_a_newer_program_is_refused_with_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.sqlite");
        let store = Sqlite::open(&path).await.unwrap();
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'later', TRUE, x'00', 0)",
        )
        .execute(&store.writer)
        .await
        .unwrap();
        store.close().await;

        let error = Sqlite::open(&path).await.unwrap_err();
        assert!(matches!(error, OpenError::Newer { schema: 9999 }));
        assert!(error.to_string().contains("update this program"), "{error}");
    }

    #[tokio::test]
    async fn what_is_no_database_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter.txt");
        let letter = "Dear colleagues, ".repeat(100);
        std::fs::write(&path, &letter).unwrap();
        assert!(matches!(
            Sqlite::open(&path).await,
            Err(OpenError::Unavailable(_))
        ));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn no_other_user_may_read_any_of_its_files() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/gateway.sqlite");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        let store = Sqlite::open(&path).await.unwrap();
        Fixture::of(&store).await;

        let files: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(files.len(), 3, "database, write-ahead log and its index");
        for file in files {
            let file = file.unwrap();
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{:?}", file.file_name());
        }
    }

    #[tokio::test]
    async fn programs_that_start_at_once_share_a_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.sqlite");
        let open = || {
            let path = path.clone();
            tokio::spawn(async move { Sqlite::open(&path).await })
        };
        for opened in [open(), open(), open(), open()] {
            opened.await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn what_was_recorded_is_there_when_the_file_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.sqlite");
        let store = Sqlite::open(&path).await.unwrap();
        let fixture = Fixture::of(&store).await;
        let Recorded::New(recorded) = fixture.record(&store, 1).await else {
            panic!("it is new");
        };
        store.close().await;

        let store = Sqlite::open(&path).await.unwrap();
        let details = store.reservation(fixture.hospital.id, recorded.id).await.unwrap();
        assert_eq!(details.reservation, recorded);
    }

    #[tokio::test]
    async fn a_cursor_older_than_what_is_retained_cannot_be_replayed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("gateway.sqlite")).await.unwrap();
        let fixture = Fixture::of(&store).await;
        for n in 1..=4 {
            fixture.record(&store, n).await;
        }
        sqlx::query("DELETE FROM log WHERE seq <= 2")
            .execute(&store.writer)
            .await
            .unwrap();
        let state = store.log_state(fixture.hospital.id).await.unwrap();
        let can_replay = |seq| {
            state.can_replay_after(&Position {
                epoch: state.position.epoch.clone(),
                seq: Seq(seq),
            })
        };
        assert_eq!([1, 2, 3, 4, 5].map(can_replay), [false, true, true, true, false]);
    }

    #[tokio::test]
    async fn a_log_that_cannot_be_written_leaves_no_half_of_a_reservation_and_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("gateway.sqlite")).await.unwrap();
        let fixture = Fixture::of(&store).await;
        // As a full disk does, it rolls the whole transaction back, not the statement alone.
        sqlx::query(
            "CREATE TRIGGER disk_full BEFORE INSERT ON log BEGIN SELECT RAISE(ROLLBACK, 'no room'); END",
        )
        .execute(&store.writer)
        .await
        .unwrap();
        for _ in 0..3 {
            let refused = store
                .record(fixture.hospital.id, fixture.id(1), &form(), None, fixture.now)
                .await;
            let Err(StoreError::Unavailable(source)) = refused else {
                panic!("there is no room");
            };
            assert!(source.to_string().contains("no room"), "{source}");
            let state = store.log_state(fixture.hospital.id).await.unwrap();
            assert_eq!(state.position.seq, Seq(0));
            let gone = store.reservation(fixture.hospital.id, fixture.id(1)).await;
            assert!(matches!(gone, Err(StoreError::NotFound)));
        }
        sqlx::query("DROP TRIGGER disk_full")
            .execute(&store.writer)
            .await
            .unwrap();
        store.ready().await.unwrap();
        let Recorded::New(recorded) = fixture.record(&store, 1).await else {
            panic!("it is new");
        };
        assert_eq!(recorded.seq, Seq(1));
    }

    #[tokio::test]
    async fn a_reader_whose_transaction_sqlite_ended_does_not_see_the_past_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("gateway.sqlite")).await.unwrap();
        let fixture = Fixture::of(&store).await;
        let mut reading = Vec::new();
        for _ in 0..READERS {
            let mut tx = store.read().await.unwrap();
            sqlx::query("ROLLBACK").execute(&mut *tx).await.unwrap();
            reading.push(tx);
        }
        drop(reading);
        for n in 1..=10 {
            fixture.record(&store, n).await;
            let state = store.log_state(fixture.hospital.id).await.unwrap();
            assert_eq!(state.position.seq, Seq(n.into()));
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_went_away_takes_nothing_in_until_it_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let (path, away) = (folder.path().join("gateway.sqlite"), folder.path().join("away"));
        let store = Sqlite::open(&path).await.unwrap();
        let fixture = Fixture::of(&store).await;
        fixture.record(&store, 1).await;
        let refused = async || {
            let recorded = store
                .record(fixture.hospital.id, fixture.id(2), &form(), None, fixture.now)
                .await;
            matches!(store.ready().await, Err(StoreError::Unavailable(_)))
                && matches!(recorded, Err(StoreError::Unavailable(_)))
        };
        std::fs::rename(&path, &away).unwrap();
        assert!(refused().await, "it is gone");
        std::fs::copy(&away, &path).unwrap();
        assert!(refused().await, "it is another");
        std::fs::rename(&away, &path).unwrap();
        store.ready().await.unwrap();
        fixture.record(&store, 2).await;
        let state = store.log_state(fixture.hospital.id).await.unwrap();
        assert_eq!(state.position.seq, Seq(2));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_commit_into_a_deleted_file_is_no_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.sqlite");
        let store = Sqlite::open(&path).await.unwrap();
        let tx = store.write().await.unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(store.commit(tx).await, Err(StoreError::Unavailable(_))));
    }

    #[tokio::test]
    async fn a_row_that_cannot_be_read_is_reported_without_its_value() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("gateway.sqlite")).await.unwrap();
        let fixture = Fixture::of(&store).await;
        fixture.record(&store, 1).await;
        sqlx::query("UPDATE reservations SET reservationtime = 'canary'")
            .execute(&store.writer)
            .await
            .unwrap();
        let error = store
            .reservation(fixture.hospital.id, fixture.id(1))
            .await
            .unwrap_err();
        let StoreError::Unavailable(source) = error else {
            panic!("it cannot be read");
        };
        assert_eq!(source.to_string(), "the column reservationtime cannot be read");
    }
}
