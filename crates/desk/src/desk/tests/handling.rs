//! Claiming, answering and taking back, in front of a gateway whose answers the test gives.

use std::time::Duration;

use deskbell_protocol::event::{Change, ChangeKind, ReleaseReason};
use deskbell_protocol::{Claim, HandledBy, Reservation, Status};
use reqwest::StatusCode;
use tokio::sync::oneshot;

use super::fake_shell::{Bench, Call};
use crate::gateway::{Handling, HandlingError};
use crate::samples::{answered, changed, claimed, created, desk, id, now, rescheduled, reservation};
use crate::{DeskRequest, ErrorCode, Reply, Toast, ToastAct, ToastKey, UserError};

type Answer = oneshot::Receiver<Result<(), UserError>>;

const OWN: fn(u8) -> ToastKey = |number| ToastKey::Reservation(id(number));

/// A desk at which reservation 1 has rung.
fn rung() -> (Bench, Toast) {
    let mut bench = Bench::asking(3);
    bench.change(created(1, 4));
    let toast = bench.ring_all().pop().unwrap();
    (bench, toast)
}

fn want(bench: &mut Bench, request: impl FnOnce(Reply) -> DeskRequest) -> Answer {
    let (reply, answer) = oneshot::channel();
    bench.obey(request(reply));
    answer
}

fn claim(bench: &mut Bench) -> Answer {
    want(bench, |reply| DeskRequest::Claim { id: id(1), reply })
}

fn confirm(bench: &mut Bench) -> Answer {
    want(bench, |reply| DeskRequest::SetStatus {
        id: id(1),
        status: Status::Booked,
        overrides: false,
        reply,
    })
}

/// What the gateway is being asked.
pub(super) fn asked(bench: &Bench) -> Vec<Handling> {
    bench.desk.wishes.values().map(|wish| wish.handling()).collect()
}

/// The gateway answers the only question there is.
pub(super) fn answer(bench: &mut Bench, outcome: Result<Reservation, HandlingError>) {
    let task = *bench.desk.wishes.keys().next().expect("a question");
    bench.desk.handled(task, outcome.map(Box::new));
    bench.desk.settle();
}

fn conflict(bench: &mut Bench, stands: Reservation) {
    answer(bench, Err(HandlingError::Conflict(Box::new(stands))));
}

fn error(mut answer: Answer) -> UserError {
    answer.try_recv().expect("an answer").unwrap_err()
}

/// This desk's claim.
pub(super) fn claimed_here(before: &Reservation, seq: u64, minutes: u64) -> Change {
    changed(before, seq, ChangeKind::Claimed, |r| {
        r.claim = Some(Claim {
            desk: desk(1),
            staff: None,
            until: r.updated_at + Duration::from_mins(minutes),
        });
    })
}

#[tokio::test]
async fn a_claim_from_a_toast_withdraws_it_at_once_and_opens_what_it_is_about() {
    let (mut bench, _) = rung();
    bench.obey(DeskRequest::Acted {
        id: id(1),
        act: ToastAct::Claim,
    });
    let calls = bench.shell.take();
    assert!(calls.contains(&Call::Withdraw(OWN(1))) && calls.contains(&Call::OpenWindow));
    assert_eq!(asked(&bench), [Handling::Claim]);
    answer(&mut bench, Ok(claimed_here(&reservation(1, 4), 5, 5).reservation));
    assert_eq!(bench.shell.take_toasts(), []);
    let opened = bench.shell.screen().opened.unwrap();
    assert_eq!(opened.reservation.unwrap().claim.unwrap().desk, desk(1));
    // The event comes later and changes nothing.
    bench.change(claimed_here(&reservation(1, 4), 5, 5));
    assert_eq!(bench.shell.take_toasts(), []);
}

#[tokio::test]
async fn a_confirmation_from_a_toast_is_of_what_the_toast_told() {
    let (mut bench, _) = rung();
    bench.change(rescheduled(&reservation(1, 4), 5));
    // The toast of before is pressed in the moment in which it is replaced.
    let first = bench.desk.nonces.burn_last(id(1), ToastAct::Confirm, now());
    assert_eq!(first, Some(2), "the last toast's is of the new version");
    bench.obey(DeskRequest::Acted {
        id: id(1),
        act: ToastAct::Confirm,
    });
    assert_eq!(
        asked(&bench),
        [Handling::SetStatus {
            to: Status::Booked,
            seen: 1,
            overrides: false
        }]
    );
    assert!(
        !bench.shell.take().contains(&Call::OpenWindow),
        "confirmed without a window"
    );
}

#[tokio::test]
async fn what_another_was_first_with_is_told_by_the_way_and_shown_in_the_list() {
    let (mut bench, _) = rung();
    bench.obey(DeskRequest::Acted {
        id: id(1),
        act: ToastAct::Confirm,
    });
    let stands = answered(&reservation(1, 4), 5, Status::Booked).reservation;
    conflict(&mut bench, stands);
    let toasts = bench.shell.take_toasts();
    assert_eq!(toasts.len(), 1);
    assert!(toasts[0].quiet && toasts[0].buttons.is_empty());
    assert_eq!(
        toasts[0].body,
        "먼저 처리되었습니다: 예약확정 (접수 2)\n김**스 님 · 11월 22일(일) 10:30 ~ 11:00"
    );
    assert_eq!(bench.shell.screen().day[0].status, Status::Booked);
}

#[tokio::test]
async fn a_refusal_that_leaves_it_unhandled_rings_again() {
    let (mut bench, _) = rung();
    bench.obey(DeskRequest::Acted {
        id: id(1),
        act: ToastAct::Confirm,
    });
    bench.shell.take();
    let moved = rescheduled(&reservation(1, 4), 5).reservation;
    conflict(&mut bench, moved);
    let toasts = bench.ring_all();
    assert_eq!((toasts.len(), toasts[0].key, toasts[0].quiet), (1, OWN(1), false));
    assert!(
        toasts[0].body.starts_with("그 사이에 예약이 바뀌었습니다."),
        "{}",
        toasts[0].body
    );
    // Its buttons are of what it tells now.
    bench.obey(DeskRequest::Acted {
        id: id(1),
        act: ToastAct::Claim,
    });
    assert_eq!(asked(&bench), [Handling::Claim]);
}

#[tokio::test]
async fn without_an_answer_the_toast_says_so_and_nothing_is_lost() {
    let (mut bench, _) = rung();
    bench.obey(DeskRequest::Acted {
        id: id(1),
        act: ToastAct::Confirm,
    });
    bench.shell.take();
    answer(&mut bench, Err(HandlingError::Perhaps(StatusCode::BAD_GATEWAY)));
    let toasts = bench.ring_all();
    assert!(
        toasts[0].body.contains("처리되었는지 알 수 없습니다") && !toasts[0].quiet,
        "{}",
        toasts[0].body
    );
    // It was done after all, as its event tells.
    bench.change(answered(&reservation(1, 4), 5, Status::Booked));
    assert!(bench.shell.take().contains(&Call::Withdraw(OWN(1))));
}

#[tokio::test]
async fn what_still_waits_is_told_loudly_behind_a_locked_screen_too() {
    let (mut bench, _) = rung();
    bench.obey(DeskRequest::Acted {
        id: id(1),
        act: ToastAct::Confirm,
    });
    bench.obey(DeskRequest::SessionLocked(true));
    bench.shell.take();
    answer(&mut bench, Err(HandlingError::TooMany));
    let toast = bench.shell.take_toasts().pop().unwrap();
    assert!(!toast.quiet && toast.buttons.is_empty());
    assert!(!toast.body.contains('김'), "{}", toast.body);
}

#[tokio::test]
async fn a_toast_of_a_refusal_that_does_not_come_through_is_tried_again() {
    let (mut bench, _) = rung();
    bench.obey(DeskRequest::Acted {
        id: id(1),
        act: ToastAct::Confirm,
    });
    bench.shell.take();
    answer(&mut bench, Err(HandlingError::TooMany));
    let toast = bench.shell.take_toasts().pop().unwrap();
    bench.rang(&toast, Err("no daemon".to_owned()));
    bench.clock.advance(bench.desk.next_wait());
    bench.desk.settle();
    assert_eq!(bench.ring_all()[0].title, "미처리 예약 · 한빛의원");
}

#[tokio::test]
async fn an_answer_about_one_leaves_the_news_of_another_on_the_screen() {
    let mut bench = Bench::asking(3);
    bench.change(created(1, 4));
    let booked = answered(&reservation(1, 4), 5, Status::Booked);
    bench.change(booked.clone());
    bench.change(rescheduled(&booked.reservation, 6));
    bench.change(created(2, 7));
    let rung: Vec<_> = bench.ring_all().into_iter().map(|toast| toast.key).collect();
    assert!(rung.contains(&OWN(1)) && rung.contains(&OWN(2)), "{rung:?}");
    bench.shell.take();
    bench.obey(DeskRequest::Acted {
        id: id(2),
        act: ToastAct::Confirm,
    });
    let confirmed = answered(&reservation(2, 7), 8, Status::Booked).reservation;
    answer(&mut bench, Ok(confirmed));
    let calls = bench.shell.take();
    assert!(calls.contains(&Call::Withdraw(OWN(2))));
    assert!(
        !calls.contains(&Call::Withdraw(OWN(1))),
        "nobody has seen that it was moved"
    );
}

#[tokio::test]
async fn a_press_again_on_a_toast_that_came_back_is_a_new_one() {
    let (mut bench, _) = rung();
    let press = |bench: &mut Bench| {
        bench.obey(DeskRequest::Acted {
            id: id(1),
            act: ToastAct::Confirm,
        });
    };
    press(&mut bench);
    answer(&mut bench, Err(HandlingError::TooMany));
    bench.ring_all();
    press(&mut bench);
    assert_eq!(asked(&bench).len(), 1, "asked once more, within the same second");
}

#[tokio::test]
async fn a_toast_that_failed_gives_no_right_to_what_it_was_to_tell() {
    let (mut bench, _) = rung();
    bench.change(rescheduled(&reservation(1, 4), 5));
    let moved = bench.shell.take_toasts().pop().unwrap();
    bench.obey(DeskRequest::Rang {
        key: moved.key,
        attempt: moved.attempt,
        outcome: Err("no daemon".to_owned()),
    });
    // On the screen is the toast of before.
    bench.obey(DeskRequest::Acted {
        id: id(1),
        act: ToastAct::Confirm,
    });
    let seen: Vec<_> = asked(&bench);
    assert!(
        matches!(seen[..], [Handling::SetStatus { seen: 1, .. }]),
        "{seen:?}"
    );
}

#[tokio::test]
async fn what_came_of_a_press_that_started_the_app_is_said_in_the_window() {
    let mut bench = Bench::asking(3);
    let nonce = bench.desk.nonces.mint(
        id(9),
        ToastAct::Confirm,
        1,
        &deskbell_clock::SeededEntropy::new(9),
        now(),
    );
    bench.obey(DeskRequest::Follow(crate::DeskLink::Act {
        id: id(9),
        act: ToastAct::Confirm,
        nonce: Some(nonce),
    }));
    answer(&mut bench, Err(HandlingError::TooMany));
    assert!(bench.shell.take().contains(&Call::OpenWindow));
    let opened = bench.shell.screen().opened.unwrap();
    assert_eq!(opened.id, id(9));
    assert!(opened.conflict.is_some_and(|sentence| !sentence.is_empty()));
}

#[tokio::test]
async fn the_window_gets_one_answer_to_each_wish_and_the_list_at_once() {
    let (mut bench, _) = rung();
    let mut granted = confirm(&mut bench);
    answer(
        &mut bench,
        Ok(answered(&reservation(1, 4), 5, Status::Booked).reservation),
    );
    assert_eq!(granted.try_recv().unwrap(), Ok(()));
    let screen = bench.shell.screen();
    assert_eq!(screen.day[0].status, Status::Booked);
    assert!(bench.shell.take().contains(&Call::Withdraw(OWN(1))));
    let undo = screen.undo.unwrap();
    assert_eq!((undo.from, undo.to), (Status::Pending, Status::Booked));
}

#[tokio::test]
async fn a_double_click_is_one_question_and_two_answers() {
    let (mut bench, _) = rung();
    let mut answers = [confirm(&mut bench), confirm(&mut bench)];
    assert_eq!(asked(&bench).len(), 1);
    let booked = answered(&reservation(1, 4), 5, Status::Booked).reservation;
    answer(&mut bench, Ok(booked));
    for answer in &mut answers {
        assert_eq!(answer.try_recv().unwrap(), Ok(()));
    }
}

#[tokio::test]
async fn a_conflict_in_the_window_says_how_it_stands_and_who_was_first() {
    let (mut bench, _) = rung();
    bench.obey(DeskRequest::OpenReservation(id(1)));
    let refused = claim(&mut bench);
    conflict(&mut bench, claimed(&reservation(1, 4), 5).reservation);
    let refused = error(refused);
    assert_eq!(refused.code, ErrorCode::Conflict);
    assert_eq!(refused.message, "먼저 맡은 곳이 있습니다: 접수 2");
    let opened = bench.shell.screen().opened.unwrap();
    assert_eq!(opened.conflict, Some(refused.message));
    assert_eq!(opened.reservation.unwrap().claim.unwrap().desk, desk(2));
    assert_eq!(bench.shell.take_toasts(), [], "somebody is at the window");
    // Whatever is done next settles it.
    drop(confirm(&mut bench));
    answer(
        &mut bench,
        Ok(answered(&reservation(1, 4), 6, Status::Booked).reservation),
    );
    assert_eq!(bench.shell.screen().opened.unwrap().conflict, None);
}

#[tokio::test]
async fn a_wish_is_of_the_version_that_was_on_the_screen() {
    let (mut bench, _) = rung();
    // The news and the click come in one batch: the person cannot have seen the news.
    bench
        .desk
        .hear(Some(crate::update::Update::Changed(Box::new(rescheduled(
            &reservation(1, 4),
            5,
        )))));
    let (reply, _answer) = oneshot::channel();
    bench.desk.obey(DeskRequest::SetStatus {
        id: id(1),
        status: Status::Booked,
        overrides: true,
        reply,
    });
    assert_eq!(
        asked(&bench),
        [Handling::SetStatus {
            to: Status::Booked,
            seen: 1,
            overrides: true
        }]
    );
}

#[tokio::test]
async fn an_undo_is_of_the_change_that_was_made_here() {
    let (mut bench, _) = rung();
    drop(confirm(&mut bench));
    let mut booked = answered(&reservation(1, 4), 5, Status::Booked).reservation;
    booked.handled_by = Some(HandledBy {
        desk: desk(1),
        staff: None,
        at: now(),
    });
    answer(&mut bench, Ok(booked.clone()));
    bench.obey(DeskRequest::OpenReservation(id(1)));
    bench.clock.advance(Duration::from_secs(10));
    bench.desk.settle();
    let screen = bench.shell.screen();
    assert_eq!(screen.undo, None, "10 s are over");
    assert!(
        screen.opened.unwrap().undo.is_some(),
        "the gateway still takes it"
    );
    let mut undone = want(&mut bench, |reply| DeskRequest::Undo { id: id(1), reply });
    assert_eq!(asked(&bench), [Handling::Undo { seen: 2 }]);
    let back = changed(&booked, 6, ChangeKind::Status, |r| {
        (r.status, r.version, r.handled_by) = (Status::Pending, 3, None);
    });
    answer(&mut bench, Ok(back.reservation));
    assert_eq!(undone.try_recv().unwrap(), Ok(()));
    let screen = bench.shell.screen();
    assert_eq!(screen.day[0].status, Status::Pending);
    assert_eq!(screen.opened.unwrap().undo, None);
    assert_eq!(bench.shell.take_toasts(), [], "an undo is for the list alone");
}

#[tokio::test]
async fn the_offer_ends_by_itself() {
    let (mut bench, _) = rung();
    drop(confirm(&mut bench));
    let booked = answered(&reservation(1, 4), 5, Status::Booked).reservation;
    answer(&mut bench, Ok(booked));
    assert!(bench.shell.screen().undo.is_some());
    assert!(bench.desk.next_wait() <= Duration::from_secs(10));
    bench.clock.advance(Duration::from_secs(10));
    bench.desk.settle();
    assert_eq!(bench.shell.screen().undo, None);
}

#[tokio::test]
async fn what_nobody_can_be_asked_is_refused_with_a_sentence() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    let refused = error(claim(&mut bench));
    assert_eq!(refused.code, ErrorCode::NotReached);
    assert!(refused.message.contains("바뀐 것은 없습니다"));
    let unknown = want(&mut bench, |reply| DeskRequest::SetStatus {
        id: id(200),
        status: Status::Booked,
        overrides: false,
        reply,
    });
    assert_eq!(error(unknown).code, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_question_that_panics_is_answered() {
    let (mut bench, _) = rung();
    let answer = claim(&mut bench);
    let task = *bench.desk.wishes.keys().next().unwrap();
    bench.desk.handling_failed(task);
    assert_eq!(error(answer).code, ErrorCode::Internal);
}

#[tokio::test]
async fn an_answer_about_another_log_is_not_compared_with_this_one() {
    let (mut bench, _) = rung();
    let mut granted = claim(&mut bench);
    let mut welcome = crate::samples::welcome(1, deskbell_protocol::event::Replay::Resync);
    welcome.position.epoch = deskbell_protocol::Epoch("second".to_owned());
    bench.hear(crate::update::Update::Link(crate::update::LinkUpdate::Welcomed(
        Box::new(welcome),
    )));
    answer(
        &mut bench,
        Ok(claimed_here(&reservation(1, 4), 900, 5).reservation),
    );
    assert_eq!(granted.try_recv().unwrap(), Ok(()));
    assert_eq!(bench.desk.inbox.get(id(1)).unwrap().claim, None);
}

/// A desk with its own claim of 5 minutes open.
fn holding() -> Bench {
    let (mut bench, _) = rung();
    bench.change(claimed_here(&reservation(1, 4), 5, 5));
    bench.obey(DeskRequest::OpenReservation(id(1)));
    bench
}

fn wait(bench: &mut Bench, seconds: u64) {
    bench.clock.advance(Duration::from_secs(seconds));
    bench.desk.settle();
}

#[tokio::test]
async fn the_claim_of_what_is_open_is_renewed_before_it_runs_out() {
    let mut bench = holding();
    assert_eq!(bench.desk.renewal_due().unwrap(), Bench::clock_at(200));
    wait(&mut bench, 199);
    assert_eq!(asked(&bench), []);
    wait(&mut bench, 1);
    assert_eq!(asked(&bench), [Handling::Claim]);
    let mut renewed = claimed_here(&reservation(1, 4), 6, 5).reservation;
    renewed.updated_at = now() + Duration::from_secs(200);
    renewed.claim.as_mut().unwrap().until = now() + Duration::from_secs(500);
    answer(&mut bench, Ok(renewed));
    assert_eq!(bench.desk.renewal_due().unwrap(), Bench::clock_at(400));
}

#[tokio::test]
async fn a_renewal_that_fails_is_tried_again_and_disturbs_nobody() {
    let mut bench = holding();
    wait(&mut bench, 200);
    bench.shell.take();
    answer(&mut bench, Err(HandlingError::TooMany));
    assert_eq!(bench.shell.take_toasts(), []);
    assert_eq!(asked(&bench), []);
    wait(&mut bench, 10);
    assert_eq!(asked(&bench), [Handling::Claim]);
    // Once it has run out it is anybody's.
    answer(&mut bench, Err(HandlingError::TooMany));
    wait(&mut bench, 90);
    assert_eq!((asked(&bench), bench.desk.renewal_due()), (vec![], None));
}

#[tokio::test]
async fn closed_details_let_the_lease_run_out_and_it_rings_once_more() {
    let mut bench = holding();
    bench.obey(DeskRequest::CloseReservation);
    wait(&mut bench, 299);
    assert_eq!(asked(&bench), [], "neither renewed nor let go");
    let reason = ReleaseReason::Expired;
    let taken = claimed_here(&reservation(1, 4), 5, 5).reservation;
    let expired = changed(&taken, 6, ChangeKind::Released { reason }, |r| r.claim = None);
    bench.change(expired.clone());
    bench.change(expired);
    let toasts = bench.ring_all();
    assert_eq!(
        (toasts.len(), toasts[0].title.as_str()),
        (1, "미처리 예약 · 한빛의원")
    );
}

#[tokio::test]
async fn a_claim_forgotten_on_the_screen_is_not_kept_for_ever() {
    let mut bench = holding();
    let mut seconds = 0;
    let mut seq = 5;
    while bench.desk.renewal_due().is_some() {
        wait(&mut bench, 200);
        seconds += 200;
        if asked(&bench).is_empty() {
            break;
        }
        seq += 1;
        let mut renewed = claimed_here(&reservation(1, 4), seq, 5).reservation;
        renewed.updated_at = now() + Duration::from_secs(seconds);
        renewed.claim.as_mut().unwrap().until = renewed.updated_at + Duration::from_mins(5);
        answer(&mut bench, Ok(renewed));
    }
    assert!((1_600..=2_000).contains(&seconds), "{seconds}");
    bench.obey(DeskRequest::OpenReservation(id(1)));
    assert!(bench.desk.renewal_due().is_some(), "somebody is back");
}

#[tokio::test]
async fn behind_a_locked_screen_no_claim_is_kept() {
    let mut bench = holding();
    bench.obey(DeskRequest::SessionLocked(true));
    assert_eq!(bench.desk.renewal_due(), None);
    bench.obey(DeskRequest::SessionLocked(false));
    assert!(bench.desk.renewal_due().is_some());
}

#[tokio::test]
async fn anothers_claim_is_not_renewed() {
    let (mut bench, _) = rung();
    bench.change(claimed(&reservation(1, 4), 5));
    bench.obey(DeskRequest::OpenReservation(id(1)));
    assert_eq!(bench.desk.renewal_due(), None);
}
