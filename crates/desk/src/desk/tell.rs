//! From what had to wait, and what nobody has handled, to the toast that tells it.

use std::time::Duration;

use deskbell_clock::{Instant, Timestamp};
use deskbell_protocol::{OpeningHours, ReservationId};

use crate::bell::{About, Act};
use crate::desk::Running;
use crate::ledger::{Ledger, Repeatable};
use crate::policy::Reason;
use crate::recent::Why;
use crate::{Shell, repeats};

impl<S: Shell> Running<S> {
    /// Tells, once it is time, what waits and what is to ring again: together, by one toast.
    pub(super) fn tell_what_waits(&mut self) {
        let now = self.server_time();
        if self.hush().is_none() {
            let repeats = self.repeats_due(now);
            let due = self.bell.due(self.inbox.is_settled());
            if !repeats.is_empty() || due.is_some_and(|due| self.is_due(due)) {
                self.tell(&repeats, now);
            }
        }
        let next = self.repeatable().iter().map(|one| one.due).min();
        self.repeat_at = next.map(|next| self.looked_at_again(next, now));
    }

    /// What is to ring again now, and with it what is to so soon that it need not come by itself.
    fn repeats_due(&self, now: Timestamp) -> Vec<Repeatable> {
        let may_ring = self.is_open() && self.is_due(self.bell.repeats_not_before(Instant::ORIGIN));
        let mut repeats = self.repeatable();
        if may_ring && repeats.iter().any(|one| one.due <= now) {
            repeats.retain(|one| one.due <= repeats::along(now));
        } else {
            repeats.clear();
        }
        repeats
    }

    fn tell(&mut self, repeats: &[Repeatable], now: Timestamp) {
        let at = self.config.clock.instant();
        let ids: Vec<_> = repeats.iter().map(|one| one.id).collect();
        let telling = self.bell.tell(&ids, at, now, |id| self.inbox.get(id));
        let noted_at = self.now();
        for settled in &telling.settled {
            let why = Why::Quiet(Reason::Handled);
            self.recent.note(noted_at, Some(settled.id), why);
        }
        self.record(&telling.settled);
        for act in &telling.acts {
            if let Act::Ring { about, attempt, .. } = act {
                tracing::debug!(attempt, ?about, "told");
                let (id, why) = match *about {
                    About::Digest {
                        occasion,
                        found,
                        called_off,
                        ..
                    } => (None, Why::Together(occasion, found + called_off)),
                    About::Repeat(id) => {
                        let times = repeats.iter().find(|one| one.id == id);
                        (Some(id), Why::Repeated(times.map_or(1, |one| one.repeated + 1)))
                    }
                    About::New(id) | About::Rescheduled(id) | About::CalledOff(id) | About::Again(id) => {
                        (Some(id), Why::RangLater)
                    }
                    About::Undone { .. } | About::Test => continue,
                };
                self.recent.note(noted_at, id, why);
            }
        }
        self.act(telling.acts);
    }

    /// These have rung again, and are on the screen: so many of their repeats are used up.
    pub(super) fn record_repeats(&mut self, ids: &[ReservationId]) {
        let now = self.server_time();
        let Some(ledger) = &mut self.ledger else { return };
        for id in ids {
            let before = ledger.repeatable().find(|one| one.id == *id);
            if let Some(one) = before {
                let used_up = repeats::used_up(one.told_at, one.repeated, now);
                ledger.repeat(*id, used_up.max(one.repeated + 1));
            }
        }
    }

    /// When the desk wakes for what waits or is to ring again.
    pub(super) fn told_at(&self) -> Option<Instant> {
        if self.hush().is_some() {
            return None;
        }
        let waits = self.bell.due(self.inbox.is_settled());
        waits.into_iter().chain(self.repeat_at).min()
    }

    /// What was told, and what nobody has handled or taken since. Nothing while the desk may not know of it.
    fn repeatable(&self) -> Vec<Repeatable> {
        let knows = self.settings.source.abilities().status && self.inbox.is_settled();
        let waits = |one: &Repeatable| {
            // A claim counts until its end is told: that rings by itself.
            self.inbox
                .get(one.id)
                .is_some_and(|reservation| !reservation.status.is_handled() && reservation.claim.is_none())
                && !self.bell.is_open(one.id)
                && !self.bell.is_repeating(one.id)
        };
        self.ledger
            .iter()
            .filter(|_| knows && self.settings.notifications.repeats)
            .flat_map(Ledger::repeatable)
            .filter(waits)
            .collect()
    }

    /// When something that is due at `next`, while it is `now`, can ring.
    fn looked_at_again(&self, next: Timestamp, now: Timestamp) -> Instant {
        let at = self.config.clock.instant();
        let due = self
            .bell
            .repeats_not_before(at + Duration::try_from(next.duration_since(now)).unwrap_or_default());
        let opens = || {
            let clock = self.inbox.clock()?;
            let minutes = self.hours()?.minutes_to_edge(clock.local(self.now()));
            Some(at + clock.until_minutes_on(minutes, self.now()))
        };
        if self.is_open() {
            due
        } else {
            opens().map_or(due, |opens| opens.max(due))
        }
    }

    /// Whether somebody is there to be reminded: always, where the hospital has never said when.
    fn is_open(&self) -> bool {
        let local = self.inbox.clock().map(|clock| clock.local(self.now()));
        let hours = self.hours();
        local.zip(hours).is_none_or(|(local, hours)| hours.is_open(local))
    }

    fn hours(&self) -> Option<OpeningHours> {
        self.whose.as_ref()?.hospital.hours.as_ref()?.parse().ok()
    }
}
