//! The reservation whose details are open, and the change that can be taken back.

use deskbell_desk::{History, Opened, Screen, UndoOffer};
use deskbell_protocol::{DeskId, Reservation};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::history::HistoryView;
use super::reservation::{ReservationView, StatusCode};

/// The reservation whose details are on the page.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct OpenedView {
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

impl OpenedView {
    pub(super) fn of(opened: &Opened, me: Option<DeskId>) -> Self {
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

/// A change made at this desk that can be taken back with a click.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct UndoView {
    id: String,
    /// Whose; empty where it is in no list.
    name: String,
    from: StatusCode,
    to: StatusCode,
    /// RFC 3339.
    until: String,
}

impl UndoView {
    pub(super) fn of(offer: &UndoOffer, whose: Option<&Reservation>) -> Self {
        Self {
            id: offer.id.to_string(),
            name: whose.map_or_else(String::new, |reservation| reservation.name.as_str().to_owned()),
            from: StatusCode::of(offer.from),
            to: StatusCode::of(offer.to),
            until: offer.until.to_string(),
        }
    }

    /// The offer that stands beside whatever is on the screen.
    pub(super) fn beside(offer: &UndoOffer, screen: &Screen) -> Self {
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
