//! The one window: made when somebody wants to see it, destroyed when it is closed. In the tray the app owns no web view.

use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// The window's label, which `capabilities/window.json` names.
const LABEL: &str = "main";

/// Makes the window, or brings the one there is to the front.
pub(crate) fn present(app: &AppHandle) {
    let app = app.clone();
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
