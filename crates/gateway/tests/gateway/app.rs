//! A desk at work in front of a real gateway: the app without a screen, whose shell writes down what it is made to do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskbell_clock::{Clock, OsEntropy};
use deskbell_desk::{
    AutostartProbe, Desk, DeskConfig, DeskHandle, DeskRequest, Folders, Link, NotificationsProbe,
    PolicyPlace, Probes, Probing, Reply, Screen, Shell, Sound, Toast, ToastAct, ToastButton, ToastKey,
    TrayMenu, TrayProbe, UserError,
};
use deskbell_protocol::{Reservation, ReservationId};
use deskbell_soak::NoStore;
use tempfile::TempDir;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::listener::{PATIENCE, http};

/// The app of one desk, on a machine where every toast comes through.
pub(crate) struct App {
    handle: DeskHandle,
    page: Page,
    task: JoinHandle<()>,
    pub(crate) folder: TempDir,
}

/// What the desk made its shell do. Clones share it.
#[derive(Clone)]
struct Page {
    handle: DeskHandle,
    done: Arc<Mutex<Done>>,
    called: Arc<Notify>,
}

#[derive(Default)]
struct Done {
    rung: Vec<Toast>,
    on_screen: Vec<ToastKey>,
    screen: Option<Screen>,
    windows: usize,
}

impl App {
    /// An app that has the files of `folder`.
    pub(crate) fn start(folder: TempDir, clock: Arc<dyn Clock>) -> Self {
        // TLS needs a provider, even where only plain connections are made.
        drop(http());
        let (desk, handle) = Desk::new(DeskConfig {
            folders: Folders {
                config: folder.path().join("config"),
                data: folder.path().join("data"),
                // There is none, whatever this machine's administrator has decided.
                policy: PolicyPlace::File(folder.path().join("policy.toml")),
            },
            version: "0.0.0".to_owned(),
            host_name: None,
            locale: Some("ko_KR.UTF-8".to_owned()),
            clock,
            entropy: Arc::new(OsEntropy),
            credentials: Arc::new(NoStore),
        });
        let page = Page {
            handle: handle.clone(),
            done: Arc::default(),
            called: Arc::default(),
        };
        let task = tokio::spawn(desk.run(page.clone()));
        Self {
            handle,
            page,
            task,
            folder,
        }
    }

    /// An app that has just been paired by `code`.
    pub(crate) async fn paired(address: &str, code: String, clock: Arc<dyn Clock>) -> Self {
        let app = Self::start(tempfile::tempdir().unwrap(), clock);
        let server = format!("http://{address}");
        let paired = app.ask(|reply| DeskRequest::Pair { server, code, reply });
        paired.await.unwrap();
        app.is_live().await;
        app
    }

    /// The same, started anew.
    pub(crate) async fn restarted(self, clock: Arc<dyn Clock>) -> Self {
        self.send(DeskRequest::Quit);
        self.task.await.unwrap();
        let app = Self::start(self.folder, clock);
        app.is_live().await;
        app
    }

    pub(crate) async fn quit(self) {
        self.send(DeskRequest::Quit);
        self.task.await.unwrap();
    }

    pub(crate) fn send(&self, request: DeskRequest) {
        self.handle.send(request).unwrap();
    }

    /// What became of a wish.
    pub(crate) async fn ask(&self, wish: impl FnOnce(Reply) -> DeskRequest) -> Result<(), UserError> {
        let (reply, answer) = oneshot::channel();
        self.send(wish(reply));
        answer.await.unwrap()
    }

    async fn until(&self, what: &str, holds: impl Fn(&Done) -> bool) {
        let wait = async {
            loop {
                let called = self.page.called.notified();
                if holds(&self.page.done.lock().unwrap()) {
                    return;
                }
                called.await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, wait).await;
        assert!(waited.is_ok(), "{what} did not come");
    }

    pub(crate) async fn is_live(&self) {
        self.sees("live", |screen| screen.link == Link::Live).await;
    }

    /// Waits until the window's picture is such.
    pub(crate) async fn sees(&self, what: &str, such: impl Fn(&Screen) -> bool) {
        self.until(what, |done| done.screen.as_ref().is_some_and(&such))
            .await;
    }

    /// Waits until reservation `id` stands so in the lists.
    pub(crate) async fn lists(&self, what: &str, id: ReservationId, so: impl Fn(&Reservation) -> bool) {
        self.sees(what, |screen| {
            let mut lists = screen.day.iter().chain(&screen.other_days);
            lists.any(|reservation| reservation.id == id && so(reservation))
        })
        .await;
    }

    /// Waits until the desk has rung `times` in all; the last toast.
    pub(crate) async fn rings(&self, times: usize) -> Toast {
        self.until("the toast", |done| done.rung.len() >= times).await;
        let rung = self.toasts();
        assert_eq!(rung.len(), times, "{:?}", rung.last().map(|toast| &toast.title));
        rung[times - 1].clone()
    }

    /// All toasts so far.
    pub(crate) fn toasts(&self) -> Vec<Toast> {
        self.page.done.lock().unwrap().rung.clone()
    }

    /// Waits until no toast is on the screen.
    pub(crate) async fn is_clear(&self) {
        self.until("the withdrawal", |done| done.on_screen.is_empty())
            .await;
    }

    /// How often the window was asked for.
    pub(crate) fn windows(&self) -> usize {
        self.page.done.lock().unwrap().windows
    }

    /// Waits until the window was asked for `times` in all.
    pub(crate) async fn opens(&self, times: usize) {
        self.until("the window", |done| done.windows >= times).await;
        assert_eq!(self.windows(), times);
    }
}

/// The button of `toast` that does `act`.
pub(crate) fn button(toast: &Toast, act: ToastAct) -> ToastButton {
    let button = toast.buttons.iter().find(|button| button.act == act);
    button.expect("the button").clone()
}

/// Whose toast it is.
pub(crate) fn subject(toast: &Toast) -> ReservationId {
    match toast.key {
        ToastKey::Reservation(id) => id,
        ToastKey::Digest | ToastKey::Test => panic!("a reservation's toast was expected: {:?}", toast.key),
    }
}

/// How long `work` takes by the wall.
pub(crate) async fn timed(work: impl Future<Output = ()>) -> Duration {
    let begun = tokio::time::Instant::now();
    work.await;
    begun.elapsed()
}

impl Page {
    fn note(&self, what: impl FnOnce(&mut Done)) {
        what(&mut self.done.lock().unwrap());
        self.called.notify_one();
    }
}

impl Shell for Page {
    fn ring(&mut self, toast: Toast) {
        let (key, attempt) = (toast.key, toast.attempt);
        self.note(|done| {
            done.on_screen.retain(|on_screen| *on_screen != key);
            done.on_screen.push(key);
            done.rung.push(toast);
        });
        let outcome = Ok(());
        // A desk that has ended asks for nothing any more.
        let _ = self.handle.send(DeskRequest::Rang {
            key,
            attempt,
            outcome,
        });
    }

    fn withdraw(&mut self, key: ToastKey) {
        self.note(|done| done.on_screen.retain(|on_screen| *on_screen != key));
    }

    fn play(&mut self, _: Sound, _: u8) {}

    fn draw_tray(&mut self, _: &TrayMenu) {}

    fn show(&mut self, screen: &Screen) {
        self.note(|done| done.screen = Some(screen.clone()));
    }

    fn open_window(&mut self) {
        self.note(|done| done.windows += 1);
    }

    fn has_window(&self) -> bool {
        self.done.lock().unwrap().windows > 0
    }

    fn set_autostart(&mut self, _: bool) -> Result<(), String> {
        Ok(())
    }

    fn autostart(&self) -> bool {
        false
    }

    fn probe(&self) -> Probing {
        Box::pin(async {
            Probes {
                notifications: NotificationsProbe::Nobody,
                tray: TrayProbe::There,
                autostart: AutostartProbe::Off,
            }
        })
    }

    fn quit(&mut self) {}
}
