//! What people want.

use deskbell_protocol::ReservationId;

use crate::desk::Running;
use crate::desk::fetch::Looked;
use crate::settings::{Chosen, NotificationSettings, SettingsError};
use crate::warning::Warning;
use crate::{DeskRequest, ErrorCode, Managed, OwnServer, Shell, ToastKey, UserError};

impl<S: Shell> Running<S> {
    /// Does what is asked; `false` when the desk is to end.
    pub(super) fn obey(&mut self, request: DeskRequest) -> bool {
        match request {
            DeskRequest::Rang {
                key,
                attempt,
                outcome,
            } => self.rang(key, attempt, outcome),
            DeskRequest::Clicked(key) => self.clicked(key),
            DeskRequest::Dismissed(key) => {
                let seen = self.bell.seen(key);
                self.act(seen);
            }
            DeskRequest::OpenWindow => self.open_window(),
            DeskRequest::CloseReservation => self.looked = None,
            // A click may have asked for the next window while this news was on its way: its reservation stays open.
            DeskRequest::WindowClosed if self.shell.has_window() => {}
            DeskRequest::WindowClosed => {
                self.looked = None;
                self.offered = None;
                self.look_away();
                self.on_settings = false;
            }
            DeskRequest::OpenReservation(id) => self.open_reservation(id),
            DeskRequest::Pair { server, code, reply } => self.start_pairing(server, code, reply),
            DeskRequest::SignOut => self.sign_out(),
            DeskRequest::SetAutostart(on) => self.set_autostart(on),
            DeskRequest::SetLanguage(language) => {
                self.settings.language = Some(language);
                self.choose(&Chosen::Language(language));
            }
            DeskRequest::SetToastDetail(detail) => {
                let detail = detail.min(self.policy.most_detail());
                self.settings.toast_detail = detail;
                self.choose(&Chosen::ToastDetail(detail));
            }
            DeskRequest::SetNotifications(chosen) => {
                let mut notifications = NotificationSettings::of(&chosen);
                self.settings.notifications = notifications.clone();
                if let Some(quiet) = &self.policy.quiet {
                    // The person's own stay as they are, for the time after the policy.
                    self.settings.notifications.quiet.clone_from(quiet);
                    notifications.quiet = self.settings_file.load().0.notifications.quiet;
                }
                self.choose(&Chosen::Notifications(notifications));
            }
            DeskRequest::Pause(pause) => self.pause(pause),
            DeskRequest::SessionLocked(locked) => self.locked = locked,
            DeskRequest::SetTheme(theme) => {
                self.settings.theme = theme;
                self.choose(&Chosen::Theme(theme));
            }
            DeskRequest::SetLetterKeys(on) => {
                self.settings.letter_keys = on;
                self.choose(&Chosen::LetterKeys(on));
            }
            DeskRequest::UseSocketIo { server, reply } => {
                let outcome = self.use_own_server(&server);
                let _ = reply.send(outcome.map_err(|error| UserError::new(error, self.language())));
            }
            DeskRequest::TestToast => {
                let test = self.bell.test();
                self.act([test]);
            }
            DeskRequest::Claim { id, reply } => self.claim(id, reply),
            DeskRequest::Release { id, reply } => self.release(id, reply),
            DeskRequest::SetStatus {
                id,
                status,
                overrides,
                reply,
            } => self.set_status(id, status, overrides, reply),
            DeskRequest::Undo { id, reply } => self.undo(id, reply),
            DeskRequest::AnswerPairOffer { agreed, reply } => self.answer_pair_offer(agreed, reply),
            DeskRequest::Export {
                date,
                reason,
                masked,
                reply,
            } => self.export(date, &reason, masked, reply),
            DeskRequest::Acted { id, act } => self.acted(id, act),
            DeskRequest::Follow(link) => self.follow(link),
            DeskRequest::SetStaff(name) => self.set_staff(name),
            DeskRequest::LookAt(date) => self.look_at(date),
            DeskRequest::ShowArrivals(on) => self.show_arrivals(on),
            DeskRequest::OpenSettings => {
                self.on_settings = true;
                self.open_window();
            }
            DeskRequest::CloseSettings => self.on_settings = false,
            DeskRequest::Woke => self.hurry(),
            DeskRequest::TrayHost(is_there) => self.tray_host(is_there),
            DeskRequest::Doctor { reply } => self.examine(reply),
            DeskRequest::Quit => return false,
        }
        true
    }

    /// A source that the administrator has decided is not changed here.
    fn use_own_server(&mut self, server: &OwnServer) -> Result<(), ErrorCode> {
        if self.policy.managed().contains(&Managed::Servers) {
            return Err(ErrorCode::Managed);
        }
        self.settings_file.use_own_server(server)?;
        self.read_folders();
        Ok(())
    }

    fn clicked(&mut self, key: ToastKey) {
        match key {
            ToastKey::Reservation(id) => self.open_reservation(id),
            ToastKey::Digest | ToastKey::Test => self.open_window(),
        }
    }

    /// Puts the details of a reservation on the screen.
    pub(super) fn open_reservation(&mut self, id: ReservationId) {
        let seen = self.bell.seen(ToastKey::Reservation(id));
        self.act(seen);
        self.hands_on();
        if self.looked.as_ref().is_none_or(|looked| looked.id != id) {
            self.details.drop_it();
            self.looked = Some(Looked::new(id));
        }
        self.open_window();
    }

    /// The window asks for the screen once it is there: it must be up to date by then.
    pub(super) fn open_window(&mut self) {
        // Somebody is looking: the digest has done its work, and this is no time to wait.
        let seen = self.bell.seen(ToastKey::Digest);
        self.act(seen);
        if let Some(hearing) = &mut self.hearing {
            hearing.seen();
        }
        self.hurry();
        self.draw();
        self.shell.open_window();
    }

    fn set_autostart(&mut self, on: bool) {
        if self.policy.autostart.is_some() {
            tracing::info!("autostart is the administrator's to decide");
            return;
        }
        self.turn_autostart(on);
    }

    /// Starts the app at login, or no longer.
    pub(super) fn turn_autostart(&mut self, on: bool) {
        let outcome = self.shell.set_autostart(on);
        if let Err(error) = &outcome {
            tracing::error!(%error, on, "autostart cannot be changed");
        }
        self.warn_if(outcome.is_err(), Warning::AutostartFailed);
        self.autostart = self.shell.autostart();
    }

    /// The choice counts from now on; whether it outlives the app depends on the file.
    pub(super) fn choose(&mut self, chosen: &Chosen) {
        let outcome = self.settings_file.choose(chosen);
        if let Err(error) = &outcome {
            tracing::error!(%error, "a choice cannot be written down");
        }
        let broken = matches!(outcome, Err(SettingsError::Broken(_)));
        if broken {
            self.warn_of_settings(outcome.as_ref().err());
        }
        self.warn_if(outcome.is_err() && !broken, Warning::SettingsNotSaved);
    }
}
