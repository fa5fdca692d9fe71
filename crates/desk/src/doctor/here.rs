//! What is looked at on this PC, besides the way to the server.

use std::io;

use crate::credentials::Kept;
use crate::doctor::{AutostartProbe, DoctorReport, NotificationsProbe, Probes, Step, TrayProbe, Unasked};

impl DoctorReport {
    /// Writes down what the shell has seen.
    pub(super) fn here(&mut self, probes: &Probes) {
        self.notifications(&probes.notifications);
        self.tray(probes.tray);
        self.autostart(probes.autostart);
    }

    fn notifications(&mut self, probe: &NotificationsProbe) {
        let (step, language) = (Step::Notifications, self.language());
        match probe {
            NotificationsProbe::Shown { by } => self.pass(step, by),
            NotificationsProbe::HeldBack { by } => {
                self.fail(
                    step,
                    "held_back",
                    &format!("{by}: {}", language.toasts_held_back()),
                );
            }
            NotificationsProbe::Nobody => self.fail(step, "nobody", language.toasts_shown_by_nobody()),
            NotificationsProbe::Unasked(why) => self.unasked(step, *why),
        }
    }

    fn tray(&mut self, probe: TrayProbe) {
        match probe {
            TrayProbe::There => self.pass(Step::Tray, ""),
            TrayProbe::Missing => self.fail(Step::Tray, "no_tray", self.language().no_tray()),
            TrayProbe::Unasked(why) => self.unasked(Step::Tray, why),
        }
    }

    fn autostart(&mut self, probe: AutostartProbe) {
        let (step, language) = (Step::Autostart, self.language());
        let told = language.autostart_found(probe);
        match probe {
            AutostartProbe::On | AutostartProbe::Off => self.pass(step, told),
            AutostartProbe::SwitchedOff => self.fail(step, "switched_off", told),
            AutostartProbe::Elsewhere => self.fail(step, "elsewhere", told),
            AutostartProbe::Unreadable => self.fail(step, "unreadable", told),
            AutostartProbe::OwnHome => self.skip(step, told),
        }
    }

    /// Writes down where the token is, as the file says that decides it.
    pub(super) fn credentials(&mut self, kept: Result<&Option<Kept>, &io::Error>) {
        let (step, language) = (Step::Credentials, self.language());
        match kept {
            Ok(Some(Kept::InStore(_))) => self.pass(step, language.kept_in_the_store()),
            Ok(Some(Kept::Here(_))) => self.pass(step, language.kept_in_a_file()),
            Ok(None) => self.skip(step, language.nothing_kept()),
            Err(_) => self.fail(step, "token_unreadable", language.not_paired(true)),
        }
    }

    fn unasked(&mut self, step: Step, why: Unasked) {
        self.skip(step, self.language().unasked(why));
    }
}
