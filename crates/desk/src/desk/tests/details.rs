//! The reservation on the screen, and asking the gateway about it.

use std::time::Duration;

use deskbell_protocol::http::{Actor, HistoryEntry, ReservationDetails};
use deskbell_protocol::{Reservation, Status};

use super::fake_shell::{Bench, Call};
use crate::desk::tasks::{Done, Part};
use crate::gateway::FetchError;
use crate::samples::{answered, claimed, created, id, reservation};
use crate::{DeskRequest, History, Shell, ToastKey};

fn details(reservation: &Reservation, steps: usize) -> Box<ReservationDetails> {
    let step = HistoryEntry {
        at: reservation.received_at,
        kind: "status".to_owned(),
        from: None,
        to: None,
        by: Actor::Site,
    };
    Box::new(ReservationDetails {
        reservation: reservation.clone(),
        history: vec![step; steps],
    })
}

/// A desk with reservation 1 on the screen. The gateway it talks to never answers: the test does.
fn looking() -> Bench {
    let mut bench = Bench::asking(3);
    bench.change(created(1, 4));
    bench.ring_all();
    bench.obey(DeskRequest::OpenReservation(id(1)));
    bench
}

#[tokio::test]
async fn a_click_on_a_toast_ten_minutes_old_opens_its_reservation_without_a_window() {
    let mut bench = looking();
    bench.change(created(2, 5));
    bench.ring_all();
    bench.shell.lose_window();
    bench.obey(DeskRequest::WindowClosed);
    for _ in 0..10 {
        bench.clock.advance(Duration::from_mins(1));
        bench.desk.settle();
    }
    assert!(bench.shell.screen().opened.is_none() && !bench.shell.has_window());
    bench.shell.take();
    bench.obey(DeskRequest::Clicked(ToastKey::Reservation(id(2))));
    let calls = bench.shell.take();
    let at = |such: fn(&Call) -> bool| calls.iter().position(such);
    let (drawn, opened) = (
        at(
            |call| matches!(call, Call::Show(screen) if screen.opened.as_ref().is_some_and(|it| it.id == id(2))),
        ),
        at(|call| *call == Call::OpenWindow),
    );
    assert!(
        drawn.is_some() && drawn < opened,
        "the window that comes finds it: {calls:?}"
    );
    assert_eq!(
        bench.shell.screen().opened.unwrap().reservation.unwrap().id,
        id(2)
    );
}

/// How often the gateway has been asked.
fn asked(bench: &Bench) -> usize {
    bench
        .desk
        .parts
        .values()
        .filter(|part| **part == Part::Details)
        .count()
}

fn answer(bench: &mut Bench, outcome: Result<Box<ReservationDetails>, FetchError>) {
    bench.desk.details_came(id(1), outcome);
    bench.desk.settle();
}

fn steps(bench: &Bench) -> usize {
    match bench.shell.screen().opened.unwrap().history {
        History::Ready(steps) => steps.len(),
        other => panic!("a history was expected: {other:?}"),
    }
}

#[tokio::test]
async fn what_happens_while_the_details_are_fetched_is_asked_for_again() {
    let mut bench = looking();
    let taken = claimed(&reservation(1, 4), 5);
    bench.change(taken.clone());
    assert_eq!(asked(&bench), 1, "the question under way goes on");
    answer(&mut bench, Ok(details(&reservation(1, 4), 1)));
    assert_eq!((asked(&bench), steps(&bench)), (2, 1));
    answer(&mut bench, Ok(details(&taken.reservation, 2)));
    assert_eq!((asked(&bench), steps(&bench)), (2, 2));
    bench.change(answered(&taken.reservation, 6, Status::Booked));
    assert_eq!(asked(&bench), 3);
}

#[tokio::test]
async fn details_that_cannot_be_fetched_are_asked_for_again_after_a_while() {
    let mut bench = looking();
    answer(&mut bench, Err(FetchError::NotDeskbell));
    assert_eq!(asked(&bench), 1);
    bench.clock.advance(bench.desk.next_wait());
    bench.desk.settle();
    assert_eq!(asked(&bench), 2);
}

#[tokio::test]
async fn details_that_do_not_exist_are_not_asked_for_again() {
    let mut bench = looking();
    answer(&mut bench, Err(FetchError::NotFound));
    assert_eq!(bench.desk.details.retry_at(), None);
    bench.clock.advance(std::time::Duration::from_mins(10));
    bench.desk.settle();
    assert_eq!(asked(&bench), 1);
}

#[tokio::test]
async fn details_whose_fetch_panics_are_asked_for_again() {
    let mut bench = looking();
    bench.desk.tasks.abort_all();
    bench.desk.spawn(Part::Details, async {
        panic!("on purpose");
        #[expect(unreachable_code, reason = "says what the task would have given")]
        Done::Details(id(1), Err(FetchError::NotFound))
    });
    while let Some(ended) = bench.desk.tasks.join_next_with_id().await {
        bench.desk.finish(ended);
    }
    bench.desk.settle();
    assert_eq!(asked(&bench), 0);
    bench.clock.advance(bench.desk.next_wait());
    bench.desk.settle();
    assert_eq!(asked(&bench), 1);
}

#[tokio::test]
async fn details_asked_for_of_a_gateway_that_is_gone_are_asked_for_of_the_next() {
    let mut bench = looking();
    let http = bench.desk.http.take();
    bench.desk.settle();
    bench.desk.http = http;
    bench.desk.settle();
    assert_eq!(asked(&bench), 2);
}
