//! The lists beside today's: another day, and what came in lately.

use deskbell_desk::{Arrivals, DayShown, Fetched};
use deskbell_protocol::DeskId;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::reservation::ReservationView;

/// How far a list is that the gateway was asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(super) enum FetchedState {
    Loading,
    Ready,
    Failed,
}

impl FetchedState {
    /// How far it is, and why no farther.
    pub(super) fn of(fetched: &Fetched) -> (Self, Option<String>) {
        match fetched {
            Fetched::Loading => (Self::Loading, None),
            Fetched::Ready => (Self::Ready, None),
            Fetched::Failed(sentence) => (Self::Failed, Some(sentence.clone())),
        }
    }
}

/// Another day that somebody looks at.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct DayView {
    /// `YYYY-MM-DD`.
    date: String,
    reservations: Vec<ReservationView>,
    state: FetchedState,
    /// Why it could not be had, in the user's language.
    failure: Option<String>,
}

impl DayView {
    pub(super) fn of(day: &DayShown, me: Option<DeskId>) -> Self {
        let (state, failure) = FetchedState::of(&day.state);
        Self {
            date: day.date.to_string(),
            reservations: ReservationView::all(&day.reservations, me),
            state,
            failure,
        }
    }
}

/// What came in lately, for whatever date.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct ArrivalsView {
    /// RFC 3339.
    since: String,
    reservations: Vec<ReservationView>,
    state: FetchedState,
    /// Why it could not be had, in the user's language.
    failure: Option<String>,
}

impl ArrivalsView {
    pub(super) fn of(arrivals: &Arrivals, me: Option<DeskId>) -> Self {
        let (state, failure) = FetchedState::of(&arrivals.state);
        Self {
            since: arrivals.since.to_string(),
            reservations: ReservationView::all(&arrivals.reservations, me),
            state,
            failure,
        }
    }
}
