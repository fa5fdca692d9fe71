//! Toasts: the operating system's notifications. Knows the desk's values and no Tauri windows.
//!
//! Each system has a back end of its own, since only that hears every click and can take a toast back; the portable one
//! stands in where there is none, or where the system refuses it (decision 0016).

#[cfg(target_os = "linux")]
mod freedesktop;
#[cfg(not(target_os = "linux"))]
mod notify_rust;
mod report;

use deskbell_desk::{DeskHandle, Toast, ToastKey};

use self::report::Report;

/// Something that shows toasts. What becomes of each goes to the desk: whether it was shown, and that it was clicked.
pub(crate) trait Toaster: Send {
    /// Shows a toast, in place of the one with the same key. Does not wait for it.
    fn show(&mut self, toast: Toast);

    /// Takes a toast off the screen, where the system can; one that is gone already is no error.
    fn withdraw(&mut self, key: ToastKey);
}

/// Gets what the system gave with a click so that the window may come to the front: a freedesktop activation token.
pub(crate) type Activate = Box<dyn Fn(String) + Send>;

/// This system's toasts, which report to `desk`.
#[cfg(target_os = "linux")]
pub(crate) fn toaster(desk: DeskHandle, activate: Activate) -> Box<dyn Toaster> {
    Box::new(freedesktop::Freedesktop::new(desk, activate))
}

/// This system's toasts, which report to `desk`.
#[cfg(not(target_os = "linux"))]
pub(crate) fn toaster(desk: DeskHandle, _activate: Activate) -> Box<dyn Toaster> {
    Box::new(notify_rust::NotifyRust::new(desk))
}
