use deskbell_desk::{DeskHandle, Screen, Shell, Sound, Toast, ToastKey, TrayMenu};
use tauri::{AppHandle, Manager};
use tauri_plugin_autostart::ManagerExt;

use crate::ipc::Views;
use crate::toast::{Toaster, toaster};
use crate::tray::Tray;
use crate::window::Window;

/// The desk's hands on a real desktop. It holds no rule: each call is passed to the part that can do it.
pub(crate) struct TauriShell {
    app: AppHandle,
    views: Views,
    toaster: Box<dyn Toaster>,
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

    fn play(&mut self, _sound: Sound, _volume: u8) {}

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
        let entry = self.app.autolaunch();
        let done = if on { entry.enable() } else { entry.disable() };
        done.map_err(|error| error.to_string())
    }

    fn autostart(&self) -> bool {
        self.app.autolaunch().is_enabled().unwrap_or(false)
    }

    fn quit(&mut self) {
        self.app.state::<Window>().give_up();
        self.app.exit(0);
    }
}
