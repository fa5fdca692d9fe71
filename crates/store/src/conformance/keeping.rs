//! The access record, retention, backup and restore.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use deskbell_protocol::{Desk, DeskId, Epoch, Position, Seq, Status};
use jiff::Timestamp;

use super::{Fixture, form, form_of};
use crate::{
    Access, AccessFilter, Act, BackupError, Filter, Idempotency, Recorded, Store, StoreError, Who, Wish,
};

fn access(fixture: &Fixture, second: u64, number: Option<u8>, what: Act) -> Access {
    Access {
        at: fixture.now + Duration::from_secs(second),
        hospital: fixture.hospital.id,
        who: Who::Desk {
            desk: Desk {
                id: DeskId::new(fixture.now, &[1; 10]),
                name: "접수 1".to_owned(),
            },
            staff: Some("이수진".to_owned()),
        },
        from: Some("2001:db8::7".parse().unwrap()),
        reservation: number.map(|number| fixture.id(number)),
        what,
        detail: Some("date=2026-11-23".to_owned()),
    }
}

/// Any line of the record.
pub(crate) fn line(fixture: &Fixture) -> Access {
    access(fixture, 0, Some(1), Act::View)
}

pub(crate) async fn the_access_record_is_read_as_it_was_written(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let by_the_operator = Access {
        who: Who::Operator,
        from: None,
        detail: None,
        ..access(&fixture, 2, None, Act::SignOut)
    };
    let lines = [
        access(&fixture, 0, None, Act::List),
        access(&fixture, 1, Some(1), Act::View),
        by_the_operator,
        access(&fixture, 3, Some(2), Act::Claim),
        access(&fixture, 4, Some(1), Act::Status),
    ];
    for line in &lines {
        store.note_access(line.clone()).await.unwrap();
    }
    let read = async |filter, after, limit| {
        let read = store.accesses(filter, after, limit).await.unwrap();
        assert!(read.is_sorted_by(|one, two| one.0 < two.0));
        read
    };
    let all = read(AccessFilter::default(), 0, 100).await;
    assert_eq!(
        all.iter().map(|line| &line.1).collect::<Vec<_>>(),
        lines.iter().collect::<Vec<_>>()
    );
    let rest = read(AccessFilter::default(), all[1].0, 2).await;
    assert_eq!(rest, all[2..4]);
    let of_one = AccessFilter {
        reservation: Some(fixture.id(1)),
        ..AccessFilter::default()
    };
    assert_eq!(read(of_one, 0, 100).await, [all[1].clone(), all[4].clone()]);
    let between = AccessFilter {
        reservation: None,
        from: Some(lines[1].at),
        to: Some(lines[3].at),
    };
    assert_eq!(read(between, 0, 100).await, all[1..3]);
}

pub(crate) async fn what_is_old_and_over_is_forgotten_and_its_cursors_too(store: &dyn Store) {
    let (fixture, other) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    let day = |days: u64| fixture.now + Duration::from_secs(days * 86_400);
    let record = async |number, date, at| {
        let form = form_of(date, "10:30 ~ 11:00");
        store
            .record(fixture.hospital.id, None, fixture.id(number), &form, None, at)
            .await
            .unwrap();
    };
    record(1, "2026-11-23", day(0)).await;
    record(2, "2027-06-01", day(0)).await;
    record(3, "2026-11-24", day(0)).await;
    store
        .change(fixture.hospital.id, fixture.id(3), &Wish::Cancel, day(50))
        .await
        .unwrap();
    record(4, "2026-11-25", day(60)).await;
    other.record(store, 100).await;
    store
        .note_access(access(&fixture, 0, Some(1), Act::View))
        .await
        .unwrap();

    for _ in 0..2 {
        store.prune(day(40)).await.unwrap();
    }
    let state = store.log_state(fixture.hospital.id).await.unwrap();
    assert_eq!((state.pruned, state.position.seq), (Seq(3), Seq(5)));
    let can_replay = |seq| state.can_replay_after(&fixture.position(seq));
    assert_eq!([2, 3, 4, 5, 6].map(can_replay), [false, true, true, true, false]);
    let forgotten = store.reservation(fixture.hospital.id, fixture.id(1)).await;
    assert!(matches!(forgotten, Err(StoreError::NotFound)));
    for kept in [2, 4] {
        let details = store
            .reservation(fixture.hospital.id, fixture.id(kept))
            .await
            .unwrap();
        assert_eq!(details.history.len(), 1, "with its whole history");
    }
    let cancelled = store
        .reservation(fixture.hospital.id, fixture.id(3))
        .await
        .unwrap();
    assert_eq!(cancelled.history.len(), 2);
    let after = store
        .changes_after(fixture.hospital.id, Seq(3), 10)
        .await
        .unwrap();
    assert_eq!(
        after.iter().map(|logged| logged.seq.0).collect::<Vec<_>>(),
        [4, 5]
    );
    assert_eq!(
        store
            .accesses(AccessFilter::default(), 0, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    let elsewhere = store
        .reservations(other.hospital.id, Filter::Pending)
        .await
        .unwrap();
    assert_eq!(elsewhere.reservations.len(), 0, "its only one is as old");
}

pub(crate) async fn what_can_be_replayed_has_no_hole_though_a_clock_went_back(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let day = |days: u64| fixture.now + Duration::from_secs(days * 86_400);
    // The second came in while the clock stood at an old day, for a day as old.
    for (number, at) in [(1, day(60)), (2, day(0)), (3, day(60))] {
        store
            .record(fixture.hospital.id, None, fixture.id(number), &form(), None, at)
            .await
            .unwrap();
    }
    store.prune(day(40)).await.unwrap();
    let state = store.log_state(fixture.hospital.id).await.unwrap();
    let log = store
        .changes_after(fixture.hospital.id, state.pruned, 10)
        .await
        .unwrap();
    let seqs: Vec<_> = log.iter().map(|logged| logged.seq.0).collect();
    assert_eq!((state.pruned, seqs), (Seq(0), vec![1, 2, 3]));

    store.prune(day(70)).await.unwrap();
    let list = store.reservations(fixture.hospital.id, Filter::Pending).await;
    assert_eq!(list.unwrap().reservations.len(), 0, "in the end it goes, too");
}

/// `folder` is a folder for backups, in which is looked what is left.
pub(crate) async fn what_works_no_more_is_forgotten(store: &dyn Store, _empty: &dyn Store, folder: &Path) {
    let fixture = Fixture::of(store).await;
    // The code works for 10 minutes, each request is recognised for as long as its number says.
    fixture.offer(store, None).await;
    let at = |minutes: u64| fixture.now + Duration::from_secs(minutes * 60);
    for number in [5, 20] {
        let request = Idempotency {
            key: [number; 32],
            fields: [number; 32],
            until: at(number.into()),
        };
        store
            .record(
                fixture.hospital.id,
                None,
                fixture.id(number),
                &form(),
                Some(&request),
                fixture.now,
            )
            .await
            .unwrap();
    }
    for (minute, left) in [(4, (1, 2)), (5, (1, 1)), (10, (0, 1)), (20, (0, 0))] {
        store.forget_expired(at(minute)).await.unwrap();
        let file = folder.join(minute.to_string());
        store.backup(&file).await.unwrap();
        let mut backup = crate::sqlite::open_alone(&file).await.unwrap();
        let counts: (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM pairing_codes), (SELECT count(*) FROM idempotency_keys)",
        )
        .fetch_one(&mut backup)
        .await
        .unwrap();
        assert_eq!(counts, left, "after {minute} minutes");
    }
}

/// Something of everything that is kept.
async fn furnish(store: &dyn Store) -> Fixture {
    let fixture = Fixture::of(store).await;
    let desk = fixture.by(store, 1).await;
    fixture.by(store, 2).await;
    fixture.offer_enrolment(store, 3, 5).await;
    store.secret("watch", [1; 32]).await.unwrap();
    for number in 1..=3 {
        fixture.record(store, number).await;
    }
    fixture
        .change(store, 1, &Wish::Claim(desk.clone()), 0)
        .await
        .unwrap();
    let book = Wish::SetStatus {
        to: Status::Booked,
        if_version: 1,
        over_claim: false,
        by: desk.clone(),
    };
    fixture.change(store, 2, &book, 1).await.unwrap();
    store
        .mark_shown(desk.desk.id, &fixture.position(3))
        .await
        .unwrap();
    store
        .note_access(access(&fixture, 0, Some(1), Act::View))
        .await
        .unwrap();
    fixture
}

/// What two stores with the same content have alike.
async fn contents(store: &dyn Store, fixture: &Fixture) -> impl PartialEq + std::fmt::Debug {
    let id = fixture.hospital.id;
    let list = store
        .reservations(id, Filter::ReceivedSince(Timestamp::MIN))
        .await
        .unwrap();
    let mut histories = Vec::new();
    for reservation in &list.reservations {
        histories.push(store.reservation(id, reservation.id).await.unwrap());
    }
    let log = store.changes_after(id, Seq(0), 100).await.unwrap();
    let log: Vec<_> = log
        .iter()
        .map(|logged| (logged.seq, logged.change.get().to_owned()))
        .collect();
    (
        (list.position.seq, histories, log),
        (
            store.desks(id).await.unwrap(),
            store.enrolments(id).await.unwrap(),
        ),
        store.accesses(AccessFilter::default(), 0, 100).await.unwrap(),
        store.secret("watch", [9; 32]).await.unwrap(),
    )
}

fn next_life() -> Epoch {
    Epoch("the next life".to_owned())
}

/// `empty` is a store that nobody has written to; `folder` a folder for the backup.
pub(crate) async fn a_backup_brings_everything_back(store: &dyn Store, empty: &dyn Store, folder: &Path) {
    let fixture = furnish(store).await;
    let file = folder.join("backup.sqlite");
    store.backup(&file).await.unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let before = contents(store, &fixture).await;
    // What comes after the backup is not in it, and is gone after the restore.
    fixture.record(store, 4).await;

    // As a command does that only looked.
    empty.secret("watch", [7; 32]).await.unwrap();
    empty.restore(&file, &next_life).await.unwrap();
    assert!(contents(empty, &fixture).await == before);
    let state = empty.log_state(fixture.hospital.id).await.unwrap();
    assert_eq!(
        (state.position.epoch.clone(), state.position.seq),
        (next_life(), Seq(5))
    );
    let old_cursor = Position {
        epoch: fixture.position(5).epoch,
        seq: Seq(5),
    };
    assert!(
        !state.can_replay_after(&old_cursor),
        "a cursor of the life before is noticed"
    );
    let Recorded::New(next) = fixture.record(empty, 5).await else {
        panic!("it is new");
    };
    assert_eq!(next.seq, Seq(6));
    empty
        .note_access(access(&fixture, 1, Some(2), Act::View))
        .await
        .unwrap();
    let numbers: BTreeSet<_> = empty
        .accesses(AccessFilter::default(), 0, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|line| line.0)
        .collect();
    assert_eq!(numbers.len(), 2);
    assert_eq!(
        std::fs::read_dir(folder).unwrap().count(),
        1,
        "nothing is left beside the backup"
    );
}

/// `folder` is a folder for backups.
pub(crate) async fn a_backup_overwrites_nothing_and_is_restored_into_nothing_else(
    store: &dyn Store,
    _empty: &dyn Store,
    folder: &Path,
) {
    furnish(store).await;
    let letter = folder.join("letter.txt");
    std::fs::write(&letter, "Dear colleagues").unwrap();
    assert!(matches!(store.backup(&letter).await, Err(BackupError::Exists(_))));
    assert_eq!(std::fs::read_to_string(&letter).unwrap(), "Dear colleagues");
    let nowhere = store.backup(&folder.join("no/such/folder")).await;
    assert!(matches!(nowhere, Err(BackupError::File { .. })));

    let file = folder.join("backup.sqlite");
    store.backup(&file).await.unwrap();
    assert!(matches!(
        store.restore(&file, &next_life).await,
        Err(BackupError::NotEmpty)
    ));
    for unreadable in [&letter, &folder.join("nothing")] {
        let refused = store.restore(unreadable, &next_life).await;
        assert!(
            matches!(refused, Err(BackupError::Unreadable { .. })),
            "{refused:?}"
        );
    }
}
