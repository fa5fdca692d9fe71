//! What the page may ask, and the shapes in which it is told: the one file that knows the type generator.
//!
//! Its TypeScript stands in `ui/src/lib/ipc/bindings.ts`; a test fails when that is stale.

use deskbell_desk::{
    Abilities, DeskHandle, DeskRequest, History, Language, Link, Opened, Place, Screen, Transport, UserError,
};
use deskbell_protocol::http::{Actor, HistoryEntry};
use deskbell_protocol::{Claim, HandledBy, Reservation, ReservationId};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Manager, State};
use tauri_specta::{Event, collect_commands, collect_events};
use tokio::sync::{oneshot, watch};

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
    /// RFC 3339: the lists begin here, where the source replays nothing.
    listening_since: Option<String>,
    /// `YYYY-MM-DD` in the hospital's time zone.
    today: Option<String>,
    day: Vec<ReservationView>,
    other_days: Vec<ReservationView>,
    opened: Option<OpenedView>,
    /// Somebody has asked elsewhere to see the settings.
    on_settings: bool,
    settings: SettingsView,
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
            language: match screen.language {
                Language::Ko => LanguageView::Ko,
                Language::En => LanguageView::En,
            },
            abilities: AbilitiesView::of(screen.abilities),
            link: LinkView::of(&screen.link),
            transport: screen.transport.map(TransportView::of),
            listening_since: screen.listening_since.map(|since| since.to_string()),
            place: screen.place.as_ref().map(PlaceView::of),
            today: screen.today.map(|date| date.to_string()),
            day: screen.day.iter().map(ReservationView::of).collect(),
            other_days: screen.other_days.iter().map(ReservationView::of).collect(),
            opened: screen.opened.as_ref().map(OpenedView::of),
            on_settings: screen.on_settings,
            settings: SettingsView {
                autostart: screen.settings.autostart,
                toast_detail: screen.settings.toast_detail,
            },
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
    fn of(reservation: &Reservation) -> Self {
        Self {
            id: reservation.id.to_string(),
            version: u32::try_from(reservation.version).unwrap_or(u32::MAX),
            relationship: reservation.relationship.as_str().to_owned(),
            name: reservation.name.as_str().to_owned(),
            phone: reservation.phone.as_str().to_owned(),
            date: reservation.reservationdate.to_string(),
            time: reservation.reservationtime.to_string(),
            status: StatusCode::of(reservation.status),
            received_at: reservation.received_at.to_string(),
            updated_at: reservation.updated_at.to_string(),
            claim: reservation.claim.as_ref().map(ClaimView::of),
            handled_by: reservation.handled_by.as_ref().map(HandledView::of),
        }
    }
}

impl StatusCode {
    const fn of(status: deskbell_protocol::Status) -> Self {
        use deskbell_protocol::Status;
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
}

impl ClaimView {
    fn of(claim: &Claim) -> Self {
        Self {
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
    fn of(opened: &Opened) -> Self {
        let (history, failure) = match &opened.history {
            History::Loading | History::NotKept => (None, None),
            History::Ready(history) => (Some(history.iter().filter_map(HistoryView::of).collect()), None),
            History::Failed(sentence) => (None, Some(sentence.clone())),
        };
        Self {
            id: opened.id.to_string(),
            reservation: opened.reservation.as_ref().map(ReservationView::of),
            history,
            failure,
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
            open_reservation,
            close_reservation,
            set_autostart,
            set_language,
            set_toast_detail,
            test_toast,
            sign_out,
            close_settings,
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
    let (reply, answer) = oneshot::channel();
    crate::ask(&desk, DeskRequest::Pair { server, code, reply });
    match answer.await {
        Ok(outcome) => outcome.map_err(UserErrorView::from),
        // The desk is on its way out, and the page with it.
        Err(_) => Ok(()),
    }
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
    let language = match language {
        LanguageView::Ko => Language::Ko,
        LanguageView::En => Language::En,
    };
    crate::ask(&desk, DeskRequest::SetLanguage(language));
}

/// Changes how much a toast says.
#[tauri::command]
#[specta::specta]
fn set_toast_detail(desk: State<'_, DeskHandle>, detail: u8) {
    crate::ask(&desk, DeskRequest::SetToastDetail(detail));
}

/// Shows a toast that announces nothing.
#[tauri::command]
#[specta::specta]
fn test_toast(desk: State<'_, DeskHandle>) {
    crate::ask(&desk, DeskRequest::TestToast);
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
