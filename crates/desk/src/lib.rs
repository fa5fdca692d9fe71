//! The desktop without a screen: from the wire to the toast.
//!
//! One way through: a subscription turns the Socket.IO events of a gateway, or of a hospital's own server, into updates;
//! the inbox keeps the lists in step with the log, where there is one, and says what there is to decide; the rules give
//! every notice a verdict with a reason; the bell knows what rings, waits and hangs on the screen; the ledger remembers
//! what is decided. [`Desk`] is the one loop that owns all of it, and a [`Shell`] does what it says.
//!
//! A toast counts as rung once the shell has reported it shown and the ledger is on the disk, in this order: a crash in
//! between rings it once more, and nothing is ever forgotten.
//!
//! **Invariant.** No window system, no statics, no patient's data in a log, nor in a file in the clear. Inbox, rules, bell and ledger do no
//! I/O and are told the time.

mod address;
mod bell;
mod credentials;
mod desk;
mod desk_link;
mod disk;
mod doctor;
mod error;
#[cfg(test)]
mod fake_credentials;
#[cfg(test)]
mod fake_gateway;
#[cfg(test)]
mod fake_tls;
mod folder_watch;
mod folders;
mod gateway;
mod heard;
mod hearing;
mod hospital_clock;
mod http;
mod hush;
mod inbox;
mod kept_day;
mod language;
mod ledger;
mod ledger_file;
mod link;
mod link_fault;
mod managed;
mod nonces;
mod notice;
mod own_server;
mod pairing;
mod policy;
mod recent;
mod repeats;
mod request;
#[cfg(test)]
mod samples;
mod screen;
mod settings;
mod shell;
mod source;
mod subscription;
mod theme;
mod toast;
mod tray;
mod update;
mod warning;
mod words;

pub use credentials::{CredentialError, Credentials, platform_credentials};
pub use desk::{Desk, DeskConfig};
pub use desk_link::DeskLink;
pub use doctor::{
    AutostartProbe, DoctorReport, Finding, NotificationsProbe, Outcome, Probes, Step, TrayProbe, Unasked,
    doctor,
};
pub use error::{ErrorCode, UserError};
pub use folders::Folders;
pub use language::Language;
pub use managed::PolicyPlace;
pub use own_server::OwnServer;
pub use pairing::pair;
pub use request::{DeskHandle, DeskRequest, DeskStopped, PauseFor, Reply};
pub use screen::{
    Abilities, Arrivals, BellShown, DayShown, Fetched, History, Link, Managed, Notifications, Opened,
    PairOffer, Paired, Place, QuietSpan, Screen, ShownSettings, Transport, UndoOffer, Verdict,
};
pub use shell::{Probing, Shell};
pub use theme::Theme;
pub use toast::{Nonce, NotANonce, Sound, Toast, ToastAct, ToastButton, ToastKey};
pub use tray::{TrayAction, TrayEntry, TrayIcon, TrayItem, TrayMenu};
