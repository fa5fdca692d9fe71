//! Windows: toasts of the app's own name in the Action Center. A click on one starts the program with a link, which the
//! app that runs is handed: so it works from the Action Center, and with the app closed.

mod content;
mod registration;

#[cfg(windows)]
pub(super) use self::windows_toasts::ActionCenter;

#[cfg(windows)]
mod windows_toasts;
