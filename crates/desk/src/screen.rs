use deskbell_clock::Timestamp;
use deskbell_protocol::http::HistoryEntry;
use deskbell_protocol::{DeskId, Reservation, ReservationId, Status};
use jiff::civil::{Date, Time, Weekday};
use url::Url;

use crate::{Language, Sound, Theme};

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
    /// This desk, so that its own claims can be told from others'; `None` where the server knows of no desks.
    pub me: Option<DeskId>,
    /// Who sits at it, where somebody has said so: their name or initials.
    pub staff: Option<String>,
    /// A pairing that a link has asked for and somebody has to agree to.
    pub pair_offer: Option<PairOffer>,
    /// Since when this run of the app has been listening to a source that replays nothing: the lists begin there.
    pub listening_since: Option<Timestamp>,
    /// The date at the hospital, by the gateway's clock; `None` until a gateway has answered.
    pub today: Option<Date>,
    /// By how many minutes the hospital's clock is ahead of the PC's, which may be wrong.
    pub minutes_ahead: i32,
    /// The lists are not of now but of then, kept from before: the server has not been reached since this run began.
    pub as_of: Option<Timestamp>,
    /// Today's reservations, by time.
    pub day: Vec<Reservation>,
    /// Those of other days that nobody has handled, by date and time.
    pub other_days: Vec<Reservation>,
    /// Another day that somebody looks at.
    pub looked_at: Option<DayShown>,
    /// What came in lately, for whatever date, newest first; `None` while nobody looks.
    pub arrivals: Option<Arrivals>,
    /// The reservation whose details are on the screen.
    pub opened: Option<Opened>,
    /// The change made here just now, as long as it can be taken back with a click.
    pub undo: Option<UndoOffer>,
    /// What the bell does and why.
    pub bell: BellShown,
    /// Somebody has asked elsewhere to see the settings; holds until the window has left them, or is closed.
    pub on_settings: bool,
    /// The settings a person can change.
    pub settings: ShownSettings,
    /// What the hospital's administrator has decided.
    pub managed: Vec<Managed>,
    /// What is wrong on this PC, one sentence each.
    pub warnings: Vec<String>,
}

impl Screen {
    /// The reservation as it stands somewhere on the screen.
    pub(crate) fn find(&self, id: ReservationId) -> Option<&Reservation> {
        let opened = self
            .opened
            .iter()
            .filter_map(|opened| opened.reservation.as_ref());
        let looked_at = self.looked_at.iter().flat_map(|day| &day.reservations);
        let arrivals = self.arrivals.iter().flat_map(|arrivals| &arrivals.reservations);
        opened
            .chain(&self.day)
            .chain(&self.other_days)
            .chain(looked_at)
            .chain(arrivals)
            .find(|reservation| reservation.id == id)
    }
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
    /// Where this desk may move it from here, in the order in which it is offered.
    pub next: Vec<Status>,
    /// The last change of its status, made here, as long as the gateway takes it back.
    pub undo: Option<UndoOffer>,
    /// What became of it while somebody here was acting on it, as a sentence: another was first.
    pub conflict: Option<String>,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownSettings {
    /// Whether the app starts at login.
    pub autostart: bool,
    /// How much a toast tells: 0 a count, 1 the time, 2 masked name and time, 3 everything.
    pub toast_detail: u8,
    /// When and how the bell makes itself heard.
    pub notifications: Notifications,
    /// How the window looks.
    pub theme: Theme,
    /// Whether single letters are keys of the window.
    pub letter_keys: bool,
}

/// When and how the bell makes itself heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notifications {
    /// The sound beside a toast; `None` for silence.
    pub sound: Option<Sound>,
    /// How loud, 0 to 100.
    pub volume: u8,
    /// Whether what nobody handles rings again.
    pub repeats: bool,
    /// When there are no toasts, by the hospital's clock.
    pub quiet_hours: Vec<QuietSpan>,
}

/// A time of quiet, on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietSpan {
    /// The days on which it begins, Monday first, each once.
    pub days: Vec<Weekday>,
    /// When it begins.
    pub from: Time,
    /// When it ends: on the next day where this is not after `from`. Both midnight: the whole day.
    pub to: Time,
}

/// What the bell does and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BellShown {
    /// Until when somebody wants quiet.
    pub paused_until: Option<Timestamp>,
    /// Whether it is a time of quiet by the settings.
    pub quiet_now: bool,
    /// What was decided last, newest first.
    pub recent: Vec<Verdict>,
}

/// What was decided about a toast, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// When.
    pub at: Timestamp,
    /// About which reservation; `None` for a digest.
    pub id: Option<ReservationId>,
    /// Whether a toast was shown.
    pub rang: bool,
    /// The reason, as a sentence.
    pub sentence: String,
}

/// Another day that somebody looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayShown {
    /// Which.
    pub date: Date,
    /// Its reservations, by time, as far as they are known.
    pub reservations: Vec<Reservation>,
    /// How far they are.
    pub state: Fetched,
}

/// What came in lately, for whatever date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrivals {
    /// Since when.
    pub since: Timestamp,
    /// Newest first.
    pub reservations: Vec<Reservation>,
    /// How far they are.
    pub state: Fetched,
}

/// How far a list is that the gateway was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It has been asked for.
    Loading,
    /// It is whole, and kept in step.
    Ready,
    /// It could not be had, as a sentence.
    Failed(String),
}

/// A change made at this desk that can be taken back with a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndoOffer {
    /// Whose.
    pub id: ReservationId,
    /// The status before.
    pub from: Status,
    /// The status now.
    pub to: Status,
    /// How long it is offered.
    pub until: Timestamp,
}

/// A pairing that a link has asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairOffer {
    /// The gateway's address.
    pub server: Url,
    /// The hospital that this desk would leave.
    pub replaces: Option<String>,
}

/// A setting that the hospital's administrator has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Managed {
    /// The gateways.
    Servers,
    /// The most a toast may tell.
    ToastDetail,
    /// When there are no toasts.
    QuietHours,
    /// Whether the app starts at login.
    Autostart,
    /// The proxy.
    Proxy,
    /// The certificates that are trusted beside the system's.
    Ca,
}
