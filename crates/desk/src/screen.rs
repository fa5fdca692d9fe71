use deskbell_clock::Timestamp;
use deskbell_protocol::http::HistoryEntry;
use deskbell_protocol::{Reservation, ReservationId};
use jiff::civil::Date;
use url::Url;

use crate::Language;

/// Everything the window shows: a whole picture, the latest wins.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// The language of every sentence in here, and of the page.
    pub language: Language,
    /// What the source of the reservations can do.
    pub abilities: Abilities,
    /// How it stands with the server.
    pub link: Link,
    /// How events travel; `None` while there is no link.
    pub transport: Option<Transport>,
    /// Where this desk stands; `None` until it is paired.
    pub place: Option<Place>,
    /// Since when this run of the app has been listening to a source that replays nothing: the lists begin there.
    pub listening_since: Option<Timestamp>,
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
    /// The server does not want this desk, or the settings keep it from connecting; only a person can help.
    Refused {
        /// What is wrong and what to do, as a sentence.
        reason: String,
    },
}

impl Link {
    /// What is wrong and what to do, where something is.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Offline { reason, .. } | Self::Refused { reason } => Some(reason),
            Self::Unpaired | Self::Connecting { .. } | Self::Live => None,
        }
    }
}

/// Where this desk stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose desk it is; `None` where the server knows of no desks.
    pub paired: Option<Paired>,
    /// The hospital's IANA zone.
    pub timezone: String,
    /// The server it talks to, or tries to; nothing secret in it.
    pub server: Url,
}

/// Whose desk this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paired {
    /// The hospital's name.
    pub hospital: String,
    /// The desk's name.
    pub desk: String,
}

/// What the source of the reservations can do. The window offers and claims nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// A reservation has a status, and is somebody's who looks after it.
    pub status: bool,
    /// It can be told how a reservation came to stand as it does.
    pub history: bool,
    /// What came in while the desk was away is told when it is back, and so are the lists.
    pub replay: bool,
    /// A desk is paired by a code, and signed out.
    pub pairing: bool,
}

/// How events travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Within a blink, over a connection that stays.
    WebSocket,
    /// By HTTP requests that wait for them: what passes where nothing else does.
    Polling,
}

impl From<deskbell_socketio::client::Transport> for Transport {
    fn from(transport: deskbell_socketio::client::Transport) -> Self {
        use deskbell_socketio::client::Transport as Wire;
        match transport {
            Wire::WebSocket => Self::WebSocket,
            Wire::Polling => Self::Polling,
        }
    }
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

/// A reservation's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum History {
    /// It has been asked for.
    Loading,
    /// Oldest first.
    Ready(Vec<HistoryEntry>),
    /// The source keeps none.
    NotKept,
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
