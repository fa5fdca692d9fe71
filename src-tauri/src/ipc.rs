//! What the page may ask, and the shapes in which it is told: the one file that knows the type generator.
//!
//! Its TypeScript stands in `ui/src/lib/ipc/bindings.ts`; a test fails when that is stale.

use deskbell_desk::{
    Abilities, Arrivals, BellShown, DayShown, DeskHandle, DeskRequest, DoctorReport, ErrorCode, Fetched,
    Finding, History, Language, Link, Managed, Notifications, Opened, Outcome, OwnServer, PairOffer,
    PauseFor, Place, QuietSpan, Reply, Screen, ShownSettings, Sound, Theme, Transport, UndoOffer, UserError,
    Verdict,
};
use deskbell_protocol::http::{Actor, HistoryEntry};
use deskbell_protocol::{Claim, DeskId, HandledBy, Reservation, ReservationId, Status};
use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Manager, State, WebviewWindow};
use tauri_specta::{Event, collect_commands, collect_events};
use tokio::sync::{oneshot, watch};

use crate::export;

/// Everything that stands on the page. Sent whole, since a day is small; the page ignores an older `revision`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InboxView {
    /// Grows with each picture.
    revision: u32,
    version: String,
    language: LanguageView,
    abilities: AbilitiesView,
    link: LinkView,
    transport: Option<TransportView>,
    place: Option<PlaceView>,
    /// Who sits at this desk.
    staff: Option<String>,
    /// A pairing that a link has asked for.
    pair_offer: Option<PairOfferView>,
    /// RFC 3339: the lists begin here, where the source replays nothing.
    listening_since: Option<String>,
    /// `YYYY-MM-DD` in the hospital's time zone.
    today: Option<String>,
    /// RFC 3339: the lists are those of then, kept from before.
    as_of: Option<String>,
    day: Vec<ReservationView>,
    other_days: Vec<ReservationView>,
    /// Another day that somebody looks at.
    looked_at: Option<DayView>,
    /// What came in lately, newest first; `None` while nobody looks.
    arrivals: Option<ArrivalsView>,
    opened: Option<OpenedView>,
    /// Somebody has asked elsewhere to see the settings.
    on_settings: bool,
    /// The change made here just now, as long as it can be taken back with a click.
    undo: Option<UndoView>,
    bell: BellView,
    settings: SettingsView,
    /// What the administrator has decided.
    managed: Vec<ManagedView>,
    warnings: Vec<String>,
}

/// The language of every text.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LanguageView {
    #[default]
    Ko,
    En,
}

impl LanguageView {
    const fn of(language: Language) -> Self {
        match language {
            Language::Ko => Self::Ko,
            Language::En => Self::En,
        }
    }

    const fn language(self) -> Language {
        match self {
            Self::Ko => Language::Ko,
            Self::En => Language::En,
        }
    }
}

/// What the source of the reservations can do; the page offers and claims nothing else.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Type)]
pub(crate) struct AbilitiesView {
    /// A reservation has a status, and is somebody's who looks after it.
    status: bool,
    /// It can be told how a reservation came to stand as it does.
    history: bool,
    /// What came in while the desk was away is told when it is back.
    replay: bool,
    /// A desk is paired by a code, and signed out.
    pairing: bool,
}

/// How events travel.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TransportView {
    WebSocket,
    Polling,
}

/// How the desk stands with its server.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
pub(crate) struct LinkView {
    state: LinkState,
    /// RFC 3339.
    since: Option<String>,
    /// A sentence in the user's language.
    reason: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LinkState {
    Unpaired,
    #[default]
    Connecting,
    Live,
    Offline,
    Refused,
}

/// Where this desk stands.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct PlaceView {
    /// `None` where the server knows of no desks.
    hospital: Option<String>,
    timezone: String,
    /// `None` where the server knows of no desks.
    desk: Option<String>,
    server: String,
}

/// One reservation.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReservationView {
    id: String,
    version: u32,
    relationship: String,
    name: String,
    phone: String,
    /// As it may stand where others see it.
    masked_name: String,
    /// As it may stand where others see it.
    masked_phone: String,
    /// `YYYY-MM-DD`.
    date: String,
    /// `HH:MM ~ HH:MM`.
    time: String,
    status: StatusCode,
    received_at: String,
    updated_at: String,
    claim: Option<ClaimView>,
    handled_by: Option<HandledView>,
}

/// FHIR R4 `Appointment.status`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StatusCode {
    Pending,
    Booked,
    Arrived,
    CheckedIn,
    Fulfilled,
    Cancelled,
    #[serde(rename = "noshow")]
    NoShow,
    Waitlist,
    EnteredInError,
}

/// Who is at a reservation.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct ClaimView {
    desk: String,
    staff: Option<String>,
    until: String,
    /// This desk's own.
    mine: bool,
}

/// Who answered a reservation.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct HandledView {
    desk: String,
    staff: Option<String>,
    at: String,
}

/// The reservation whose details are on the page.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct OpenedView {
    id: String,
    /// `None` while it is fetched.
    reservation: Option<ReservationView>,
    /// `None` while it is fetched, and where the source keeps none.
    history: Option<Vec<HistoryView>>,
    /// Why it could not be fetched, in the user's language.
    failure: Option<String>,
    /// Where this desk may move it from here.
    next: Vec<StatusCode>,
    /// What became of it while somebody here was acting on it, as a sentence: another was first.
    conflict: Option<String>,
    /// The last change of its status, made here, as long as it can be taken back.
    undo: Option<UndoView>,
}

/// How far a list is that the gateway was asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FetchedState {
    Loading,
    Ready,
    Failed,
}

/// Another day that somebody looks at.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct DayView {
    /// `YYYY-MM-DD`.
    date: String,
    reservations: Vec<ReservationView>,
    state: FetchedState,
    /// Why it could not be had, in the user's language.
    failure: Option<String>,
}

/// What came in lately, for whatever date.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct ArrivalsView {
    /// RFC 3339.
    since: String,
    reservations: Vec<ReservationView>,
    state: FetchedState,
    /// Why it could not be had, in the user's language.
    failure: Option<String>,
}

/// A change made at this desk that can be taken back with a click.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct UndoView {
    id: String,
    /// Whose; empty where it is in no list.
    name: String,
    from: StatusCode,
    to: StatusCode,
    /// RFC 3339.
    until: String,
}

/// A pairing that a link has asked for and somebody has to agree to.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct PairOfferView {
    server: String,
    /// The hospital that this desk would leave.
    replaces: Option<String>,
}

/// What the bell does and why.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BellView {
    /// RFC 3339: until when somebody wants quiet.
    paused_until: Option<String>,
    /// It is a time of quiet by the settings.
    quiet_now: bool,
    /// What was decided last, newest first.
    recent: Vec<VerdictView>,
}

/// What was decided about a toast, and why.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct VerdictView {
    at: String,
    /// `None` for a digest.
    id: Option<String>,
    rang: bool,
    /// The reason, in the user's language.
    sentence: String,
}

/// One step of a reservation's history.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct HistoryView {
    at: String,
    kind: HistoryKind,
    from: Option<String>,
    to: Option<String>,
    by: HistoryByView,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HistoryKind {
    Created,
    Rescheduled,
    Status,
    Claimed,
    Released,
}

/// Who took a step.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct HistoryByView {
    kind: HistoryByKind,
    desk: Option<String>,
    staff: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HistoryByKind {
    Site,
    Desk,
    System,
}

/// What can be set on the page.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettingsView {
    autostart: bool,
    /// 0 count only, 1 time, 2 masked name and time, 3 everything.
    toast_detail: u8,
    theme: ThemeView,
    notifications: NotificationsView,
}

/// When and how the bell makes itself heard.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotificationsView {
    sound: SoundView,
    /// 0 to 100.
    volume: u8,
    /// What nobody handles rings again.
    repeats: bool,
    quiet_hours: Vec<QuietSpanView>,
}

/// The sound beside a toast.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SoundView {
    #[default]
    Off,
    Bell,
    Chime,
    Knock,
}

/// A time of quiet.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct QuietSpanView {
    /// The days on which it begins: 1 is Monday, 7 Sunday.
    days: Vec<u8>,
    /// `HH:MM`.
    from: String,
    /// `HH:MM`; on the next day where it is not after `from`.
    to: String,
}

/// How the window looks.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ThemeView {
    #[default]
    System,
    Light,
    Dark,
    Contrast,
}

/// A setting that the administrator has decided.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ManagedView {
    Servers,
    ToastDetail,
    QuietHours,
    Autostart,
    Proxy,
    Ca,
}

/// How long somebody wants quiet.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PauseView {
    HalfHour,
    Hour,
    TwoHours,
    UntilTomorrow,
    Over,
}

/// A hospital's own Socket.IO server, as typed.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct OwnServerView {
    url: String,
    namespace: String,
    event: String,
    timezone: String,
}

/// What a look at this PC has found.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct DoctorView {
    ok: bool,
    steps: Vec<FindingView>,
}

/// What was found at one step.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct FindingView {
    /// The step, in the user's language.
    name: String,
    outcome: OutcomeView,
    message: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OutcomeView {
    Ok,
    Failed,
    Skipped,
}

/// Why a wish was not granted.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct UserErrorView {
    code: String,
    /// A sentence in the user's language.
    message: String,
}

impl From<UserError> for UserErrorView {
    fn from(error: UserError) -> Self {
        Self {
            code: error.code.as_str().to_owned(),
            message: error.message,
        }
    }
}

/// The newest picture, for a page that asks and for one that listens.
pub(crate) struct Views(watch::Sender<InboxView>);

impl Views {
    /// Puts an empty picture where the page finds it.
    pub(crate) fn manage(app: &AppHandle) -> Self {
        let (newest, _) = watch::channel(InboxView::default());
        app.manage(newest.subscribe());
        Self(newest)
    }

    /// Makes `screen` the newest picture and tells the page, if there is one.
    pub(crate) fn publish(&self, app: &AppHandle, screen: &Screen) {
        let revision = self.0.borrow().revision.wrapping_add(1);
        let view = InboxView::of(screen, revision, &app.package_info().version.to_string());
        self.0.send_replace(view.clone());
        if let Err(error) = view.emit(app) {
            tracing::warn!(%error, "the page was not told");
        }
    }
}

impl InboxView {
    fn of(screen: &Screen, revision: u32, version: &str) -> Self {
        Self {
            revision,
            version: version.to_owned(),
            language: LanguageView::of(screen.language),
            abilities: AbilitiesView::of(screen.abilities),
            link: LinkView::of(&screen.link),
            transport: screen.transport.map(TransportView::of),
            listening_since: screen.listening_since.map(|since| since.to_string()),
            place: screen.place.as_ref().map(PlaceView::of),
            today: screen.today.map(|date| date.to_string()),
            staff: screen.staff.clone(),
            pair_offer: screen.pair_offer.as_ref().map(PairOfferView::of),
            as_of: screen.as_of.map(|then| then.to_string()),
            day: ReservationView::all(&screen.day, screen.me),
            other_days: ReservationView::all(&screen.other_days, screen.me),
            looked_at: screen.looked_at.as_ref().map(|day| DayView::of(day, screen.me)),
            arrivals: screen
                .arrivals
                .as_ref()
                .map(|arrivals| ArrivalsView::of(arrivals, screen.me)),
            opened: screen
                .opened
                .as_ref()
                .map(|opened| OpenedView::of(opened, screen.me)),
            undo: screen.undo.as_ref().map(|offer| UndoView::beside(offer, screen)),
            bell: BellView::of(&screen.bell),
            on_settings: screen.on_settings,
            settings: SettingsView::of(&screen.settings),
            managed: screen.managed.iter().copied().map(ManagedView::of).collect(),
            warnings: screen.warnings.clone(),
        }
    }
}

impl AbilitiesView {
    const fn of(abilities: Abilities) -> Self {
        let Abilities {
            status,
            history,
            replay,
            pairing,
        } = abilities;
        Self {
            status,
            history,
            replay,
            pairing,
        }
    }
}

impl TransportView {
    const fn of(transport: Transport) -> Self {
        match transport {
            Transport::WebSocket => Self::WebSocket,
            Transport::Polling => Self::Polling,
        }
    }
}

impl LinkView {
    fn of(link: &Link) -> Self {
        let (state, since, reason) = match link {
            Link::Unpaired => (LinkState::Unpaired, None, None),
            Link::Connecting { since } => (LinkState::Connecting, Some(since), None),
            Link::Live => (LinkState::Live, None, None),
            Link::Offline { since, reason } => (LinkState::Offline, Some(since), Some(reason)),
            Link::Refused { reason } => (LinkState::Refused, None, Some(reason)),
        };
        Self {
            state,
            since: since.map(ToString::to_string),
            reason: reason.cloned(),
        }
    }
}

impl PlaceView {
    fn of(place: &Place) -> Self {
        Self {
            hospital: place.paired.as_ref().map(|paired| paired.hospital.clone()),
            timezone: place.timezone.clone(),
            desk: place.paired.as_ref().map(|paired| paired.desk.clone()),
            server: place.server.to_string(),
        }
    }
}

impl ReservationView {
    fn all(reservations: &[Reservation], me: Option<DeskId>) -> Vec<Self> {
        reservations
            .iter()
            .map(|reservation| Self::of(reservation, me))
            .collect()
    }

    fn of(reservation: &Reservation, me: Option<DeskId>) -> Self {
        Self {
            id: reservation.id.to_string(),
            version: u32::try_from(reservation.version).unwrap_or(u32::MAX),
            relationship: reservation.relationship.as_str().to_owned(),
            name: reservation.name.as_str().to_owned(),
            phone: reservation.phone.as_str().to_owned(),
            masked_name: reservation.name.masked(),
            masked_phone: reservation.phone.masked(),
            date: reservation.reservationdate.to_string(),
            time: reservation.reservationtime.to_string(),
            status: StatusCode::of(reservation.status),
            received_at: reservation.received_at.to_string(),
            updated_at: reservation.updated_at.to_string(),
            claim: reservation.claim.as_ref().map(|claim| ClaimView::of(claim, me)),
            handled_by: reservation.handled_by.as_ref().map(HandledView::of),
        }
    }
}

impl StatusCode {
    const fn of(status: Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::Booked => Self::Booked,
            Status::Arrived => Self::Arrived,
            Status::CheckedIn => Self::CheckedIn,
            Status::Fulfilled => Self::Fulfilled,
            Status::Cancelled => Self::Cancelled,
            Status::NoShow => Self::NoShow,
            Status::Waitlist => Self::Waitlist,
            Status::EnteredInError => Self::EnteredInError,
        }
    }

    const fn status(self) -> Status {
        match self {
            Self::Pending => Status::Pending,
            Self::Booked => Status::Booked,
            Self::Arrived => Status::Arrived,
            Self::CheckedIn => Status::CheckedIn,
            Self::Fulfilled => Status::Fulfilled,
            Self::Cancelled => Status::Cancelled,
            Self::NoShow => Status::NoShow,
            Self::Waitlist => Status::Waitlist,
            Self::EnteredInError => Status::EnteredInError,
        }
    }
}

impl ClaimView {
    fn of(claim: &Claim, me: Option<DeskId>) -> Self {
        Self {
            mine: me == Some(claim.desk.id),
            desk: claim.desk.name.clone(),
            staff: claim.staff.clone(),
            until: claim.until.to_string(),
        }
    }
}

impl HandledView {
    fn of(handled: &HandledBy) -> Self {
        Self {
            desk: handled.desk.name.clone(),
            staff: handled.staff.clone(),
            at: handled.at.to_string(),
        }
    }
}

impl OpenedView {
    fn of(opened: &Opened, me: Option<DeskId>) -> Self {
        let (history, failure) = match &opened.history {
            History::Loading | History::NotKept => (None, None),
            History::Ready(history) => (Some(history.iter().filter_map(HistoryView::of).collect()), None),
            History::Failed(sentence) => (None, Some(sentence.clone())),
        };
        Self {
            id: opened.id.to_string(),
            reservation: opened
                .reservation
                .as_ref()
                .map(|reservation| ReservationView::of(reservation, me)),
            history,
            failure,
            next: opened.next.iter().copied().map(StatusCode::of).collect(),
            conflict: opened.conflict.clone(),
            undo: opened
                .undo
                .as_ref()
                .map(|offer| UndoView::of(offer, opened.reservation.as_ref())),
        }
    }
}

impl FetchedState {
    /// How far it is, and why no farther.
    fn of(fetched: &Fetched) -> (Self, Option<String>) {
        match fetched {
            Fetched::Loading => (Self::Loading, None),
            Fetched::Ready => (Self::Ready, None),
            Fetched::Failed(sentence) => (Self::Failed, Some(sentence.clone())),
        }
    }
}

impl DayView {
    fn of(day: &DayShown, me: Option<DeskId>) -> Self {
        let (state, failure) = FetchedState::of(&day.state);
        Self {
            date: day.date.to_string(),
            reservations: ReservationView::all(&day.reservations, me),
            state,
            failure,
        }
    }
}

impl ArrivalsView {
    fn of(arrivals: &Arrivals, me: Option<DeskId>) -> Self {
        let (state, failure) = FetchedState::of(&arrivals.state);
        Self {
            since: arrivals.since.to_string(),
            reservations: ReservationView::all(&arrivals.reservations, me),
            state,
            failure,
        }
    }
}

impl UndoView {
    fn of(offer: &UndoOffer, whose: Option<&Reservation>) -> Self {
        Self {
            id: offer.id.to_string(),
            name: whose.map_or_else(String::new, |reservation| reservation.name.as_str().to_owned()),
            from: StatusCode::of(offer.from),
            to: StatusCode::of(offer.to),
            until: offer.until.to_string(),
        }
    }

    /// The offer that stands beside whatever is on the screen.
    fn beside(offer: &UndoOffer, screen: &Screen) -> Self {
        let opened = screen
            .opened
            .as_ref()
            .and_then(|opened| opened.reservation.as_ref());
        let looked_at = screen.looked_at.iter().flat_map(|day| &day.reservations);
        let arrivals = screen.arrivals.iter().flat_map(|arrivals| &arrivals.reservations);
        let whose = opened
            .into_iter()
            .chain(&screen.day)
            .chain(&screen.other_days)
            .chain(looked_at)
            .chain(arrivals)
            .find(|reservation| reservation.id == offer.id);
        Self::of(offer, whose)
    }
}

impl PairOfferView {
    fn of(offer: &PairOffer) -> Self {
        Self {
            server: offer.server.to_string(),
            replaces: offer.replaces.clone(),
        }
    }
}

impl BellView {
    fn of(bell: &BellShown) -> Self {
        Self {
            paused_until: bell.paused_until.map(|until| until.to_string()),
            quiet_now: bell.quiet_now,
            recent: bell.recent.iter().map(VerdictView::of).collect(),
        }
    }
}

impl VerdictView {
    fn of(verdict: &Verdict) -> Self {
        Self {
            at: verdict.at.to_string(),
            id: verdict.id.map(|id| id.to_string()),
            rang: verdict.rang,
            sentence: verdict.sentence.clone(),
        }
    }
}

impl SettingsView {
    fn of(settings: &ShownSettings) -> Self {
        Self {
            autostart: settings.autostart,
            toast_detail: settings.toast_detail,
            theme: ThemeView::of(settings.theme),
            notifications: NotificationsView::of(&settings.notifications),
        }
    }
}

impl NotificationsView {
    fn of(notifications: &Notifications) -> Self {
        Self {
            sound: SoundView::of(notifications.sound),
            volume: notifications.volume,
            repeats: notifications.repeats,
            quiet_hours: notifications.quiet_hours.iter().map(QuietSpanView::of).collect(),
        }
    }

    /// What was chosen; `None` where a span is none.
    fn chosen(self) -> Option<Notifications> {
        Some(Notifications {
            sound: self.sound.sound(),
            volume: self.volume.min(100),
            repeats: self.repeats,
            quiet_hours: self
                .quiet_hours
                .iter()
                .map(QuietSpanView::span)
                .collect::<Option<_>>()?,
        })
    }
}

impl SoundView {
    const fn of(sound: Option<Sound>) -> Self {
        match sound {
            None => Self::Off,
            Some(Sound::Bell) => Self::Bell,
            Some(Sound::Chime) => Self::Chime,
            Some(Sound::Knock) => Self::Knock,
        }
    }

    const fn sound(self) -> Option<Sound> {
        match self {
            Self::Off => None,
            Self::Bell => Some(Sound::Bell),
            Self::Chime => Some(Sound::Chime),
            Self::Knock => Some(Sound::Knock),
        }
    }
}

impl QuietSpanView {
    fn of(span: &QuietSpan) -> Self {
        let day = |day: &Weekday| u8::try_from(day.to_monday_one_offset()).unwrap_or(1);
        Self {
            days: span.days.iter().map(day).collect(),
            from: span.from.strftime("%H:%M").to_string(),
            to: span.to.strftime("%H:%M").to_string(),
        }
    }

    fn span(&self) -> Option<QuietSpan> {
        let time = |text: &str| Time::strptime("%H:%M", text).ok();
        let day = |day: &u8| Weekday::from_monday_one_offset(i8::try_from(*day).ok()?).ok();
        Some(QuietSpan {
            days: self.days.iter().map(day).collect::<Option<_>>()?,
            from: time(&self.from)?,
            to: time(&self.to)?,
        })
    }
}

impl ThemeView {
    const fn of(theme: Theme) -> Self {
        match theme {
            Theme::System => Self::System,
            Theme::Light => Self::Light,
            Theme::Dark => Self::Dark,
            Theme::Contrast => Self::Contrast,
        }
    }

    const fn theme(self) -> Theme {
        match self {
            Self::System => Theme::System,
            Self::Light => Theme::Light,
            Self::Dark => Theme::Dark,
            Self::Contrast => Theme::Contrast,
        }
    }
}

impl ManagedView {
    const fn of(managed: Managed) -> Self {
        match managed {
            Managed::Servers => Self::Servers,
            Managed::ToastDetail => Self::ToastDetail,
            Managed::QuietHours => Self::QuietHours,
            Managed::Autostart => Self::Autostart,
            Managed::Proxy => Self::Proxy,
            Managed::Ca => Self::Ca,
        }
    }
}

impl PauseView {
    const fn length(self) -> PauseFor {
        match self {
            Self::HalfHour => PauseFor::Minutes(30),
            Self::Hour => PauseFor::Minutes(60),
            Self::TwoHours => PauseFor::Minutes(120),
            Self::UntilTomorrow => PauseFor::UntilTomorrow,
            Self::Over => PauseFor::Over,
        }
    }
}

impl DoctorView {
    fn of(report: &DoctorReport) -> Self {
        Self {
            ok: report.is_ok(),
            steps: report
                .findings()
                .iter()
                .map(|finding| FindingView::of(finding, report.name_of(finding.step)))
                .collect(),
        }
    }
}

impl FindingView {
    fn of(finding: &Finding, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            outcome: match finding.outcome {
                Outcome::Ok => OutcomeView::Ok,
                Outcome::Failed => OutcomeView::Failed,
                Outcome::Skipped => OutcomeView::Skipped,
            },
            message: finding.message.clone(),
        }
    }
}

impl HistoryView {
    /// `None` for a kind of step that a newer gateway knows and this page has no words for.
    fn of(entry: &HistoryEntry) -> Option<Self> {
        let step = match entry.kind.as_str() {
            "created" => HistoryKind::Created,
            "rescheduled" => HistoryKind::Rescheduled,
            "status" => HistoryKind::Status,
            "claimed" => HistoryKind::Claimed,
            "released" => HistoryKind::Released,
            _ => return None,
        };
        let (kind, desk, staff) = match &entry.by {
            Actor::Site => (HistoryByKind::Site, None, None),
            Actor::Desk { desk, staff } => (HistoryByKind::Desk, Some(desk.name.clone()), staff.clone()),
            Actor::System => (HistoryByKind::System, None, None),
        };
        Some(Self {
            at: entry.at.to_string(),
            kind: step,
            from: entry.from.clone(),
            to: entry.to.clone(),
            by: HistoryByView { kind, desk, staff },
        })
    }
}

/// The commands and events of the page.
pub(crate) fn commands() -> tauri_specta::Builder<tauri::Wry> {
    tauri_specta::Builder::new()
        // One type per shape: what is sent is what is read.
        .disable_serde_phases()
        .commands(collect_commands![
            screen,
            pair,
            answer_pair_offer,
            use_own_server,
            open_reservation,
            close_reservation,
            claim,
            release,
            set_status,
            undo,
            set_staff,
            look_at,
            show_arrivals,
            export_day,
            set_autostart,
            set_language,
            set_theme,
            set_toast_detail,
            set_notifications,
            pause,
            test_toast,
            doctor,
            quit,
            sign_out,
            close_settings,
            print_page,
            set_fullscreen,
        ])
        .events(collect_events![InboxView])
}

/// The picture as it is. Asked after listening, so that none is missed.
#[tauri::command]
#[specta::specta]
fn screen(newest: State<'_, watch::Receiver<InboxView>>) -> InboxView {
    newest.borrow().clone()
}

/// Pairs this desk with its hospital.
#[tauri::command]
#[specta::specta]
async fn pair(desk: State<'_, DeskHandle>, server: String, code: String) -> Result<(), UserErrorView> {
    granted(&desk, |reply| DeskRequest::Pair { server, code, reply }).await
}

/// Hands a wish over and waits for what becomes of it.
async fn granted<T: Default>(
    desk: &DeskHandle,
    wish: impl FnOnce(Reply<T>) -> DeskRequest,
) -> Result<T, UserErrorView> {
    let (reply, answer) = oneshot::channel();
    crate::ask(desk, wish(reply));
    match answer.await {
        Ok(outcome) => outcome.map_err(UserErrorView::from),
        // The desk is on its way out, and the page with it.
        Err(_) => Ok(T::default()),
    }
}

/// The id that the page names.
fn id_of(text: &str) -> Result<ReservationId, UserErrorView> {
    text.parse().map_err(|_| {
        tracing::warn!("the page asked for a reservation by no id");
        UserErrorView {
            code: ErrorCode::Internal.as_str().to_owned(),
            message: String::new(),
        }
    })
}

/// Agrees to the pairing that a link has asked for, or does not.
#[tauri::command]
#[specta::specta]
async fn answer_pair_offer(desk: State<'_, DeskHandle>, agreed: bool) -> Result<(), UserErrorView> {
    granted(&desk, |reply| DeskRequest::AnswerPairOffer { agreed, reply }).await
}

/// Takes reservations from a hospital's own Socket.IO server.
#[tauri::command]
#[specta::specta]
async fn use_own_server(desk: State<'_, DeskHandle>, server: OwnServerView) -> Result<(), UserErrorView> {
    let OwnServerView {
        url,
        namespace,
        event,
        timezone,
    } = server;
    let server = OwnServer {
        url,
        namespace,
        event,
        timezone,
    };
    granted(&desk, |reply| DeskRequest::UseSocketIo { server, reply }).await
}

/// Claims a reservation for this desk, or renews its claim.
#[tauri::command]
#[specta::specta]
async fn claim(desk: State<'_, DeskHandle>, id: String) -> Result<(), UserErrorView> {
    let id = id_of(&id)?;
    granted(&desk, |reply| DeskRequest::Claim { id, reply }).await
}

/// Gives this desk's claim back.
#[tauri::command]
#[specta::specta]
async fn release(desk: State<'_, DeskHandle>, id: String) -> Result<(), UserErrorView> {
    let id = id_of(&id)?;
    granted(&desk, |reply| DeskRequest::Release { id, reply }).await
}

/// Moves a reservation on; with `overrides` also where another desk holds the claim.
#[tauri::command]
#[specta::specta]
async fn set_status(
    desk: State<'_, DeskHandle>,
    id: String,
    status: StatusCode,
    overrides: bool,
) -> Result<(), UserErrorView> {
    let (id, status) = (id_of(&id)?, status.status());
    granted(&desk, |reply| DeskRequest::SetStatus {
        id,
        status,
        overrides,
        reply,
    })
    .await
}

/// Takes the last change of a reservation's status back.
#[tauri::command]
#[specta::specta]
async fn undo(desk: State<'_, DeskHandle>, id: String) -> Result<(), UserErrorView> {
    let id = id_of(&id)?;
    granted(&desk, |reply| DeskRequest::Undo { id, reply }).await
}

/// Says who sits at this desk from now on.
#[tauri::command]
#[specta::specta]
fn set_staff(desk: State<'_, DeskHandle>, staff: Option<String>) {
    crate::ask(&desk, DeskRequest::SetStaff(staff));
}

/// Looks at another day, `YYYY-MM-DD`; at today without one.
#[tauri::command]
#[specta::specta]
fn look_at(desk: State<'_, DeskHandle>, date: Option<String>) {
    match date.map(|date| date.parse::<Date>()).transpose() {
        Ok(date) => crate::ask(&desk, DeskRequest::LookAt(date)),
        Err(_) => tracing::warn!("the page asked for a day by no date"),
    }
}

/// Looks at what came in lately, or no longer.
#[tauri::command]
#[specta::specta]
fn show_arrivals(desk: State<'_, DeskHandle>, on: bool) {
    crate::ask(&desk, DeskRequest::ShowArrivals(on));
}

/// Opens a reservation's details.
#[tauri::command]
#[specta::specta]
fn open_reservation(desk: State<'_, DeskHandle>, id: String) {
    match id.parse::<ReservationId>() {
        Ok(id) => crate::ask(&desk, DeskRequest::OpenReservation(id)),
        Err(_) => tracing::warn!("the page asked for a reservation by no id"),
    }
}

/// Closes the details.
#[tauri::command]
#[specta::specta]
fn close_reservation(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::CloseReservation);
}

/// Starts the app at login from now on, or no more.
#[tauri::command]
#[specta::specta]
fn set_autostart(desk: State<'_, DeskHandle>, on: bool) {
    crate::ask(&desk, DeskRequest::SetAutostart(on));
}

/// Changes the language of every text.
#[tauri::command]
#[specta::specta]
fn set_language(desk: State<'_, DeskHandle>, language: LanguageView) {
    crate::ask(&desk, DeskRequest::SetLanguage(language.language()));
}

/// Changes how much a toast says.
#[tauri::command]
#[specta::specta]
fn set_toast_detail(desk: State<'_, DeskHandle>, detail: u8) {
    crate::ask(&desk, DeskRequest::SetToastDetail(detail));
}

/// Changes how the window looks.
#[tauri::command]
#[specta::specta]
fn set_theme(desk: State<'_, DeskHandle>, theme: ThemeView) {
    crate::ask(&desk, DeskRequest::SetTheme(theme.theme()));
}

/// Changes when and how the bell makes itself heard.
#[tauri::command]
#[specta::specta]
fn set_notifications(desk: State<'_, DeskHandle>, notifications: NotificationsView) {
    match notifications.chosen() {
        Some(notifications) => crate::ask(&desk, DeskRequest::SetNotifications(notifications)),
        None => tracing::warn!("the page asked for quiet at no time"),
    }
}

/// Wants quiet for a while, or no longer.
#[tauri::command]
#[specta::specta]
fn pause(desk: State<'_, DeskHandle>, length: PauseView) {
    crate::ask(&desk, DeskRequest::Pause(length.length()));
}

/// Looks at everything between this PC and its reservations; half a minute at most.
#[tauri::command]
#[specta::specta]
async fn doctor(desk: State<'_, DeskHandle>) -> Result<DoctorView, UserErrorView> {
    let (reply, answer) = oneshot::channel();
    crate::ask(&desk, DeskRequest::Doctor { reply });
    let report = answer.await.map_err(|_| UserErrorView {
        code: ErrorCode::Internal.as_str().to_owned(),
        message: String::new(),
    })?;
    Ok(DoctorView::of(&report))
}

/// Saves a day's list, `YYYY-MM-DD`, as CSV where the person chooses; gives the file's name, or nothing where they choose
/// none. The gateway notes the reason.
#[tauri::command]
#[specta::specta]
async fn export_day(
    window: WebviewWindow,
    desk: State<'_, DeskHandle>,
    newest: State<'_, watch::Receiver<InboxView>>,
    date: String,
    reason: String,
    masked: bool,
) -> Result<Option<String>, UserErrorView> {
    let language = newest.borrow().language.language();
    let failed = |code| UserErrorView::from(UserError::new(code, language));
    let date: Date = date.parse().map_err(|_| failed(ErrorCode::Internal))?;
    let Some(path) = export::ask_where(&window, format!("deskbell-{date}.csv")).await else {
        return Ok(None);
    };
    let text = granted(&desk, |reply| DeskRequest::Export {
        date,
        reason,
        masked,
        reply,
    })
    .await?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    export::write(path, text).await.map_err(|error| {
        tracing::error!(kind = ?error.kind(), "an export cannot be written");
        failed(ErrorCode::FileNotWritten)
    })?;
    Ok(name)
}

/// Prints what the window shows, by the system's own dialogue.
#[tauri::command]
#[specta::specta]
fn print_page(window: WebviewWindow) {
    if let Err(error) = window.print() {
        tracing::error!(%error, "the window cannot be printed");
    }
}

/// Fills the screen, or no longer.
#[tauri::command]
#[specta::specta]
fn set_fullscreen(window: WebviewWindow, on: bool) {
    if let Err(error) = window.set_fullscreen(on) {
        tracing::warn!(%error, on, "the window does not fill the screen");
    }
}

/// Shows a toast that announces nothing.
#[tauri::command]
#[specta::specta]
fn test_toast(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::TestToast);
}

/// Ends the app: where there is no tray, nothing else can.
#[tauri::command]
#[specta::specta]
fn quit(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::Quit);
}

/// Forgets the hospital on this desk.
#[tauri::command]
#[specta::specta]
fn sign_out(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::SignOut);
}

/// The settings that somebody has asked for elsewhere are no longer on the page.
#[tauri::command]
#[specta::specta]
fn close_settings(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::CloseSettings);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use specta_typescript::Typescript;

    use super::*;

    /// Writes the bindings anew with `DESKBELL_WRITE_BINDINGS=1 cargo test -p deskbell bindings`.
    #[test]
    fn the_bindings_of_the_page_are_not_stale() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/lib/ipc/bindings.ts");
        let header = "// Generated from src-tauri/src/ipc.rs; see the test there.\n/* eslint-disable */\n";
        if std::env::var_os("DESKBELL_WRITE_BINDINGS").is_some() {
            commands()
                .export(Typescript::default().header(header), &kept)
                .unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join("bindings.ts");
        commands()
            .export(Typescript::default().header(header), &fresh)
            .unwrap();
        let [kept, fresh] = [kept, fresh].map(|file| std::fs::read_to_string(file).unwrap());
        assert!(
            kept == fresh,
            "stale: run DESKBELL_WRITE_BINDINGS=1 cargo test -p deskbell bindings"
        );
    }
}
