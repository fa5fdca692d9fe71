//! Two desks of a hospital handle its reservations: the whole way, from a toast's button to the other desk's screen.

use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, FakeClock, Instant, SystemClock, Timestamp};
use deskbell_desk::{DeskLink, DeskRequest, ErrorCode, Toast, ToastAct, ToastKey};
use deskbell_gateway::Options;
use deskbell_protocol::{ReservationId, Status};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::app::{App, button, subject, timed};
use crate::house::House;
use crate::listener::http;

/// Time for what must not happen to happen.
const A_WHILE: Duration = Duration::from_millis(500);

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

async fn app(house: &House) -> App {
    App::paired(&house.address, house.offer().await.to_string(), clock()).await
}

/// A patient books for today.
async fn book(house: &House) {
    let today = SystemClock
        .now()
        .to_zoned(TimeZone::get("Asia/Seoul").unwrap())
        .date();
    let form = json!({
        "relationship": "본인", "name": "김크리스", "phone": "010-1111-1111",
        "reservationdate": today, "reservationtime": "10:30 ~ 11:00",
    });
    let site = http().post(format!("http://{}/v1/reservations", house.address));
    let answer = site.bearer_auth(&house.key).json(&form).send().await.unwrap();
    assert_eq!(answer.status(), 201);
}

/// A house with two desks at which a reservation has rung: the house, the desks, the toast of the first.
async fn rung(house: &House) -> (App, App, Toast, ReservationId) {
    let (one, two) = (app(house).await, app(house).await);
    book(house).await;
    let (toast, other) = tokio::join!(one.rings(1), two.rings(1));
    let id = subject(&toast);
    assert_eq!(subject(&other), id);
    (one, two, toast, id)
}

async fn confirm(app: &App, id: ReservationId) -> Result<(), deskbell_desk::UserError> {
    app.ask(|reply| DeskRequest::SetStatus {
        id,
        status: Status::Booked,
        overrides: false,
        reply,
    })
    .await
}

#[tokio::test]
async fn a_claim_from_a_toast_takes_it_off_the_other_desk_within_a_second_and_shows_who_has_it() {
    let house = House::open().await;
    let (one, two, _, id) = rung(&house).await;
    one.send(DeskRequest::SetStaff(Some("이수진".to_owned())));
    one.send(DeskRequest::Acted {
        id,
        act: ToastAct::Claim,
    });
    let took = timed(two.is_clear()).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    one.is_clear().await;
    for app in [&one, &two] {
        app.lists("who has it", id, |reservation| {
            reservation
                .claim
                .as_ref()
                .is_some_and(|claim| claim.desk.name == "접수 1" && claim.staff.as_deref() == Some("이수진"))
        })
        .await;
    }
    // It is let go: that is for the lists alone.
    one.ask(|reply| DeskRequest::Release { id, reply }).await.unwrap();
    for app in [one, two] {
        app.lists("nobody has it", id, |reservation| reservation.claim.is_none())
            .await;
        assert_eq!(app.toasts().len(), 1);
        app.quit().await;
    }
    house.stop().await;
}

#[tokio::test]
async fn of_two_who_confirm_at_once_one_is_told_who_was_first_and_the_undo_is_for_the_lists_alone() {
    let house = House::open().await;
    let (one, two, _, id) = rung(&house).await;
    let outcomes = tokio::join!(confirm(&one, id), confirm(&two, id));
    let (first, second, refused) = match outcomes {
        (Ok(()), Err(refused)) => (&one, &two, refused),
        (Err(refused), Ok(())) => (&two, &one, refused),
        both => panic!("exactly one was first: {both:?}"),
    };
    let name = if std::ptr::eq(first, &raw const one) {
        "접수 1"
    } else {
        "접수 2"
    };
    assert_eq!(refused.code, ErrorCode::Conflict);
    assert_eq!(refused.message, format!("먼저 처리되었습니다: 예약확정 ({name})"));
    for app in [&one, &two] {
        app.lists("confirmed", id, |reservation| {
            reservation.status == Status::Booked
        })
        .await;
        app.is_clear().await;
    }
    first
        .sees("the offer to take it back", |screen| {
            screen
                .undo
                .is_some_and(|undo| undo.id == id && undo.from == Status::Pending)
        })
        .await;
    second.sees("no such offer", |screen| screen.undo.is_none()).await;
    first.ask(|reply| DeskRequest::Undo { id, reply }).await.unwrap();
    for app in [one, two] {
        app.lists("as it was", id, |reservation| {
            reservation.status == Status::Pending
        })
        .await;
        assert_eq!(app.toasts().len(), 1);
        app.quit().await;
    }
    house.stop().await;
}

#[tokio::test]
async fn a_claim_that_runs_out_rings_once_more_at_every_desk() {
    let time = FakeClock::at(SystemClock.now());
    let house = House::open_by(Arc::new(time.clone()), Options::default()).await;
    let (one, two, _, id) = rung(&house).await;
    one.ask(|reply| DeskRequest::Claim { id, reply }).await.unwrap();
    tokio::join!(one.is_clear(), two.is_clear());
    time.advance(Duration::from_mins(5));
    let (mine, others) = tokio::join!(one.rings(2), two.rings(2));
    for toast in [mine, others] {
        assert_eq!((toast.key, toast.quiet), (ToastKey::Reservation(id), false));
        assert!(toast.title.starts_with("미처리 예약"), "{}", toast.title);
        assert_eq!(toast.buttons.len(), 2);
    }
    tokio::time::sleep(A_WHILE).await;
    for app in [one, two] {
        assert_eq!(app.toasts().len(), 2);
        app.quit().await;
    }
    house.stop().await;
}

/// A PC's clock that shows another time.
struct Ahead(Duration);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }

    fn instant(&self) -> Instant {
        SystemClock.instant()
    }
}

#[tokio::test]
async fn a_toasts_link_acts_once_also_after_a_restart_and_any_other_only_opens() {
    let house = House::open().await;
    let (one, two, toast, id) = rung(&house).await;
    let follow = |app: &App, act, nonce| {
        let link = DeskLink::Act { id, act, nonce };
        let read = DeskLink::parse(&link.to_string()).expect("our own link");
        app.send(DeskRequest::Follow(read));
    };
    let nonce = |act| Some(button(&toast, act).nonce);

    // Without a nonce, with a forged one, and with one that is a day old: all three only open.
    follow(&one, ToastAct::Confirm, None);
    one.opens(1).await;
    let one = one.restarted(clock()).await;
    follow(
        &one,
        ToastAct::Confirm,
        Some("0123456789abcdef0123456789abcdef".parse().unwrap()),
    );
    one.opens(1).await;
    let one = one.restarted(Arc::new(Ahead(Duration::from_hours(24)))).await;
    follow(&one, ToastAct::Claim, nonce(ToastAct::Claim));
    one.opens(1).await;
    tokio::time::sleep(A_WHILE).await;
    two.lists("nothing has changed", id, |reservation| {
        (reservation.seq.0, reservation.status) == (1, Status::Pending)
    })
    .await;

    // The real one acts, once.
    let one = one.restarted(clock()).await;
    follow(&one, ToastAct::Confirm, nonce(ToastAct::Confirm));
    two.lists("confirmed", id, |reservation| {
        reservation.status == Status::Booked
    })
    .await;
    two.is_clear().await;
    assert_eq!(one.windows(), 0);
    let one = one.restarted(clock()).await;
    follow(&one, ToastAct::Confirm, nonce(ToastAct::Confirm));
    one.opens(1).await;
    tokio::time::sleep(A_WHILE).await;
    two.lists("changed once", id, |reservation| reservation.version == 2)
        .await;
    for app in [one, two] {
        app.quit().await;
    }
    house.stop().await;
}

#[tokio::test]
async fn a_day_is_taken_along_with_a_reason_and_another_day_is_looked_at() {
    let house = House::open().await;
    let (one, two, _, id) = rung(&house).await;
    one.sees("the day", |screen| screen.today.is_some()).await;
    let today = SystemClock
        .now()
        .to_zoned(TimeZone::get("Asia/Seoul").unwrap())
        .date();
    let (reply, answer) = tokio::sync::oneshot::channel();
    one.send(DeskRequest::Export {
        date: today,
        reason: "보험 청구".to_owned(),
        masked: true,
        reply,
    });
    let table = answer.await.unwrap().unwrap();
    assert!(table.contains("김**스") && !table.contains("김크리스"), "{table}");
    let (reply, answer) = tokio::sync::oneshot::channel();
    one.send(DeskRequest::Export {
        date: today,
        reason: " ".to_owned(),
        masked: true,
        reply,
    });
    assert_eq!(answer.await.unwrap().unwrap_err().code, ErrorCode::ReasonRefused);

    let tomorrow = today.tomorrow().unwrap();
    one.send(DeskRequest::LookAt(Some(tomorrow)));
    one.send(DeskRequest::ShowArrivals(true));
    one.sees("tomorrow and what came in", |screen| {
        let ready = |state: &deskbell_desk::Fetched| *state == deskbell_desk::Fetched::Ready;
        let tomorrow = screen.looked_at.as_ref();
        let arrivals = screen.arrivals.as_ref();
        tomorrow.is_some_and(|day| day.reservations.is_empty() && ready(&day.state))
            && arrivals.is_some_and(|came| came.reservations[0].id == id && ready(&came.state))
    })
    .await;
    for app in [one, two] {
        app.quit().await;
    }
    house.stop().await;
}
