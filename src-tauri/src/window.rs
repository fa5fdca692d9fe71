//! The one window: made when somebody wants to see it, destroyed when it is closed. In the tray the app owns no web view.

#[cfg(target_os = "linux")]
mod startup;

use std::sync::{Mutex, MutexGuard, PoisonError};

use deskbell_desk::{DeskHandle, DeskRequest};
use tauri::{AppHandle, Manager, UserAttentionType, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

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
    /// What the desktop gave with the click that asks for it (freedesktop's activation token).
    token: Option<String>,
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

    /// The desktop has given `token` with a click: the next time the window is opened, it may take the keyboard from whatever
    /// has it. Only a Linux desktop does so.
    pub(crate) fn may_come_to_front(&self, token: String) {
        self.state().token = Some(token);
    }

    /// Makes the window, or brings the one there is to the front. Does not wait for it.
    pub(crate) fn open(&self) {
        let mut state = self.state();
        state.wanted = true;
        // A window on its way out cannot be raised; the next is made when it has gone.
        if !state.closing {
            self.present(state.token.take());
        }
    }

    /// Makes the window's entry in the taskbar call for whoever does not look at it. Without a window it does nothing.
    pub(crate) fn call_for_attention(&self) {
        let Some(window) = self.app.get_webview_window(LABEL) else {
            return;
        };
        if let Err(error) = window.request_user_attention(Some(UserAttentionType::Critical)) {
            tracing::warn!(%error, "the window does not call for attention");
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
            token: None,
        };
    }

    /// It is destroyed, and its web view with it.
    pub(crate) fn gone(&self) {
        let mut state = self.state();
        state.closing = false;
        if state.wanted {
            self.present(state.token.take());
        } else {
            crate::ask(&self.desk, DeskRequest::WindowClosed);
            #[cfg(all(target_os = "linux", target_env = "gnu"))]
            crate::memory::give_back();
        }
    }

    fn present(&self, token: Option<String>) {
        let app = self.app.clone();
        // Making a web view waits for the event loop; waiting on the loop's own thread would be for ever (Windows).
        tauri::async_runtime::spawn_blocking(move || {
            let presented = match app.get_webview_window(LABEL) {
                Some(window) => raise(&window, token),
                None => make(&app, token),
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

fn make(app: &AppHandle, token: Option<String>) -> tauri::Result<()> {
    let made = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Deskbell")
        .inner_size(1024.0, 700.0)
        .min_inner_size(560.0, 420.0)
        .build();
    match (made, app.get_webview_window(LABEL)) {
        (Ok(window), _) => come_to_front(&window, token),
        // Two asked at once; the other one made it.
        (Err(_), Some(window)) => raise(&window, token),
        (Err(error), None) => Err(error),
    }
}

fn raise(window: &WebviewWindow, token: Option<String>) -> tauri::Result<()> {
    window.show()?;
    window.unminimize()?;
    come_to_front(window, token)
}

#[cfg(not(target_os = "linux"))]
fn come_to_front(window: &WebviewWindow, _token: Option<String>) -> tauri::Result<()> {
    window.set_focus()
}

/// Takes the keyboard. A Linux desktop lets only that window do so which has the token of its user's click; without one it
/// may show that the window asks for attention.
#[cfg(target_os = "linux")]
fn come_to_front(window: &WebviewWindow, token: Option<String>) -> tauri::Result<()> {
    let Some(token) = token else {
        return window.set_focus();
    };
    let clicked = window.clone();
    window.run_on_main_thread(move || {
        if let Err(error) = startup::present(&clicked, &token) {
            tracing::warn!(%error, "the window stays where it is");
        }
    })
}
