//! Times in which nothing rings: a person's pause, and the quiet hours of the settings.

use std::time::Duration;

use deskbell_clock::Instant;

use crate::desk::Running;
use crate::hush::{Hush, Pause};
use crate::{BellShown, PauseFor, Shell};

impl<S: Shell> Running<S> {
    /// Why nothing rings for now.
    pub(super) fn hush(&self) -> Option<Hush> {
        let paused = self.pause.is_some_and(|pause| !self.is_due(pause.until));
        let quiet = || self.is_quiet_hour().then_some(Hush::QuietHours);
        paused.then_some(Hush::Pause).or_else(quiet)
    }

    /// Without the hospital's clock nobody can tell, and nothing comes either.
    fn is_quiet_hour(&self) -> bool {
        self.inbox.clock().is_some_and(|clock| {
            let local = clock.local(self.now());
            self.settings
                .notifications
                .quiet
                .iter()
                .any(|span| span.covers(local))
        })
    }

    pub(super) fn pause(&mut self, pause: PauseFor) {
        let now = self.now();
        let lasts = match pause {
            PauseFor::Over => None,
            PauseFor::Minutes(minutes) => Some(Duration::from_mins(minutes.into())),
            // Before a server has answered, the PC's day counts for a day.
            PauseFor::UntilTomorrow => Some(
                self.inbox
                    .clock()
                    .map_or(Duration::from_hours(24), |clock| clock.until_tomorrow(now)),
            ),
        };
        self.pause = lasts.map(|lasts| Pause {
            until: self.config.clock.instant() + lasts,
            shown: now + lasts,
        });
        tracing::debug!(?pause, "the bell was paused");
    }

    /// A pause whose time has come is over.
    pub(super) fn end_pause(&mut self) {
        if self.pause.is_some_and(|pause| self.is_due(pause.until)) {
            self.pause = None;
        }
    }

    /// When nothing rings any more, or something again.
    pub(super) fn hush_changes_at(&self) -> Option<Instant> {
        let now = self.now();
        let edge = self.inbox.clock().and_then(|clock| {
            let local = clock.local(now);
            let spans = self.settings.notifications.quiet.iter();
            let minutes = spans.map(|span| span.minutes_to_edge(local)).min()?;
            Some(self.config.clock.instant() + clock.until_minutes_on(minutes, now))
        });
        let paused = self.pause.map(|pause| pause.until);
        edge.into_iter().chain(paused).min()
    }

    /// What the bell does and why.
    pub(super) fn bell_shown(&self) -> BellShown {
        BellShown {
            paused_until: self.pause.map(|pause| pause.shown),
            quiet_now: self.is_quiet_hour(),
            recent: self.recent.told_in(self.language()),
        }
    }
}
