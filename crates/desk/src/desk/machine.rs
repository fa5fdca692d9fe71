//! What happens to the machine: it wakes, its clock is set, its tray comes and goes, it is examined.

use std::time::Duration;

use deskbell_clock::{Clock, Instant, Timestamp};
use jiff::SignedDuration;
use tokio::sync::oneshot;

use crate::desk::Running;
use crate::desk::tasks::{Done, Part};
use crate::doctor::doctor;
use crate::source::Source;
use crate::subscription::Wish;
use crate::warning::Warning;
use crate::{DoctorReport, Shell};

/// How long a desktop may take to bring its tray: at login some bring it after the apps.
const TRAY_GRACE: Duration = Duration::from_secs(5);

/// Two clocks that are read one after the other, or are slewed, differ by less.
const SET: SignedDuration = SignedDuration::from_secs(2);

/// The PC's wall clock beside the clock that nobody sets.
pub(super) struct PcClock {
    wall: Timestamp,
    steady: Instant,
}

impl PcClock {
    /// Both, as they are now.
    pub(super) fn new(clock: &dyn Clock) -> Self {
        Self {
            wall: clock.now(),
            steady: clock.instant(),
        }
    }

    /// How far the wall clock has been set since it was last looked at; `None` when nobody has set it.
    fn set_by(&mut self, clock: &dyn Clock) -> Option<SignedDuration> {
        let before = std::mem::replace(self, Self::new(clock));
        let passed = self.steady.saturating_since(before.steady);
        let by = self.wall.duration_since(before.wall) - SignedDuration::try_from(passed).unwrap_or_default();
        (by.abs() >= SET).then_some(by)
    }
}

impl<S: Shell> Running<S> {
    /// Nobody is asking, but this is no time to wait.
    pub(super) fn hurry(&mut self) {
        self.lists.hurry();
        self.details.hurry();
        self.hurry_around();
        self.lock.hurry(self.config.clock.instant());
        match &self.subscription {
            Some(subscription) => subscription.wish(Wish::Hurry),
            None => self.subscribe(),
        }
    }

    /// Somebody has set the PC's clock: at the hospital it is as late as before. Where there is no other clock to go by,
    /// it is as late as the PC says.
    pub(super) fn notice_set_clock(&mut self) {
        let Some(by) = self.pc_clock.set_by(&*self.config.clock) else {
            return;
        };
        tracing::info!(seconds = by.as_secs(), "the PC's clock has been set");
        if self.settings.source == Source::Gateway {
            self.inbox.pc_clock_set(by);
            self.link = self.link.moved(by);
        }
    }

    /// There is a tray from now on, or none.
    pub(super) fn tray_host(&mut self, is_there: bool) {
        if is_there {
            self.tray_missed_at = None;
            self.warnings.remove(&Warning::NoTray);
        } else if !self.warnings.contains(&Warning::NoTray) {
            self.tray_missed_at
                .get_or_insert(self.config.clock.instant() + TRAY_GRACE);
        }
    }

    /// An app that is nowhere to be seen shows its window, and says why.
    pub(super) fn stand_in_for_tray(&mut self) {
        if self.tray_missed_at.is_some_and(|due| self.is_due(due)) {
            self.tray_missed_at = None;
            self.warnings.insert(Warning::NoTray);
            self.draw();
            self.shell.open_window();
        }
    }

    /// Has this PC looked at, beside the loop.
    pub(super) fn examine(&mut self, reply: oneshot::Sender<DoctorReport>) {
        let (probing, config) = (self.shell.probe(), self.config.clone());
        self.spawn(Part::Doctor, async move {
            // Whoever asked may have gone.
            let _ = reply.send(doctor(&config, &probing.await).await);
            Done::Examined
        });
    }
}
