//! Toasts: the operating system's notifications. Knows the desk's values and no Tauri windows.
//!
//! Each system has a back end of its own, since only that hears every click and can take a toast back; the portable one
//! stands in where the system refuses it, or has none (decision 0016).

#[cfg(any(windows, test))]
mod action_center;
#[cfg(target_os = "linux")]
mod freedesktop;
mod name;
#[cfg(not(target_os = "linux"))]
mod notify_rust;
mod report;
#[cfg(target_os = "macos")]
mod user_notifications;

use deskbell_desk::{DeskHandle, Toast, ToastKey};
use tokio::sync::oneshot;

use self::report::Report;

/// Something that shows toasts. What becomes of each goes to the desk: whether it was shown, and that it was clicked.
pub(crate) trait Toaster: Send {
    /// Shows a toast, in place of the one with the same key. Does not wait for it.
    fn show(&mut self, toast: Toast);

    /// Takes a toast off the screen, where the system can; one that is gone already is no error.
    fn withdraw(&mut self, key: ToastKey);

    /// Takes those toasts off the screen on which a click would reach nobody once the app has ended; what it gives
    /// resolves, in whatever way, when they are gone. Where a click starts the app again, they stay.
    fn leave(&mut self) -> oneshot::Receiver<()> {
        oneshot::channel().1
    }
}

/// Gets what the system gave with a click so that the window may come to the front: a freedesktop activation token.
pub(crate) type Activate = Box<dyn Fn(String) + Send>;

/// This system's toasts, which report to `desk`.
#[cfg(target_os = "linux")]
pub(crate) fn toaster(desk: DeskHandle, activate: Activate) -> Box<dyn Toaster> {
    Box::new(freedesktop::Freedesktop::new(desk, activate))
}

/// This system's toasts, which report to `desk`.
#[cfg(windows)]
pub(crate) fn toaster(desk: DeskHandle, _activate: Activate) -> Box<dyn Toaster> {
    // Their clicks come back as links, and those reach the account's desk: one with a home of its own would not hear them.
    if crate::own_home().is_none() {
        match action_center::ActionCenter::new(desk.clone()) {
            Ok(toaster) => return Box::new(toaster),
            Err(error) => tracing::warn!("toasts are the portable ones: {error:#}"),
        }
    }
    Box::new(notify_rust::NotifyRust::new(desk))
}

/// This system's toasts, which report to `desk`. To be called while the app launches: a click may be what started it.
#[cfg(target_os = "macos")]
pub(crate) fn toaster(desk: DeskHandle, _activate: Activate) -> Box<dyn Toaster> {
    match user_notifications::UserNotifications::new(desk.clone()) {
        Some(toaster) => Box::new(toaster),
        None => {
            tracing::warn!("this is no .app bundle; toasts are the portable ones");
            Box::new(notify_rust::NotifyRust::new(desk))
        }
    }
}

/// This system's toasts, which report to `desk`.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(crate) fn toaster(desk: DeskHandle, _activate: Activate) -> Box<dyn Toaster> {
    Box::new(notify_rust::NotifyRust::new(desk))
}
