//! From an update to what it means: inbox, rules, bell.

use deskbell_clock::Timestamp;

use crate::Shell;
use crate::desk::Running;
use crate::hearing::Hearing;
use crate::ledger::Ledger;
use crate::notice::{Cause, Notice, is_claimed};
use crate::pairing::Whose;
use crate::policy::{Policy, Reason, Verdict, should_ring};
use crate::recent::Why;
use crate::update::{LinkUpdate, Listening, Update};

impl<S: Shell> Running<S> {
    /// Takes in an update of the subscription; `None` when its task has ended, and [`Self::finish`] sees to that.
    pub(super) fn hear(&mut self, update: Option<Update>) {
        let Some(update) = update else {
            self.subscription = None;
            return;
        };
        // What is told of the day before goes before what comes in on the new one.
        self.turn_day();
        match &update {
            Update::Link(link) => self.hear_of_link(link),
            Update::Unfit(fields) => self.hear_of_unfit(fields),
            Update::Snapshot(_) | Update::Changed(_) | Update::Heard(_) => {}
        }
        self.apply(update);
    }

    /// Takes in an update, from the subscription or from a fetch.
    pub(super) fn apply(&mut self, update: Update) {
        let was_telling = self.inbox.told().is_some();
        let now = self.now();
        let notices = self.inbox.apply(update, now);
        for notice in &notices {
            self.decide(notice);
        }
        // The lists of a resync have come: what was looked after unseen leaves the screen.
        if !was_telling && self.inbox.told().is_some() {
            let now = self.server_time();
            let acts = self.bell.sweep(now, |id| self.inbox.get(id));
            self.act(acts);
        }
    }

    fn hear_of_link(&mut self, link: &LinkUpdate) {
        let now = self.now();
        self.link = self.link.after(link, now);
        match link {
            LinkUpdate::Trying(server) => self.server = Some(server.clone()),
            LinkUpdate::Listening(listening) => self.listen(listening),
            LinkUpdate::Over(transport) => self.transport = Some(*transport),
            LinkUpdate::Welcomed(welcome) => {
                self.told_shown.clone_from(&welcome.shown);
                self.remember_whose(Whose {
                    hospital: welcome.hospital.clone(),
                    desk: welcome.desk.clone(),
                    servers: self.settings.servers.clone(),
                });
                let ledger = match self.ledger.take() {
                    Some(ledger) if ledger.hospital() == welcome.hospital.id => ledger,
                    // A new desk, or one that lost its ledger: what it told the gateway counts.
                    Some(_) | None => Ledger::new(
                        welcome.hospital.id,
                        welcome.shown.clone().unwrap_or_else(|| welcome.position.clone()),
                    ),
                };
                let ledger = self.ledger.insert(ledger);
                if ledger.change_log(&welcome.position.epoch) {
                    self.bell.change_log();
                }
                if let Some(shown) = &welcome.shown {
                    ledger.learn_shown(shown);
                }
            }
            // Who can be heard can be asked.
            LinkUpdate::CaughtUp(_) => {
                self.lists.hurry();
                self.details.hurry();
                self.hurry_around();
            }
            LinkUpdate::Unheard(silent_for) => self.deaf(now - *silent_for),
            LinkUpdate::Lost(_) | LinkUpdate::Refused(_) => {
                self.transport = None;
                self.deaf(now);
            }
            LinkUpdate::Head(_) => {}
        }
    }

    /// Since then nothing can have been heard of a source without a log.
    pub(super) fn deaf(&mut self, since: Timestamp) {
        if let Some(hearing) = &mut self.hearing {
            hearing.deaf(since);
        }
    }

    /// A source without a log is being listened to.
    fn listen(&mut self, listening: &Listening) {
        let now = self.now();
        match &mut self.hearing {
            Some(hearing) => hearing.listens(now),
            hearing @ None => *hearing = Some(Hearing::new(now)),
        }
        if self
            .ledger
            .as_ref()
            .is_none_or(|ledger| ledger.hospital() != listening.source)
        {
            self.ledger = Some(Ledger::without_log(listening.source));
        }
    }

    fn hear_of_unfit(&mut self, fields: &[&'static str]) {
        tracing::warn!(?fields, "something came that is no reservation");
        let now = self.now();
        if let Some(hearing) = &mut self.hearing {
            hearing.unfit(fields.iter().copied(), now);
        }
    }

    fn decide(&mut self, notice: &Notice) {
        let server_time = self.server_time();
        let instant = self.config.clock.instant();
        let hush = self.hush();
        let Some(ledger) = &mut self.ledger else {
            return;
        };
        let policy = Policy {
            ledger,
            bell: &self.bell,
            hush,
            crowded: self.bell.is_crowded(instant),
        };
        let verdict = should_ring(notice, &policy, server_time);
        let (id, seq, version) = (notice.reservation.id, notice.seq, notice.reservation.version);
        tracing::debug!(%id, %seq, cause = ?notice.cause, found = ?notice.found, ?verdict, "decided");
        match verdict {
            Verdict::Ring | Verdict::Digest(_) | Verdict::Quiet(Reason::Decided) => {}
            Verdict::Quiet(Reason::FirstFill | Reason::Handled | Reason::Claimed) => {
                if !self.bell.is_open(id) {
                    ledger.decide(id, seq, version, false);
                }
            }
            Verdict::Quiet(Reason::ListOnly) => {
                if !self.bell.is_open(id) {
                    ledger.pass(id, seq, version);
                    // Nobody's again: the desk is reminded of it, though not at once.
                    let waits = !notice.reservation.status.is_handled()
                        && !is_claimed(&notice.reservation, server_time);
                    if notice.cause == Cause::Listed && waits && ledger.has_rung(id) {
                        ledger.tell(id, server_time);
                    }
                }
            }
        }
        let why = match verdict {
            Verdict::Ring => Some(Why::Rang(notice.cause)),
            Verdict::Digest(wait) => Some(Why::Waits(wait)),
            // What was decided stands there already, and nobody waits for a ring when a colleague takes one.
            Verdict::Quiet(Reason::Decided) => None,
            Verdict::Quiet(_) if notice.cause == Cause::Taken => None,
            Verdict::Quiet(reason) => Some(Why::Quiet(reason)),
        };
        if let Some(why) = why {
            self.recent.note(self.config.clock.now(), Some(id), why);
        }
        let acts = self.bell.take(notice, verdict, instant);
        if self.looked.as_ref().is_some_and(|looked| looked.id == id) {
            self.look_again();
        }
        self.act(acts);
    }
}
