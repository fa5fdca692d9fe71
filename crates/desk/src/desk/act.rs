//! From what the desk has decided to what the shell does and the disk keeps.

use crate::bell::{About, Act, Decision};
use crate::desk::Running;
use crate::desk::tasks::{Done, Part};
use crate::recent::Why;
use crate::subscription::{Subscription, Wish};
use crate::warning::Warning;
use crate::words::ToastWords;
use crate::{Shell, Toast, ToastKey};

impl<S: Shell> Running<S> {
    /// Does what follows from the state, once a batch of messages is taken in. What was done already is not done again.
    pub(super) fn settle(&mut self) {
        self.turn_day();
        self.read_what_changed();
        self.mind_lock();
        self.enrol();
        self.keep_link();
        self.wish_what_waited();
        self.fetch_lists();
        self.fetch_details();
        self.fetch_around();
        self.keep_lease();
        self.end_pause();
        self.tell_what_waits();
        self.write_ledger();
        self.save_nonces();
        self.keep_day();
        self.stand_in_for_tray();
        self.draw();
    }

    /// What was heard of another day leaves with it.
    pub(super) fn turn_day(&mut self) {
        self.notice_set_clock();
        let now = self.now();
        let today = self.inbox.clock().map(|clock| clock.today(now));
        if self.day.is_some() && today != self.day {
            self.inbox.forget_heard(now);
            if let Some(hearing) = &mut self.hearing {
                hearing.turn_day();
            }
        }
        self.day = today;
    }

    fn keep_link(&mut self) {
        if self.restart_at.is_some_and(|due| self.is_due(due)) {
            self.subscribe();
        }
        if let Some(subscription) = &self.subscription {
            subscription.move_cursor(self.inbox.cursor());
            if self.inbox.needs_reconnect() {
                subscription.wish(Wish::StartOver);
                self.inbox.hang_up();
            }
        }
    }

    /// Makes the shell do it.
    pub(super) fn act(&mut self, acts: impl IntoIterator<Item = Act>) {
        for act in acts {
            match act {
                Act::Withdraw(key) => self.shell.withdraw(key),
                Act::Ring {
                    attempt,
                    about,
                    sounds,
                } => {
                    let toast = self.toast(attempt, about);
                    self.shell.ring(toast);
                    let notifications = &self.settings.notifications;
                    if let Some(sound) = notifications.sound.filter(|_| sounds && notifications.volume > 0) {
                        self.shell.play(sound, notifications.volume);
                    }
                }
            }
        }
    }

    fn toast(&mut self, attempt: u64, about: About) -> Toast {
        let buttons = self.buttons(about);
        let words = ToastWords {
            language: self.language(),
            // Whoever stands before a locked screen may be anybody.
            detail: if self.locked {
                0
            } else {
                self.settings.toast_detail
            },
            hospital: self.hospital_name(),
            status: self.settings.source.abilities().status,
        };
        let (key, reservation) = match about {
            About::New(id)
            | About::Rescheduled(id)
            | About::CalledOff(id)
            | About::Again(id)
            | About::Repeat(id)
            | About::Undone { id, .. } => (ToastKey::Reservation(id), self.inbox.get(id)),
            About::Digest { .. } => (ToastKey::Digest, None),
            About::Test => (ToastKey::Test, None),
        };
        Toast {
            key,
            attempt,
            title: words.title(about),
            body: words.body(about, reservation),
            quiet: match about {
                // Where another has it there is nothing left to do.
                About::Undone { .. } => !reservation.is_some_and(|reservation| self.waits(reservation)),
                _ => about.is_quiet(),
            },
            open: self.language().open().to_owned(),
            tells: self.bell.told_by(attempt),
            buttons,
        }
    }

    /// Takes the shell's report on a toast.
    pub(super) fn rang(&mut self, key: ToastKey, attempt: u64, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => {
                self.record_repeats(&self.bell.repeated_by(attempt));
                let decisions = self.bell.shown(attempt);
                self.record(&decisions);
            }
            Err(error) => {
                tracing::warn!(?key, attempt, %error, "a toast did not come through");
                let id = match key {
                    ToastKey::Reservation(id) => Some(id),
                    ToastKey::Digest | ToastKey::Test => None,
                };
                if let Some(id) = id {
                    self.nonces.revoke_last(id);
                }
                self.recent.note(self.config.clock.now(), id, Why::Failed);
                let act = self.bell.failed(attempt, self.config.clock.instant());
                self.act(act);
            }
        }
    }

    pub(super) fn record(&mut self, decisions: &[Decision]) {
        let told_at = self.server_time();
        if let Some(ledger) = &mut self.ledger {
            for decision in decisions {
                ledger.decide(decision.id, decision.seq, decision.version, decision.rung);
                if decision.rung {
                    ledger.tell(decision.id, told_at);
                }
            }
        }
    }

    /// Only what the disk has counts as decided, and only that is told to the gateway.
    fn write_ledger(&mut self) {
        let Some(ledger) = &mut self.ledger else { return };
        if let Some(told) = self.inbox.told() {
            ledger.advance(told, self.bell.first_open());
        }
        let saved = self.ledger_file.save(ledger);
        let failed = saved.as_ref().err().map(ToString::to_string);
        if let Some(error) = &failed {
            tracing::error!(%error, "the ledger cannot be written");
        } else if self.inbox.is_caught_up() && self.told_shown.as_ref() != ledger.cursor() {
            self.told_shown = ledger.cursor().cloned();
            if let (Some(subscription), Some(cursor)) = (&self.subscription, ledger.cursor()) {
                subscription.wish(Wish::TellShown(cursor.clone()));
            }
        }
        self.warn_if(failed.is_some(), Warning::LedgerNotSaved);
    }

    /// Connects to the source there is; ends any connection before.
    pub(super) fn subscribe(&mut self) {
        self.subscription = None;
        self.subscription_task = None;
        self.restart_at = None;
        let Some(config) = self.subscription_config() else {
            return;
        };
        let (subscription, task) = Subscription::new(config, self.inbox.cursor().cloned());
        self.subscription = Some(subscription);
        let task = self.spawn(Part::Subscription, async {
            task.await;
            Done::SubscriptionEnded
        });
        self.subscription_task = Some(task.id());
    }
}
