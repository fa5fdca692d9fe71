use super::*;
use crate::notice::Found;
use crate::samples::{hospital, id, position, reservation};

fn ledger(seq: u64) -> Ledger {
    Ledger::new(hospital().id, position(seq))
}

fn notice(number: u8, seq: u64, version: u64, cause: Cause) -> Notice {
    let mut reservation = reservation(number, seq);
    reservation.version = version;
    Notice {
        seq: Seq(seq),
        cause,
        found: Found::Absence,
        reservation,
    }
}

fn other_log(seq: u64) -> Position {
    Position {
        epoch: Epoch("second".to_owned()),
        seq: Seq(seq),
    }
}

#[test]
fn the_cursor_covers_everything_before_it() {
    let ledger = ledger(10);
    assert!(ledger.covers(&notice(1, 10, 1, Cause::Created)));
    assert!(!ledger.covers(&notice(1, 11, 1, Cause::Created)));
}

#[test]
fn a_decided_reservation_is_covered_until_it_changes_for_people() {
    let mut ledger = ledger(10);
    ledger.decide(id(1), Seq(12), 1, true);
    assert!(ledger.has_rung(id(1)));
    assert!(ledger.covers(&notice(1, 12, 1, Cause::Created)));
    assert!(
        ledger.covers(&notice(1, 15, 1, Cause::Created)),
        "found again in a list, claimed in between"
    );
    assert!(!ledger.covers(&notice(1, 16, 2, Cause::Rescheduled)));
    assert!(!ledger.covers(&notice(1, 16, 1, Cause::LeaseExpired)));
    ledger.decide(id(1), Seq(16), 1, true);
    assert!(ledger.covers(&notice(1, 16, 1, Cause::LeaseExpired)));
}

#[test]
fn the_cursor_stops_before_what_is_open_and_never_goes_back() {
    let mut ledger = ledger(10);
    ledger.advance(&position(20), Some(Seq(15)));
    assert_eq!(ledger.cursor(), Some(&position(14)));
    ledger.advance(&position(20), Some(Seq(3)));
    assert_eq!(ledger.cursor(), Some(&position(14)));
    ledger.advance(&position(20), None);
    assert_eq!(ledger.cursor(), Some(&position(20)));
}

#[test]
fn in_a_new_log_only_ids_are_known_and_the_old_cursor_stays_until_the_lists_came() {
    let mut ledger = ledger(100);
    ledger.decide(id(1), Seq(99), 1, true);
    assert!(ledger.change_log(&other_log(5).epoch));
    assert!(!ledger.change_log(&other_log(5).epoch));
    assert!(
        !ledger.covers(&notice(2, 4, 1, Cause::Created)),
        "100 was in another log"
    );
    assert!(ledger.covers(&notice(1, 4, 1, Cause::Created)));
    assert_eq!(ledger.cursor(), Some(&position(100)));
    ledger.advance(&other_log(5), Some(Seq(4)));
    assert_eq!(ledger.cursor(), Some(&other_log(3)));
    assert!(ledger.covers(&notice(2, 3, 1, Cause::Created)));
}

#[test]
fn what_the_gateway_was_told_counts_where_it_is_more() {
    let mut ledger = ledger(10);
    ledger.learn_shown(&position(30));
    assert_eq!(ledger.cursor(), Some(&position(30)));
    ledger.learn_shown(&position(20));
    ledger.learn_shown(&other_log(99));
    assert_eq!(ledger.cursor(), Some(&position(30)));
}

#[test]
fn the_ledger_stays_small() {
    let mut ledger = ledger(0);
    for number in 0..2_000_u16 {
        let mut bytes = [0; 10];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        let id = ReservationId::new(crate::samples::now(), &bytes);
        ledger.decide(id, Seq(number.into()), 1, true);
    }
    assert_eq!(ledger.decided.len(), REMEMBERED);
}

#[test]
fn a_change_that_nobody_waits_for_is_passed_where_it_matters() {
    let mut ledger = ledger(0);
    assert!(!ledger.pass(id(1), Seq(2), 2));
    assert!(!ledger.has_rung(id(1)));
    ledger.decide(id(1), Seq(1), 1, true);
    assert!(ledger.pass(id(1), Seq(2), 2));
    assert!(
        ledger.covers(&notice(1, 9, 2, Cause::Created)),
        "an answer taken back rings nobody"
    );
}

#[test]
fn without_a_log_only_what_is_remembered_is_decided() {
    let mut ledger = Ledger::without_log(hospital().id);
    assert!(!ledger.covers(&notice(1, 1, 1, Cause::Created)));
    ledger.decide(id(1), Seq(1), 1, true);
    assert!(
        ledger.covers(&notice(1, 7, 1, Cause::Created)),
        "another start counts anew"
    );
    assert!(!ledger.covers(&notice(2, 1, 1, Cause::Created)));
    assert_eq!(ledger.resume(), None);
}
