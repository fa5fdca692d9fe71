//! Wishes that leave the page: a file, paper, the window, the end of the app.

use deskbell_desk::{DeskHandle, DeskRequest, ErrorCode, UserError};
use jiff::civil::Date;
use tauri::{State, WebviewWindow};
use tokio::sync::watch;

use super::picture::InboxView;
use super::wish::{UserErrorView, granted};
use crate::export;

/// Saves a day's list, `YYYY-MM-DD`, as CSV where the person chooses; gives the file's name, or nothing where they choose
/// none. The gateway notes the reason.
#[tauri::command]
#[specta::specta]
pub(super) async fn export_day(
    window: WebviewWindow,
    desk: State<'_, DeskHandle>,
    newest: State<'_, watch::Receiver<InboxView>>,
    date: String,
    reason: String,
    masked: bool,
) -> Result<Option<String>, UserErrorView> {
    let language = newest.borrow().language.language();
    let failed = |code| UserErrorView::from(UserError::new(code, language));
    let date: Date = date.parse().map_err(|_| failed(ErrorCode::Internal))?;
    let name = format!("deskbell-{date}.csv");
    let Some(path) = export::ask_where(&window, language.save_list(), name).await else {
        return Ok(None);
    };
    let text = granted(&desk, |reply| DeskRequest::Export {
        date,
        reason,
        masked,
        reply,
    })
    .await?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    export::write(path, text).await.map_err(|error| {
        tracing::error!(kind = ?error.kind(), "an export cannot be written");
        failed(ErrorCode::FileNotWritten)
    })?;
    Ok(name)
}

/// Has the gateway note that a day's list, `YYYY-MM-DD`, goes on paper in full, and for what. It is noted as an export of
/// that day, whose table is dropped here.
#[tauri::command]
#[specta::specta]
pub(super) async fn note_print(
    desk: State<'_, DeskHandle>,
    newest: State<'_, watch::Receiver<InboxView>>,
    date: String,
    reason: String,
) -> Result<(), UserErrorView> {
    let language = newest.borrow().language.language();
    let failed = |_| UserErrorView::from(UserError::new(ErrorCode::Internal, language));
    let date: Date = date.parse().map_err(failed)?;
    granted(&desk, |reply| DeskRequest::Export {
        date,
        reason,
        masked: false,
        reply,
    })
    .await
    .map(drop)
}

/// Prints what the window shows, by the system's own dialogue.
#[tauri::command]
#[specta::specta]
pub(super) fn print_page(window: WebviewWindow) {
    if let Err(error) = window.print() {
        tracing::error!(%error, "the window cannot be printed");
    }
}

/// Fills the screen, or no longer.
#[tauri::command]
#[specta::specta]
pub(super) fn set_fullscreen(window: WebviewWindow, on: bool) {
    if let Err(error) = window.set_fullscreen(on) {
        tracing::warn!(%error, on, "the window does not fill the screen");
    }
}

/// Ends the app: where there is no tray, nothing else can.
#[tauri::command]
#[specta::specta]
pub(super) fn quit(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::Quit);
}
