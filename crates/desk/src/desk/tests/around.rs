//! Another day's list, and what came in lately.

use std::time::Duration;

use deskbell_protocol::http::ReservationList;
use deskbell_protocol::{Reservation, Status};
use jiff::civil::{Date, date};

use super::fake_shell::Bench;
use crate::desk::around::View;
use crate::desk::tasks::Part;
use crate::gateway::FetchError;
use crate::samples::{answered, changed, created, id, now, position, rescheduled, reservation};
use crate::{DeskRequest, Fetched};

const TOMORROW: Date = date(2026, 11, 23);

fn of_tomorrow(number: u8, seq: u64) -> Reservation {
    let mut reservation = reservation(number, seq);
    reservation.reservationdate = TOMORROW;
    reservation
}

fn asked(bench: &Bench, part: Part) -> usize {
    bench.desk.parts.values().filter(|one| **one == part).count()
}

fn list(bench: &mut Bench, view: View, seq: u64, reservations: Vec<Reservation>) {
    let list = ReservationList {
        position: position(seq),
        reservations,
    };
    bench.desk.around_came(view, Ok(list));
    bench.desk.settle();
}

fn day(bench: &Bench) -> (Vec<deskbell_protocol::ReservationId>, Fetched) {
    let day = bench.shell.screen().looked_at.unwrap();
    (day.reservations.iter().map(|r| r.id).collect(), day.state)
}

#[tokio::test]
async fn another_day_is_fetched_and_kept_in_step() {
    let mut bench = Bench::asking(3);
    bench.obey(DeskRequest::LookAt(Some(TOMORROW)));
    assert_eq!(asked(&bench, Part::Day), 1);
    assert_eq!(day(&bench), (vec![], Fetched::Loading));
    let booked = answered(&of_tomorrow(1, 1), 3, Status::Booked).reservation;
    list(&mut bench, View::Day(TOMORROW), 3, vec![booked.clone()]);
    assert_eq!(day(&bench), (vec![id(1)], Fetched::Ready));

    // One moves there, one moves away.
    bench.change(created(2, 4));
    bench.change(rescheduled(&reservation(2, 4), 5));
    assert_eq!(day(&bench).0, [id(1), id(2)]);
    let away = changed(
        &booked,
        6,
        deskbell_protocol::event::ChangeKind::Rescheduled,
        |r| {
            r.reservationdate = date(2026, 11, 30);
        },
    );
    bench.change(away);
    assert_eq!(day(&bench).0, [id(2)]);
    assert_eq!(asked(&bench, Part::Day), 1, "asked once");

    bench.obey(DeskRequest::LookAt(None));
    assert_eq!(bench.shell.screen().looked_at, None);
}

#[tokio::test]
async fn today_is_the_days_own_list() {
    let mut bench = Bench::asking(3);
    bench.obey(DeskRequest::LookAt(Some(date(2026, 11, 22))));
    assert_eq!(bench.shell.screen().looked_at, None);
    assert_eq!(asked(&bench, Part::Day), 0);
}

#[tokio::test]
async fn a_list_that_cannot_be_had_says_so_and_is_asked_for_again() {
    let mut bench = Bench::asking(3);
    bench.obey(DeskRequest::LookAt(Some(TOMORROW)));
    bench
        .desk
        .around_came(View::Day(TOMORROW), Err(FetchError::NotDeskbell));
    bench.desk.settle();
    assert!(matches!(day(&bench).1, Fetched::Failed(sentence) if sentence.contains("목록")));
    bench.clock.advance(bench.desk.next_wait());
    bench.desk.settle();
    assert_eq!(asked(&bench, Part::Day), 2);
}

#[tokio::test]
async fn the_list_of_a_day_that_is_looked_at_no_more_is_dropped() {
    let mut bench = Bench::asking(3);
    bench.obey(DeskRequest::LookAt(Some(TOMORROW)));
    bench.obey(DeskRequest::LookAt(Some(date(2026, 11, 24))));
    list(&mut bench, View::Day(TOMORROW), 3, vec![of_tomorrow(1, 1)]);
    assert_eq!(day(&bench), (vec![], Fetched::Loading));
}

#[tokio::test]
async fn after_a_resync_it_is_fetched_again() {
    let mut bench = Bench::asking(3);
    bench.obey(DeskRequest::LookAt(Some(TOMORROW)));
    list(&mut bench, View::Day(TOMORROW), 3, vec![of_tomorrow(1, 1)]);
    bench.welcome(9, deskbell_protocol::event::Replay::Resync);
    let snapshot = crate::update::Snapshot {
        day: date(2026, 11, 22),
        position: position(9),
        reservations: vec![],
    };
    bench.desk.lists_came(Ok(Some(snapshot)));
    bench.desk.settle();
    assert_eq!(asked(&bench, Part::Day), 2);
}

#[tokio::test]
async fn what_came_in_lately_is_shown_newest_first_and_grows() {
    let mut bench = Bench::asking(3);
    bench.obey(DeskRequest::ShowArrivals(true));
    let since = now() - Duration::from_hours(72);
    let arrivals = bench.shell.screen().arrivals.unwrap();
    assert_eq!((arrivals.since, arrivals.state), (since, Fetched::Loading));
    let mut earlier = of_tomorrow(1, 1);
    earlier.received_at = now() - Duration::from_hours(1);
    list(&mut bench, View::Since(since), 3, vec![earlier]);
    bench.change(created(2, 4));
    bench.obey(DeskRequest::ShowArrivals(true));
    let arrivals = bench.shell.screen().arrivals.unwrap();
    let ids: Vec<_> = arrivals.reservations.iter().map(|r| r.id).collect();
    assert_eq!((ids, arrivals.state), (vec![id(2), id(1)], Fetched::Ready));
    bench.shell.lose_window();
    bench.obey(DeskRequest::WindowClosed);
    assert_eq!(bench.shell.screen().arrivals, None);
}
