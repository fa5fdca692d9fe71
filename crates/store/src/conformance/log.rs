//! Taking reservations in, and the log.

use std::time::Duration;

use deskbell_protocol::event::{Change, ChangeKind};
use deskbell_protocol::http::Actor;
use deskbell_protocol::{DeskId, Epoch, HospitalId, Position, Seq, Status};

use super::{Fixture, form, form_of};
use crate::{Filter, Head, Idempotency, LogState, Recorded, Store, StoreError};

pub(crate) async fn shown_never_goes_backwards_nor_beyond_the_log(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let token = fixture.pair(store, 1).await;
    for number in 1..=3 {
        fixture.record(store, number).await;
    }
    let shown = || async { store.desk_by_token(&token).await.unwrap().shown };
    assert_eq!(shown().await, None);
    for (seq, then) in [(2, 2), (1, 2), (3, 3)] {
        store
            .mark_shown(token.owner(), &fixture.position(seq))
            .await
            .unwrap();
        assert_eq!(shown().await, Some(fixture.position(then)));
    }
    let other_life = Position {
        epoch: Epoch("other".to_owned()),
        seq: Seq(3),
    };
    for impossible in [fixture.position(4), fixture.position(u64::MAX), other_life] {
        let refused = store.mark_shown(token.owner(), &impossible).await;
        assert!(matches!(refused, Err(StoreError::Conflict)));
    }
    assert_eq!(shown().await, Some(fixture.position(3)));
    let nobody = DeskId::new(fixture.now, &[9; 10]);
    assert!(matches!(
        store.mark_shown(nobody, &fixture.position(1)).await,
        Err(StoreError::NotFound)
    ));
}

pub(crate) async fn seq_grows_by_one_in_each_hospital_alone(store: &dyn Store) {
    let (one, two) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    assert_eq!(
        store.log_state(one.hospital.id).await.unwrap().position,
        one.position(0)
    );
    one.record(store, 1).await;
    one.record(store, 2).await;
    two.record(store, 3).await;
    assert_eq!(
        store.log_state(one.hospital.id).await.unwrap().position,
        one.position(2)
    );
    assert_eq!(
        store.log_state(two.hospital.id).await.unwrap().position,
        two.position(1)
    );
    let head = |fixture: &Fixture, seq| Head {
        hospital: fixture.hospital.id,
        log: LogState {
            position: fixture.position(seq),
            pruned: Seq(0),
        },
        sign_outs: 0,
    };
    let mut heads = store.heads().await.unwrap();
    heads.sort_by_key(|head| head.hospital);
    assert_eq!(heads, [head(&one, 2), head(&two, 1)]);
    let nowhere = HospitalId::new(one.now, &[9; 10]);
    let refused = store
        .record(nowhere, None, one.id(4), &form(), None, one.now)
        .await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
    assert!(matches!(
        store.log_state(nowhere).await,
        Err(StoreError::NotFound)
    ));
}

pub(crate) async fn concurrent_records_leave_no_gap(store: &dyn Store) {
    let fixture = &Fixture::of(store).await;
    let mut records = (1..=16)
        .map(|number| Box::pin(fixture.record(store, number)))
        .collect::<Vec<_>>();
    // Polls all of them in turn until each is done, in whatever order the store serves them.
    std::future::poll_fn(|context| {
        records.retain_mut(|record| record.as_mut().poll(context).is_pending());
        if records.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    let log = store
        .changes_after(fixture.hospital.id, Seq(0), 100)
        .await
        .unwrap();
    let seqs: Vec<_> = log.iter().map(|logged| logged.seq.0).collect();
    assert_eq!(seqs, (1..=16).collect::<Vec<_>>());
}

pub(crate) async fn what_is_recorded_is_what_is_read(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let Recorded::New(recorded) = fixture.record(store, 1).await else {
        panic!("it is new");
    };
    let new = form();
    assert_eq!(
        (recorded.id, recorded.seq, recorded.version),
        (fixture.id(1), Seq(1), 1)
    );
    assert_eq!(
        (recorded.status, recorded.received_at),
        (Status::Pending, fixture.now)
    );
    assert_eq!(
        (&recorded.name, &recorded.phone, &recorded.relationship),
        (&new.name, &new.phone, &new.relationship)
    );
    assert_eq!(recorded.reservationdate, new.reservationdate);
    assert_eq!(recorded.reservationtime, new.reservationtime);

    let details = store.reservation(fixture.hospital.id, recorded.id).await.unwrap();
    assert_eq!(details.reservation, recorded);
    let [created] = &details.history[..] else {
        panic!("one step");
    };
    assert_eq!((created.kind.as_str(), created.at), ("created", fixture.now));
    assert_eq!(
        (created.from.as_deref(), created.to.as_deref()),
        (None, Some("pending"))
    );
    assert_eq!(created.by, Actor::Site);

    let log = store
        .changes_after(fixture.hospital.id, Seq(0), 10)
        .await
        .unwrap();
    let change: Change = serde_json::from_str(log[0].change.get()).unwrap();
    assert_eq!(
        change,
        Change {
            reservation: recorded,
            kind: ChangeKind::Created
        }
    );
    assert_eq!(format!("{:?}", log[0]), "Logged { seq: Seq(1), .. }");
}

pub(crate) async fn the_log_is_paged_in_order(store: &dyn Store) {
    let (fixture, other) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    for number in 1..=5 {
        fixture.record(store, number).await;
        other.record(store, number + 100).await;
    }
    for (after, limit, seqs) in [
        (0, 2, vec![1, 2]),
        (2, 2, vec![3, 4]),
        (4, 2, vec![5]),
        (5, 2, vec![]),
        (u64::MAX, 2, vec![]),
    ] {
        let page = store
            .changes_after(fixture.hospital.id, Seq(after), limit)
            .await
            .unwrap();
        assert_eq!(page.iter().map(|logged| logged.seq.0).collect::<Vec<_>>(), seqs);
    }
}

pub(crate) async fn lists_hold_what_they_are_asked_for(store: &dyn Store) {
    let (fixture, other) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    other.record(store, 100).await;
    for (number, date, time) in [
        (1, "2026-11-23", "14:00 ~ 14:30"),
        (2, "2026-11-23", "09:00 ~ 09:30"),
        (3, "2026-11-24", "09:00 ~ 09:30"),
    ] {
        let later = fixture.now + Duration::from_secs(number.into());
        store
            .record(
                fixture.hospital.id,
                None,
                fixture.id(number),
                &form_of(date, time),
                None,
                later,
            )
            .await
            .unwrap();
    }
    let since = fixture.now + Duration::from_secs(2);
    for (filter, expected) in [
        (Filter::Date("2026-11-23".parse().unwrap()), vec![2, 1]),
        (Filter::Date("2026-11-25".parse().unwrap()), vec![]),
        (Filter::Pending, vec![2, 1, 3]),
        (Filter::ReceivedSince(since), vec![2, 3]),
    ] {
        let list = store.reservations(fixture.hospital.id, filter).await.unwrap();
        assert_eq!(list.position, fixture.position(3));
        let ids: Vec<_> = list
            .reservations
            .iter()
            .map(|reservation| reservation.id)
            .collect();
        let expected: Vec<_> = expected.into_iter().map(|number| fixture.id(number)).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
    let nowhere = HospitalId::new(fixture.now, &[9; 10]);
    let refused = store.reservations(nowhere, Filter::Pending).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
}

pub(crate) async fn another_hospitals_reservation_does_not_exist(store: &dyn Store) {
    let (one, two) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    one.record(store, 1).await;
    for (hospital, id) in [(two.hospital.id, one.id(1)), (one.hospital.id, one.id(2))] {
        assert!(matches!(
            store.reservation(hospital, id).await,
            Err(StoreError::NotFound)
        ));
    }
    let twice = store
        .record(two.hospital.id, None, one.id(1), &form(), None, one.now)
        .await;
    // Of an id that the gateway made the sender knows nothing: no conflict of theirs.
    assert!(matches!(twice, Err(StoreError::Unavailable(_))));
    assert_eq!(
        store.log_state(two.hospital.id).await.unwrap().position.seq,
        Seq(0)
    );
}

pub(crate) async fn a_repeat_gives_the_first_result_and_other_fields_conflict(store: &dyn Store) {
    let (fixture, other) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    let first = Idempotency {
        key: [1; 32],
        fields: [1; 32],
        until: fixture.now + Duration::from_secs(86_400),
    };
    let record = |hospital, number, idempotency| {
        let id = fixture.id(number);
        async move {
            store
                .record(hospital, None, id, &form(), Some(&idempotency), fixture.now)
                .await
        }
    };
    let here = fixture.hospital.id;
    let Ok(Recorded::New(recorded)) = record(here, 1, first.clone()).await else {
        panic!("it is new");
    };
    let repeated = record(here, 2, first.clone()).await.unwrap();
    assert_eq!(repeated, Recorded::Repeated(recorded));
    let other_fields = Idempotency {
        fields: [2; 32],
        ..first.clone()
    };
    assert!(matches!(
        record(here, 3, other_fields).await,
        Err(StoreError::Conflict)
    ));
    assert_eq!(store.log_state(here).await.unwrap().position.seq, Seq(1));

    let elsewhere = record(other.hospital.id, 4, first).await.unwrap();
    assert!(
        matches!(elsewhere, Recorded::New(_)),
        "another site's key is its own"
    );
}

pub(crate) async fn an_idempotency_key_is_forgotten_in_time(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let until = fixture.now + Duration::from_secs(86_400);
    let idempotency = Idempotency {
        key: [1; 32],
        fields: [1; 32],
        until,
    };
    let mut seqs = Vec::new();
    for (number, at) in [
        (1, fixture.now),
        (2, until - Duration::from_millis(1)),
        (3, until),
    ] {
        let again = Idempotency {
            until: at + Duration::from_secs(86_400),
            ..idempotency.clone()
        };
        let recorded = store
            .record(
                fixture.hospital.id,
                None,
                fixture.id(number),
                &form(),
                Some(&again),
                at,
            )
            .await
            .unwrap();
        seqs.push(match recorded {
            Recorded::New(new) => new.seq.0,
            Recorded::Repeated(_) => 0,
        });
    }
    assert_eq!(seqs, [1, 0, 2]);
}

pub(crate) async fn only_a_cursor_of_this_log_can_be_replayed(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let state = store.log_state(fixture.hospital.id).await.unwrap();
    assert!(
        state.can_replay_after(&fixture.position(0)),
        "nothing is missed in an empty log"
    );
    fixture.record(store, 1).await;
    fixture.record(store, 2).await;
    let state = store.log_state(fixture.hospital.id).await.unwrap();
    assert_eq!(state.pruned, Seq(0));
    let can_replay = |seq| state.can_replay_after(&fixture.position(seq));
    assert_eq!(
        [0, 1, 2, 3, u64::MAX].map(can_replay),
        [true, true, true, false, false]
    );
    let other_life = Position {
        epoch: Epoch("other".to_owned()),
        seq: Seq(1),
    };
    assert!(!state.can_replay_after(&other_life));
}
