use deskbell_clock::Timestamp;
use deskbell_protocol::http::HistoryEntry;
use deskbell_protocol::{Desk, Hospital, Reservation, ReservationId};
use jiff::civil::Date;
use url::Url;

use crate::Language;

/// Everything the window shows: a whole picture, the latest wins.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// The language of every sentence in here, and of the page.
    pub language: Language,
    /// How it stands with the gateway.
    pub link: Link,
    /// Whose desk this is; `None` until it is paired.
    pub place: Option<Place>,
    /// The date at the hospital, by the gateway's clock; `None` until a gateway has answered.
    pub today: Option<Date>,
    /// Today's reservations, by time.
    pub day: Vec<Reservation>,
    /// Those of other days that nobody has handled, by date and time.
    pub other_days: Vec<Reservation>,
    /// The reservation whose details are on the screen.
    pub opened: Option<Opened>,
    /// The settings a person can change.
    pub settings: ShownSettings,
    /// What is wrong on this PC, one sentence each.
    pub warnings: Vec<String>,
}

/// How it stands with the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The desk belongs to no hospital yet.
    Unpaired,
    /// First attempt, or catching up.
    Connecting {
        /// Since when.
        since: Timestamp,
    },
    /// What happens is on the screen within a blink.
    Live,
    /// The gateway does not answer; it is being tried again.
    Offline {
        /// Since when.
        since: Timestamp,
        /// What is wrong and what happens next, as a sentence.
        reason: String,
    },
    /// The gateway does not want this desk; only a person can help.
    Refused {
        /// What is wrong and what to do, as a sentence.
        reason: String,
    },
}

/// Whose desk this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The hospital.
    pub hospital: Hospital,
    /// The desk.
    pub desk: Desk,
    /// The gateway it talks to, or tries to.
    pub server: Url,
}

/// The reservation whose details are on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Which.
    pub id: ReservationId,
    /// As last known; `None` while it is fetched.
    pub reservation: Option<Reservation>,
    /// How it came to stand so.
    pub history: History,
}

/// A history that comes from the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum History {
    /// It has been asked for.
    Loading,
    /// Oldest first.
    Ready(Vec<HistoryEntry>),
    /// It could not be had, as a sentence.
    Failed(String),
}

/// The settings a person can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownSettings {
    /// Whether the app starts at login.
    pub autostart: bool,
    /// How much a toast tells: 0 a count, 1 the time, 2 masked name and time, 3 everything.
    pub toast_detail: u8,
}
