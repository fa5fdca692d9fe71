//! What people want.

use deskbell_protocol::ReservationId;

use crate::desk::Running;
use crate::desk::fetch::Looked;
use crate::settings::{Chosen, SettingsError};
use crate::subscription::Wish;
use crate::warning::Warning;
use crate::{DeskRequest, ErrorCode, Shell, ToastKey, UserError};

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
            DeskRequest::WindowClosed => self.looked = None,
            DeskRequest::OpenReservation(id) => self.open_reservation(id),
            DeskRequest::Pair { server, code, reply } => self.start_pairing(server, code, reply),
            DeskRequest::SignOut => self.sign_out(),
            DeskRequest::SetAutostart(on) => self.set_autostart(on),
            DeskRequest::SetLanguage(language) => {
                self.settings.language = Some(language);
                self.choose(&Chosen::Language(language));
            }
            DeskRequest::SetToastDetail(detail) => {
                self.settings.toast_detail = detail.min(3);
                self.choose(&Chosen::ToastDetail(detail));
            }
            DeskRequest::TestToast => {
                let test = self.bell.test();
                self.act([test]);
            }
            DeskRequest::Claim { reply, .. }
            | DeskRequest::Release { reply, .. }
            | DeskRequest::SetStatus { reply, .. }
            | DeskRequest::Undo { reply, .. }
            | DeskRequest::AnswerPairOffer { reply, .. } => {
                let _ = reply.send(Err(UserError::new(ErrorCode::Internal, self.language())));
            }
            DeskRequest::Export { reply, .. } => {
                let _ = reply.send(Err(UserError::new(ErrorCode::Internal, self.language())));
            }
            DeskRequest::Acted { id, .. } => self.open_reservation(id),
            DeskRequest::Follow(_) | DeskRequest::OpenSettings | DeskRequest::Woke => self.open_window(),
            DeskRequest::SetStaff(_)
            | DeskRequest::LookAt(_)
            | DeskRequest::ShowArrivals(_)
            | DeskRequest::SetNotifications(_)
            | DeskRequest::Pause(_)
            | DeskRequest::SessionLocked(_)
            | DeskRequest::Doctor { .. } => {}
            DeskRequest::Quit => return false,
        }
        true
    }

    fn clicked(&mut self, key: ToastKey) {
        match key {
            ToastKey::Reservation(id) => self.open_reservation(id),
            ToastKey::Digest | ToastKey::Test => self.open_window(),
        }
    }

    fn open_reservation(&mut self, id: ReservationId) {
        let seen = self.bell.seen(ToastKey::Reservation(id));
        self.act(seen);
        if self.looked.as_ref().is_none_or(|looked| looked.id != id) {
            self.details.drop_it();
            self.looked = Some(Looked::new(id));
        }
        self.open_window();
    }

    /// The window asks for the screen once it is there: it must be up to date by then.
    fn open_window(&mut self) {
        // Somebody is looking: the digest has done its work, and this is no time to wait.
        let seen = self.bell.seen(ToastKey::Digest);
        self.act(seen);
        if let Some(hearing) = &mut self.hearing {
            hearing.seen();
        }
        self.lists.hurry();
        self.details.hurry();
        match &self.subscription {
            Some(subscription) => subscription.wish(Wish::Hurry),
            None => self.subscribe(),
        }
        self.draw();
        self.shell.open_window();
    }

    fn set_autostart(&mut self, on: bool) {
        let outcome = self.shell.set_autostart(on);
        if let Err(error) = &outcome {
            tracing::error!(%error, on, "autostart cannot be changed");
        }
        self.warn_if(outcome.is_err(), Warning::AutostartFailed);
        self.autostart = self.shell.autostart();
    }

    /// The choice counts from now on; whether it outlives the app depends on the file.
    fn choose(&mut self, chosen: &Chosen) {
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
