use std::collections::BTreeSet;

use deskbell_protocol::ReservationId;

use crate::policy::Wait;

/// What a digest tells together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// What came while the desk was away.
    Absence,
    /// What came all at once.
    Crowd,
    /// What came in a pause or in quiet hours.
    Hush,
    /// What was told before and nobody has handled.
    Unhandled,
    /// More than one of these, or toasts that did not come through.
    Several,
}

impl Occasion {
    /// What it is that something waited for.
    pub(super) const fn of(wait: Option<Wait>) -> Self {
        match wait {
            Some(Wait::Absence) => Self::Absence,
            Some(Wait::Crowd) => Self::Crowd,
            Some(Wait::Pause | Wait::QuietHours) => Self::Hush,
            None => Self::Several,
        }
    }
}

/// The digest on the screen, until somebody has seen it. Sets: a reservation counts once, however often it is told of.
#[derive(Debug, Default)]
pub(super) struct Digest {
    /// What it counts.
    told: BTreeSet<ReservationId>,
    /// Those of them that nobody has looked after; with the last of them it leaves the screen.
    calling: BTreeSet<ReservationId>,
    /// What was called off; none of these is in `told`.
    called_off: BTreeSet<ReservationId>,
    /// `None` while it tells nothing.
    occasion: Option<Occasion>,
}

impl Digest {
    /// What it counts.
    pub(super) const fn told(&self) -> &BTreeSet<ReservationId> {
        &self.told
    }

    /// Those of them that nobody has looked after.
    pub(super) const fn calling(&self) -> &BTreeSet<ReservationId> {
        &self.calling
    }

    /// What was called off.
    pub(super) const fn called_off(&self) -> &BTreeSet<ReservationId> {
        &self.called_off
    }

    /// What it tells together.
    pub(super) fn occasion(&self) -> Occasion {
        self.occasion.unwrap_or(Occasion::Several)
    }

    /// Another takes its place, and counts `calling` and `settled` beside what this one told: that has not been read.
    pub(super) fn grow(&mut self, calling: &[ReservationId], settled: &[ReservationId]) {
        self.told.extend(calling.iter().chain(settled));
        self.calling.extend(calling);
        for id in calling {
            self.called_off.remove(id);
        }
    }

    /// It tells beside what it told that `ids` were called off.
    pub(super) fn call_off(&mut self, ids: &[ReservationId]) {
        for id in ids {
            self.told.remove(id);
            self.calling.remove(id);
            self.called_off.insert(*id);
        }
    }

    /// What it grows by comes from `occasion`.
    pub(super) fn grow_from(&mut self, occasion: Occasion) {
        let is_empty = self.told.is_empty() && self.called_off.is_empty();
        let before = self.occasion.filter(|_| !is_empty);
        self.occasion = Some(match before {
            Some(before) if before != occasion => Occasion::Several,
            Some(_) | None => occasion,
        });
    }

    /// Somebody looks after `id`. Says whether it was the last: there is no digest any more.
    pub(super) fn settle(&mut self, id: ReservationId) -> bool {
        let is_last = self.calling.remove(&id) && self.calling.is_empty();
        if is_last {
            self.told.clear();
            self.called_off.clear();
        }
        is_last
    }

    /// `id` has a toast of its own. Says whether it was the last: there is no digest any more.
    pub(super) fn give_up(&mut self, id: ReservationId) -> bool {
        self.told.remove(&id);
        self.called_off.remove(&id);
        self.settle(id)
    }

    /// It could not grow by `ids`. Says whether nobody waits on the one that is there instead: that one is to leave.
    pub(super) fn shrink(&mut self, ids: &[ReservationId]) -> bool {
        let mut shrunk = false;
        for id in ids {
            self.told.remove(id);
            self.called_off.remove(id);
            shrunk |= self.calling.remove(id);
        }
        let is_idle = shrunk && self.calling.is_empty() && !self.told.is_empty();
        if is_idle {
            self.told.clear();
            self.called_off.clear();
        }
        is_idle
    }

    /// Somebody has seen it. Says whether there was one.
    pub(super) fn clear(&mut self) -> bool {
        let seen = std::mem::take(self);
        !seen.told.is_empty() || !seen.called_off.is_empty()
    }
}
