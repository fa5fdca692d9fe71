//! The one window: made when somebody wants to see it, destroyed when it is closed. In the tray the app owns no web view.

use std::sync::{Mutex, MutexGuard, PoisonError};

use deskbell_desk::{DeskHandle, DeskRequest};
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// The window's label, which `capabilities/window.json` names.
const LABEL: &str = "main";

/// The window, be it there or not.
pub(crate) struct Window {
    app: AppHandle,
    desk: DeskHandle,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Somebody wants to see it.
    wanted: bool,
    /// The one there is was closed and is on its way out.
    closing: bool,
}

impl Window {
    /// No window yet; tells `desk` when one has gone.
    pub(crate) fn new(app: &AppHandle, desk: DeskHandle) -> Self {
        Self {
            app: app.clone(),
            desk,
            state: Mutex::default(),
        }
    }

    /// Makes the window, or brings the one there is to the front. Does not wait for it.
    pub(crate) fn open(&self) {
        let mut state = self.state();
        state.wanted = true;
        // A window on its way out cannot be raised; the next is made when it has gone.
        if !state.closing {
            self.present();
        }
    }

    /// Whether a window is there or on its way.
    pub(crate) fn is_wanted(&self) -> bool {
        self.state().wanted
    }

    /// No window is wanted any more: the app ends.
    pub(crate) fn give_up(&self) {
        self.state().wanted = false;
    }

    /// Its user closes it.
    pub(crate) fn closing(&self) {
        *self.state() = State {
            wanted: false,
            closing: true,
        };
    }

    /// It is destroyed, and its web view with it.
    pub(crate) fn gone(&self) {
        let mut state = self.state();
        state.closing = false;
        if state.wanted {
            self.present();
        } else {
            crate::ask(&self.desk, DeskRequest::WindowClosed);
        }
    }

    fn present(&self) {
        let app = self.app.clone();
        // Making a web view waits for the event loop; waiting on the loop's own thread would be for ever (Windows).
        tauri::async_runtime::spawn_blocking(move || {
            let presented = match app.get_webview_window(LABEL) {
                Some(window) => raise(&window),
                None => make(&app),
            };
            if let Err(error) = presented {
                tracing::error!(%error, "the window does not open");
            }
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make(app: &AppHandle) -> tauri::Result<()> {
    let made = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Deskbell")
        .inner_size(1024.0, 700.0)
        .min_inner_size(560.0, 420.0)
        .build();
    match (made, app.get_webview_window(LABEL)) {
        (Ok(window), _) => window.set_focus(),
        // Two asked at once; the other one made it.
        (Err(_), Some(window)) => raise(&window),
        (Err(error), None) => Err(error),
    }
}

fn raise(window: &WebviewWindow) -> tauri::Result<()> {
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}
