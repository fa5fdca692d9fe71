//! The desktop without a screen: from the wire to the toast.
//!
//! Knows nothing of windows: what it wants of the machine it asks of a [`Shell`].

mod error;
mod folders;
mod language;
mod request;
mod screen;
mod shell;
mod toast;
mod tray;
mod words;

pub use error::{ErrorCode, UserError};
pub use folders::Folders;
pub use language::Language;
pub use request::{DeskHandle, DeskRequest, DeskStopped};
pub use screen::{History, Link, Opened, Place, Screen, ShownSettings};
pub use shell::Shell;
pub use toast::{Toast, ToastKey};
pub use tray::{TrayAction, TrayEntry, TrayIcon, TrayItem, TrayMenu};
