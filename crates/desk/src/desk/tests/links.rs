//! What comes from outside the window: toasts' buttons, links, and a pairing that a link asks for.

use std::time::Duration;

use deskbell_protocol::Status;
use deskbell_protocol::event::Replay;
use tokio::sync::oneshot;

use super::fake_shell::{Bench, Call};
use super::handling::asked;
use super::unlock::{paired, start, unplug, until};
use crate::fake_credentials::{FakeCredentials, Mood};
use crate::gateway::Handling;
use crate::samples::{answered, created, id, now, reservation};
use crate::update::{LinkFault, LinkUpdate, Update};
use crate::{DeskLink, DeskRequest, ErrorCode, Nonce, Toast, ToastAct, ToastKey};

fn rung() -> (Bench, Toast) {
    let mut bench = Bench::asking(3);
    bench.change(created(1, 4));
    let toast = bench.ring_all().pop().unwrap();
    (bench, toast)
}

fn nonce(toast: &Toast, act: ToastAct) -> Nonce {
    let button = toast.buttons.iter().find(|button| button.act == act);
    button.expect("a button").nonce.clone()
}

fn follow(bench: &mut Bench, act: ToastAct, nonce: Option<Nonce>) {
    let link = DeskLink::Act {
        id: id(1),
        act,
        nonce,
    };
    bench.obey(DeskRequest::Follow(link));
}

fn opens(bench: &Bench) -> bool {
    bench.shell.take().contains(&Call::OpenWindow)
}

const CONFIRM: Handling = Handling::SetStatus {
    to: Status::Booked,
    seen: 1,
    overrides: false,
};

#[tokio::test]
async fn a_new_reservations_toast_can_be_answered_and_news_cannot() {
    let (mut bench, toast) = rung();
    let labels: Vec<_> = toast.buttons.iter().map(|button| button.label.as_str()).collect();
    assert_eq!(labels, ["예약확정", "내가 처리"]);
    assert_ne!(nonce(&toast, ToastAct::Confirm), nonce(&toast, ToastAct::Claim));
    bench.change(crate::samples::called_off(&reservation(1, 4), 5));
    assert_eq!(bench.ring_all()[0].buttons, []);
}

#[tokio::test]
async fn nobody_confirms_what_a_toast_does_not_tell() {
    let mut bench = Bench::asking(3);
    bench.obey(DeskRequest::SetToastDetail(0));
    bench.change(created(1, 4));
    let toast = bench.ring_all().pop().unwrap();
    let acts: Vec<_> = toast.buttons.iter().map(|button| button.act).collect();
    assert_eq!(acts, [ToastAct::Claim]);
}

#[tokio::test]
async fn a_link_with_its_nonce_acts_once_and_then_only_opens() {
    let (mut bench, toast) = rung();
    let nonce = nonce(&toast, ToastAct::Confirm);
    bench.shell.take();
    follow(&mut bench, ToastAct::Confirm, Some(nonce.clone()));
    assert_eq!(asked(&bench), [CONFIRM]);
    assert!(!opens(&bench));
    bench.clock.advance(Duration::from_secs(2));
    follow(&mut bench, ToastAct::Confirm, Some(nonce));
    assert_eq!(asked(&bench).len(), 1);
    assert!(opens(&bench));
    assert_eq!(bench.shell.screen().opened.unwrap().id, id(1));
}

#[tokio::test]
async fn the_same_press_delivered_twice_is_one() {
    let (mut bench, toast) = rung();
    bench.shell.take();
    follow(
        &mut bench,
        ToastAct::Confirm,
        Some(nonce(&toast, ToastAct::Confirm)),
    );
    let again = DeskRequest::Acted {
        id: id(1),
        act: ToastAct::Confirm,
    };
    bench.obey(again);
    assert_eq!(asked(&bench).len(), 1);
    assert!(!opens(&bench), "the second is not taken for a wish to look");
}

#[tokio::test]
async fn a_forged_link_only_opens_and_does_not_stand_in_the_way_of_the_real_one() {
    let (mut bench, toast) = rung();
    let forged = "00000000000000000000000000000000".parse().unwrap();
    for nonce in [None, Some(forged)] {
        bench.shell.take();
        bench.clock.advance(Duration::from_secs(2));
        follow(&mut bench, ToastAct::Confirm, nonce);
        assert!(opens(&bench));
        assert_eq!(asked(&bench), []);
    }
    follow(
        &mut bench,
        ToastAct::Confirm,
        Some(nonce(&toast, ToastAct::Confirm)),
    );
    assert_eq!(asked(&bench), [CONFIRM]);
}

#[tokio::test]
async fn an_old_link_only_opens() {
    let (mut bench, toast) = rung();
    bench.clock.advance(Duration::from_hours(24));
    follow(&mut bench, ToastAct::Claim, Some(nonce(&toast, ToastAct::Claim)));
    assert_eq!(asked(&bench), []);
    assert!(opens(&bench));
}

#[tokio::test]
async fn a_link_acts_after_a_restart_and_a_used_one_does_not() {
    let (mut bench, toast) = rung();
    let used = nonce(&toast, ToastAct::Confirm);
    follow(&mut bench, ToastAct::Confirm, Some(used.clone()));
    let mut bench = bench.crash();
    assert_eq!(
        bench.desk.nonces.burn(&used, id(1), ToastAct::Confirm, now()),
        None
    );
    let unused = nonce(&toast, ToastAct::Claim);
    assert_eq!(
        bench.desk.nonces.burn(&unused, id(1), ToastAct::Claim, now()),
        Some(1)
    );
}

#[tokio::test]
async fn the_nonces_of_what_is_handled_are_kept_no_longer() {
    let (mut bench, _) = rung();
    bench.change(answered(&reservation(1, 4), 5, Status::Booked));
    bench.change(created(2, 6));
    bench.ring_all();
    let text = std::fs::read_to_string(bench.folder.path().join("data/nonces.json")).unwrap();
    assert!(!text.contains(&id(1).to_string()) && text.contains(&id(2).to_string()));
    for of_patient in ["김", "010", "10:30", "2026-11-22 "] {
        assert!(!text.contains(of_patient), "{text}");
    }
}

#[tokio::test]
async fn a_page_that_opens_the_same_link_again_and_again_opens_once() {
    let (mut bench, _) = rung();
    bench.shell.take();
    let link = || DeskRequest::Follow(DeskLink::Reservation(id(1)));
    bench.obey(link());
    bench.obey(link());
    let opened = bench.shell.take();
    let times = opened.iter().filter(|call| **call == Call::OpenWindow).count();
    assert_eq!(times, 1);
    bench.clock.advance(Duration::from_secs(2));
    bench.obey(link());
    assert!(opens(&bench));
}

#[tokio::test]
async fn a_pairing_by_a_link_is_asked_about_and_says_what_it_replaces() {
    let (mut bench, _) = rung();
    let link = DeskLink::parse("deskbell://pair?server=https://bell.example.kr&code=K7QM-2F9P").unwrap();
    bench.obey(DeskRequest::Follow(link.clone()));
    assert!(opens(&bench));
    // Another link cannot slip under the hand that agrees.
    let other = DeskLink::parse("deskbell://pair?server=https://elsewhere.example&code=K7QM-2F9P").unwrap();
    bench.obey(DeskRequest::Follow(other));
    let offer = bench.shell.screen().pair_offer.unwrap();
    assert_eq!(offer.server.as_str(), "https://bell.example.kr/");
    assert_eq!(offer.replaces.as_deref(), Some("한빛의원"));
    assert!(!format!("{:?}", bench.shell.screen()).contains("K7QM"));

    let (reply, mut answer) = oneshot::channel();
    bench.obey(DeskRequest::AnswerPairOffer { agreed: false, reply });
    assert_eq!(answer.try_recv().unwrap(), Ok(()));
    assert_eq!(bench.shell.screen().pair_offer, None);
    let (reply, mut answer) = oneshot::channel();
    bench.obey(DeskRequest::AnswerPairOffer { agreed: true, reply });
    assert_eq!(
        answer.try_recv().unwrap().unwrap_err().code,
        ErrorCode::CodeRefused
    );

    // Whoever closes the window has not agreed.
    bench.obey(DeskRequest::Follow(link));
    bench.shell.lose_window();
    bench.obey(DeskRequest::WindowClosed);
    assert_eq!(bench.shell.screen().pair_offer, None);
}

#[tokio::test]
async fn a_toasts_body_still_opens_what_it_is_about() {
    let (mut bench, _) = rung();
    bench.obey(DeskRequest::Clicked(ToastKey::Reservation(id(1))));
    assert!(opens(&bench));
    assert_eq!(asked(&bench), []);
}

/// A desk whose toast was answered before this start, while its token is in a store that does not answer yet.
async fn started_by_a_press(act: ToastAct) -> (Bench, FakeCredentials) {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let folder = paired(&credentials).await;
    credentials.set_mood(Mood::Hanging);
    let mut bench = start(folder, &credentials);
    let entropy = deskbell_clock::SeededEntropy::new(9);
    let nonce = bench.desk.nonces.mint(id(1), act, 1, &entropy, now());
    follow(&mut bench, act, Some(nonce));
    (bench, credentials)
}

#[tokio::test]
async fn a_press_that_starts_the_app_acts_once_the_store_is_open_and_the_gateway_answers() {
    let (mut bench, credentials) = started_by_a_press(ToastAct::Claim).await;
    assert!(opens(&bench));
    bench.clock.advance(Duration::from_secs(20));
    bench.desk.settle();
    credentials.set_mood(Mood::Open);
    until(&mut bench, |bench| bench.desk.token.is_some()).await;
    unplug(&mut bench);
    assert_eq!(asked(&bench), [], "the gateway has not answered yet");
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Unreachable)));
    assert_eq!(asked(&bench), [], "nor the next time");
    bench.welcome(3, Replay::None);
    assert_eq!(asked(&bench), [Handling::Claim]);
    let opened = bench.shell.screen().opened.unwrap();
    assert_eq!(
        (opened.id, opened.conflict),
        (id(1), None),
        "what was opened stays open"
    );
    bench.clock.advance(Duration::from_secs(60));
    bench.desk.settle();
    assert_eq!(asked(&bench).len(), 1, "and only once");
}

#[tokio::test]
async fn a_press_that_starts_an_app_that_cannot_act_is_told_why_after_half_a_minute() {
    let (mut bench, credentials) = started_by_a_press(ToastAct::Confirm).await;
    bench.clock.advance(Duration::from_secs(29));
    bench.desk.settle();
    assert!(!opens(&bench), "it still waits");
    assert!(bench.desk.next_wait() <= Duration::from_secs(1));
    bench.clock.advance(Duration::from_secs(1));
    bench.desk.settle();
    assert!(opens(&bench));
    let opened = bench.shell.screen().opened.unwrap();
    assert_eq!(opened.id, id(1));
    assert!(
        opened
            .conflict
            .is_some_and(|told| told.contains("바뀐 것은 없습니다"))
    );
    credentials.set_mood(Mood::Open);
}

#[tokio::test]
async fn a_press_at_a_desk_that_is_nobodys_does_not_wait() {
    let mut bench = Bench::new();
    let entropy = deskbell_clock::SeededEntropy::new(9);
    let nonce = bench
        .desk
        .nonces
        .mint(id(1), ToastAct::Confirm, 1, &entropy, now());
    follow(&mut bench, ToastAct::Confirm, Some(nonce));
    assert!(bench.shell.screen().opened.unwrap().conflict.is_some());
}
