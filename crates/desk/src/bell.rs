//! What rings, what waits to ring, and what is on the screen. No I/O: it says what to do by [`Act`].

mod crowd;
mod digest;
mod open;
mod undone;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use deskbell_clock::{Instant, Timestamp};
use deskbell_protocol::{Reservation, ReservationId, Seq};

use crate::bell::crowd::Crowd;
use crate::bell::digest::Digest;
pub(crate) use crate::bell::digest::Occasion;
use crate::bell::open::Open;
use crate::bell::waiting::{Told, Waiting};
use crate::notice::{Cause, Notice, is_claimed};
use crate::policy::{Verdict, Wait};
use crate::{ErrorCode, ToastKey};

/// How long a digest waits for the end of a replay that was cut.
const PATIENCE: Duration = Duration::from_secs(10);

/// The first wait before a failed toast is tried again; doubles with each failure in a row.
const RETRY_FIRST: Duration = Duration::from_secs(5);

/// The longest such wait.
const RETRY_CAP: Duration = Duration::from_mins(5);

/// What the shell has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Show a toast.
    Ring {
        /// Its number.
        attempt: u64,
        /// What it is about.
        about: About,
        /// Whether it may be heard.
        sounds: bool,
    },
    /// Take one off the screen.
    Withdraw(ToastKey),
}

/// What a toast is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// A reservation came in.
    New(ReservationId),
    /// The booking site moved one.
    Rescheduled(ReservationId),
    /// The booking site called one off.
    CalledOff(ReservationId),
    /// A claim ran out.
    Again(ReservationId),
    /// It was told a while ago, and nobody has handled it.
    Repeat(ReservationId),
    /// More than one, told together.
    Digest {
        /// What they have in common.
        occasion: Occasion,
        /// How many reservations.
        found: usize,
        /// How many of them nobody has handled.
        unhandled: usize,
        /// How many more were called off.
        called_off: usize,
    },
    /// What somebody wanted by a toast's button was not done.
    Undone {
        /// Which reservation.
        id: ReservationId,
        /// Why not.
        why: ErrorCode,
    },
    /// Nothing: somebody wants to see a toast.
    Test,
}

impl About {
    /// Whether it is told by the way: without a sound, and with nobody who has to answer.
    pub(crate) const fn is_quiet(self) -> bool {
        match self {
            Self::CalledOff(_) => true,
            Self::Digest { found, .. } => found == 0,
            Self::New(_)
            | Self::Rescheduled(_)
            | Self::Again(_)
            | Self::Repeat(_)
            | Self::Undone { .. }
            | Self::Test => false,
        }
    }
}

/// What telling what waits comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Telling {
    /// For the shell: one toast at most.
    pub acts: Vec<Act>,
    /// What is decided without a toast: somebody has looked after it meanwhile.
    pub settled: Vec<Decision>,
}

/// Why nobody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The last toast did not come through; what is undecided is tried again.
    Retrying,
    /// It did not come through, and nothing waits to be tried: a test, or somebody has looked after the rest.
    Shut,
}

/// A reservation that has been decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Which.
    pub id: ReservationId,
    /// The last change that is decided.
    pub seq: Seq,
    /// The version it had then.
    pub version: u64,
    /// Shown, or kept quiet.
    pub rung: bool,
}

/// What a toast tells that the shell has not reported on.
#[derive(Debug, Default)]
struct UnderWay {
    /// What it decides.
    decides: Vec<ReservationId>,
    /// What it tells again, which decides nothing.
    repeats: Vec<ReservationId>,
}

impl UnderWay {
    const fn deciding(decides: Vec<ReservationId>) -> Self {
        let repeats = Vec::new();
        Self { decides, repeats }
    }

    const fn repeating(repeats: Vec<ReservationId>) -> Self {
        let decides = Vec::new();
        Self { decides, repeats }
    }
}

/// The bell of a desk.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    open: BTreeMap<ReservationId, Open>,
    /// Toasts that the shell has not reported on.
    ringing: BTreeMap<u64, UnderWay>,
    attempts: u64,
    /// Whether the last toast did not come through.
    failing: bool,
    /// How often in a row what waits has been tried in vain.
    failures: u32,
    /// When what has failed is tried again.
    retry_at: Option<Instant>,
    due: Option<Instant>,
    /// Whether what waits is to be told once the absence is over.
    absence: bool,
    /// Whether what waits is to be told as soon as anything may ring.
    hushed: bool,
    crowd: Crowd,
    /// Reservations that may have a toast of their own on the screen.
    toasts: BTreeSet<ReservationId>,
    digest: Digest,
}

impl Bell {
    /// Whether `notice` is already ringing or waiting to.
    pub(crate) fn covers(&self, notice: &Notice) -> bool {
        self.open
            .get(&notice.reservation.id)
            .is_some_and(|open| match notice.cause {
                Cause::LeaseExpired | Cause::Taken | Cause::Listed => open.last >= notice.seq,
                Cause::Created | Cause::Rescheduled | Cause::CalledOff => {
                    open.version >= notice.reservation.version
                }
            })
    }

    /// Does what was decided about `notice`.
    pub(crate) fn take(&mut self, notice: &Notice, verdict: Verdict, now: Instant) -> Vec<Act> {
        let id = notice.reservation.id;
        let mut acts = Vec::new();
        match verdict {
            Verdict::Ring => {
                let about = match notice.cause {
                    Cause::Rescheduled => About::Rescheduled(id),
                    Cause::CalledOff => About::CalledOff(id),
                    Cause::LeaseExpired => About::Again(id),
                    Cause::Created | Cause::Taken | Cause::Listed => About::New(id),
                };
                self.note(notice, None);
                self.crowd.rings(now);
                let sounds = self.sounds(about, now);
                acts.push(self.ring(about, UnderWay::deciding(vec![id]), sounds));
                acts.extend(self.leave_digest(id));
            }
            Verdict::Digest(wait) => {
                self.note(notice, Some(wait));
                self.wait(wait, now);
                // What is on the screen of it is no longer true.
                if notice.cause == Cause::CalledOff {
                    acts.extend(self.take_down(id));
                }
            }
            Verdict::Quiet(_) => {
                if let Some(open) = self.open.get_mut(&id) {
                    open.first.get_or_insert(notice.seq);
                }
                if matches!(notice.cause, Cause::Taken | Cause::CalledOff) {
                    acts.extend(self.take_down(id));
                }
            }
        }
        acts
    }

    fn wait(&mut self, wait: Wait, now: Instant) {
        let by = match wait {
            Wait::Absence => {
                self.absence = true;
                now + PATIENCE
            }
            Wait::Crowd => self.crowd.joins(now),
            Wait::Pause | Wait::QuietHours => {
                self.hushed = true;
                return;
            }
        };
        self.due = Some(self.due.map_or(by, |due| due.min(by)));
    }

    fn note(&mut self, notice: &Notice, wait: Option<Wait>) {
        let open = self.open.entry(notice.reservation.id).or_insert(Open {
            first: None,
            last: notice.seq,
            version: notice.reservation.version,
            cause: notice.cause,
            attempt: None,
            wait,
            overtaken: None,
        });
        if wait.is_some() {
            open.wait = wait;
            open.overtake(notice);
        }
        open.first.get_or_insert(notice.seq);
        open.last = notice.seq;
        open.version = notice.reservation.version;
        // To somebody who may not have seen it yet, a moved reservation is a new one; `Open::still_to_tell` looks at
        // what has become of it.
        if open.cause != Cause::Created {
            open.cause = notice.cause;
        }
    }

    /// Rings a toast about nothing.
    pub(crate) fn test(&mut self) -> Act {
        self.attempts += 1;
        self.ringing.insert(self.attempts, UnderWay::default());
        Act::Ring {
            attempt: self.attempts,
            about: About::Test,
            // Somebody wants to hear it.
            sounds: true,
        }
    }

    fn ring(&mut self, about: About, tells: UnderWay, sounds: bool) -> Act {
        self.attempts += 1;
        let attempt = self.attempts;
        for id in &tells.decides {
            if let Some(open) = self.open.get_mut(id) {
                open.attempt = Some(attempt);
            }
        }
        match about {
            About::New(id)
            | About::Rescheduled(id)
            | About::CalledOff(id)
            | About::Again(id)
            | About::Repeat(id)
            | About::Undone { id, .. } => {
                self.toasts.insert(id);
            }
            About::Digest { .. } | About::Test => {}
        }
        self.ringing.insert(attempt, tells);
        Act::Ring {
            attempt,
            about,
            sounds,
        }
    }

    /// Whether a toast about `about` that comes now is heard.
    fn sounds(&mut self, about: About, now: Instant) -> bool {
        let of_crowd = matches!(
            about,
            About::Digest {
                occasion: Occasion::Crowd,
                ..
            }
        );
        !about.is_quiet() && self.crowd.sounds(of_crowd, now)
    }

    /// The shell reports that toast `attempt` is on the screen: what it decides.
    pub(crate) fn shown(&mut self, attempt: u64) -> Vec<Decision> {
        let Some(under_way) = self.ringing.remove(&attempt) else {
            return Vec::new();
        };
        self.failing = false;
        self.failures = 0;
        self.retry_at = None;
        let mut decisions = Vec::new();
        for id in under_way.decides {
            let Some(open) = self.open.get_mut(&id) else {
                continue;
            };
            if open.attempt == Some(attempt) {
                decisions.push(open.decision(id, true));
                self.open.remove(&id);
            } else {
                // A later toast of the same reservation decides the rest.
                decisions.extend(open.shown_before(id, attempt));
            }
        }
        decisions
    }

    /// The shell reports that toast `attempt` did not come through: its reservations wait for another. Says whether the
    /// digest that was to be replaced is to leave.
    pub(crate) fn failed(&mut self, attempt: u64, now: Instant) -> Option<Act> {
        let UnderWay { decides, repeats } = self.ringing.remove(&attempt)?;
        let waits: Vec<_> = decides
            .into_iter()
            .filter(|id| {
                self.open
                    .get(id)
                    .is_some_and(|open| open.attempt == Some(attempt))
            })
            .collect();
        for id in &waits {
            // Its own toast stays counted: the one that it was to replace may be there still.
            if let Some(open) = self.open.get_mut(id) {
                open.attempt = None;
            }
        }
        if !waits.is_empty() || !repeats.is_empty() {
            let retry_at = self.retry_at(now);
            if !waits.is_empty() {
                self.due.get_or_insert(retry_at);
            }
        }
        self.failing = true;
        self.digest
            .shrink(&waits)
            .then_some(Act::Withdraw(ToastKey::Digest))
    }

    /// When what has failed now is tried again. Toasts that fail together fail once.
    fn retry_at(&mut self, now: Instant) -> Instant {
        if let Some(retry_at) = self.retry_at.filter(|at| *at > now) {
            return retry_at;
        }
        let doubled = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1);
        *self
            .retry_at
            .insert(now + RETRY_FIRST.saturating_mul(doubled).min(RETRY_CAP))
    }

    /// Tells all that waits, and `repeats`: nothing where somebody has looked after it meanwhile, a toast of its own
    /// where there is one to tell of, a digest where there are more. `find` tells how a reservation stands at the
    /// gateway's time `now`.
    pub(crate) fn tell<'a>(
        &mut self,
        repeats: &[ReservationId],
        at: Instant,
        now: Timestamp,
        find: impl Fn(ReservationId) -> Option<&'a Reservation>,
    ) -> Telling {
        (self.due, self.retry_at) = (None, None);
        (self.absence, self.hushed) = (false, false);
        let mut waits = Waiting::default();
        for (id, open) in self.open.iter().filter(|(_, open)| open.attempt.is_none()) {
            waits.add(*id, open, find(*id).and_then(|r| open.still_to_tell(r, now)));
        }
        for id in repeats {
            if !self.open.contains_key(id) {
                waits.repeat(*id);
            }
        }
        let Some(told) = waits.told() else {
            return Telling {
                acts: Vec::new(),
                settled: self.settle(waits.settled),
            };
        };
        let mut acts = Vec::new();
        let settled = match told {
            Told::One(id, about) => {
                let tells = match about {
                    About::Repeat(_) => UnderWay::repeating(vec![id]),
                    _ => UnderWay::deciding(vec![id]),
                };
                let sounds = self.sounds(about, at);
                acts.push(self.ring(about, tells, sounds));
                acts.extend(self.leave_digest(id));
                waits.settled
            }
            Told::Together(occasion) => {
                let ids =
                    |part: &[(ReservationId, About)]| part.iter().map(|(id, _)| *id).collect::<Vec<_>>();
                let (mut calling, called_off) = (ids(&waits.calling), ids(&waits.called_off));
                let mut decides = calling.clone();
                let repeats = ids(&waits.repeats);
                calling.extend(&repeats);
                // What was looked after in an absence is counted beside what was not.
                let (found, settled): (Vec<_>, Vec<_>) = waits.settled.into_iter().partition(|id| {
                    let absent = self
                        .open
                        .get(id)
                        .is_some_and(|open| open.wait == Some(Wait::Absence));
                    absent && !calling.is_empty()
                });
                self.digest.grow_from(occasion);
                self.digest.grow(&calling, &found);
                self.digest.call_off(&called_off);
                // It tells what the one before told, and decides only what that one did not.
                decides.extend(called_off.into_iter().chain(found));
                // A toast of its own tells what was before.
                let outdated: Vec<_> = decides
                    .iter()
                    .copied()
                    .filter(|id| self.toasts.remove(id))
                    .collect();
                let is_unhandled = |id: &&ReservationId| find(**id).is_some_and(|r| !r.status.is_handled());
                let about = About::Digest {
                    occasion: self.digest.occasion(),
                    found: self.digest.told().len(),
                    unhandled: self.digest.told().iter().filter(is_unhandled).count(),
                    called_off: self.digest.called_off().len(),
                };
                let sounds = self.sounds(about, at);
                acts.push(self.ring(about, UnderWay { decides, repeats }, sounds));
                let withdrawn = outdated.into_iter().map(ToastKey::Reservation);
                acts.extend(withdrawn.map(Act::Withdraw));
                settled
            }
        };
        self.crowd.tells(at);
        Telling {
            acts,
            settled: self.settle(settled),
        }
    }

    /// Somebody has looked after these: they are decided without a toast.
    fn settle(&mut self, ids: Vec<ReservationId>) -> Vec<Decision> {
        ids.into_iter()
            .filter_map(|id| self.open.remove(&id).map(|open| open.decision(id, false)))
            .collect()
    }

    /// Somebody has seen the toast: it is off the screen, or has done its work there.
    pub(crate) fn seen(&mut self, key: ToastKey) -> Option<Act> {
        let was_there = match key {
            ToastKey::Reservation(id) => self.toasts.remove(&id),
            ToastKey::Digest => self.digest.clear(),
            ToastKey::Test => false,
        };
        was_there.then_some(Act::Withdraw(key))
    }

    /// After an absence: takes down the toasts of reservations that somebody has looked after meanwhile.
    pub(crate) fn sweep<'a>(
        &mut self,
        now: Timestamp,
        find: impl Fn(ReservationId) -> Option<&'a Reservation>,
    ) -> Vec<Act> {
        let settled = |id: &ReservationId| {
            find(*id)
                .is_none_or(|reservation| reservation.status.is_handled() || is_claimed(reservation, now))
        };
        let gone: BTreeSet<_> = self
            .toasts
            .union(self.digest.calling())
            .copied()
            .filter(settled)
            .collect();
        gone.into_iter().flat_map(|id| self.take_down(id)).collect()
    }

    /// Somebody looks after `id`: what tells of it leaves the screen.
    pub(crate) fn take_down(&mut self, id: ReservationId) -> Vec<Act> {
        let own = self
            .toasts
            .remove(&id)
            .then_some(Act::Withdraw(ToastKey::Reservation(id)));
        let digest = self.digest.settle(id).then_some(Act::Withdraw(ToastKey::Digest));
        own.into_iter().chain(digest).collect()
    }

    /// `id` is told by a toast of its own now.
    fn leave_digest(&mut self, id: ReservationId) -> Option<Act> {
        self.digest.give_up(id).then_some(Act::Withdraw(ToastKey::Digest))
    }

    /// Another log counts from now on: what waits will be found again in its lists.
    pub(crate) fn change_log(&mut self) {
        self.open.retain(|_, open| open.attempt.is_some());
        for open in self.open.values_mut() {
            open.first = None;
            open.last = Seq(0);
        }
    }

    /// Forgets everything, because the desk is somebody else's now; says what to take off the screen.
    pub(crate) fn forget(&mut self) -> Vec<Act> {
        let mut acts: Vec<_> = std::mem::take(&mut self.toasts)
            .into_iter()
            .map(|id| Act::Withdraw(ToastKey::Reservation(id)))
            .collect();
        acts.extend(self.seen(ToastKey::Digest));
        *self = Self {
            // The shell may still report on toasts of before: their numbers are not given again.
            attempts: self.attempts,
            // What is on the screen of everybody's eyes and ears counts, whosever it is.
            crowd: std::mem::take(&mut self.crowd),
            ..Self::default()
        };
        acts
    }

    /// The first change that is not decided.
    pub(crate) fn first_open(&self) -> Option<Seq> {
        self.open.values().filter_map(|open| open.first).min()
    }

    /// How many reservations have a toast, of their own or in a digest, that nobody has answered.
    pub(crate) fn unseen(&self) -> usize {
        let shown = |id: &&ReservationId| !self.open.contains_key(id);
        self.toasts.union(self.digest.told()).filter(shown).count()
    }

    /// Whether `id` is not decided yet.
    pub(crate) fn is_open(&self, id: ReservationId) -> bool {
        self.open.contains_key(&id)
    }

    /// Whether one more toast of its own would be one too many.
    pub(crate) fn is_crowded(&self, now: Instant) -> bool {
        self.crowd.is_crowded(now)
    }

    /// When to call [`Self::tell`] for what waits, once nothing hushes the bell; `settled` says whether an absence is
    /// over.
    pub(crate) fn due(&self, settled: bool) -> Option<Instant> {
        let at_once = self.hushed || (self.absence && settled);
        let due = at_once.then_some(Instant::ORIGIN).or(self.due)?;
        Some(self.not_before(due))
    }

    /// `due`, or when the bell may tell something again.
    pub(crate) fn not_before(&self, due: Instant) -> Instant {
        self.crowd.free_at().map_or(due, |free| free.max(due))
    }

    /// When what is due to ring again at `due` may: later, where a toast has failed just now.
    pub(crate) fn repeats_not_before(&self, due: Instant) -> Instant {
        let due = self.not_before(due);
        self.retry_at.map_or(due, |retry| retry.max(due))
    }

    /// Whether a toast is under way that tells `id` again.
    pub(crate) fn is_repeating(&self, id: ReservationId) -> bool {
        self.ringing.values().any(|tells| tells.repeats.contains(&id))
    }

    /// The reservations that toast `attempt` tells again.
    pub(crate) fn repeated_by(&self, attempt: u64) -> Vec<ReservationId> {
        self.told(attempt, |tells| &tells.repeats)
    }

    /// The reservations that toast `attempt` will decide.
    pub(crate) fn told_by(&self, attempt: u64) -> Vec<ReservationId> {
        self.told(attempt, |tells| &tells.decides)
    }

    fn told(&self, attempt: u64, part: impl Fn(&UnderWay) -> &Vec<ReservationId>) -> Vec<ReservationId> {
        self.ringing.get(&attempt).map(part).cloned().unwrap_or_default()
    }

    /// The reservations that the digest on the screen counts as called off.
    #[cfg(test)]
    pub(crate) const fn called_off_by_digest(&self) -> &BTreeSet<ReservationId> {
        self.digest.called_off()
    }

    /// The reservations that the digest on the screen counts.
    #[cfg(test)]
    pub(crate) const fn told_by_digest(&self) -> &BTreeSet<ReservationId> {
        self.digest.told()
    }

    /// What is wrong with toasts on this PC, until one comes through.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.failing
            .then_some(if self.open.is_empty() && self.retry_at.is_none() {
                Fault::Shut
            } else {
                Fault::Retrying
            })
    }
}

#[cfg(test)]
mod tests;
