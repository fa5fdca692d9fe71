//! What this desk knows of its hospital's reservations, and what it does not know yet.

use std::collections::{BTreeMap, BTreeSet};

use deskbell_clock::Timestamp;
use deskbell_protocol::event::{Change, Replay, Welcome};
use deskbell_protocol::{HospitalId, Position, Reservation, ReservationId, Seq, Status};
use jiff::SignedDuration;
use jiff::civil::Date;

use crate::heard::Heard;
use crate::hospital_clock::HospitalClock;
use crate::notice::{Cause, Found, Notice};
use crate::update::{LinkUpdate, Listening, Snapshot, Update};

/// The most reservations that are kept of a source without lists. The oldest gives way; its toast has rung.
const MOST_HEARD: usize = 10_000;

/// The reservations a desk sees, kept in step with the log.
///
/// [`Self::apply`] is total and idempotent by `seq`: what comes twice changes nothing, what comes too early is a gap
/// and changes nothing either. What the inbox needs next it says by [`Self::needs_lists`] and
/// [`Self::needs_reconnect`]; both stay true until they are met.
#[derive(Debug)]
pub(crate) struct Inbox {
    hospital: Option<HospitalId>,
    /// Everything up to here is applied.
    cursor: Option<Position>,
    phase: Phase,
    lists: Lists,
    clock: Option<HospitalClock>,
    entries: BTreeMap<ReservationId, Entry>,
    /// How many reservations a source without a log has told of: its place of a log's.
    heard: Seq,
}

#[derive(Debug)]
struct Entry {
    reservation: Reservation,
    /// The change it was last seen at; 0 when the log it was seen in is no longer the one that counts.
    as_of: Seq,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No gateway has welcomed the desk on this connection.
    Away,
    /// What comes now happened before.
    Replaying,
    /// What comes now happens now; a head that was ahead of us must be reached before the next one comes.
    Live { awaited: Seq },
    /// A change is missing: whatever comes on this connection is of no use.
    Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lists {
    /// They are complete for this day.
    Filled(Date),
    /// The source has none: what was heard is all that is known.
    Heard,
    /// They must be fetched as they stand at `from` or later; reservations found in them are told of as `tell`.
    Needed { tell: Option<Found>, from: Seq },
}

impl Inbox {
    /// An empty inbox that goes on where the desk of `hospital` left off.
    pub(crate) fn new(resume: Option<(HospitalId, Position)>) -> Self {
        let (hospital, cursor) = resume.unzip();
        Self {
            hospital,
            cursor,
            phase: Phase::Away,
            lists: Lists::Needed {
                tell: None,
                from: Seq(0),
            },
            clock: None,
            entries: BTreeMap::new(),
            heard: Seq(0),
        }
    }

    /// Takes in one update, at the PC's time `now`, and says what there is to decide about.
    pub(crate) fn apply(&mut self, update: Update, now: Timestamp) -> Vec<Notice> {
        match update {
            Update::Changed(change) => self.change(*change).into_iter().collect(),
            Update::Heard(heard) => self.hear(*heard, now).into_iter().collect(),
            Update::Snapshot(snapshot) => self.snapshot(snapshot),
            // There is nothing in it that could be listed.
            Update::Unfit(_) => Vec::new(),
            Update::Link(link) => {
                self.link(link, now);
                Vec::new()
            }
        }
    }

    fn link(&mut self, link: LinkUpdate, now: Timestamp) {
        match link {
            LinkUpdate::Welcomed(welcome) => self.welcome(*welcome, now),
            LinkUpdate::Listening(listening) => self.listen(&listening, now),
            LinkUpdate::Over(_) | LinkUpdate::Unheard(_) => {}
            LinkUpdate::CaughtUp(caught_up) => {
                if self.phase == Phase::Replaying {
                    self.phase = if caught_up.seq > self.seq() {
                        Phase::Broken
                    } else {
                        Phase::Live { awaited: Seq(0) }
                    };
                }
            }
            LinkUpdate::Head(head) => {
                if let Some(clock) = &mut self.clock {
                    clock.set(head.now, now);
                }
                // A head may overtake the changes it counts, but not by a whole interval of heads.
                if let Phase::Live { awaited } = self.phase {
                    self.phase = if awaited > self.seq() {
                        Phase::Broken
                    } else {
                        Phase::Live { awaited: head.seq }
                    };
                }
            }
            LinkUpdate::Trying(_) | LinkUpdate::Lost(_) | LinkUpdate::Refused(_) => {
                self.phase = Phase::Away;
            }
        }
    }

    fn welcome(&mut self, welcome: Welcome, now: Timestamp) {
        self.clock = Some(HospitalClock::new(&welcome.hospital.timezone, welcome.now, now));
        self.phase = Phase::Replaying;
        let newcomer = self.hospital != Some(welcome.hospital.id);
        if newcomer {
            self.entries.clear();
        }
        self.hospital = Some(welcome.hospital.id);
        let same_log = |at: &Position| at.epoch == welcome.position.epoch;
        let never_decided = welcome.shown.is_none();
        match (welcome.replay, welcome.shown) {
            (Replay::Cursor, _) if !newcomer && self.cursor.as_ref().is_some_and(same_log) => {}
            // The ledger is lost; what this desk has told the gateway takes its place.
            (Replay::None, Some(shown)) if same_log(&shown) => {
                self.cursor = Some(shown);
                self.phase = Phase::Broken;
            }
            (Replay::Cursor | Replay::Resync | Replay::None, _) => {
                // A desk that has never decided anything is new; to any other, not knowing is an absence.
                let first = never_decided && (newcomer || welcome.replay == Replay::None);
                self.lists = Lists::Needed {
                    // What happened before the first event that follows is in no event.
                    from: welcome.position.seq,
                    tell: Some(if first { Found::FirstFill } else { Found::Absence }),
                };
                self.cursor = Some(welcome.position);
                for entry in self.entries.values_mut() {
                    entry.as_of = Seq(0);
                }
            }
        }
    }

    fn listen(&mut self, listening: &Listening, now: Timestamp) {
        if self.hospital != Some(listening.source) {
            self.entries.clear();
        }
        self.hospital = Some(listening.source);
        // Nobody tells the server's time: the PC's counts.
        self.clock = Some(HospitalClock::new(&listening.timezone, now, now));
        self.cursor = None;
        self.phase = Phase::Live { awaited: Seq(0) };
        self.lists = Lists::Heard;
    }

    /// Lists what was heard; a repeat changes nothing.
    fn hear(&mut self, heard: Heard, now: Timestamp) -> Option<Notice> {
        let Heard { id, fields } = heard;
        if self.entries.contains_key(&id) {
            return None;
        }
        self.heard = self.heard.next();
        let reservation = Reservation {
            id,
            version: 1,
            seq: self.heard,
            relationship: fields.relationship,
            name: fields.name,
            phone: fields.phone,
            reservationdate: fields.reservationdate,
            reservationtime: fields.reservationtime,
            // Where there is no status, nobody is known to have handled it.
            status: Status::Pending,
            received_at: now,
            updated_at: now,
            claim: None,
            handled_by: None,
        };
        self.keep(reservation.clone());
        if self.entries.len() > MOST_HEARD {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.as_of);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.entries.remove(&oldest);
            }
        }
        Some(Notice {
            seq: self.heard,
            cause: Cause::Created,
            found: Found::Live,
            reservation,
        })
    }

    /// Of a source without lists: forgets what is over and was not heard of today.
    pub(crate) fn forget_heard(&mut self, now: Timestamp) {
        let (Lists::Heard, Some(clock)) = (self.lists, &self.clock) else {
            return;
        };
        let today = clock.today(now);
        self.entries.retain(|_, Entry { reservation, .. }| {
            reservation.reservationdate >= today || clock.today(reservation.received_at) == today
        });
    }

    fn change(&mut self, change: Change) -> Option<Notice> {
        let found = match self.phase {
            Phase::Away | Phase::Broken => return None,
            Phase::Replaying => Found::Absence,
            Phase::Live { .. } => Found::Live,
        };
        let seq = change.reservation.seq;
        let cursor = self.cursor.as_mut()?;
        if seq <= cursor.seq {
            return None;
        }
        if seq > cursor.seq.next() {
            self.phase = Phase::Broken;
            return None;
        }
        cursor.seq = seq;
        let cause = Cause::of(&change);
        self.keep(change.reservation.clone());
        Some(Notice {
            seq,
            cause,
            found,
            reservation: change.reservation,
        })
    }

    fn snapshot(&mut self, snapshot: Snapshot) -> Vec<Notice> {
        let Some(cursor) = &self.cursor else {
            return Vec::new();
        };
        let (tell, from) = match self.lists {
            Lists::Needed { tell, from } => (tell, from),
            Lists::Filled(_) | Lists::Heard => (None, Seq(0)),
        };
        // An answer to a question that was asked before the log changed, or before the resync.
        if snapshot.position.epoch != cursor.epoch || snapshot.position.seq < from {
            return Vec::new();
        }
        let applied = cursor.seq;
        self.lists = Lists::Filled(snapshot.day);
        let listed: BTreeSet<_> = snapshot.reservations.iter().map(|r| r.id).collect();
        self.entries
            .retain(|id, entry| entry.as_of > snapshot.position.seq || listed.contains(id));
        let mut notices = Vec::new();
        for reservation in snapshot.reservations {
            let id = reservation.id;
            self.keep(reservation);
            let Some(Entry { reservation, .. }) = self.entries.get(&id) else {
                continue;
            };
            // What came after a first pairing is rung for by its own event.
            let told_by_event = tell == Some(Found::FirstFill) && reservation.seq > applied;
            if let Some(found) = tell
                && !reservation.status.is_handled()
                && !told_by_event
            {
                notices.push(Notice {
                    seq: reservation.seq,
                    cause: Cause::Created,
                    found,
                    reservation: reservation.clone(),
                });
            }
        }
        notices
    }

    /// Takes in how a reservation stands by an answer of the gateway whose log this is. Its change comes in its turn, and is
    /// told of then.
    pub(crate) fn learn(&mut self, reservation: Reservation) {
        self.keep(reservation);
    }

    /// The later state of a reservation wins.
    fn keep(&mut self, reservation: Reservation) {
        let as_of = reservation.seq;
        match self.entries.get_mut(&reservation.id) {
            Some(entry) if entry.as_of >= as_of => {}
            Some(entry) => *entry = Entry { reservation, as_of },
            None => {
                self.entries.insert(reservation.id, Entry { reservation, as_of });
            }
        }
    }

    /// The desk connects anew: what still comes of the old connection is of no use.
    pub(crate) const fn hang_up(&mut self) {
        self.phase = Phase::Away;
    }

    /// Everything up to here is applied; what a connection sends as its cursor.
    pub(crate) const fn cursor(&self) -> Option<&Position> {
        self.cursor.as_ref()
    }

    /// Up to where everything has been told of: [`Self::cursor`], or nowhere while lists are awaited that will tell.
    pub(crate) fn told(&self) -> Option<&Position> {
        match self.lists {
            Lists::Needed { tell: Some(_), .. } | Lists::Heard => None,
            Lists::Needed { tell: None, .. } | Lists::Filled(_) => self.cursor.as_ref(),
        }
    }

    /// Whether the lists must be fetched. Only a gateway that has welcomed the desk can be asked.
    pub(crate) fn needs_lists(&self, now: Timestamp) -> bool {
        self.clock.as_ref().is_some_and(|clock| match self.lists {
            Lists::Needed { .. } => true,
            Lists::Filled(day) => day != clock.today(now),
            Lists::Heard => false,
        })
    }

    /// Whether a change is missing: connect anew with [`Self::cursor`].
    pub(crate) fn needs_reconnect(&self) -> bool {
        self.phase == Phase::Broken
    }

    /// Whether a replay is over.
    pub(crate) const fn is_caught_up(&self) -> bool {
        matches!(self.phase, Phase::Live { .. })
    }

    /// Whether an absence is over: everything that happened in it has been told of.
    pub(crate) fn is_settled(&self) -> bool {
        self.is_caught_up() && !matches!(self.lists, Lists::Needed { tell: Some(_), .. })
    }

    /// Whether the lists have been filled at all, or there are none.
    pub(crate) const fn is_filled(&self) -> bool {
        matches!(self.lists, Lists::Filled(_) | Lists::Heard)
    }

    /// The day that the lists are complete for; `None` where there are none, or not yet.
    pub(crate) const fn filled_day(&self) -> Option<Date> {
        match self.lists {
            Lists::Filled(day) => Some(day),
            Lists::Heard | Lists::Needed { .. } => None,
        }
    }

    /// The PC's clock has been set forward by `by`, or back: the hospital's goes on.
    pub(crate) fn pc_clock_set(&mut self, by: SignedDuration) {
        if let Some(clock) = &mut self.clock {
            clock.pc_clock_set(by);
        }
    }

    /// The hospital's clock; `None` until a gateway has answered.
    pub(crate) const fn clock(&self) -> Option<&HospitalClock> {
        self.clock.as_ref()
    }

    /// One reservation, as last known.
    pub(crate) fn get(&self, id: ReservationId) -> Option<&Reservation> {
        self.entries.get(&id).map(|entry| &entry.reservation)
    }

    /// All that are known, of whatever day.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Reservation> {
        self.entries.values().map(|entry| &entry.reservation)
    }

    /// The reservations of `date`, by time.
    pub(crate) fn of_day(&self, date: Date) -> Vec<&Reservation> {
        self.sorted(|r| r.reservationdate == date)
    }

    /// The unhandled reservations of any date but `date`, by date and time.
    pub(crate) fn unhandled_of_other_days(&self, date: Date) -> Vec<&Reservation> {
        self.sorted(|r| r.reservationdate != date && !r.status.is_handled())
    }

    /// The unhandled reservations.
    pub(crate) fn unhandled(&self) -> impl Iterator<Item = &Reservation> {
        self.entries
            .values()
            .map(|entry| &entry.reservation)
            .filter(|r| !r.status.is_handled())
    }

    fn sorted(&self, wanted: impl Fn(&Reservation) -> bool) -> Vec<&Reservation> {
        let mut found: Vec<_> = self
            .entries
            .values()
            .map(|entry| &entry.reservation)
            .filter(|r| wanted(r))
            .collect();
        found.sort_by_key(|r| (r.reservationdate, r.reservationtime, r.received_at, r.id));
        found
    }

    fn seq(&self) -> Seq {
        self.cursor.as_ref().map_or(Seq(0), |cursor| cursor.seq)
    }
}

#[cfg(test)]
mod tests;
