//! Draws the desk's [`TrayMenu`](deskbell_desk::TrayMenu) value where the system keeps its tray.

#[cfg(not(target_os = "macos"))]
mod count;
#[cfg(target_os = "linux")]
mod status_notifier;
#[cfg(not(target_os = "linux"))]
mod tauri_tray;

#[cfg(target_os = "linux")]
pub(crate) use status_notifier::Tray;
#[cfg(not(target_os = "linux"))]
pub(crate) use tauri_tray::Tray;

use deskbell_desk::TrayIcon;
use tauri::image::Image;

/// The picture of a state, with the count in it. (A menu bar has room for the count beside the picture.)
fn picture(icon: TrayIcon) -> Image<'static> {
    let state = state(icon);
    #[cfg(not(target_os = "macos"))]
    if let TrayIcon::Ringing(count) = icon {
        return count::with_count(&state, count);
    }
    state
}

fn state(icon: TrayIcon) -> Image<'static> {
    match icon {
        TrayIcon::Quiet => tauri::include_image!("icons/tray/quiet@2x.png"),
        TrayIcon::Ringing(_) => tauri::include_image!("icons/tray/ringing@2x.png"),
        TrayIcon::Offline => tauri::include_image!("icons/tray/offline@2x.png"),
        TrayIcon::Attention => tauri::include_image!("icons/tray/attention@2x.png"),
    }
}
