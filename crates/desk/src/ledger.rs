//! What this desk has decided, so that nothing rings twice and nothing is forgotten: the cursor, and the ids of the
//! reservations decided last. No patient data.

use std::collections::VecDeque;

use deskbell_clock::Timestamp;
use deskbell_protocol::{Epoch, HospitalId, Position, ReservationId, Seq};
use serde::{Deserialize, Serialize};

use crate::notice::{Cause, Notice};
use crate::repeats;

/// So many decided reservations are remembered one by one; the cursor covers the rest.
const REMEMBERED: usize = 1_000;

/// The decisions of a desk of one hospital.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// Whose reservations these were.
    hospital: HospitalId,
    /// Everything up to here is decided; `None` where the source has no log to go on in.
    cursor: Option<Position>,
    /// The log that counts now, once it is another than the cursor's and nothing is known of it yet.
    #[serde(skip)]
    new_log: Option<Epoch>,
    /// Oldest first.
    decided: VecDeque<Decided>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Decided {
    id: ReservationId,
    /// The last change that was decided; 0 when it was in a log that no longer counts.
    seq: Seq,
    /// The version it had then.
    version: u64,
    /// Shown as a toast or counted in a digest; otherwise kept quiet for a reason.
    rung: bool,
    /// When it was told last as something new, by the gateway's clock; its repeats count from here. `None` when it never
    /// was.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::second::optional"
    )]
    told_at: Option<Timestamp>,
    /// How many of its repeats are used up.
    #[serde(default, skip_serializing_if = "is_zero")]
    repeated: u8,
}

/// What a reservation that was told has left of its repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeatable {
    /// Which.
    pub id: ReservationId,
    /// When it was told.
    pub told_at: Timestamp,
    /// How many repeats are used up.
    pub repeated: u8,
    /// When it rings again.
    pub due: Timestamp,
}

impl Ledger {
    /// A ledger that has decided everything up to `cursor`.
    pub(crate) const fn new(hospital: HospitalId, cursor: Position) -> Self {
        Self {
            hospital,
            cursor: Some(cursor),
            new_log: None,
            decided: VecDeque::new(),
        }
    }

    /// The ledger of a source that has no log: only what is remembered by id is decided.
    pub(crate) const fn without_log(source: HospitalId) -> Self {
        Self {
            hospital: source,
            cursor: None,
            new_log: None,
            decided: VecDeque::new(),
        }
    }

    /// Whose reservations these are.
    pub(crate) const fn hospital(&self) -> HospitalId {
        self.hospital
    }

    /// Everything up to here is decided; `None` where the source has no log.
    pub(crate) const fn cursor(&self) -> Option<&Position> {
        self.cursor.as_ref()
    }

    /// Where the desk of this hospital goes on.
    pub(crate) fn resume(&self) -> Option<(HospitalId, Position)> {
        Some((self.hospital, self.cursor.clone()?))
    }

    /// Whether `notice` has been decided before.
    pub(crate) fn covers(&self, notice: &Notice) -> bool {
        let in_log = |cursor: &Position| self.new_log.is_none() && notice.seq <= cursor.seq;
        if self.cursor.as_ref().is_some_and(in_log) {
            return true;
        }
        self.find(notice.reservation.id)
            .is_some_and(|decided| match notice.cause {
                // Claims and their ends leave the version as it is.
                Cause::LeaseExpired | Cause::Taken | Cause::Listed => decided.seq >= notice.seq,
                Cause::Created | Cause::Rescheduled | Cause::CalledOff => {
                    decided.version >= notice.reservation.version
                }
            })
    }

    /// Whether `id` was shown as a toast or counted in a digest.
    pub(crate) fn has_rung(&self, id: ReservationId) -> bool {
        self.find(id).is_some_and(|decided| decided.rung)
    }

    /// Writes down that reservation `id` is decided, as it stood at change `seq` with `version`.
    pub(crate) fn decide(&mut self, id: ReservationId, seq: Seq, version: u64, rung: bool) {
        if !self.keep_up(id, seq, version, rung) {
            if self.decided.len() >= REMEMBERED {
                self.decided.pop_front();
            }
            self.decided.push_back(Decided {
                id,
                seq,
                version,
                rung,
                told_at: None,
                repeated: 0,
            });
        }
    }

    /// Writes down that `id` was told at `at`, the gateway's time, where it is remembered: its repeats begin.
    pub(crate) fn tell(&mut self, id: ReservationId, at: Timestamp) {
        if let Some(decided) = self.find_mut(id) {
            (decided.told_at, decided.repeated) = (Some(at), 0);
        }
    }

    /// Writes down that `id` has used up so many repeats.
    pub(crate) fn repeat(&mut self, id: ReservationId, repeated: u8) {
        if let Some(decided) = self.find_mut(id) {
            decided.repeated = repeated;
        }
    }

    /// What was told and may ring again, some time.
    pub(crate) fn repeatable(&self) -> impl Iterator<Item = Repeatable> {
        self.decided.iter().filter_map(|decided| {
            let (told_at, repeated) = (decided.told_at?, decided.repeated);
            Some(Repeatable {
                id: decided.id,
                told_at,
                repeated,
                due: repeats::due(told_at, repeated)?,
            })
        })
    }

    /// Writes down a change that nobody waits for, where the reservation is remembered; says whether it is.
    pub(crate) fn pass(&mut self, id: ReservationId, seq: Seq, version: u64) -> bool {
        self.keep_up(id, seq, version, false)
    }

    fn keep_up(&mut self, id: ReservationId, seq: Seq, version: u64, rung: bool) -> bool {
        let Some(decided) = self.find_mut(id) else {
            return false;
        };
        decided.seq = decided.seq.max(seq);
        decided.version = decided.version.max(version);
        decided.rung |= rung;
        true
    }

    /// Moves the cursor to `told`, or to just before `first_open`, the first change still to be decided. It never goes
    /// back within a log.
    pub(crate) fn advance(&mut self, told: &Position, first_open: Option<Seq>) {
        let before_open = first_open.map_or(told.seq, |open| Seq(open.0.saturating_sub(1)));
        let reached = told.seq.min(before_open);
        match &mut self.cursor {
            Some(cursor) if cursor.epoch == told.epoch => cursor.seq = cursor.seq.max(reached),
            cursor => {
                *cursor = Some(Position {
                    epoch: told.epoch.clone(),
                    seq: reached,
                });
                self.new_log = None;
            }
        }
    }

    /// Goes on in the log `epoch`, of which nothing is decided but what is remembered by id. Says whether it is another
    /// log than before. The cursor stays in the old one until [`Self::advance`] knows better, so that a start in
    /// between is answered with a resync again.
    pub(crate) fn change_log(&mut self, epoch: &Epoch) -> bool {
        let cursors = self.cursor.as_ref().map(|cursor| &cursor.epoch);
        if self.new_log.as_ref().or(cursors) == Some(epoch) {
            return false;
        }
        self.new_log = (cursors != Some(epoch)).then(|| epoch.clone());
        for decided in &mut self.decided {
            decided.seq = Seq(0);
        }
        true
    }

    /// Takes over what this desk told the gateway, where that is more than the ledger knows.
    pub(crate) fn learn_shown(&mut self, shown: &Position) {
        if let Some(cursor) = self.cursor.as_mut().filter(|cursor| cursor.epoch == shown.epoch) {
            cursor.seq = cursor.seq.max(shown.seq);
        }
    }

    fn find_mut(&mut self, id: ReservationId) -> Option<&mut Decided> {
        self.decided.iter_mut().rev().find(|decided| decided.id == id)
    }

    fn find(&self, id: ReservationId) -> Option<&Decided> {
        self.decided.iter().rev().find(|decided| decided.id == id)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(repeated: &u8) -> bool {
    *repeated == 0
}

#[cfg(test)]
mod tests;
