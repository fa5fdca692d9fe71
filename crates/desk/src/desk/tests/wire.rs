//! The whole way, from a gateway's log to the toast, over real connections.

use std::time::Duration;

use deskbell_protocol::ReservationId;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::fake_shell::{FakeShell, folders};
use crate::desk::Running;
use crate::fake_gateway::{CODE, FakeGateway, Log, install_provider, url_of};
use crate::samples::{id, pc};
use crate::settings::{Chosen, SettingsFile};
use crate::{Desk, DeskConfig, DeskHandle, DeskRequest, ErrorCode, History, Link, ToastKey, pair};

/// An app at work in a folder.
pub(super) struct App {
    handle: DeskHandle,
    pub(super) shell: FakeShell,
    task: JoinHandle<()>,
}

impl App {
    pub(super) fn start(folder: &TempDir) -> Self {
        Self::start_with(pc(folder))
    }

    pub(super) fn start_with(config: DeskConfig) -> Self {
        install_provider();
        let (desk, handle) = Desk::new(config);
        let shell = FakeShell::that_shows_toasts(handle.clone());
        let task = tokio::spawn(desk.run(shell.clone()));
        Self { handle, shell, task }
    }

    /// An app that has just been paired with `gateway` and is live.
    async fn paired(folder: &TempDir, gateway: &FakeGateway) -> Self {
        let app = Self::start(folder);
        app.pair(gateway).await;
        app.is_live().await;
        app
    }

    async fn pair(&self, gateway: &FakeGateway) {
        let (reply, paired) = oneshot::channel();
        self.send(DeskRequest::Pair {
            server: gateway.url().to_string(),
            code: CODE.to_owned(),
            reply,
        });
        paired.await.unwrap().unwrap();
    }

    pub(super) fn send(&self, request: DeskRequest) {
        self.handle.send(request).unwrap();
    }

    pub(super) async fn until(&self, what: &str, holds: impl Fn(&FakeShell) -> bool) {
        self.shell.until(what, holds).await;
    }

    pub(super) async fn is_live(&self) {
        self.until("live", |shell| shell.sees(|screen| screen.link == Link::Live))
            .await;
    }

    async fn lists(&self, count: usize) {
        self.until("the list", |shell| shell.sees(|screen| screen.day.len() == count))
            .await;
    }

    pub(super) async fn quit(self) {
        self.send(DeskRequest::Quit);
        self.task.await.unwrap();
    }
}

/// The gateway has been told that everything is decided.
async fn all_decided(log: &Log) {
    for _ in 0..1_000 {
        if log.shown() == Some(log.head()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("shown is {:?} of {}", log.shown(), log.head());
}

fn own(number: u8) -> ToastKey {
    ToastKey::Reservation(id(number))
}

#[tokio::test]
async fn a_reservation_rings_and_its_click_opens_it_with_its_history() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    log.post(1);
    let gateway = FakeGateway::start(&log).await;
    let app = App::paired(&folder, &gateway).await;
    assert_eq!(app.shell.toasts(), []);
    app.lists(1).await;

    log.post(2);
    app.until("the toast", |shell| shell.toasts() == [own(2)]).await;
    all_decided(&log).await;
    app.send(DeskRequest::Clicked(own(2)));
    app.until("the details", |shell| {
        shell.sees(|screen| {
            screen.opened.as_ref().is_some_and(|opened| {
                opened.id == id(2) && matches!(&opened.history, History::Ready(steps) if steps.len() == 1)
            })
        })
    })
    .await;
    let place = app.shell.screen().place.unwrap();
    assert_eq!(place.server, gateway.url());
    assert_eq!(place.paired.unwrap().desk, crate::samples::desk(1).name);
    app.quit().await;
}

#[tokio::test]
async fn five_that_came_while_the_app_was_off_are_decided_exactly_once() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let gateway = FakeGateway::start(&log).await;
    App::paired(&folder, &gateway).await.quit().await;
    (1..=5).for_each(|number| log.post(number));

    let app = App::start(&folder);
    app.lists(5).await;
    all_decided(&log).await;
    assert_eq!(app.shell.toasts(), [ToastKey::Digest]);
    app.quit().await;

    let app = App::start(&folder);
    app.is_live().await;
    app.lists(5).await;
    log.post(6);
    app.until("the next toast", |shell| shell.toasts() == [own(6)])
        .await;
    app.quit().await;
}

#[tokio::test]
async fn five_that_came_while_the_gateway_was_away_are_decided_exactly_once() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let gateway = FakeGateway::start(&log).await;
    let app = App::paired(&folder, &gateway).await;
    let address = gateway.address;
    gateway.stop().await;
    app.until("the outage", |shell| {
        shell.sees(|screen| matches!(screen.link, Link::Offline { .. }))
    })
    .await;
    (1..=5).for_each(|number| log.post(number));
    let _gateway = FakeGateway::start_at(&log, address).await;
    // Opening the window ends the wait.
    app.send(DeskRequest::OpenWindow);
    app.lists(5).await;
    all_decided(&log).await;
    assert_eq!(app.shell.toasts(), [ToastKey::Digest]);
    app.quit().await;
}

#[tokio::test]
async fn a_gateway_away_at_start_is_told_and_tried_until_it_is_there() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let gateway = FakeGateway::start(&log).await;
    let address = gateway.address;
    App::paired(&folder, &gateway).await.quit().await;
    gateway.stop().await;
    let app = App::start(&folder);
    app.until("the outage", |shell| {
        shell.sees(|screen| matches!(screen.link, Link::Offline { .. }))
    })
    .await;
    assert_eq!(
        app.shell.screen().place.unwrap().paired.unwrap().hospital,
        "한빛의원"
    );
    let _gateway = FakeGateway::start_at(&log, address).await;
    app.is_live().await;
    app.quit().await;
}

#[tokio::test]
async fn a_gateway_that_stops_as_planned_is_awaited() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let gateway = FakeGateway::start(&log).await;
    let app = App::paired(&folder, &gateway).await;
    let address = gateway.address;
    gateway.stop_as_planned(60_000).await;
    app.until("the pause", |shell| {
        shell.sees(|screen| {
            matches!(&screen.link, Link::Offline { reason, .. } if reason.starts_with("서버가 잠시"))
        })
    })
    .await;
    let _gateway = FakeGateway::start_at(&log, address).await;
    app.send(DeskRequest::OpenWindow);
    app.is_live().await;
    app.quit().await;
}

#[tokio::test]
async fn the_next_server_is_tried_when_one_does_not_answer() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let gone = FakeGateway::start(&log).await;
    let nobody = url_of(gone.address);
    let gateway = FakeGateway::start(&log).await;
    App::paired(&folder, &gateway).await.quit().await;
    gone.stop().await;
    SettingsFile::new(&folders(&folder))
        .choose(&Chosen::Servers(vec![nobody, gateway.url()]))
        .unwrap();
    let app = App::start(&folder);
    app.is_live().await;
    assert_eq!(app.shell.screen().place.unwrap().server, gateway.url());
    app.quit().await;
}

#[tokio::test]
async fn a_resync_finds_what_was_missed() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let gateway = FakeGateway::start(&log).await;
    let app = App::paired(&folder, &gateway).await;
    log.post(1);
    app.until("the toast", |shell| shell.toasts() == [own(1)]).await;
    all_decided(&log).await;
    app.quit().await;
    (2..=4).for_each(|number| log.post(number));
    log.forget_history();
    let app = App::start(&folder);
    app.lists(4).await;
    all_decided(&log).await;
    assert_eq!(app.shell.toasts(), [ToastKey::Digest]);
    app.quit().await;
}

#[tokio::test]
async fn a_change_lost_on_the_way_is_fetched_again() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let gateway = FakeGateway::start(&log).await;
    let app = App::paired(&folder, &gateway).await;
    log.skip_once(1);
    log.post(1);
    log.post(2);
    app.lists(2).await;
    all_decided(&log).await;
    assert_eq!(log.connections(), 2);
    assert_eq!(app.shell.toasts().len(), 1, "found after an absence: one digest");
    app.quit().await;
}

#[tokio::test]
async fn a_lost_ledger_rings_nothing_twice() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let gateway = FakeGateway::start(&log).await;
    let app = App::paired(&folder, &gateway).await;
    log.post(1);
    app.until("the toast", |shell| shell.toasts() == [own(1)]).await;
    all_decided(&log).await;
    app.quit().await;
    std::fs::remove_file(folders(&folder).data.join("ledger.json")).unwrap();
    log.post(2);
    let app = App::start(&folder);
    app.lists(2).await;
    app.until("the other", |shell| shell.toasts() == [own(2)]).await;
    all_decided(&log).await;
    app.quit().await;
}

#[tokio::test]
async fn a_desk_that_was_revoked_says_so_and_pairs_again() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    let gateway = FakeGateway::start(&log).await;
    App::paired(&folder, &gateway).await.quit().await;
    log.revoke();
    let app = App::start(&folder);
    app.until("the refusal", |shell| {
        shell.sees(|screen| matches!(screen.link, Link::Refused { .. }))
    })
    .await;
    assert_eq!(log.connections(), 1, "a refusal is final");
    app.pair(&gateway).await;
    app.is_live().await;
    app.quit().await;
}

#[tokio::test]
async fn a_wrong_code_is_a_sentence_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = FakeGateway::start(&Log::new()).await;
    let app = App::start(&folder);
    let (reply, paired) = oneshot::channel();
    app.send(DeskRequest::Pair {
        server: gateway.url().to_string(),
        code: "000-000".to_owned(),
        reply,
    });
    let error = paired.await.unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::CodeRefused);
    assert!(error.message.starts_with("연결 코드가"));
    assert_eq!(app.shell.screen().link, Link::Unpaired);
    app.quit().await;
}

#[tokio::test]
async fn another_processs_pairing_is_noticed_and_so_is_signing_out() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new();
    let gateway = FakeGateway::start(&log).await;
    let app = App::start(&folder);
    app.until("unpaired", |shell| {
        shell.sees(|screen| screen.link == Link::Unpaired)
    })
    .await;
    pair(&pc(&folder), gateway.url().as_str(), CODE).await.unwrap();
    app.is_live().await;
    app.send(DeskRequest::SignOut);
    app.until("unpaired again", |shell| {
        shell.sees(|screen| screen.link == Link::Unpaired && screen.place.is_none())
    })
    .await;
    let told = tokio::time::timeout(Duration::from_secs(20), log.until_nobody_is_signed_in()).await;
    assert!(told.is_ok(), "the gateway still takes the token");
    app.quit().await;
}

#[tokio::test]
async fn another_processs_pairing_is_noticed_however_early_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = FakeGateway::start(&Log::new()).await;
    let shell = FakeShell::default();
    let desk = Running::start(pc(&folder), shell.clone());
    pair(&pc(&folder), gateway.url().as_str(), CODE).await.unwrap();
    let (handle, requests) = DeskHandle::channel();
    let task = tokio::spawn(desk.run(requests));
    shell
        .until("live", |shell| shell.sees(|screen| screen.link == Link::Live))
        .await;
    handle.send(DeskRequest::Quit).unwrap();
    task.await.unwrap();
}

#[tokio::test]
async fn details_of_what_is_not_listed_are_fetched_and_what_is_unknown_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = FakeGateway::start(&Log::new()).await;
    let app = App::paired(&folder, &gateway).await;
    let unknown: ReservationId = id(200);
    app.send(DeskRequest::OpenReservation(unknown));
    app.until("the failure", |shell| {
        shell.sees(|screen| {
            screen
                .opened
                .as_ref()
                .is_some_and(|opened| matches!(opened.history, History::Failed(_)))
        })
    })
    .await;
    app.quit().await;
}
