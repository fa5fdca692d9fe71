//! A day's list as a file, where whoever asks for it wants it.

use std::path::PathBuf;

use tauri::{Manager, WebviewWindow};
use tokio::sync::oneshot;

/// Asks, under `title`, for a place for `name`; `None` where none is given after all.
pub(crate) async fn ask_where(window: &WebviewWindow, title: &'static str, name: String) -> Option<PathBuf> {
    let (reply, answer) = oneshot::channel();
    let parent = window.clone();
    // A dialogue belongs to the thread of the windows.
    let asked = window.app_handle().run_on_main_thread(move || {
        let dialog = rfd::AsyncFileDialog::new()
            .set_parent(&parent)
            .set_title(title)
            .set_file_name(name)
            .add_filter("CSV", &["csv"])
            .save_file();
        tauri::async_runtime::spawn(async move {
            // Whoever asked may have closed the window.
            let _ = reply.send(dialog.await.map(|file| file.path().to_owned()));
        });
    });
    if let Err(error) = asked {
        tracing::error!(%error, "nobody can be asked for a place");
        return None;
    }
    answer.await.ok().flatten()
}

/// Writes the file.
///
/// # Errors
/// When the disk does not take it; told without the path, which may name a person.
pub(crate) async fn write(path: PathBuf, text: String) -> std::io::Result<()> {
    tauri::async_runtime::spawn_blocking(move || std::fs::write(path, text))
        .await
        .unwrap_or_else(|error| Err(std::io::Error::other(error)))
}
