use std::collections::BTreeSet;

use deskbell_protocol::ReservationId;

/// The digest on the screen, until somebody has seen it. Sets: a reservation counts once, however often it is told of.
#[derive(Debug, Default)]
pub(super) struct Digest {
    /// What it counts.
    told: BTreeSet<ReservationId>,
    /// Those of them that nobody has looked after; with the last of them it leaves the screen.
    calling: BTreeSet<ReservationId>,
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

    /// Another takes its place, and counts `calling` and `settled` beside what this one told: that has not been read.
    pub(super) fn grow(&mut self, calling: &[ReservationId], settled: &[ReservationId]) {
        self.told.extend(calling.iter().chain(settled));
        self.calling.extend(calling);
    }

    /// Somebody looks after `id`. Says whether it was the last: there is no digest any more.
    pub(super) fn settle(&mut self, id: ReservationId) -> bool {
        let is_last = self.calling.remove(&id) && self.calling.is_empty();
        if is_last {
            self.told.clear();
        }
        is_last
    }

    /// `id` has a toast of its own. Says whether it was the last: there is no digest any more.
    pub(super) fn give_up(&mut self, id: ReservationId) -> bool {
        self.told.remove(&id);
        self.settle(id)
    }

    /// It could not grow by `ids`. Says whether nobody waits on the one that is there instead: that one is to leave.
    pub(super) fn shrink(&mut self, ids: &[ReservationId]) -> bool {
        let mut shrunk = false;
        for id in ids {
            self.told.remove(id);
            shrunk |= self.calling.remove(id);
        }
        let is_idle = shrunk && self.calling.is_empty() && !self.told.is_empty();
        if is_idle {
            self.told.clear();
        }
        is_idle
    }

    /// Somebody has seen it. Says whether there was one.
    pub(super) fn clear(&mut self) -> bool {
        self.calling.clear();
        !std::mem::take(&mut self.told).is_empty()
    }
}
