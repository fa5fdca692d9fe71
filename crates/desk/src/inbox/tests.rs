use deskbell_protocol::Status;
use deskbell_protocol::event::{CaughtUp, ChangeKind, Head};
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::samples::{
    answered, called_off, changed, claimed, created, id, now, position, rescheduled, reservation, welcome,
};
use crate::update::LinkFault;

fn changed_to(change: &Change) -> Update {
    Update::Changed(Box::new(change.clone()))
}

fn welcomed(seq: u64, replay: Replay) -> Update {
    Update::Link(LinkUpdate::Welcomed(Box::new(welcome(seq, replay))))
}

fn caught_up(seq: u64) -> Update {
    Update::Link(LinkUpdate::CaughtUp(CaughtUp { seq: Seq(seq) }))
}

fn head(seq: u64) -> Update {
    Update::Link(LinkUpdate::Head(Head {
        seq: Seq(seq),
        now: now(),
    }))
}

fn snapshot(seq: u64, reservations: impl IntoIterator<Item = Reservation>) -> Update {
    Update::Snapshot(Snapshot {
        day: date(2026, 11, 22),
        position: position(seq),
        reservations: reservations.into_iter().collect(),
    })
}

/// An inbox that is live at change `seq` with empty lists.
fn live(seq: u64) -> Inbox {
    let mut inbox = Inbox::new(Some((crate::samples::hospital().id, position(seq))));
    inbox.apply(welcomed(seq, Replay::Cursor), now());
    inbox.apply(caught_up(seq), now());
    inbox.apply(snapshot(seq, []), now());
    assert!(inbox.is_settled() && inbox.is_filled() && !inbox.needs_lists(now()));
    inbox
}

fn causes(notices: &[Notice]) -> Vec<(Cause, Found)> {
    notices
        .iter()
        .map(|notice| (notice.cause, notice.found))
        .collect()
}

#[test]
fn a_first_pairing_tells_of_what_was_there_as_a_first_fill() {
    let mut inbox = Inbox::new(None);
    inbox.apply(welcomed(7, Replay::None), now());
    inbox.apply(caught_up(7), now());
    assert!(inbox.needs_lists(now()) && inbox.told().is_none() && !inbox.is_settled());
    let handled = answered(&reservation(2, 5), 6, Status::Booked).reservation;
    let notices = inbox.apply(snapshot(7, [reservation(1, 4), handled]), now());
    assert_eq!(causes(&notices), [(Cause::Created, Found::FirstFill)]);
    assert!(inbox.is_settled());
    assert_eq!(inbox.told(), Some(&position(7)));
    assert_eq!(inbox.of_day(date(2026, 11, 22)).len(), 2);
}

#[test]
fn what_comes_after_a_first_pairing_is_live_even_before_the_lists() {
    let mut inbox = Inbox::new(None);
    inbox.apply(welcomed(7, Replay::None), now());
    inbox.apply(caught_up(7), now());
    // The list knows it before its event does.
    let notices = inbox.apply(snapshot(8, [reservation(1, 8)]), now());
    assert_eq!(notices, []);
    let notices = inbox.apply(changed_to(&created(1, 8)), now());
    assert_eq!(causes(&notices), [(Cause::Created, Found::Live)]);
}

#[test]
fn a_replay_is_told_of_as_an_absence() {
    let mut inbox = Inbox::new(Some((crate::samples::hospital().id, position(3))));
    inbox.apply(welcomed(4, Replay::Cursor), now());
    let notices = inbox.apply(changed_to(&created(1, 4)), now());
    assert_eq!(causes(&notices), [(Cause::Created, Found::Absence)]);
    inbox.apply(caught_up(4), now());
    let notices = inbox.apply(changed_to(&created(2, 5)), now());
    assert_eq!(causes(&notices), [(Cause::Created, Found::Live)]);
}

#[test]
fn a_start_with_a_cursor_still_needs_the_lists_and_tells_nothing_of_them() {
    let mut inbox = Inbox::new(Some((crate::samples::hospital().id, position(3))));
    assert!(!inbox.needs_lists(now()), "nobody can be asked yet");
    inbox.apply(welcomed(3, Replay::Cursor), now());
    assert!(inbox.needs_lists(now()));
    assert_eq!(inbox.apply(snapshot(3, [reservation(1, 2)]), now()), []);
    assert!(inbox.is_filled());
}

#[test]
fn a_resync_tells_of_what_is_unhandled_and_drops_what_is_gone() {
    let mut inbox = live(1);
    inbox.apply(changed_to(&created(1, 2)), now());
    inbox.apply(changed_to(&created(2, 3)), now());
    inbox.apply(welcomed(90, Replay::Resync), now());
    assert_eq!(
        inbox.of_day(date(2026, 11, 22)).len(),
        2,
        "the old list stays until the new one comes"
    );
    assert_eq!(inbox.told(), None);
    let notices = inbox.apply(snapshot(90, [reservation(2, 3), reservation(3, 80)]), now());
    assert_eq!(
        causes(&notices),
        [(Cause::Created, Found::Absence), (Cause::Created, Found::Absence)]
    );
    assert!(inbox.get(id(1)).is_none());
    assert_eq!(inbox.cursor(), Some(&position(90)));
}

#[test]
fn lists_asked_for_before_a_resync_are_of_no_use_after_it() {
    let mut inbox = live(1);
    inbox.apply(welcomed(90, Replay::Resync), now());
    assert_eq!(inbox.apply(snapshot(89, [reservation(1, 2)]), now()), []);
    assert!(inbox.needs_lists(now()) && inbox.told().is_none());
    assert_eq!(inbox.apply(snapshot(90, [reservation(1, 2)]), now()).len(), 1);
}

#[test]
fn another_log_overrules_the_higher_numbers_of_the_old_one() {
    let mut inbox = live(500);
    inbox.apply(changed_to(&created(1, 501)), now());
    let mut restored = welcome(9, Replay::Resync);
    restored.position.epoch = deskbell_protocol::Epoch("second".to_owned());
    let position = restored.position.clone();
    inbox.apply(Update::Link(LinkUpdate::Welcomed(Box::new(restored))), now());
    let ignored = inbox.apply(snapshot(9, []), now());
    assert_eq!(ignored, [], "a list of the old log is of no use");
    assert!(inbox.needs_lists(now()));
    let booked = answered(&reservation(1, 2), 3, Status::Booked).reservation;
    inbox.apply(
        Update::Snapshot(Snapshot {
            day: date(2026, 11, 22),
            position,
            reservations: vec![booked.clone()],
        }),
        now(),
    );
    assert_eq!(inbox.get(id(1)), Some(&booked));
}

#[test]
fn a_lost_ledger_is_replaced_by_what_the_gateway_was_told() {
    let mut inbox = Inbox::new(None);
    let mut known = welcome(9, Replay::None);
    known.shown = Some(position(6));
    inbox.apply(Update::Link(LinkUpdate::Welcomed(Box::new(known))), now());
    assert!(inbox.needs_reconnect());
    assert_eq!(inbox.cursor(), Some(&position(6)));
    assert_eq!(inbox.apply(changed_to(&created(1, 10)), now()), []);
    inbox.hang_up();
    assert!(!inbox.needs_reconnect());
    inbox.apply(welcomed(9, Replay::Cursor), now());
    assert_eq!(inbox.apply(changed_to(&created(1, 7)), now()).len(), 1);
}

#[test]
fn another_hospitals_welcome_clears_the_screen() {
    let mut inbox = live(1);
    inbox.apply(changed_to(&created(1, 2)), now());
    let mut other = welcome(40, Replay::Resync);
    other.hospital.id = deskbell_protocol::HospitalId::new(now(), &[9; 10]);
    inbox.apply(Update::Link(LinkUpdate::Welcomed(Box::new(other))), now());
    assert!(inbox.get(id(1)).is_none());
    let notices = inbox.apply(snapshot(40, [reservation(5, 39)]), now());
    assert_eq!(causes(&notices), [(Cause::Created, Found::FirstFill)]);
}

#[test]
fn a_head_may_be_ahead_once_but_not_twice() {
    let mut inbox = live(3);
    inbox.apply(head(4), now());
    assert!(!inbox.needs_reconnect());
    inbox.apply(changed_to(&created(1, 4)), now());
    inbox.apply(head(5), now());
    assert!(!inbox.needs_reconnect());
    inbox.apply(head(5), now());
    assert!(inbox.needs_reconnect());
}

#[test]
fn a_replay_that_ends_too_early_is_a_gap() {
    let mut inbox = Inbox::new(Some((crate::samples::hospital().id, position(3))));
    inbox.apply(welcomed(5, Replay::Cursor), now());
    inbox.apply(changed_to(&created(1, 4)), now());
    inbox.apply(caught_up(5), now());
    assert!(inbox.needs_reconnect());
    assert_eq!(inbox.cursor(), Some(&position(4)));
}

#[test]
fn nothing_is_taken_in_while_nobody_has_welcomed_the_desk() {
    let mut inbox = live(3);
    inbox.apply(Update::Link(LinkUpdate::Lost(LinkFault::Unreachable)), now());
    assert_eq!(inbox.apply(changed_to(&created(1, 4)), now()), []);
    assert_eq!(inbox.cursor(), Some(&position(3)));
}

#[test]
fn the_day_turns_and_the_lists_are_needed_anew() {
    let inbox = live(3);
    let midnight = "2026-11-22T15:00:00Z".parse().unwrap();
    assert!(inbox.needs_lists(midnight));
    let mut inbox = inbox;
    inbox.apply(snapshot(3, []), midnight);
    assert!(
        inbox.needs_lists(midnight),
        "that was yesterday's list, asked for before midnight"
    );
}

#[test]
fn the_cause_follows_from_kind_and_status() {
    let pending = reservation(1, 1);
    let booked = answered(&pending, 2, Status::Booked).reservation;
    let released = |reason| changed(&pending, 2, ChangeKind::Released { reason }, |_| {});
    use deskbell_protocol::event::ReleaseReason;
    for (change, cause) in [
        (created(1, 1), Cause::Created),
        (rescheduled(&pending, 2), Cause::Rescheduled),
        (claimed(&pending, 2), Cause::Taken),
        (answered(&pending, 2, Status::Booked), Cause::Taken),
        (answered(&pending, 2, Status::Cancelled), Cause::Taken),
        (called_off(&pending, 2), Cause::CalledOff),
        (called_off(&booked, 3), Cause::CalledOff),
        (
            changed(&booked, 3, ChangeKind::Status, |r| r.status = Status::Pending),
            Cause::Listed,
        ),
        (released(ReleaseReason::Expired), Cause::LeaseExpired),
        (released(ReleaseReason::Released), Cause::Listed),
        (released(ReleaseReason::Handled), Cause::Listed),
        (released(ReleaseReason::Revoked), Cause::Listed),
    ] {
        assert_eq!(Cause::of(&change), cause);
    }
}

/// A log of changes over a few reservations, whatever their order: numbered from 1 without a gap.
fn logs() -> impl Strategy<Value = Vec<Change>> {
    proptest::collection::vec((0..6_u8, 0..5_u8), 1..40).prop_map(|steps| {
        let mut known: BTreeMap<u8, Reservation> = BTreeMap::new();
        steps
            .into_iter()
            .zip(1..)
            .map(|((number, step), seq)| {
                let change = match (known.get(&number), step) {
                    (None, _) => created(number, seq),
                    (Some(before), 0) => claimed(before, seq),
                    (Some(before), 1) => answered(before, seq, Status::Booked),
                    (Some(before), 2) => rescheduled(before, seq),
                    (Some(before), 3) => called_off(before, seq),
                    (Some(before), _) => answered(before, seq, Status::Pending),
                };
                known.insert(number, change.reservation.clone());
                change
            })
            .collect()
    })
}

fn states_at(log: &[Change], seq: usize) -> BTreeMap<ReservationId, Reservation> {
    log[..seq]
        .iter()
        .map(|change| (change.reservation.id, change.reservation.clone()))
        .collect()
}

/// What a gateway's two lists hold after `seq` changes.
fn listed_at(log: &[Change], seq: usize) -> Vec<Reservation> {
    let today = date(2026, 11, 22);
    states_at(log, seq)
        .into_values()
        .filter(|r| r.reservationdate == today || !r.status.is_handled())
        .collect()
}

fn on_screen(inbox: &Inbox) -> Vec<Reservation> {
    let today = date(2026, 11, 22);
    let mut shown: Vec<_> = inbox.of_day(today);
    shown.extend(inbox.unhandled_of_other_days(today));
    shown.sort_by_key(|r| r.id);
    shown.into_iter().cloned().collect()
}

proptest! {
    #[test]
    fn a_snapshot_and_the_changes_around_it_make_the_later_snapshot(
        log in logs(),
        (from, at, to) in (0..40_usize, 0..40_usize, 0..40_usize),
    ) {
        // The gateway's position, then the list, then what has been heard when the list arrives.
        let mut points = [from.min(log.len()), at.min(log.len()), to.min(log.len())];
        points.sort_unstable();
        let [from, at, _] = points;
        for arrival in from..=log.len() {
            let mut inbox = Inbox::new(None);
            inbox.apply(welcomed(from as u64, Replay::None), now());
            inbox.apply(caught_up(from as u64), now());
            for change in &log[from..arrival] {
                inbox.apply(changed_to(change), now());
            }
            inbox.apply(snapshot(at as u64, listed_at(&log, at)), now());
            for change in &log[arrival..] {
                inbox.apply(changed_to(change), now());
            }
            prop_assert_eq!(on_screen(&inbox), listed_at(&log, log.len()));
            prop_assert_eq!(inbox.cursor(), Some(&position(log.len() as u64)));
        }
    }

    #[test]
    fn what_comes_twice_changes_and_tells_nothing(log in logs(), repeats in proptest::collection::vec(0..40_usize, 0..60)) {
        let mut inbox = live(0);
        let mut told = 0;
        let mut repeats = repeats.into_iter();
        for (done, change) in log.iter().enumerate() {
            told += inbox.apply(changed_to(change), now()).len();
            if let Some(repeat) = repeats.next() {
                let before = on_screen(&inbox);
                prop_assert_eq!(inbox.apply(changed_to(&log[repeat % (done + 1)]), now()), vec![]);
                prop_assert_eq!(on_screen(&inbox), before);
            }
        }
        prop_assert_eq!(told, log.len());
        prop_assert!(!inbox.needs_reconnect());
    }

    #[test]
    fn a_missing_change_is_noticed_and_never_jumped_over(log in logs(), order in any::<Vec<proptest::sample::Index>>()) {
        let mut inbox = live(0);
        let mut applied = 0;
        for pick in order {
            let change = pick.get(&log);
            let seq = change.reservation.seq.0;
            inbox.apply(changed_to(change), now());
            if inbox.needs_reconnect() {
                prop_assert!(seq > applied + 1);
                break;
            }
            applied = applied.max(seq);
            prop_assert_eq!(inbox.cursor(), Some(&position(applied)));
        }
        // Whatever was lost, a connection from the cursor on brings it.
        let have = inbox.cursor().unwrap().seq.0;
        inbox.apply(welcomed(log.len() as u64, Replay::Cursor), now());
        for change in &log[usize::try_from(have).unwrap()..] {
            inbox.apply(changed_to(change), now());
        }
        inbox.apply(caught_up(log.len() as u64), now());
        prop_assert!(inbox.is_settled());
        prop_assert_eq!(on_screen(&inbox), listed_at(&log, log.len()));
    }
}

#[test]
fn of_a_source_without_lists_no_more_than_so_many_are_kept_and_the_newest_are() {
    let mut inbox = Inbox::new(None);
    let listening = Listening {
        source: crate::samples::hospital().id,
        timezone: "Asia/Seoul".to_owned(),
    };
    inbox.apply(Update::Link(LinkUpdate::Listening(listening)), now());
    let id = |number: usize| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        ReservationId::from_bytes(bytes)
    };
    let seed = reservation(1, 1);
    for number in 0..=MOST_HEARD {
        let fields = deskbell_protocol::NewReservation {
            relationship: seed.relationship.clone(),
            name: seed.name.clone(),
            phone: seed.phone.clone(),
            reservationdate: seed.reservationdate,
            reservationtime: seed.reservationtime,
        };
        let heard = Heard {
            id: id(number),
            fields,
        };
        assert_eq!(
            inbox.apply(Update::Heard(Box::new(heard)), now()).len(),
            1,
            "every one is told"
        );
    }
    assert_eq!(inbox.unhandled().count(), MOST_HEARD);
    assert!(inbox.get(id(0)).is_none() && inbox.get(id(MOST_HEARD)).is_some());
}
