use std::time::Duration;

use deskbell_desk::{DeskHandle, Probing, Screen, Shell, Sound, Toast, ToastKey, TrayMenu};
use tauri::{AppHandle, Manager};

use crate::autostart::Entry;
use crate::ipc::Views;
use crate::sound::Player;
use crate::toast::{Toaster, toaster};
use crate::tray::Tray;
use crate::window::Window;

/// How long the toasts may take to leave the screen before the app ends all the same.
const FAREWELL: Duration = Duration::from_millis(500);

/// The desk's hands on a real desktop. It holds no rule: each call is passed to the part that can do it.
pub(crate) struct TauriShell {
    app: AppHandle,
    views: Views,
    toaster: Box<dyn Toaster>,
    player: Player,
    tray: Tray,
}

impl TauriShell {
    /// The hands of the desk behind `desk`, in this app.
    pub(crate) fn new(app: &AppHandle, desk: DeskHandle) -> Self {
        let of_toasts = app.clone();
        let activate = Box::new(move |token| of_toasts.state::<Window>().may_come_to_front(token));
        Self {
            app: app.clone(),
            views: Views::manage(app),
            toaster: toaster(desk.clone(), activate),
            player: Player::default(),
            tray: Tray::new(app, desk),
        }
    }
}

impl Shell for TauriShell {
    fn ring(&mut self, toast: Toast) {
        self.toaster.show(toast);
    }

    fn withdraw(&mut self, key: ToastKey) {
        self.toaster.withdraw(key);
    }

    fn play(&mut self, sound: Sound, volume: u8) {
        let app = self.app.clone();
        self.player
            .play(sound, volume, move || app.state::<Window>().call_for_attention());
    }

    fn draw_tray(&mut self, menu: &TrayMenu) {
        self.tray.draw(menu);
    }

    fn show(&mut self, screen: &Screen) {
        self.views.publish(&self.app, screen);
    }

    fn open_window(&mut self) {
        self.app.state::<Window>().open();
    }

    fn has_window(&self) -> bool {
        self.app.state::<Window>().is_wanted()
    }

    fn set_autostart(&mut self, on: bool) -> Result<(), String> {
        if crate::own_home().is_some() {
            return Err(
                "the start at login belongs to the account's desk, not to one with a home of its own".into(),
            );
        }
        crate::autostart::set(on).map_err(|error| error.to_string())
    }

    fn autostart(&self) -> bool {
        crate::own_home().is_none() && matches!(crate::autostart::entry(), Ok(Entry::Ours | Entry::Elsewhere))
    }

    fn probe(&self) -> Probing {
        Box::pin(crate::probes::look())
    }

    fn quit(&mut self) {
        self.app.state::<Window>().give_up();
        let (app, gone) = (self.app.clone(), self.toaster.leave());
        tauri::async_runtime::spawn(async move {
            let _ = tokio::time::timeout(FAREWELL, gone).await;
            app.exit(0);
        });
    }
}
