use deskbell_protocol::Status;
use deskbell_protocol::event::{ChangeKind, ReleaseReason, Replay};

use super::fake_shell::{Bench, Call};
use crate::samples::{
    answered, called_off, changed, claimed, created, id, looked_after, position, rescheduled, reservation,
};
use crate::{DeskRequest, ToastKey, TrayIcon};

#[test]
fn a_first_pairing_fills_the_list_in_silence() {
    let mut bench = Bench::new();
    bench.welcome(3, Replay::None);
    bench.caught_up(3);
    bench.snapshot(3, [reservation(1, 1), reservation(2, 3)]);
    let screen = bench.shell.screen();
    assert_eq!(screen.day.len(), 2);
    assert_eq!(bench.shell.tray().icon, TrayIcon::Quiet);
    assert_eq!(bench.shell.take_toasts(), []);
}

#[test]
fn each_reservation_that_comes_in_rings_once() {
    let mut bench = Bench::live(3);
    for (number, seq) in [(1, 4), (2, 5)] {
        bench.change(created(number, seq));
        bench.change(created(number, seq));
    }
    let toasts = bench.ring_all();
    let keys: Vec<_> = toasts.iter().map(|toast| toast.key).collect();
    assert_eq!(keys, [ToastKey::Reservation(id(1)), ToastKey::Reservation(id(2))]);
    assert_eq!(toasts[0].title, "새 예약 · 한빛의원");
    assert_eq!(toasts[0].body, "김**스 님 · 11월 22일(일) 10:30 ~ 11:00");
    assert_eq!(bench.shell.tray().icon, TrayIcon::Ringing(2));
}

#[test]
fn a_toast_counts_only_once_it_is_on_the_screen() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    assert_eq!(bench.shell.tray().icon, TrayIcon::Quiet);
    bench.ring_all();
    assert_eq!(bench.shell.tray().icon, TrayIcon::Ringing(1));
}

#[test]
fn what_came_while_the_desk_was_away_is_one_digest() {
    let mut bench = Bench::live(3);
    bench.welcome(10, Replay::Cursor);
    for (number, seq) in (1..=7).zip(4..) {
        bench.change(created(number, seq));
    }
    for (number, seq) in (1..=4).zip(11..) {
        bench.change(answered(&reservation(number, 4), seq, Status::Booked));
    }
    assert_eq!(
        bench.shell.take_toasts(),
        [],
        "nothing before the end of the replay"
    );
    bench.caught_up(14);
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1);
    assert_eq!(toasts[0].key, ToastKey::Digest);
    assert_eq!(toasts[0].body, "자리 비운 사이 예약 7건, 미처리 3건");
    assert_eq!(bench.shell.tray().icon, TrayIcon::Ringing(3));
}

#[test]
fn opening_the_window_takes_the_digest_off_the_screen() {
    let mut bench = Bench::live(3);
    bench.welcome(5, Replay::Cursor);
    bench.change(created(1, 4));
    bench.change(created(2, 5));
    bench.caught_up(5);
    bench.ring_all();
    bench.obey(DeskRequest::Clicked(ToastKey::Digest));
    let calls = bench.shell.take();
    assert!(calls.contains(&Call::Withdraw(ToastKey::Digest)) && calls.contains(&Call::OpenWindow));
    bench.obey(DeskRequest::OpenWindow);
    assert_eq!(bench.shell.take(), [Call::OpenWindow]);
}

#[test]
fn a_digest_that_was_put_away_is_not_counted_again() {
    let mut bench = Bench::live(3);
    bench.welcome(5, Replay::Cursor);
    bench.change(created(1, 4));
    bench.change(created(2, 5));
    bench.caught_up(5);
    bench.ring_all();
    bench.obey(DeskRequest::Dismissed(ToastKey::Digest));
    assert!(
        !bench.shell.take().contains(&Call::OpenWindow),
        "put away, not followed"
    );
    bench.clock.advance(std::time::Duration::from_secs(2));
    bench.welcome(7, Replay::Cursor);
    bench.change(created(3, 6));
    bench.change(created(4, 7));
    bench.caught_up(7);
    assert_eq!(bench.ring_all()[0].body, "자리 비운 사이 예약 2건, 미처리 2건");
}

#[test]
fn a_single_one_found_after_an_absence_has_its_own_toast() {
    let mut bench = Bench::live(3);
    bench.welcome(4, Replay::Cursor);
    bench.change(created(1, 4));
    bench.caught_up(4);
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1);
    assert_eq!(toasts[0].key, ToastKey::Reservation(id(1)));
}

#[test]
fn a_replay_that_is_cut_is_told_of_after_a_while() {
    let mut bench = Bench::live(3);
    bench.welcome(9, Replay::Cursor);
    bench.change(created(1, 4));
    bench.change(created(2, 5));
    bench.clock.advance(std::time::Duration::from_secs(9));
    bench.desk.settle();
    assert_eq!(bench.shell.take_toasts(), []);
    bench.clock.advance(std::time::Duration::from_secs(1));
    bench.desk.settle();
    assert_eq!(bench.ring_all().len(), 1);
}

#[test]
fn after_a_resync_only_what_is_undecided_is_told() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.welcome(90, Replay::Resync);
    bench.caught_up(90);
    assert_eq!(
        bench.shell.take_toasts(),
        [],
        "nothing is known before the lists came"
    );
    bench.snapshot(90, [reservation(1, 4), reservation(2, 50), reservation(3, 60)]);
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1);
    assert_eq!(toasts[0].body, "자리 비운 사이 예약 2건, 미처리 2건");
}

#[test]
fn a_live_reservation_that_the_lists_know_too_rings_once() {
    let mut bench = Bench::live(3);
    bench.welcome(90, Replay::Resync);
    bench.caught_up(90);
    bench.change(created(1, 91));
    bench.snapshot(91, [reservation(1, 91)]);
    assert_eq!(bench.ring_all().len(), 1);
    bench.welcome(95, Replay::Resync);
    bench.caught_up(95);
    bench.snapshot(96, [reservation(1, 91), reservation(2, 96)]);
    bench.change(created(2, 96));
    assert_eq!(bench.ring_all().len(), 1);
}

#[test]
fn a_move_replaces_the_toast() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.change(rescheduled(&reservation(1, 4), 5));
    let toasts = bench.ring_all();
    assert_eq!(toasts[0].key, ToastKey::Reservation(id(1)));
    assert_eq!(toasts[0].title, "예약 변경 · 한빛의원");
    assert_eq!(toasts[0].body, "김**스 님 · 11월 23일(월) 10:30 ~ 11:00");
}

#[test]
fn a_cancellation_by_the_patient_is_told_by_the_way() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.change(called_off(&reservation(1, 4), 5));
    let toasts = bench.ring_all();
    assert_eq!(toasts[0].title, "예약 취소 · 한빛의원");
    assert!(toasts[0].quiet);
    assert_eq!(bench.shell.tray().icon, TrayIcon::Quiet);
}

#[test]
fn a_claim_or_an_answer_at_any_desk_withdraws_the_toast() {
    for taken in looked_after(&reservation(1, 4), 5) {
        let mut bench = Bench::live(3);
        bench.change(created(1, 4));
        bench.ring_all();
        bench.change(taken);
        let calls = bench.shell.take();
        assert!(calls.contains(&Call::Withdraw(ToastKey::Reservation(id(1)))));
        assert!(!calls.iter().any(|call| matches!(call, Call::Ring(_))));
    }
}

#[test]
fn a_lease_that_runs_out_rings_once_more_and_other_ends_do_not() {
    for (reason, rings) in [
        (ReleaseReason::Expired, 1),
        (ReleaseReason::Released, 0),
        (ReleaseReason::Handled, 0),
        (ReleaseReason::Revoked, 0),
    ] {
        let mut bench = Bench::live(3);
        bench.change(created(1, 4));
        bench.change(claimed(&reservation(1, 4), 5));
        bench.ring_all();
        bench.change(changed(
            &reservation(1, 4),
            6,
            ChangeKind::Released { reason },
            |_| {},
        ));
        assert_eq!(bench.ring_all().len(), rings, "{reason:?}");
    }
}

#[test]
fn a_toast_that_fails_is_shown_as_a_warning_and_tried_again() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    let toasts = bench.shell.take_toasts();
    bench.rang(&toasts[0], Err("no daemon".to_owned()));
    assert_eq!(bench.shell.tray().icon, TrayIcon::Attention);
    assert_eq!(bench.shell.screen().warnings.len(), 1);
    assert_eq!(bench.shell.take_toasts(), []);
    bench.change(created(2, 5));
    bench.ring_all();
    bench.clock.advance(std::time::Duration::from_secs(5));
    bench.desk.settle();
    let again = bench.ring_all();
    assert_eq!(again[0].key, ToastKey::Reservation(id(1)));
    assert_eq!(bench.shell.screen().warnings, Vec::<String>::new());
}

#[test]
fn a_test_toast_that_fails_is_told_without_a_promise_until_one_comes_through() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::TestToast);
    let test = bench.shell.take_toasts().remove(0);
    bench.rang(&test, Err("no daemon".to_owned()));
    assert_eq!(bench.shell.tray().icon, TrayIcon::Attention);
    let warnings = bench.shell.screen().warnings;
    assert!(warnings[0].starts_with("이 PC에 알림을 표시할 수 없습니다."));
    assert!(!warnings[0].contains("잠시 후"));
    bench.change(created(1, 4));
    bench.ring_all();
    assert_eq!(bench.shell.screen().warnings, Vec::<String>::new());
    assert_eq!(bench.shell.tray().icon, TrayIcon::Ringing(1));
}

#[test]
fn a_gap_is_never_jumped_over_and_leads_to_a_new_connection() {
    let mut bench = Bench::live(3);
    bench.change(created(2, 5));
    assert_eq!(bench.shell.take_toasts(), []);
    assert_eq!(bench.desk.inbox.cursor(), Some(&position(3)));
    // The old connection says more before it is gone.
    bench.change(created(3, 6));
    bench.welcome(6, Replay::Cursor);
    for (number, seq) in (1..=3).zip(4..) {
        bench.change(created(number, seq));
    }
    bench.caught_up(6);
    let toasts = bench.ring_all();
    assert_eq!(toasts[0].body, "자리 비운 사이 예약 3건, 미처리 3건");
}

#[test]
fn somebody_elses_second_pairing_of_this_pc_starts_in_silence() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    let mut other = crate::samples::welcome(50, Replay::Resync);
    other.hospital.id = deskbell_protocol::HospitalId::new(crate::samples::now(), &[7; 10]);
    other.position.epoch = deskbell_protocol::Epoch("theirs".to_owned());
    let position = other.position.clone();
    bench.hear(crate::update::Update::Link(crate::update::LinkUpdate::Welcomed(
        Box::new(other),
    )));
    bench.caught_up(50);
    bench.hear(crate::update::Update::Snapshot(crate::update::Snapshot {
        day: jiff::civil::date(2026, 11, 22),
        position,
        reservations: vec![reservation(9, 40), reservation(8, 41)],
    }));
    assert_eq!(bench.shell.take_toasts(), []);
    assert_eq!(bench.shell.screen().day.len(), 2);
}
