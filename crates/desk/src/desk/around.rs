//! Looking around: another day's list, and what came in lately.

use std::collections::BTreeMap;
use std::time::Duration;

use deskbell_clock::{Instant, Timestamp};
use deskbell_protocol::http::ReservationList;
use deskbell_protocol::{Reservation, ReservationId};
use jiff::civil::Date;

use crate::desk::Running;
use crate::desk::fetch::Fetch;
use crate::desk::tasks::{Done, Part};
use crate::gateway::FetchError;
use crate::source::Source;
use crate::warning::Warning;
use crate::{Arrivals, DayShown, Fetched, Shell};

/// How far back what came in is looked at: on a Monday morning, to Friday's.
const LATELY: Duration = Duration::from_hours(72);

/// So many of what came in are shown, the newest.
const MOST_ARRIVALS: usize = 500;

/// A list beside the day's own that somebody looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// All of a day.
    Day(Date),
    /// All that was received since then.
    Since(Timestamp),
}

impl View {
    fn holds(self, reservation: &Reservation) -> bool {
        match self {
            Self::Day(date) => reservation.reservationdate == date,
            Self::Since(instant) => reservation.received_at >= instant,
        }
    }

    /// The part of the app that fetches it.
    const fn part(self) -> Part {
        match self {
            Self::Day(_) => Part::Day,
            Self::Since(_) => Part::Arrivals,
        }
    }
}

/// A view and what is known of it.
#[derive(Debug)]
pub(super) struct Around {
    view: View,
    /// What the gateway told last. What has happened since then is in the inbox.
    list: Option<ReservationList>,
    failed: bool,
    /// Whether it must be asked: nothing that is known or under way holds all of it.
    outdated: bool,
    fetch: Fetch,
}

impl Around {
    fn new(view: View) -> Self {
        Self {
            view,
            list: None,
            failed: false,
            outdated: true,
            fetch: Fetch::default(),
        }
    }

    fn fetched(&self, language: crate::Language) -> Fetched {
        match (&self.list, self.failed) {
            (_, true) => Fetched::Failed(language.warning(Warning::ListsFail).to_owned()),
            (Some(_), false) => Fetched::Ready,
            (None, false) => Fetched::Loading,
        }
    }
}

impl<S: Shell> Running<S> {
    /// Looks at another day, or at today again.
    pub(super) fn look_at(&mut self, date: Option<Date>) {
        let today = self.inbox.clock().map(|clock| clock.today(self.now()));
        let view = date.filter(|date| Some(*date) != today).map(View::Day);
        turn_to(&mut self.other_day, view);
        // Who asks again does not wait any longer.
        self.hurry_around();
    }

    /// Looks at what came in lately, or no longer.
    pub(super) fn show_arrivals(&mut self, on: bool) {
        let now = self.server_time();
        let since = now.saturating_sub(LATELY).unwrap_or(now);
        // Turned on twice, it stays as it is.
        if !on || self.arrivals.is_none() {
            turn_to(&mut self.arrivals, on.then_some(View::Since(since)));
        }
        self.hurry_around();
    }

    /// Nobody looks any more.
    pub(super) fn look_away(&mut self) {
        turn_to(&mut self.other_day, None);
        turn_to(&mut self.arrivals, None);
    }

    fn arounds(&mut self) -> impl Iterator<Item = &mut Around> {
        self.other_day.iter_mut().chain(&mut self.arrivals)
    }

    /// The inbox has begun anew: what it knew of days that are not its own, it knows no more.
    pub(super) fn look_around_again(&mut self) {
        self.arounds().for_each(|around| around.outdated = true);
    }

    pub(super) fn hurry_around(&mut self) {
        self.arounds().for_each(|around| around.fetch.hurry());
    }

    pub(super) fn around_retry_at(&self) -> Option<Instant> {
        let arounds = self.other_day.iter().chain(&self.arrivals);
        arounds.filter_map(|around| around.fetch.retry_at()).min()
    }

    /// Fetches what is looked at where it is outdated.
    pub(super) fn fetch_around(&mut self) {
        let Some(gateway) = self.gateway() else {
            return;
        };
        let instant = self.config.clock.instant();
        let due: Vec<View> = self
            .arounds()
            .filter(|around| around.outdated && around.fetch.is_free(instant))
            .map(|around| {
                around.outdated = false;
                around.view
            })
            .collect();
        for view in due {
            let gateway = gateway.clone();
            let task = self.spawn(view.part(), async move {
                let list = match view {
                    View::Day(date) => gateway.day(date).await,
                    View::Since(instant) => gateway.received_since(instant).await,
                };
                Done::Around(view, list)
            });
            if let Some(around) = self.around(view.part()) {
                around.fetch.began(task);
            }
        }
    }

    pub(super) fn around_came(&mut self, view: View, outcome: Result<ReservationList, FetchError>) {
        let Some(around) = self.around(view.part()).filter(|around| around.view == view) else {
            return;
        };
        match outcome {
            Ok(list) => {
                around.list = Some(list);
                around.failed = false;
                around.fetch.drop_it();
            }
            Err(error) => {
                tracing::warn!(%error, ?view, "a list cannot be fetched");
                self.around_failed(view.part());
            }
        }
    }

    /// The list was not told: it is asked for again after a while.
    pub(super) fn around_failed(&mut self, part: Part) {
        let config = self.config.clone();
        if let Some(around) = self.around(part) {
            around.failed = true;
            around.outdated = true;
            around.fetch.failed(&config);
        }
    }

    fn around(&mut self, part: Part) -> Option<&mut Around> {
        self.arounds().find(|around| around.view.part() == part)
    }

    pub(super) fn day_shown(&self) -> Option<DayShown> {
        let around = self.other_day.as_ref()?;
        let View::Day(date) = around.view else {
            return None;
        };
        let mut reservations = self.known_of(around);
        reservations.sort_by_key(|r| (r.reservationtime, r.received_at, r.id));
        Some(DayShown {
            date,
            reservations,
            state: self.state_of(around),
        })
    }

    pub(super) fn arrivals_shown(&self) -> Option<Arrivals> {
        let around = self.arrivals.as_ref()?;
        let View::Since(since) = around.view else {
            return None;
        };
        let mut reservations = self.known_of(around);
        reservations.sort_by_key(|r| std::cmp::Reverse((r.received_at, r.id)));
        reservations.truncate(MOST_ARRIVALS);
        Some(Arrivals {
            since,
            reservations,
            state: self.state_of(around),
        })
    }

    fn state_of(&self, around: &Around) -> Fetched {
        match self.settings.source {
            Source::Gateway => around.fetched(self.language()),
            // All that is known of such a source is what was heard.
            Source::SocketIo(_) | Source::Wrong(_) => Fetched::Ready,
        }
    }

    /// What the gateway told, as it stands now, and what has come in since.
    fn known_of(&self, around: &Around) -> Vec<Reservation> {
        let epoch = self.inbox.cursor().map(|cursor| &cursor.epoch);
        let told = around
            .list
            .as_ref()
            .filter(|list| Some(&list.position.epoch) == epoch);
        let told = told.into_iter().flat_map(|list| &list.reservations);
        let mut known: BTreeMap<ReservationId, &Reservation> = BTreeMap::new();
        for reservation in told.chain(self.inbox.all()) {
            let known = known.entry(reservation.id).or_insert(reservation);
            if reservation.seq > known.seq {
                *known = reservation;
            }
        }
        known
            .into_values()
            .filter(|reservation| around.view.holds(reservation))
            .cloned()
            .collect()
    }
}

/// The same view stays as it is.
fn turn_to(place: &mut Option<Around>, view: Option<View>) {
    if place.as_ref().map(|around| around.view) == view {
        return;
    }
    if let Some(around) = place {
        around.fetch.drop_it();
    }
    *place = view.map(Around::new);
}
