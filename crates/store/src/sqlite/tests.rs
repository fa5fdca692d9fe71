use deskbell_protocol::event::Change;
use deskbell_protocol::{Epoch, ReservationId, Seq};

use super::*;
use crate::conformance::{Fixture, form};
use crate::{
    AccessRecord as _, By, Desks as _, Filter, Hospitals as _, Idempotency, Recorded, Reservations as _,
    Store, Wish,
};

crate::conformance::suite!(|folder: std::path::PathBuf| async move {
    let store = open(&folder.join("gateway.sqlite")).await.unwrap();
    Box::new(store) as Box<dyn Store>
});

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite");
    let store = open(&path).await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', TRUE, x'00', 0)",
    )
    .execute(&store.connections().writer)
    .await
    .unwrap();
    store.close().await;

    let error = open(&path).await.unwrap_err();
    assert!(matches!(error, OpenError::Newer { schema: 9999 }));
    assert!(error.to_string().contains("update this program"), "{error}");
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    let letter = "Dear colleagues, ".repeat(100);
    std::fs::write(&path, &letter).unwrap();
    assert!(matches!(open(&path).await, Err(OpenError::Unavailable(_))));
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
    let store = open(&path).await.unwrap();
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
        tokio::spawn(async move { open(&path).await })
    };
    for opened in [open(), open(), open(), open()] {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_was_recorded_is_there_when_the_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite");
    let store = open(&path).await.unwrap();
    let fixture = Fixture::of(&store).await;
    let Recorded::New(recorded) = fixture.record(&store, 1).await else {
        panic!("it is new");
    };
    store.close().await;

    let store = open(&path).await.unwrap();
    let details = store.reservation(fixture.hospital.id, recorded.id).await.unwrap();
    assert_eq!(details.reservation, recorded);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_leaves_no_half_of_a_reservation_and_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("gateway.sqlite")).await.unwrap();
    let fixture = Fixture::of(&store).await;
    // As a full disk does, it rolls the whole transaction back, not the statement alone.
    sqlx::query("CREATE TRIGGER disk_full BEFORE INSERT ON log BEGIN SELECT RAISE(ROLLBACK, 'no room'); END")
        .execute(&store.connections().writer)
        .await
        .unwrap();
    for _ in 0..3 {
        let refused = store
            .record(
                fixture.hospital.id,
                None,
                fixture.id(1),
                &form(),
                None,
                fixture.now,
            )
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
        .execute(&store.connections().writer)
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
    let store = open(&folder.path().join("gateway.sqlite")).await.unwrap();
    let fixture = Fixture::of(&store).await;
    let mut reading = Vec::new();
    for _ in 0..READERS {
        let mut tx = store.connections().read().await.unwrap();
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
    let store = open(&path).await.unwrap();
    let fixture = Fixture::of(&store).await;
    fixture.record(&store, 1).await;
    let refused = async || {
        let recorded = store
            .record(
                fixture.hospital.id,
                None,
                fixture.id(2),
                &form(),
                None,
                fixture.now,
            )
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
    let store = open(&path).await.unwrap();
    let tx = store.connections().write().await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(
        store.connections().commit(tx).await,
        Err(StoreError::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_reported_without_its_value() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("gateway.sqlite")).await.unwrap();
    let fixture = Fixture::of(&store).await;
    fixture.record(&store, 1).await;
    sqlx::query("UPDATE reservations SET reservationtime = 'canary'")
        .execute(&store.connections().writer)
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

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_no_other_claim_from_ending() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("gateway.sqlite")).await.unwrap();
    let fixture = Fixture::of(&store).await;
    let by = By {
        desk: store
            .desk_by_token(&fixture.pair(&store, 1).await)
            .await
            .unwrap()
            .desk,
        staff: None,
    };
    for number in [1, 2] {
        fixture.record(&store, number).await;
        let claim = Wish::Claim(by.clone());
        store
            .change(fixture.hospital.id, fixture.id(number), &claim, fixture.now)
            .await
            .unwrap();
    }
    sqlx::query("UPDATE reservations SET reservationtime = 'canary' WHERE id = $1")
        .bind(fixture.id(1).as_bytes().as_slice())
        .execute(&store.connections().writer)
        .await
        .unwrap();
    let later = fixture.now + Duration::from_secs(3600);
    assert!(store.expire_claims(later).await.is_err());
    let other = store
        .reservation(fixture.hospital.id, fixture.id(2))
        .await
        .unwrap();
    assert_eq!(other.reservation.claim, None);
}

#[tokio::test]
async fn the_access_record_is_never_changed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("gateway.sqlite")).await.unwrap();
    let fixture = Fixture::of(&store).await;
    store
        .note_access(crate::conformance::keeping::line(&fixture))
        .await
        .unwrap();
    for change in [
        "UPDATE access_record SET detail = ''",
        "DELETE FROM access_record",
    ] {
        let refused = sqlx::query(change)
            .execute(&store.connections().writer)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("only added to"), "{refused}");
    }
}

/// A database as the first schema's program left it: a hospital with a desk that has shown what there was, a reservation, a
/// pairing code and a request that may come again.
async fn of_the_first_schema(path: &Path) {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let mut connection = options.connect().await.unwrap();
    let all = sqlx::migrate!("migrations/sqlite");
    let first: Vec<_> = all.iter().filter(|one| one.version == 1).cloned().collect();
    sqlx::migrate::Migrator::with_migrations(first)
        .run(&mut connection)
        .await
        .unwrap();
    sqlx::raw_sql(include_str!("first_schema.sql"))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_database_of_the_first_schema_is_taken_over_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite");
    of_the_first_schema(&path).await;
    let store = open(&path).await.unwrap();

    let [hospital] = &store.hospitals().await.unwrap()[..] else {
        panic!("one hospital");
    };
    let id = hospital.hospital.id;
    assert_eq!((&*hospital.hospital.slug, hospital.claim_minutes), ("haneul", 7));
    let log = store.log_state(id).await.unwrap();
    assert_eq!(
        (&*log.position.epoch.0, log.position.seq, log.pruned),
        ("first life", Seq(1), Seq(0))
    );
    assert_eq!(store.heads().await.unwrap()[0].sign_outs, 0);

    let [desk] = &store.desks(id).await.unwrap()[..] else {
        panic!("one desk");
    };
    assert_eq!(desk.shown.as_ref(), Some(&log.position));
    let by = By {
        desk: desk.desk.clone(),
        staff: None,
    };
    let list = store.reservations(id, Filter::Pending).await.unwrap();
    let [reservation] = &list.reservations[..] else {
        panic!("one reservation");
    };
    assert_eq!(
        (reservation.seq, &reservation.claim, &reservation.handled_by),
        (Seq(1), &None, &None)
    );
    let replayed = store.changes_after(id, Seq(0), 10).await.unwrap();
    let change: Change = serde_json::from_str(replayed[0].change.get()).unwrap();
    assert_eq!(&change.reservation, reservation);
    let repeat = Idempotency {
        key: [5; 32],
        fields: [6; 32],
        until: reservation.received_at,
    };
    let now = reservation.received_at;
    let repeated = store
        .record(
            id,
            None,
            ReservationId::new(now, &[9; 10]),
            &form(),
            Some(&repeat),
            now,
        )
        .await;
    assert_eq!(repeated.unwrap(), Recorded::Repeated(reservation.clone()));

    // And what the second schema is for.
    let claimed = store
        .change(id, reservation.id, &Wish::Claim(by), now)
        .await
        .unwrap();
    assert_eq!(
        (claimed.seq, claimed.claim.unwrap().until),
        (Seq(2), now + Duration::from_secs(7 * 60))
    );
    store.revoke_desk(id, desk.desk.id, now).await.unwrap();
    assert_eq!(store.log_state(id).await.unwrap().position.seq, Seq(3));
}

#[tokio::test]
async fn a_backup_of_the_first_schema_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let (old, backup) = (
        folder.path().join("old.sqlite"),
        folder.path().join("backup.sqlite"),
    );
    of_the_first_schema(&old).await;
    let mut connection = SqliteConnectOptions::new()
        .filename(&old)
        .connect()
        .await
        .unwrap();
    sqlx::query("VACUUM INTO $1")
        .bind(backup.to_str().unwrap())
        .execute(&mut connection)
        .await
        .unwrap();
    let before = std::fs::read(&backup).unwrap();
    let store = open(&folder.path().join("gateway.sqlite")).await.unwrap();
    store
        .restore(&backup, &|| Epoch("second life".to_owned()))
        .await
        .unwrap();
    let id = store.hospitals().await.unwrap()[0].hospital.id;
    let list = store.reservations(id, Filter::Pending).await.unwrap();
    assert_eq!(
        (&*list.position.epoch.0, list.reservations.len()),
        ("second life", 1)
    );
    assert!(
        std::fs::read(&backup).unwrap() == before,
        "the backup itself stays as it is"
    );
}

#[tokio::test]
async fn a_file_that_is_no_backup_is_not_restored_as_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("gateway.sqlite")).await.unwrap();
    let (empty, other) = (folder.path().join("empty"), folder.path().join("other"));
    std::fs::write(&empty, "").unwrap();
    let options = SqliteConnectOptions::new()
        .filename(&other)
        .create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::query("CREATE TABLE notes (note TEXT)")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    for file in [empty, other] {
        let restored = store.restore(&file, &|| Epoch("e".to_owned())).await;
        assert!(
            matches!(restored, Err(BackupError::Unreadable { .. })),
            "{restored:?}"
        );
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_backup_is_in_the_file_that_was_named_or_refused() {
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("gateway.sqlite")).await.unwrap();
    Fixture::of(&store).await;
    for (number, name) in [&b"with ? and % and #"[..], "백업".as_bytes(), b"\xff\xfe"]
        .into_iter()
        .enumerate()
    {
        let file = folder.path().join(std::ffi::OsStr::from_bytes(name));
        if store.backup(&file).await.is_err() {
            assert!(!file.exists(), "{file:?}");
            continue;
        }
        let other = open(&folder.path().join(number.to_string())).await.unwrap();
        other.restore(&file, &|| Epoch("e".to_owned())).await.unwrap();
        assert_eq!(other.hospitals().await.unwrap().len(), 1, "{file:?}");
    }
}

#[tokio::test]
async fn a_days_requests_are_not_read_through_for_each_group() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("gateway.sqlite")).await.unwrap();
    let fixture = Fixture::of(&store).await;
    let find = sql::intake::find([1, 2].map(|n| (fixture.hospital.id, [n; 32])));
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", find.sql().as_str()));
    let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain)
        .fetch_all(store.connections().readers())
        .await
        .unwrap();
    let steps: Vec<_> = plan.iter().map(|step| step.3.as_str()).collect();
    assert!(
        steps
            .iter()
            .any(|step| step.starts_with("SEARCH k USING INDEX sqlite_autoindex_idempotency_keys_1 (")),
        "{steps:?}"
    );
}
