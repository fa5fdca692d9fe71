//! What every back end must do: one suite, run against each of them by [`suite!`].

pub(crate) mod changes;
pub(crate) mod keeping;
pub(crate) mod keys;
pub(crate) mod log;

use std::time::Duration;

use deskbell_clock::SeededEntropy;
use deskbell_protocol::{
    DeskId, EnrolmentId, Epoch, Form, Hospital, HospitalId, NewReservation, Position, Reservation,
    ReservationId, Seq,
};
use jiff::Timestamp;

use crate::{
    By, ChangeError, DeskToken, EnrolmentKey, EnrolmentOffer, IntakeKey, NewDesk, NewHospital, PairingCode,
    PairingOffer, Recorded, Store, Wish,
};

/// Runs every test of this module against the store that `$open` makes in an empty folder.
macro_rules! suite {
    ($open:expr) => {
        crate::conformance::suite!($open;
            keys::a_slug_is_taken_once,
            keys::an_intake_key_opens_its_own_hospital_alone,
            keys::a_pairing_code_works_once_and_not_too_late,
            keys::a_token_is_one_desk_and_a_guess_is_none,
            keys::a_desk_is_named_by_it_or_itself_or_counted,
            keys::a_revoked_desk_is_still_known,
            keys::a_secret_is_made_once,
            keys::a_store_is_ready_until_it_is_closed,
            keys::a_new_intake_key_closes_the_one_before,
            keys::only_what_is_said_of_a_hospital_changes,
            keys::a_claim_lasts_as_long_as_the_hospital_says,
            keys::an_enrolment_key_makes_as_many_desks_as_it_says,
            keys::a_revoked_enrolment_key_makes_no_desk,
            log::shown_never_goes_backwards_nor_beyond_the_log,
            log::seq_grows_by_one_in_each_hospital_alone,
            log::concurrent_records_leave_no_gap,
            log::what_is_recorded_is_what_is_read,
            log::the_log_is_paged_in_order,
            log::lists_hold_what_they_are_asked_for,
            log::another_hospitals_reservation_does_not_exist,
            log::a_repeat_gives_the_first_result_and_other_fields_conflict,
            log::an_idempotency_key_is_forgotten_in_time,
            log::only_a_cursor_of_this_log_can_be_replayed,
            changes::every_change_is_in_the_row_the_log_and_the_history,
            changes::a_refused_change_says_how_it_stands_and_writes_nothing,
            changes::a_lease_ends_once_whoever_looks,
            changes::a_desk_that_is_signed_out_holds_nothing_any_more,
            changes::a_desk_that_was_signed_out_meanwhile_changes_nothing,
            changes::a_change_that_nobody_waits_for_is_there_whole_or_not_at_all,
            changes::changes_and_intake_at_once_leave_no_gap,
            keeping::the_access_record_is_read_as_it_was_written,
            keeping::what_is_old_and_over_is_forgotten_and_its_cursors_too,
            keeping::what_can_be_replayed_has_no_hole_though_a_clock_went_back,
        ;
            keeping::what_works_no_more_is_forgotten,
            keeping::a_backup_brings_everything_back,
            keeping::a_backup_overwrites_nothing_and_is_restored_into_nothing_else,
        );
    };
    ($open:expr; $($module:ident::$test:ident),* $(,)?; $($two:ident::$of_two:ident),* $(,)?) => {
        mod conformance {
            $(#[tokio::test]
            async fn $test() {
                use super::*;
                let folder = tempfile::tempdir().unwrap();
                let open = $open;
                let store = open(folder.path().to_owned()).await;
                crate::conformance::$module::$test(&*store).await;
            })*
            $(#[tokio::test]
            async fn $of_two() {
                use super::*;
                let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
                let [one, two, backups] = folders.each_ref().map(tempfile::TempDir::path);
                let open = $open;
                let (store, empty) = (open(one.to_owned()).await, open(two.to_owned()).await);
                crate::conformance::$two::$of_two(&*store, &*empty, backups).await;
            })*
        }
    };
}
pub(crate) use suite;

/// One hospital in the store, and what a test needs to act as its site and its desks.
pub(crate) struct Fixture {
    pub(crate) hospital: Hospital,
    pub(crate) now: Timestamp,
    pub(crate) key: IntakeKey,
    entropy: SeededEntropy,
}

impl Fixture {
    pub(crate) async fn of(store: &dyn Store) -> Self {
        Self::called(store, "haneul", 1).await
    }

    pub(crate) async fn called(store: &dyn Store, slug: &str, number: u8) -> Self {
        let entropy = SeededEntropy::new(number.into());
        let now: Timestamp = "2026-11-22T01:00:00.250Z".parse().unwrap();
        let id = HospitalId::new(now, &[number; 10]);
        let key = IntakeKey::mint(id, &entropy);
        let hospital = Hospital {
            id,
            slug: slug.to_owned(),
            name: "하늘병원".to_owned(),
            timezone: "Asia/Seoul".to_owned(),
            hours: Some("mon-fri 09:00-18:00".to_owned()),
        };
        let new = NewHospital {
            hospital: hospital.clone(),
            claim_minutes: 5,
            intake_key: key.digest(),
            epoch: Epoch(format!("epoch of {slug}")),
        };
        store.add_hospital(&new, now).await.unwrap();
        Self {
            hospital,
            now,
            key,
            entropy,
        }
    }

    pub(crate) fn id(&self, number: u8) -> ReservationId {
        ReservationId::new(self.now, &[number; 10])
    }

    pub(crate) async fn record(&self, store: &dyn Store, number: u8) -> Recorded {
        store
            .record(self.hospital.id, None, self.id(number), &form(), None, self.now)
            .await
            .unwrap()
    }

    async fn offer(&self, store: &dyn Store, desk_name: Option<&str>) -> PairingCode {
        let code = PairingCode::mint(&self.entropy);
        let offer = PairingOffer {
            hospital: self.hospital.id,
            code: code.digest(),
            desk_name: desk_name.map(str::to_owned),
            expires_at: self.now + Duration::from_secs(600),
        };
        store.offer_pairing(&offer, self.now).await.unwrap();
        code
    }

    fn new_desk(&self, number: u8, name: Option<&str>) -> NewDesk {
        let id = DeskId::new(self.now, &[number; 10]);
        NewDesk {
            token: DeskToken::mint(id, &self.entropy),
            name: name.map(str::to_owned),
        }
    }

    pub(crate) async fn pair(&self, store: &dyn Store, number: u8) -> DeskToken {
        let code = self.offer(store, None).await;
        let desk = self.new_desk(number, None);
        store.pair(&code, &desk, self.now).await.unwrap();
        desk.token
    }

    /// Somebody at a new desk.
    async fn by(&self, store: &dyn Store, number: u8) -> By {
        let token = self.pair(store, number).await;
        By {
            desk: store.desk_by_token(&token).await.unwrap().desk,
            staff: Some(format!("staff {number}")),
        }
    }

    /// A key for `count` desks, for an hour.
    async fn offer_enrolment(&self, store: &dyn Store, number: u8, count: u32) -> EnrolmentKey {
        let key = EnrolmentKey::mint(EnrolmentId::new(self.now, &[number; 10]), &self.entropy);
        let offer = EnrolmentOffer {
            id: key.owner(),
            hospital: self.hospital.id,
            key: key.digest(),
            count,
            expires_at: self.now + Duration::from_secs(3600),
        };
        store.offer_enrolment(&offer, self.now).await.unwrap();
        key
    }

    /// Changes a reservation, some minutes after the hospital was added.
    async fn change(
        &self,
        store: &dyn Store,
        number: u8,
        wish: &Wish,
        minute: u64,
    ) -> Result<Reservation, ChangeError> {
        let at = self.now + Duration::from_secs(minute * 60);
        store.change(self.hospital.id, self.id(number), wish, at).await
    }

    pub(crate) fn position(&self, seq: u64) -> Position {
        Position {
            epoch: Epoch(format!("epoch of {}", self.hospital.slug)),
            seq: Seq(seq),
        }
    }
}

/// A form that passed its check.
pub(crate) fn form() -> NewReservation {
    form_of("2026-11-23", "10:30 ~ 11:00")
}

fn form_of(date: &str, time: &str) -> NewReservation {
    let mut form = Form::default();
    for (field, value) in [
        ("relationship", "본인"),
        ("name", "김크리스"),
        ("phone", "010-1111-1111"),
        ("reservationdate", date),
        ("reservationtime", time),
    ] {
        form.take(field, || value.to_owned());
    }
    form.check().unwrap()
}
