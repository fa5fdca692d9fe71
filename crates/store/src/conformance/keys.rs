//! Hospitals, desks, and the keys to them.

use std::time::Duration;

use deskbell_clock::SeededEntropy;
use deskbell_protocol::{DeskId, Epoch, Hospital, HospitalId, Seq};

use super::{Fixture, form};
use crate::{
    DeskToken, EnrolmentKey, HospitalChanges, IntakeKey, NewHospital, PairingOffer, Recorded, Store,
    StoreError, Wish,
};

pub(crate) async fn a_slug_is_taken_once(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let again = NewHospital {
        hospital: Hospital {
            id: HospitalId::new(fixture.now, &[9; 10]),
            ..fixture.hospital.clone()
        },
        claim_minutes: 5,
        intake_key: fixture.key.digest(),
        epoch: Epoch("other".to_owned()),
    };
    let refused = store.add_hospital(&again, fixture.now).await;
    assert!(matches!(refused, Err(StoreError::Conflict)));
    Fixture::called(store, "bada", 2).await;

    let all = store.hospitals().await.unwrap();
    let slugs: Vec<_> = all.iter().map(|record| record.hospital.slug.as_str()).collect();
    assert_eq!(slugs, ["bada", "haneul"]);
    assert_eq!(all[1].hospital, fixture.hospital);
    assert_eq!((all[1].claim_minutes, all[1].added_at), (5, fixture.now));
    assert_eq!(store.hospital_by_slug("haneul").await.unwrap(), fixture.hospital);
    assert!(matches!(
        store.hospital_by_slug("").await,
        Err(StoreError::NotFound)
    ));
}

pub(crate) async fn an_intake_key_opens_its_own_hospital_alone(store: &dyn Store) {
    let (one, two) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    assert_eq!(store.hospital_by_key(&one.key).await.unwrap(), one.hospital);
    assert_eq!(store.hospital_by_key(&two.key).await.unwrap(), two.hospital);
    for stranger in [
        IntakeKey::mint(one.hospital.id, &SeededEntropy::new(99)),
        IntakeKey::mint(HospitalId::new(one.now, &[9; 10]), &SeededEntropy::new(99)),
    ] {
        assert!(matches!(
            store.hospital_by_key(&stranger).await,
            Err(StoreError::NotFound)
        ));
    }
}

pub(crate) async fn a_pairing_code_works_once_and_not_too_late(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let code = fixture.offer(store, None).await;
    let late = fixture.now + Duration::from_secs(600);
    let refused = store.pair(&code, &fixture.new_desk(1, None), late).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));

    let just_in_time = late - Duration::from_millis(1);
    let paired = store
        .pair(&code, &fixture.new_desk(1, None), just_in_time)
        .await
        .unwrap();
    assert_eq!(paired.hospital, fixture.hospital);
    assert_eq!(paired.paired_at, just_in_time);
    let again = store.pair(&code, &fixture.new_desk(2, None), just_in_time).await;
    assert!(matches!(again, Err(StoreError::NotFound)));
    assert_eq!(store.desks(fixture.hospital.id).await.unwrap(), [paired]);

    let nowhere = PairingOffer {
        hospital: HospitalId::new(fixture.now, &[9; 10]),
        code: code.digest(),
        desk_name: None,
        expires_at: late,
    };
    assert!(matches!(
        store.offer_pairing(&nowhere, fixture.now).await,
        Err(StoreError::NotFound)
    ));
}

pub(crate) async fn a_token_is_one_desk_and_a_guess_is_none(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let (one, two) = (fixture.pair(store, 1).await, fixture.pair(store, 2).await);
    assert_eq!(store.desk_by_token(&one).await.unwrap().desk.id, one.owner());
    assert_eq!(store.desk_by_token(&two).await.unwrap().desk.id, two.owner());
    for stranger in [
        DeskToken::mint(one.owner(), &SeededEntropy::new(99)),
        DeskToken::mint(DeskId::new(fixture.now, &[9; 10]), &SeededEntropy::new(99)),
    ] {
        assert!(matches!(
            store.desk_by_token(&stranger).await,
            Err(StoreError::NotFound)
        ));
    }
}

pub(crate) async fn a_desk_is_named_by_it_or_itself_or_counted(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let mut names = Vec::new();
    for (number, offered, wished) in [
        (1, Some("원무과"), Some("PC-7")),
        (2, None, Some("PC-7")),
        (3, None, None),
    ] {
        let code = fixture.offer(store, offered).await;
        let desk = fixture.new_desk(number, wished);
        names.push(store.pair(&code, &desk, fixture.now).await.unwrap().desk.name);
    }
    assert_eq!(names, ["원무과", "PC-7", "접수 3"]);
}

pub(crate) async fn a_revoked_desk_is_still_known(store: &dyn Store) {
    let (fixture, other) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    let token = fixture.pair(store, 1).await;
    let elsewhere = store
        .revoke_desk(other.hospital.id, token.owner(), fixture.now)
        .await;
    assert!(matches!(elsewhere, Err(StoreError::NotFound)));
    for later in [0, 60] {
        let at = fixture.now + Duration::from_secs(later);
        store
            .revoke_desk(fixture.hospital.id, token.owner(), at)
            .await
            .unwrap();
    }
    let revoked = store.desk_by_token(&token).await.unwrap();
    assert_eq!(revoked.revoked_at, Some(fixture.now));
    let heads = store.heads().await.unwrap();
    for head in heads {
        let expected = u64::from(head.hospital == fixture.hospital.id);
        assert_eq!(head.sign_outs, expected, "noticed once, and at its own hospital");
    }
}

pub(crate) async fn a_secret_is_made_once(store: &dyn Store) {
    assert_eq!(store.secret("watch", [1; 32]).await.unwrap(), [1; 32]);
    assert_eq!(store.secret("watch", [2; 32]).await.unwrap(), [1; 32]);
    assert_eq!(store.secret("idempotency", [3; 32]).await.unwrap(), [3; 32]);
}

pub(crate) async fn a_store_is_ready_until_it_is_closed(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    fixture.record(store, 1).await;
    store.ready().await.unwrap();
    assert_eq!(
        store.log_state(fixture.hospital.id).await.unwrap().position.seq,
        Seq(1)
    );
    store.close().await;
    assert!(matches!(store.ready().await, Err(StoreError::Unavailable(_))));
}

pub(crate) async fn a_new_intake_key_closes_the_one_before(store: &dyn Store) {
    let (one, two) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    let key = IntakeKey::mint(one.hospital.id, &SeededEntropy::new(7));
    store.set_intake_key(one.hospital.id, key.digest()).await.unwrap();
    assert_eq!(store.hospital_by_key(&key).await.unwrap(), one.hospital);
    assert!(matches!(
        store.hospital_by_key(&one.key).await,
        Err(StoreError::NotFound)
    ));
    assert_eq!(store.hospital_by_key(&two.key).await.unwrap(), two.hospital);
    // All in one group: whoever looked his key up before the change is refused, and nobody beside him.
    let record = async |number: u8, shown: &IntakeKey| {
        let (id, form) = (one.id(number), form());
        let shown = Some(shown.digest());
        store
            .record(one.hospital.id, shown, id, &form, None, one.now)
            .await
    };
    let (new, old, others) = tokio::join!(record(1, &key), record(2, &one.key), record(3, &two.key));
    assert!(matches!(new, Ok(Recorded::New(_))), "{new:?}");
    for refused in [old, others] {
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    assert_eq!(
        store.log_state(one.hospital.id).await.unwrap().position.seq,
        Seq(1)
    );
    let nowhere = HospitalId::new(one.now, &[9; 10]);
    let refused = store.set_intake_key(nowhere, key.digest()).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
}

pub(crate) async fn only_what_is_said_of_a_hospital_changes(store: &dyn Store) {
    let (fixture, other) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    let id = fixture.hospital.id;
    let set = async |changes: HospitalChanges| store.set_hospital(id, &changes).await.unwrap();
    let unchanged = set(HospitalChanges::default()).await;
    assert_eq!(
        (unchanged.hospital, unchanged.claim_minutes),
        (fixture.hospital.clone(), 5)
    );
    let changed = set(HospitalChanges {
        name: Some("하늘의원".to_owned()),
        timezone: Some("Asia/Tokyo".to_owned()),
        hours: None,
        claim_minutes: Some(10),
    })
    .await;
    let expected = Hospital {
        name: "하늘의원".to_owned(),
        timezone: "Asia/Tokyo".to_owned(),
        ..fixture.hospital.clone()
    };
    assert_eq!((&changed.hospital, changed.claim_minutes), (&expected, 10));
    let no_hours = HospitalChanges {
        hours: Some(None),
        ..HospitalChanges::default()
    };
    assert_eq!(set(no_hours).await.hospital.hours, None);
    assert_eq!(store.hospital_by_slug("bada").await.unwrap(), other.hospital);
    let nowhere = HospitalId::new(fixture.now, &[9; 10]);
    let refused = store.set_hospital(nowhere, &HospitalChanges::default()).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
}

pub(crate) async fn a_claim_lasts_as_long_as_the_hospital_says(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let desk = fixture.by(store, 1).await;
    fixture.record(store, 1).await;
    for minutes in [30, 1] {
        let changes = HospitalChanges {
            claim_minutes: Some(minutes),
            ..HospitalChanges::default()
        };
        store.set_hospital(fixture.hospital.id, &changes).await.unwrap();
        let claimed = fixture
            .change(store, 1, &Wish::Claim(desk.clone()), 0)
            .await
            .unwrap();
        let lease = Duration::from_secs(u64::from(minutes) * 60);
        assert_eq!(claimed.claim.unwrap().until, fixture.now + lease);
    }
}

pub(crate) async fn an_enrolment_key_makes_as_many_desks_as_it_says(store: &dyn Store) {
    let fixture = Fixture::of(store).await;
    let key = fixture.offer_enrolment(store, 1, 2).await;
    let enrol = async |number, at| store.enrol(&key, &fixture.new_desk(number, None), at).await;
    let late = fixture.now + Duration::from_secs(3600);
    assert!(matches!(enrol(1, late).await, Err(StoreError::NotFound)));
    let stranger = EnrolmentKey::mint(key.owner(), &SeededEntropy::new(99));
    let guessed = store
        .enrol(&stranger, &fixture.new_desk(1, None), fixture.now)
        .await;
    assert!(
        matches!(guessed, Err(StoreError::NotFound)),
        "and it has taken no use"
    );
    for number in [1, 2] {
        let enrolled = enrol(number, fixture.now).await.unwrap();
        assert_eq!(enrolled.hospital, fixture.hospital);
        assert_eq!(enrolled.desk.name, format!("접수 {number}"));
    }
    assert!(matches!(enrol(3, fixture.now).await, Err(StoreError::NotFound)));
    assert_eq!(store.enrolments(fixture.hospital.id).await.unwrap()[0].left, 0);
    assert_eq!(store.desks(fixture.hospital.id).await.unwrap().len(), 2);
}

pub(crate) async fn a_revoked_enrolment_key_makes_no_desk(store: &dyn Store) {
    let (fixture, other) = (Fixture::of(store).await, Fixture::called(store, "bada", 2).await);
    let key = fixture.offer_enrolment(store, 1, 2).await;
    let elsewhere = store
        .revoke_enrolment(other.hospital.id, key.owner(), fixture.now)
        .await;
    assert!(matches!(elsewhere, Err(StoreError::NotFound)));
    store
        .enrol(&key, &fixture.new_desk(1, None), fixture.now)
        .await
        .unwrap();
    for _ in 0..2 {
        store
            .revoke_enrolment(fixture.hospital.id, key.owner(), fixture.now)
            .await
            .unwrap();
    }
    let refused = store.enrol(&key, &fixture.new_desk(2, None), fixture.now).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
    let record = &store.enrolments(fixture.hospital.id).await.unwrap()[0];
    assert_eq!((record.left, record.revoked_at), (1, Some(fixture.now)));
    assert_eq!(
        store.desks(fixture.hospital.id).await.unwrap()[0].revoked_at,
        None
    );
}
