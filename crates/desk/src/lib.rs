//! The desktop without a screen: from the wire to the toast.
//!
//! Knows nothing of windows: what it wants of the machine it asks of a [`Shell`].

mod address;
mod bell;
mod credentials;
mod desk;
mod disk;
mod error;
#[cfg(test)]
mod fake_gateway;
mod folder_watch;
mod folders;
mod gateway;
mod hospital_clock;
mod inbox;
mod language;
mod ledger;
mod ledger_file;
mod link;
mod notice;
mod pairing;
mod policy;
mod request;
#[cfg(test)]
mod samples;
mod screen;
mod settings;
mod shell;
mod subscription;
mod toast;
mod tray;
mod update;
mod warning;
mod words;

pub use desk::{Desk, DeskConfig};
pub use error::{ErrorCode, UserError};
pub use folders::Folders;
pub use language::Language;
pub use pairing::pair;
pub use request::{DeskHandle, DeskRequest, DeskStopped};
pub use screen::{History, Link, Opened, Place, Screen, ShownSettings};
pub use shell::Shell;
pub use toast::{Toast, ToastKey};
pub use tray::{TrayAction, TrayEntry, TrayIcon, TrayItem, TrayMenu};
