//! What nobody has handled rings again, for a while, and only while somebody is there.

use std::time::Duration;

use deskbell_protocol::event::{ChangeKind, ReleaseReason, Replay};
use deskbell_protocol::{Reservation, Status};

use super::fake_shell::Bench;
use crate::samples::{answered, changed, claimed, created, id, looked_after, reservation, welcome};
use crate::update::{LinkFault, LinkUpdate, Update};
use crate::{DeskRequest, Notifications, PauseFor, ToastKey};

/// The minutes, counted from now, in which something rings, over the next `hours`. The desk sleeps as long as it says.
fn rings(bench: &mut Bench, hours: u64) -> Vec<(u64, ToastKey)> {
    let mut rung = Vec::new();
    let mut passed = Duration::ZERO;
    loop {
        rung.extend(
            bench
                .ring_all()
                .iter()
                .map(|toast| (passed.as_secs() / 60, toast.key)),
        );
        let wait = bench.desk.next_wait();
        assert!(!wait.is_zero(), "the desk does not sleep");
        passed += wait;
        if passed > Duration::from_hours(hours) {
            return rung;
        }
        bench.clock.advance(wait);
        bench.desk.settle();
    }
}

fn minutes(rung: &[(u64, ToastKey)]) -> Vec<u64> {
    rung.iter().map(|(minute, _)| *minute).collect()
}

/// A desk that is live at 11:00 on Sunday, of a hospital with these hours.
fn open(hours: &str) -> Bench {
    let mut bench = Bench::new();
    let mut welcome = welcome(3, Replay::None);
    welcome.hospital.hours = Some(hours.to_owned());
    bench.hear(Update::Link(LinkUpdate::Welcomed(Box::new(welcome))));
    bench.caught_up(3);
    bench.snapshot(3, []);
    bench
}

fn released(before: &Reservation, seq: u64, reason: ReleaseReason) -> deskbell_protocol::event::Change {
    changed(before, seq, ChangeKind::Released { reason }, |_| {})
}

#[test]
fn what_nobody_handles_rings_again_three_times() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    let rung = rings(&mut bench, 10);
    assert_eq!(minutes(&rung), [0, 3, 7, 15]);
    assert!(rung.iter().all(|(_, key)| *key == ToastKey::Reservation(id(1))));
    let told = bench.shell.screen().bell.recent.remove(0);
    assert_eq!(told.sentence, "아직 처리되지 않아 다시 울렸습니다(3번째).");
}

#[test]
fn without_repeats_each_rings_once() {
    let mut bench = Bench::live(3);
    bench.obey(DeskRequest::SetNotifications(Notifications {
        sound: None,
        volume: 0,
        repeats: false,
        quiet_hours: Vec::new(),
    }));
    bench.change(created(1, 4));
    assert_eq!(minutes(&rings(&mut bench, 10)), [0]);
}

#[test]
fn whoever_takes_or_answers_it_ends_the_repeats() {
    for taken in looked_after(&reservation(1, 4), 5) {
        let mut bench = Bench::live(3);
        bench.change(created(1, 4));
        bench.ring_all();
        bench.clock.advance(Duration::from_mins(4));
        bench.desk.settle();
        assert_eq!(bench.ring_all().len(), 1);
        bench.change(taken);
        assert_eq!(minutes(&rings(&mut bench, 10)), Vec::<u64>::new());
    }
}

#[test]
fn a_claim_that_ran_out_rings_at_once_and_one_that_was_given_back_is_reminded_of() {
    for (reason, expected) in [
        (ReleaseReason::Expired, vec![0, 3, 7, 15]),
        (ReleaseReason::Released, vec![3, 7, 15]),
    ] {
        let mut bench = Bench::live(3);
        bench.change(created(1, 4));
        bench.ring_all();
        bench.change(claimed(&reservation(1, 4), 5));
        bench.clock.advance(Duration::from_mins(20));
        bench.desk.settle();
        assert_eq!(bench.ring_all(), [], "a claim counts until its end is told");
        bench.change(released(&reservation(1, 4), 6, reason));
        assert_eq!(minutes(&rings(&mut bench, 10)), expected, "{reason:?}");
    }
}

#[test]
fn outside_the_hospitals_hours_nothing_rings_again_and_the_opening_makes_up_for_it_once() {
    let mut bench = open("mon-fri 09:00-18:00");
    bench.change(created(1, 4));
    bench.change(created(2, 5));
    let rung = rings(&mut bench, 48);
    assert_eq!(
        rung,
        [
            (0, ToastKey::Reservation(id(1))),
            (0, ToastKey::Reservation(id(2))),
            (22 * 60, ToastKey::Digest),
        ]
    );
}

#[test]
fn inside_the_hospitals_hours_it_rings_again() {
    let mut bench = open("sun 09:00-11:10");
    bench.change(created(1, 4));
    assert_eq!(minutes(&rings(&mut bench, 48)), [0, 3, 7]);
}

#[test]
fn what_is_due_together_is_one_digest_of_the_unhandled() {
    let mut bench = Bench::live(3);
    for (number, seq) in (1..=3).zip(4..) {
        bench.change(created(number, seq));
        bench.clock.advance(Duration::from_secs(9));
        bench.desk.settle();
    }
    bench.ring_all();
    bench.clock.advance(Duration::from_mins(3));
    bench.desk.settle();
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1);
    assert_eq!(toasts[0].body, "아직 처리되지 않은 예약 3건");
    assert!(!toasts[0].quiet);
}

#[test]
fn a_pause_holds_repeats_back_and_tells_them_with_the_rest() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.obey(DeskRequest::Pause(PauseFor::Minutes(15)));
    bench.change(created(2, 5));
    let rung = rings(&mut bench, 1);
    assert_eq!(rung[0], (15, ToastKey::Digest));
    let kept: Vec<_> = rung[1..].iter().map(|(minute, key)| (*minute, *key)).collect();
    let second = ToastKey::Reservation(id(2));
    assert_eq!(
        kept,
        [(18, second), (22, second), (30, second)],
        "the first has had its time"
    );
}

#[test]
fn a_restart_goes_on_with_the_repeats_and_does_not_begin_anew() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.clock.advance(Duration::from_mins(4));
    bench.desk.settle();
    assert_eq!(bench.ring_all().len(), 1);
    let clock = crate::samples::now() + Duration::from_mins(10);
    for expected in [vec![0, 5], vec![]] {
        bench = bench.crash();
        bench.clock.set_wall(clock);
        let mut welcome = welcome(4, Replay::Cursor);
        welcome.now = clock;
        bench.hear(Update::Link(LinkUpdate::Welcomed(Box::new(welcome))));
        bench.caught_up(4);
        bench.snapshot(4, [reservation(1, 4)]);
        assert_eq!(minutes(&rings(&mut bench, 10)), expected);
    }
}

#[test]
fn a_desk_that_may_not_know_of_an_answer_reminds_of_nothing() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Unreachable)));
    assert_eq!(minutes(&rings(&mut bench, 1)), Vec::<u64>::new());
    bench.welcome(5, Replay::Cursor);
    bench.change(answered(&reservation(1, 4), 5, Status::Booked));
    bench.caught_up(5);
    assert_eq!(minutes(&rings(&mut bench, 1)), Vec::<u64>::new());
}

#[test]
fn what_was_there_before_the_desk_is_not_reminded_of() {
    let mut bench = Bench::new();
    bench.welcome(3, Replay::None);
    bench.caught_up(3);
    bench.snapshot(3, [reservation(1, 1)]);
    assert_eq!(minutes(&rings(&mut bench, 10)), Vec::<u64>::new());
}

/// The seconds, counted from now, in which something is tried over the next `minutes`, with nothing that comes through.
fn tries(bench: &mut Bench, minutes: u64) -> Vec<u64> {
    let mut tried = Vec::new();
    let mut passed = Duration::ZERO;
    loop {
        for toast in bench.shell.take_toasts() {
            tried.push(passed.as_secs());
            bench.rang(&toast, Err("no daemon".to_owned()));
        }
        let wait = bench.desk.next_wait();
        assert!(!wait.is_zero(), "the desk does not sleep");
        passed += wait;
        if passed > Duration::from_mins(minutes) {
            return tried;
        }
        bench.clock.advance(wait);
        bench.desk.settle();
    }
}

#[test]
fn a_repeat_that_does_not_come_through_is_tried_again_and_used_up_once() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.clock.advance(Duration::from_mins(3));
    bench.desk.settle();
    let toast = bench.shell.take_toasts().pop().unwrap();
    bench.rang(&toast, Err("no daemon".to_owned()));
    let warns = |bench: &Bench| !bench.shell.screen().warnings.is_empty();
    assert!(warns(&bench));
    bench.clock.advance(Duration::from_secs(4));
    bench.desk.settle();
    assert_eq!(bench.ring_all(), []);
    bench.clock.advance(Duration::from_secs(1));
    bench.desk.settle();
    let keys: Vec<_> = bench.ring_all().iter().map(|toast| toast.key).collect();
    assert_eq!(keys, [ToastKey::Reservation(id(1))]);
    assert!(!warns(&bench));
    assert_eq!(
        minutes(&rings(&mut bench, 10)),
        [3, 11],
        "the other two come when they would have"
    );
}

#[test]
fn repeats_that_never_come_through_are_tried_ever_more_seldom_and_end_with_their_reservation() {
    let mut bench = Bench::live(3);
    for (number, seq) in [(1, 4), (2, 5)] {
        bench.change(created(number, seq));
        bench.ring_all();
    }
    bench.clock.advance(Duration::from_mins(3));
    bench.desk.settle();
    let tried = tries(&mut bench, 60);
    assert_eq!(tried[..5], [0, 5, 15, 35, 75], "a digest of both");
    let gaps: Vec<_> = tried.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps.iter().max(), Some(&300));
    assert_eq!(gaps.last(), Some(&300));
    for [_, answered] in
        [(1, 4), (2, 5)].map(|(number, seq)| looked_after(&reservation(number, seq), seq + 2))
    {
        bench.change(answered);
    }
    assert_eq!(tries(&mut bench, 60), [0; 0]);
}
