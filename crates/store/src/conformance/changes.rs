//! What desks and sites do with reservations: that the rules' outcomes are kept, whole.

use std::task::Poll;
use std::time::Duration;

use deskbell_protocol::event::{Change, ChangeKind, ReleaseReason};
use deskbell_protocol::http::Actor;
use deskbell_protocol::{HospitalId, Reservation, Seq, Status};

use super::Fixture;
use crate::{By, ChangeError, Filter, Refusal, Store, StoreError, Wish};

fn set(to: Status, if_version: u64, by: &By) -> Wish {
    Wish::SetStatus {
        to,
        if_version,
        over_claim: false,
        by: by.clone(),
    }
}

/// Everything the hospital's log says after `after`.
async fn changes(store: &dyn Store, fixture: &Fixture, after: u64) -> Vec<Change> {
    let log = store
        .changes_after(fixture.hospital.id, Seq(after), 1_000)
        .await
        .unwrap();
    log.iter()
        .map(|logged| {
            let change: Change = serde_json::from_str(logged.change.get()).unwrap();
            assert_eq!(change.reservation.seq, logged.seq);
            change
        })
        .collect()
}

/// What is read of a reservation in each way in which it can be.
async fn read(store: &dyn Store, fixture: &Fixture, number: u8) -> Reservation {
    let details = store
        .reservation(fixture.hospital.id, fixture.id(number))
        .await
        .unwrap();
    let (hospital, watched) = store.watched(fixture.id(number)).await.unwrap();
    assert_eq!((hospital, &watched), (fixture.hospital.id, &details.reservation));
    let date = Filter::Date(watched.reservationdate);
    let list = store.reservations(fixture.hospital.id, date).await.unwrap();
    assert!(list.reservations.contains(&watched));
    watched
}

pub(crate) async fn every_change_is_in_the_row_the_log_and_the_history(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let (one, two) = (fixture.by(store, 1).await, fixture.by(store, 2).await);
    fixture.record(store, 1).await;
    let move_it = Wish::Reschedule {
        date: Some("2026-11-24".parse().unwrap()),
        time: Some("14:00 ~ 14:30".parse().unwrap()),
    };
    let undo = Wish::Undo {
        if_version: 3,
        by: two.clone(),
    };
    let wishes = [
        move_it,
        Wish::Claim(one.clone()),
        set(Status::Booked, 2, &one),
        undo,
        Wish::Claim(two.clone()),
        Wish::Release(two.clone()),
        Wish::Cancel,
    ];
    for (minute, wish) in (1..).zip(&wishes) {
        let answered = fixture.change(store, 1, wish, minute).await.unwrap();
        assert_eq!(read(store, &fixture, 1).await, answered);
        assert_eq!(
            changes(store, &fixture, 0).await.last().unwrap().reservation,
            answered
        );
    }
    let log = changes(store, &fixture, 0).await;
    let released = |reason| ChangeKind::Released { reason };
    assert_eq!(
        log.iter().map(|change| change.kind).collect::<Vec<_>>(),
        [
            ChangeKind::Created,
            ChangeKind::Rescheduled,
            ChangeKind::Claimed,
            ChangeKind::Status,
            released(ReleaseReason::Handled),
            ChangeKind::Status,
            ChangeKind::Claimed,
            released(ReleaseReason::Released),
            ChangeKind::Status,
        ]
    );
    assert_eq!(
        log.iter()
            .map(|change| change.reservation.seq.0)
            .collect::<Vec<_>>(),
        (1..=9).collect::<Vec<_>>()
    );
    let versions: Vec<_> = log.iter().map(|change| change.reservation.version).collect();
    assert_eq!(versions, [1, 2, 2, 3, 3, 4, 4, 4, 5]);

    let details = store
        .reservation(fixture.hospital.id, fixture.id(1))
        .await
        .unwrap();
    let steps: Vec<_> = details
        .history
        .iter()
        .map(|step| {
            (
                step.kind.as_str(),
                step.from.as_deref(),
                step.to.as_deref(),
                &step.by,
            )
        })
        .collect();
    let desk = |by: &By| Actor::Desk {
        desk: by.desk.clone(),
        staff: by.staff.clone(),
    };
    let (first, second) = (desk(&one), desk(&two));
    assert_eq!(
        steps,
        [
            ("created", None, Some("pending"), &Actor::Site),
            (
                "rescheduled",
                Some("2026-11-23 10:30 ~ 11:00"),
                Some("2026-11-24 14:00 ~ 14:30"),
                &Actor::Site
            ),
            ("claimed", None, None, &first),
            ("status", Some("pending"), Some("booked"), &first),
            ("released", None, None, &Actor::System),
            ("status", Some("booked"), Some("pending"), &second),
            ("claimed", None, None, &second),
            ("released", None, None, &second),
            ("status", Some("pending"), Some("cancelled"), &Actor::Site),
        ]
    );
    assert_eq!(details.history[3].at, fixture.now + Duration::from_secs(180));
}

pub(crate) async fn a_refused_change_says_how_it_stands_and_writes_nothing(store: &dyn Store) {
    let (fixture, other) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    let (one, two) = (fixture.by(store, 1).await, fixture.by(store, 2).await);
    fixture.record(store, 1).await;
    let claimed = fixture.change(store, 1, &Wish::Claim(one), 1).await.unwrap();
    for (wish, expected) in [
        (Wish::Claim(two.clone()), Refusal::Held),
        (set(Status::Booked, 1, &two), Refusal::Held),
        (set(Status::Booked, 9, &two), Refusal::Moved),
    ] {
        let Err(ChangeError::Refused(refusal, now)) = fixture.change(store, 1, &wish, 1).await else {
            panic!("{expected:?}");
        };
        assert_eq!((refusal, *now), (expected, claimed.clone()));
    }
    assert_eq!(changes(store, &fixture, 0).await.len(), 2);
    for (hospital, id) in [
        (other.hospital.id, fixture.id(1)),
        (fixture.hospital.id, fixture.id(2)),
        (HospitalId::new(fixture.now, &[9; 10]), fixture.id(1)),
    ] {
        let unknown = store.change(hospital, id, &Wish::Cancel, fixture.now).await;
        assert!(matches!(unknown, Err(ChangeError::Store(StoreError::NotFound))));
    }
}

pub(crate) async fn a_lease_ends_once_whoever_looks(store: &dyn Store) {
    let (fixture, other) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    let desk = fixture.by(store, 1).await;
    for number in 1..=3 {
        fixture.record(store, number).await;
        fixture
            .change(store, number, &Wish::Claim(desk.clone()), number.into())
            .await
            .unwrap();
    }
    other.record(store, 100).await;
    let at = |minute: u64| fixture.now + Duration::from_secs(minute * 60);
    assert_eq!(store.expire_claims(at(5)).await.unwrap(), []);
    // Two gateways look at the same time.
    let (one, two) = tokio::join!(store.expire_claims(at(7)), store.expire_claims(at(7)));
    let grown = [one.unwrap(), two.unwrap()].concat();
    assert!(!grown.is_empty() && grown.iter().all(|hospital| *hospital == fixture.hospital.id));
    let expired: Vec<_> = changes(store, &fixture, 6)
        .await
        .into_iter()
        .map(|change| (change.reservation.id, change.kind))
        .collect();
    let reason = ReleaseReason::Expired;
    let ended = |number| (fixture.id(number), ChangeKind::Released { reason });
    assert_eq!(expired, [ended(1), ended(2)]);
    assert_eq!(store.expire_claims(at(7)).await.unwrap(), []);
    assert!(read(store, &fixture, 3).await.claim.is_some());

    // The third ends in the very change that another asks for, also when that is refused.
    let late = Wish::Release(desk);
    let refused = fixture.change(store, 3, &late, 8).await;
    assert!(matches!(refused, Err(ChangeError::Refused(Refusal::NotHeld, _))));
    assert_eq!(changes(store, &fixture, 8).await.len(), 1);
    assert_eq!(store.expire_claims(at(60)).await.unwrap(), []);
}

pub(crate) async fn a_desk_that_is_signed_out_holds_nothing_any_more(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let (one, two) = (fixture.by(store, 1).await, fixture.by(store, 2).await);
    for (number, by) in [(1, &one), (2, &two), (3, &one)] {
        fixture.record(store, number).await;
        fixture
            .change(store, number, &Wish::Claim(by.clone()), 0)
            .await
            .unwrap();
    }
    for _ in 0..2 {
        let at = fixture.now + Duration::from_secs(60);
        store
            .revoke_desk(fixture.hospital.id, one.desk.id, at)
            .await
            .unwrap();
    }
    let released = changes(store, &fixture, 6).await;
    let reason = ReleaseReason::Revoked;
    assert_eq!(released.len(), 2, "{released:?}");
    assert!(
        released
            .iter()
            .all(|change| change.kind == ChangeKind::Released { reason })
    );
    assert!(read(store, &fixture, 1).await.claim.is_none());
    assert!(read(store, &fixture, 2).await.claim.is_some());
}

pub(crate) async fn a_desk_that_was_signed_out_meanwhile_changes_nothing(store: &dyn Store) {
    let (fixture, other) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    let (gone, stranger) = (fixture.by(store, 1).await, other.by(store, 2).await);
    fixture.record(store, 1).await;
    store
        .revoke_desk(fixture.hospital.id, gone.desk.id, fixture.now)
        .await
        .unwrap();
    for by in [gone, stranger] {
        // They asked while they were known, or claim to be a desk of this hospital's.
        for wish in [Wish::Claim(by.clone()), set(Status::Booked, 1, &by)] {
            let refused = fixture.change(store, 1, &wish, 1).await;
            assert!(matches!(refused, Err(ChangeError::Store(StoreError::NotFound))));
        }
    }
    assert_eq!(changes(store, &fixture, 1).await, []);
}

pub(crate) async fn a_change_that_nobody_waits_for_is_there_whole_or_not_at_all(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let desk = fixture.by(store, 1).await;
    fixture.record(store, 1).await;
    let claim = Wish::Claim(desk);
    for wakes in 0..40 {
        // As a request whose sender hangs up: it is dropped wherever it is.
        let mut change = Box::pin(fixture.change(store, 1, &claim, wakes / 20));
        let mut left = wakes;
        std::future::poll_fn(|context| {
            if change.as_mut().poll(context).is_ready() || left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            Poll::Pending
        })
        .await;
        drop(change);
        store.ready().await.unwrap();
    }
    fixture.change(store, 1, &claim, 2).await.unwrap();
    let log = changes(store, &fixture, 0).await;
    assert!(
        log.iter()
            .map(|change| change.reservation.seq.0)
            .eq(1..=log.len() as u64)
    );
    assert_eq!(log.last().unwrap().reservation, read(store, &fixture, 1).await);
}

pub(crate) async fn changes_and_intake_at_once_leave_no_gap(store: &dyn Store) {
    let fixture = &Fixture::of(store).await;
    let desk = fixture.by(store, 1).await;
    for number in 1..=8 {
        fixture.record(store, number).await;
    }
    let claim = Wish::Claim(desk);
    let claims = (1..=8).map(|number| fixture.change(store, number, &claim, 1));
    let records = (9..=40).map(|number| fixture.record(store, number));
    let (claimed, _) = futures_util::future::join(
        futures_util::future::join_all(claims),
        futures_util::future::join_all(records),
    )
    .await;
    assert!(claimed.iter().all(Result::is_ok));
    let seqs: Vec<_> = changes(store, fixture, 0)
        .await
        .iter()
        .map(|change| change.reservation.seq.0)
        .collect();
    assert_eq!(seqs, (1..=48).collect::<Vec<_>>());
}
