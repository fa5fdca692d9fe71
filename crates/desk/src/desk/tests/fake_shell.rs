use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskbell_clock::{FakeClock, SeededEntropy};
use deskbell_protocol::event::{CaughtUp, Change};
use deskbell_protocol::{Reservation, Seq};
use jiff::civil::date;
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::desk::{DeskConfig, Running};
use crate::fake_credentials::FakeCredentials;
use crate::samples::{now, pc, position};
use crate::update::{LinkUpdate, Snapshot, Update};
use crate::{
    AutostartProbe, Credentials, DeskHandle, DeskRequest, Folders, NotificationsProbe, Probes, Probing,
    Screen, Shell, Sound, Toast, ToastKey, TrayMenu, TrayProbe,
};

/// What a desk made its shell do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Call {
    Ring(Toast),
    Withdraw(ToastKey),
    Play(Sound, u8),
    DrawTray(TrayMenu),
    Show(Box<Screen>),
    OpenWindow,
    Quit,
}

/// A shell that only writes down. Clones share the page.
#[derive(Clone, Default)]
pub(super) struct FakeShell {
    calls: Arc<Mutex<Vec<Call>>>,
    screen: Arc<Mutex<Option<Screen>>>,
    tray: Arc<Mutex<Option<TrayMenu>>>,
    autostart: Arc<Mutex<bool>>,
    autostart_fails: bool,
    window: Arc<Mutex<bool>>,
    /// Where toasts are answered for; without it, by hand.
    handle: Option<DeskHandle>,
    called: Arc<Notify>,
}

impl FakeShell {
    pub(super) fn that_refuses_autostart() -> Self {
        Self {
            autostart_fails: true,
            ..Self::default()
        }
    }

    /// Somebody closes the window.
    pub(super) fn lose_window(&self) {
        *self.window.lock().unwrap() = false;
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// The calls since the last time.
    pub(super) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    /// The toasts since the last time.
    pub(super) fn take_toasts(&self) -> Vec<Toast> {
        let toasts = |call| match call {
            Call::Ring(toast) => Some(toast),
            _ => None,
        };
        self.take().into_iter().filter_map(toasts).collect()
    }

    /// A shell on a machine where every toast comes through.
    pub(super) fn that_shows_toasts(handle: DeskHandle) -> Self {
        Self {
            handle: Some(handle),
            ..Self::default()
        }
    }

    /// Waits until something holds; it can only begin to hold when the desk calls its shell.
    pub(super) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let wait = async {
            loop {
                let called = self.called.notified();
                if holds(self) {
                    return;
                }
                called.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
        assert!(
            waited.is_ok(),
            "{what} did not come; the screen is {:?}",
            self.screen()
        );
    }

    /// The keys of all toasts so far.
    pub(super) fn toasts(&self) -> Vec<ToastKey> {
        let keys = |call| match call {
            Call::Ring(toast) => Some(toast.key),
            _ => None,
        };
        self.calls().into_iter().filter_map(keys).collect()
    }

    /// Whether the window's picture is such.
    pub(super) fn sees(&self, such: impl Fn(&Screen) -> bool) -> bool {
        self.screen.lock().unwrap().as_ref().is_some_and(such)
    }

    /// The window's picture as it is.
    pub(super) fn screen(&self) -> Screen {
        self.screen.lock().unwrap().clone().unwrap()
    }

    /// The tray as it is.
    pub(super) fn tray(&self) -> TrayMenu {
        self.tray.lock().unwrap().clone().unwrap()
    }

    fn note(&self, call: Call) {
        self.calls.lock().unwrap().push(call);
        self.called.notify_one();
    }
}

impl Shell for FakeShell {
    fn ring(&mut self, toast: Toast) {
        if let Some(handle) = &self.handle {
            let (key, attempt, outcome) = (toast.key, toast.attempt, Ok(()));
            handle
                .send(DeskRequest::Rang {
                    key,
                    attempt,
                    outcome,
                })
                .unwrap();
        }
        self.note(Call::Ring(toast));
    }

    fn withdraw(&mut self, key: ToastKey) {
        self.note(Call::Withdraw(key));
    }

    fn play(&mut self, sound: Sound, volume: u8) {
        self.note(Call::Play(sound, volume));
    }

    fn draw_tray(&mut self, menu: &TrayMenu) {
        *self.tray.lock().unwrap() = Some(menu.clone());
        self.note(Call::DrawTray(menu.clone()));
    }

    fn show(&mut self, screen: &Screen) {
        *self.screen.lock().unwrap() = Some(screen.clone());
        self.note(Call::Show(Box::new(screen.clone())));
    }

    fn open_window(&mut self) {
        *self.window.lock().unwrap() = true;
        self.note(Call::OpenWindow);
    }

    fn has_window(&self) -> bool {
        *self.window.lock().unwrap()
    }

    fn set_autostart(&mut self, on: bool) -> Result<(), String> {
        if self.autostart_fails {
            return Err("read-only".to_owned());
        }
        *self.autostart.lock().unwrap() = on;
        Ok(())
    }

    fn autostart(&self) -> bool {
        *self.autostart.lock().unwrap()
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

    fn quit(&mut self) {
        self.note(Call::Quit);
    }
}

/// A desk whose messages are put into it by hand: no task, no network, no watch, no waiting.
pub(super) struct Bench {
    pub(super) folder: TempDir,
    pub(super) clock: FakeClock,
    pub(super) shell: FakeShell,
    pub(super) desk: Running<FakeShell>,
}

pub(super) fn folders(folder: &TempDir) -> Folders {
    pc(folder).folders
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap())
    }

    /// A desk that starts with what is in `folder`.
    pub(super) fn in_folder(folder: TempDir) -> Self {
        Self::with_shell(folder, FakeShell::default())
    }

    pub(super) fn with_shell(folder: TempDir, shell: FakeShell) -> Self {
        Self::with(folder, shell, FakeCredentials::none())
    }

    /// A desk on a machine with these credentials.
    pub(super) fn with(folder: TempDir, shell: FakeShell, credentials: Arc<dyn Credentials>) -> Self {
        let clock = FakeClock::at(now());
        let config = DeskConfig {
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::new(1)),
            credentials,
            ..pc(&folder)
        };
        let mut desk = Running::new(config, shell.clone());
        desk.read_folders();
        desk.settle();
        Self {
            folder,
            clock,
            shell,
            desk,
        }
    }

    /// A desk that was paired when the log stood at `seq`, and is live.
    pub(super) fn live(seq: u64) -> Self {
        let mut bench = Self::new();
        bench.welcome(seq, deskbell_protocol::event::Replay::None);
        bench.caught_up(seq);
        bench.snapshot(seq, []);
        bench.shell.take_toasts();
        bench
    }

    /// The same, with a gateway that never answers: the test does.
    pub(super) fn asking(seq: u64) -> Self {
        crate::fake_gateway::install_provider();
        let mut bench = Self::live(seq);
        let server: url::Url = "http://127.0.0.1:9/".parse().unwrap();
        let network = crate::settings::Network::default();
        let http = crate::http::Http::new("0.0.0", &network, std::slice::from_ref(&server));
        bench.desk.token = Some(crate::credentials::Token::new("secret"));
        bench.desk.http = Some(http.unwrap());
        bench.desk.server = Some(server);
        bench
    }

    /// The steady time `seconds` after the bench's beginning.
    pub(super) fn clock_at(seconds: u64) -> deskbell_clock::Instant {
        deskbell_clock::Instant::ORIGIN + Duration::from_secs(seconds)
    }

    pub(super) fn welcome(&mut self, seq: u64, replay: deskbell_protocol::event::Replay) {
        let welcome = crate::samples::welcome(seq, replay);
        self.hear(Update::Link(LinkUpdate::Welcomed(Box::new(welcome))));
    }

    pub(super) fn caught_up(&mut self, seq: u64) {
        self.hear(Update::Link(LinkUpdate::CaughtUp(CaughtUp { seq: Seq(seq) })));
    }

    pub(super) fn change(&mut self, change: Change) {
        self.hear(Update::Changed(Box::new(change)));
    }

    pub(super) fn snapshot(&mut self, seq: u64, reservations: impl IntoIterator<Item = Reservation>) {
        self.hear(Update::Snapshot(Snapshot {
            day: date(2026, 11, 22),
            position: position(seq),
            reservations: reservations.into_iter().collect(),
        }));
    }

    pub(super) fn hear(&mut self, update: Update) {
        self.desk.hear(Some(update));
        self.desk.settle();
    }

    pub(super) fn obey(&mut self, request: DeskRequest) {
        assert!(self.desk.obey(request));
        self.desk.settle();
    }

    /// The shell shows a toast, or does not.
    pub(super) fn rang(&mut self, toast: &Toast, outcome: Result<(), String>) {
        self.obey(DeskRequest::Rang {
            key: toast.key,
            attempt: toast.attempt,
            outcome,
        });
    }

    /// All toasts since the last time, each now on the screen.
    pub(super) fn ring_all(&mut self) -> Vec<Toast> {
        let toasts = self.shell.take_toasts();
        for toast in &toasts {
            self.rang(toast, Ok(()));
        }
        toasts
    }

    /// The machine loses power: what is on the disk at this moment is what the next start finds.
    pub(super) fn crash(self) -> Self {
        let copy = tempfile::tempdir().unwrap();
        copy_all(self.folder.path(), copy.path());
        Self::in_folder(copy)
    }
}

pub(super) fn copy_all(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}
