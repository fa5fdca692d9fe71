//! Toasts: the operating system's notifications. Knows the desk's values and no Tauri.

mod notify_rust;

use deskbell_desk::{Toast, ToastKey};

pub(crate) use self::notify_rust::NotifyRust;

/// Something that shows toasts. What becomes of each goes to the desk: whether it was shown, and that it was clicked.
pub(crate) trait Toaster {
    /// Shows a toast, in place of the one with the same key. Does not wait for it.
    fn show(&mut self, toast: Toast);

    /// Takes a toast off the screen, where the system can; one that is gone already is no error.
    fn withdraw(&mut self, key: ToastKey);
}
