//! The last known day: kept while the desk is in step, shown when a start finds no gateway.

use std::time::Duration;

use deskbell_clock::{Instant, Timestamp};
use deskbell_protocol::Position;
use jiff::civil::Date;

use crate::desk::Running;
use crate::desk::tasks::{Done, Part};
use crate::hospital_clock::HospitalClock;
use crate::kept_day::{DayKey, KeptDay, KeptDayError, KeptDayFile};
use crate::link::LinkState;
use crate::{Folders, Shell};

/// The day is written so often at most, however much happens.
const PAUSE: Duration = Duration::from_secs(10);

/// The kept day, as far as this run is concerned with it.
#[derive(Debug)]
pub(super) struct Recall {
    file: KeptDayFile,
    /// What stands in for the inbox until that is filled. Nothing is decided by it.
    shown: Option<KeptDay>,
    /// When the lists were last known to be in step.
    in_step_at: Option<Timestamp>,
    was_in_step: bool,
    /// What is on the disk.
    written: Option<Stamp>,
    is_writing: bool,
    /// Not before then is anything written again.
    rests_until: Option<Instant>,
    /// When what waits to be written is.
    due: Option<Instant>,
}

/// What tells one state of the lists from another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    position: Position,
    day: Date,
    as_of: Timestamp,
}

impl Recall {
    /// Nothing recalled yet.
    pub(super) const fn new(file: KeptDayFile) -> Self {
        Self {
            file,
            shown: None,
            in_step_at: None,
            was_in_step: false,
            written: None,
            is_writing: false,
            rests_until: None,
            due: None,
        }
    }

    /// The one in `folders`.
    pub(super) fn of(folders: &Folders) -> Self {
        Self::new(KeptDayFile::new(folders))
    }

    /// When something is to be written.
    pub(super) const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether a writing is under way.
    #[cfg(test)]
    pub(super) const fn is_writing(&self) -> bool {
        self.is_writing
    }

    fn forget(&mut self) {
        self.shown = None;
        if let Err(error) = self.file.forget() {
            tracing::error!(%error, "the kept day cannot be removed");
        }
    }
}

impl<S: Shell> Running<S> {
    /// What stands in for the lists while nothing better is known.
    pub(super) const fn recalled(&self) -> Option<&KeptDay> {
        self.recall.shown.as_ref()
    }

    /// The hospital's clock; set by the PC's while only the kept day is known.
    pub(super) fn clock(&self) -> Option<HospitalClock> {
        let recalled = || Some(self.recalled()?.clock(self.now()));
        self.inbox.clock().cloned().or_else(recalled)
    }

    fn day_key(&self) -> Option<DayKey> {
        Some(DayKey {
            key: self.lock.day_key()?,
            hospital: self.whose.as_ref()?.hospital.id,
        })
    }

    /// Another desk's day, or nobody's, is gone. Where the store has not opened yet, nobody knows whose it is.
    pub(super) fn forget_foreign_day(&mut self) {
        if !self.lock.is_closed() && self.lock.day_key().is_none() {
            self.recall.forget();
        }
    }

    /// A desk that starts over shows what it last knew, if that is of today and its own.
    pub(super) fn recall_day(&mut self) {
        self.recall = Recall {
            is_writing: self.recall.is_writing,
            ..Recall::new(self.recall.file.clone())
        };
        let Some(key) = self.day_key() else { return };
        match self.recall.file.load(&key) {
            Ok(Some(day)) if day.today(self.now()) == day.day => self.recall.shown = Some(day),
            Ok(Some(_)) => self.recall.forget(),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "the kept day cannot be read and is removed");
                self.recall.forget();
            }
        }
    }

    /// Follows the lists: what was kept gives way to what is known, and that is written down.
    pub(super) fn keep_day(&mut self) {
        let now = self.now();
        if self
            .recall
            .shown
            .as_ref()
            .is_some_and(|day| day.today(now) != day.day)
        {
            self.recall.forget();
        }
        if self.inbox.is_filled() {
            self.recall.shown = None;
        }
        let in_step = matches!(self.link_shown(), LinkState::Live { .. });
        if in_step {
            self.recall.in_step_at = Some(now);
        }
        let is_lost = std::mem::replace(&mut self.recall.was_in_step, in_step) && !in_step;
        let Some((stamp, key)) = self.unwritten(is_lost) else {
            self.recall.due = None;
            return;
        };
        let rests = self.recall.rests_until.filter(|until| !self.is_due(*until));
        self.recall.due = rests.filter(|_| !is_lost);
        if self.recall.due.is_some() || self.recall.is_writing {
            return;
        }
        let day = self.day_to_keep(&stamp);
        self.recall.is_writing = true;
        self.recall.written = Some(stamp);
        self.recall.rests_until = Some(self.config.clock.instant() + PAUSE);
        let (file, entropy) = (self.recall.file.clone(), self.config.entropy.clone());
        self.spawn(Part::KeepingDay, async move {
            let used = key.clone();
            let writing = tokio::task::spawn_blocking(move || file.keep(&day, &key, &*entropy));
            let outcome = writing.await.unwrap_or(Err(KeptDayError::Foreign));
            Done::DayKept(used, outcome)
        });
    }

    /// What the disk does not have yet; with `is_newer`, also where only the time has gone on.
    fn unwritten(&self, is_newer: bool) -> Option<(Stamp, DayKey)> {
        let key = self.day_key()?;
        let stamp = Stamp {
            position: self.inbox.cursor()?.clone(),
            day: self.inbox.filled_day()?,
            as_of: self.recall.in_step_at?,
        };
        let has_it = self.recall.written.as_ref().is_some_and(|written| {
            written.position == stamp.position
                && written.day == stamp.day
                && (!is_newer || written.as_of == stamp.as_of)
        });
        (!has_it).then_some((stamp, key))
    }

    fn day_to_keep(&self, stamp: &Stamp) -> KeptDay {
        let listed = self.inbox.of_day(stamp.day).into_iter();
        let others = self.inbox.unhandled_of_other_days(stamp.day);
        KeptDay {
            as_of: stamp.as_of,
            day: stamp.day,
            timezone: self
                .whose
                .as_ref()
                .map(|whose| whose.hospital.timezone.clone())
                .unwrap_or_default(),
            reservations: listed.chain(others).cloned().collect(),
        }
    }

    /// The writing is over. Whoever signed out or left the hospital meanwhile does not find the day there.
    pub(super) fn day_kept(&mut self, used: &DayKey, outcome: Result<(), KeptDayError>) {
        self.recall.is_writing = false;
        if let Err(error) = outcome {
            // The next change tries again.
            tracing::error!(%error, "the day cannot be kept");
        }
        let counts = |key: DayKey| key.key == used.key && key.hospital == used.hospital;
        if !self.day_key().is_some_and(counts) {
            self.recall.forget();
        }
    }

    /// The part that wrote is gone.
    pub(super) const fn keeping_day_failed(&mut self) {
        self.recall.is_writing = false;
    }

    /// The app ends: what is known by now is written, and nothing else is waited for.
    pub(super) async fn keep_day_for_the_next_start(&mut self) {
        while self.recall.is_writing {
            match self.tasks.join_next_with_id().await {
                Some(done) => self.finish(done),
                None => break,
            }
        }
        if let Some((stamp, key)) = self.unwritten(true) {
            let day = self.day_to_keep(&stamp);
            let kept = self.recall.file.keep(&day, &key, &*self.config.entropy);
            if let Err(error) = kept {
                tracing::error!(%error, "the day cannot be kept");
            }
        }
    }
}
