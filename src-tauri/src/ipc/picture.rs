//! The picture that the page draws, and where the page finds the newest.

use deskbell_desk::Screen;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Manager, State};
use tauri_specta::Event;
use tokio::sync::watch;

use super::bell::BellView;
use super::link::{AbilitiesView, LinkView, PairOfferView, PlaceView, TransportView};
use super::lists::{ArrivalsView, DayView};
use super::opened::{OpenedView, UndoView};
use super::reservation::ReservationView;
use super::settings::{LanguageView, ManagedView, SettingsView};

/// Everything that stands on the page. Sent whole, since a day is small; the page ignores an older `revision`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub(super) struct InboxView {
    /// Grows with each picture.
    revision: u32,
    version: String,
    pub(super) language: LanguageView,
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
    /// By how many minutes the hospital's clock is ahead of the PC's.
    minutes_ahead: i32,
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

impl InboxView {
    pub(super) fn of(screen: &Screen, revision: u32, version: &str) -> Self {
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
            minutes_ahead: screen.minutes_ahead,
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

/// The picture as it is. Asked after listening, so that none is missed.
#[tauri::command]
#[specta::specta]
pub(super) fn screen(newest: State<'_, watch::Receiver<InboxView>>) -> InboxView {
    newest.borrow().clone()
}
