//! The kept day: what a start without a gateway shows, and what is left of it on the disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use deskbell_protocol::event::Replay;

use super::fake_shell::{Bench, folders};
use super::unlock::{next, paired, start, unplug, until};
use super::wire::App;
use crate::fake_credentials::{FakeCredentials, Mood};
use crate::fake_gateway::{CODE, FakeGateway, Log, install_provider};
use crate::samples::{created, id, pc, reservation};
use crate::update::{LinkFault, LinkUpdate, Update};
use crate::{DeskConfig, DeskRequest, History, Link, ToastKey, pair};

fn file(bench: &Bench) -> PathBuf {
    folders(&bench.folder).data.join("day")
}

/// Takes in what runs beside the loop until nothing is being written.
async fn written(bench: &mut Bench) {
    until(bench, |bench| !bench.desk.recall.is_writing()).await;
}

/// A desk in step with two reservations, which are on the disk.
async fn in_step(credentials: &FakeCredentials) -> Bench {
    let mut bench = start(paired(credentials).await, credentials);
    until(&mut bench, |bench| bench.desk.token.is_some()).await;
    unplug(&mut bench);
    bench.welcome(2, Replay::None);
    bench.caught_up(2);
    bench.snapshot(2, [reservation(1, 1), reservation(2, 2)]);
    written(&mut bench).await;
    bench
}

/// The machine loses power, and starts again where no gateway answers.
async fn start_without_gateway(bench: Bench, credentials: &FakeCredentials) -> Bench {
    let mut bench = start(bench.folder, credentials);
    next(&mut bench).await;
    unplug(&mut bench);
    bench
}

#[tokio::test]
async fn a_start_during_an_outage_shows_what_was_known_and_when_and_rings_nothing() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let bench = in_step(&credentials).await;
    let known_at = bench.desk.now();
    bench.clock.advance(Duration::from_mins(3));
    let mut bench = start_without_gateway(bench, &credentials).await;
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Unreachable)));
    let screen = bench.shell.screen();
    assert_eq!(screen.as_of, Some(known_at));
    assert_eq!(screen.day, [reservation(1, 1), reservation(2, 2)]);
    assert!(screen.today.is_some());
    assert!(matches!(screen.link, Link::Offline { .. }));
    let labels = format!("{:?}", bench.shell.tray().items);
    assert!(labels.contains("2건"), "{labels}");
    bench.obey(DeskRequest::OpenReservation(id(2)));
    let opened = bench.shell.screen().opened.unwrap();
    assert_eq!(opened.reservation, Some(reservation(2, 2)));
    assert_eq!(opened.history, History::Loading);
    assert_eq!(bench.shell.toasts(), []);
}

#[tokio::test]
async fn once_there_is_a_link_the_kept_day_gives_way_and_no_toast_is_lost_or_doubled() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let bench = in_step(&credentials).await;
    let mut bench = start_without_gateway(bench, &credentials).await;
    bench.welcome(3, Replay::Cursor);
    bench.change(created(3, 3));
    bench.caught_up(3);
    assert!(
        bench.shell.screen().as_of.is_some(),
        "the lists are still to come"
    );
    bench.snapshot(3, [reservation(1, 1), reservation(2, 2), reservation(3, 3)]);
    let screen = bench.shell.screen();
    assert_eq!(
        (screen.as_of, screen.day.len(), screen.link),
        (None, 3, Link::Live)
    );
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1, "{toasts:?}");
    bench.change(created(4, 4));
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1);
    assert_eq!(toasts[0].key, ToastKey::Reservation(id(4)));
}

#[tokio::test]
async fn the_day_is_written_at_most_every_ten_seconds_and_when_the_link_is_lost() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let mut bench = in_step(&credentials).await;
    let read = |bench: &Bench| std::fs::read(file(bench)).unwrap();
    let first = read(&bench);
    for number in 3..9 {
        bench.clock.advance(Duration::from_secs(1));
        bench.change(created(number, number.into()));
    }
    assert_eq!(read(&bench), first);
    assert!(bench.desk.next_wait() <= Duration::from_secs(10));
    bench.clock.advance(Duration::from_secs(10));
    bench.desk.settle();
    written(&mut bench).await;
    let second = read(&bench);
    assert!(second.len() > first.len());
    bench.clock.advance(Duration::from_secs(1));
    bench.desk.settle();
    assert!(!bench.desk.recall.is_writing(), "nothing has changed");
    let lost_at = bench.desk.now();
    bench.hear(Update::Link(LinkUpdate::Lost(LinkFault::Cut)));
    written(&mut bench).await;
    let bench = start_without_gateway(bench, &credentials).await;
    assert_eq!(bench.shell.screen().as_of, Some(lost_at));
}

#[tokio::test]
async fn a_day_that_is_over_is_neither_shown_nor_kept() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let bench = in_step(&credentials).await;
    let mut bench = start(bench.folder, &credentials);
    bench.clock.advance(Duration::from_hours(24));
    next(&mut bench).await;
    assert_eq!(bench.shell.screen().as_of, None);
    assert_eq!(bench.shell.screen().day, []);
    assert!(!file(&bench).exists());
    // And one that ends while it is shown.
    let bench = in_step(&credentials).await;
    let mut bench = start_without_gateway(bench, &credentials).await;
    assert!(bench.shell.screen().as_of.is_some());
    bench.clock.advance(Duration::from_hours(24));
    bench.desk.settle();
    assert_eq!(bench.shell.screen().as_of, None);
    assert!(!file(&bench).exists());
}

#[tokio::test]
async fn signing_out_leaves_no_day_behind_even_while_it_is_written() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let mut bench = in_step(&credentials).await;
    assert!(file(&bench).exists());
    bench.clock.advance(Duration::from_secs(11));
    bench.change(created(3, 3));
    assert!(bench.desk.recall.is_writing());
    bench.obey(DeskRequest::SignOut);
    written(&mut bench).await;
    assert!(!file(&bench).exists());
}

#[tokio::test]
async fn without_a_credential_store_no_day_is_kept() {
    let credentials = FakeCredentials::in_mood(Mood::Away);
    let mut bench = start(paired(&credentials).await, &credentials);
    unplug(&mut bench);
    bench.welcome(1, Replay::None);
    bench.caught_up(1);
    bench.snapshot(1, [reservation(1, 1)]);
    assert!(!bench.desk.recall.is_writing());
    bench.desk.keep_day_for_the_next_start().await;
    assert!(!file(&bench).exists());
}

#[tokio::test]
async fn a_kept_day_that_is_damaged_is_removed_and_stops_nothing() {
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let bench = in_step(&credentials).await;
    let path = file(&bench);
    std::fs::write(&path, b"deskbell-day-1\nrubbish").unwrap();
    let bench = start_without_gateway(bench, &credentials).await;
    assert_eq!(bench.shell.screen().as_of, None);
    assert!(!path.exists());
    assert_eq!(bench.shell.screen().warnings, [""; 0]);
}

#[tokio::test]
async fn the_whole_way_from_one_run_to_the_next() {
    install_provider();
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let credentials = FakeCredentials::in_mood(Mood::Open);
    let config = DeskConfig {
        credentials: Arc::new(credentials.clone()),
        ..pc(&folder)
    };
    // Of today, by the real clock, is only what the list of today brings.
    let gateway = FakeGateway::start(&log).await;
    log.post(1);
    pair(&config, gateway.url().as_str(), CODE).await.unwrap();
    let app = App::start_with(config.clone());
    app.is_live().await;
    app.quit().await;
    let address = gateway.address;
    gateway.stop().await;

    let app = App::start_with(config);
    app.until("the kept day", |shell| {
        shell.sees(|screen| screen.as_of.is_some() && matches!(screen.link, Link::Offline { .. }))
    })
    .await;
    let _gateway = FakeGateway::start_at(&log, address).await;
    log.post(2);
    app.send(DeskRequest::OpenWindow);
    app.is_live().await;
    app.until("the list of now", |shell| {
        shell.sees(|screen| screen.as_of.is_none())
    })
    .await;
    app.until("one toast", |shell| shell.toasts().len() == 1).await;
    app.quit().await;
}
