//! The pictures: what the window and the tray show.

use deskbell_protocol::{DeskId, Reservation, Status};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::bell::Fault;
use crate::desk::Running;
use crate::hearing::Hearing;
use crate::hospital_clock::HospitalClock;
use crate::link::LinkState;
use crate::notice::is_claimed;
use crate::source::Source;
use crate::update::Refusal;
use crate::warning::Warning;
use crate::words::Gap;
use crate::{
    BellShown, History, Language, Link, Opened, PauseFor, Place, Screen, Shell, ShownSettings, TrayAction,
    TrayEntry, TrayIcon, TrayItem, TrayMenu,
};

/// So many of the next reservations stand in the tray's menu.
const NEXT: usize = 5;

/// The pauses that the tray offers.
const PAUSES: [PauseFor; 3] = [
    PauseFor::Minutes(15),
    PauseFor::Minutes(60),
    PauseFor::UntilTomorrow,
];

impl<S: Shell> Running<S> {
    /// Gives the shell what changed since it was given the last time.
    pub(super) fn draw(&mut self) {
        let screen = self.screen();
        let menu = self.menu(&screen);
        if self.shown.as_ref() != Some(&screen) {
            self.shell.show(&screen);
            self.shown = Some(screen);
        }
        if self.drawn.as_ref() != Some(&menu) {
            self.shell.draw_tray(&menu);
            self.drawn = Some(menu);
        }
    }

    fn screen(&self) -> Screen {
        let language = self.language();
        let now = self.now();
        let recalled = self.recalled();
        let clock = self.clock();
        let today = clock.as_ref().map(|clock| clock.today(now));
        let own = |reservations: Vec<&Reservation>| reservations.into_iter().cloned().collect();
        Screen {
            language,
            abilities: self.settings.source.abilities(),
            link: self.link_shown().told_in(language),
            transport: self.transport,
            place: self.place(),
            me: self.me(),
            staff: self.staff(),
            pair_offer: self.pair_offer(),
            listening_since: self.hearing.as_ref().map(|hearing| hearing.since),
            today,
            minutes_ahead: clock.as_ref().map_or(0, HospitalClock::minutes_ahead),
            as_of: recalled.map(|day| day.as_of),
            day: match (recalled, today) {
                (Some(kept), _) => own(kept.of_day()),
                (None, Some(today)) => own(self.inbox.of_day(today)),
                (None, None) => Vec::new(),
            },
            other_days: match (recalled, today) {
                (Some(kept), _) => own(kept.unhandled_of_other_days()),
                (None, Some(today)) => own(self.inbox.unhandled_of_other_days(today)),
                (None, None) => Vec::new(),
            },
            looked_at: self.day_shown(),
            arrivals: self.arrivals_shown(),
            opened: self.opened(),
            undo: self
                .own_changes
                .offered(self.config.clock.instant(), |id| self.inbox.get(id)),
            bell: self.bell_shown(),
            on_settings: self.on_settings,
            settings: ShownSettings {
                autostart: self.autostart,
                toast_detail: self.settings.toast_detail,
                notifications: self.settings.notifications.shown(),
                theme: self.settings.theme,
                letter_keys: self.settings.letter_keys,
            },
            managed: self.policy.managed(),
            warnings: self.warnings_told(language),
        }
    }

    /// With a gap, or without its lists, a desk is not in step, however good the link.
    pub(super) const fn link_shown(&self) -> LinkState {
        match self.link {
            LinkState::Live { since } if !self.inbox.is_caught_up() || !self.inbox.is_filled() => {
                LinkState::Connecting { since }
            }
            link => link,
        }
    }

    fn place(&self) -> Option<Place> {
        let server = self.server.clone()?;
        match &self.settings.source {
            Source::Gateway => Some(self.whose.as_ref()?.at(server)),
            Source::SocketIo(source) => Some(Place {
                paired: None,
                timezone: source.timezone.clone(),
                server,
            }),
            Source::Wrong(_) => None,
        }
    }

    /// This desk, where the gateway knows it.
    pub(super) fn me(&self) -> Option<DeskId> {
        self.whose.as_ref().map(|whose| whose.desk.id)
    }

    /// The hospital's name, where it is known.
    pub(super) fn hospital_name(&self) -> Option<&str> {
        self.whose.as_ref().map(|whose| whose.hospital.name.as_str())
    }

    fn opened(&self) -> Option<Opened> {
        let looked = self.looked.as_ref()?;
        let recalled = || self.recalled()?.get(looked.id);
        let listed = self.inbox.get(looked.id).or_else(recalled);
        let fetched = looked.details.as_deref();
        let history = match (fetched, &looked.failure) {
            _ if !self.settings.source.abilities().history => match listed {
                Some(_) => History::NotKept,
                None => History::Failed(self.language().not_kept().to_owned()),
            },
            (Some(details), _) => History::Ready(details.history.clone()),
            (None, Some(failure)) => History::Failed(self.language().details_failure(failure).to_owned()),
            (None, None) => History::Loading,
        };
        let reservation = listed
            .into_iter()
            .chain(fetched.map(|details| &details.reservation))
            .max_by_key(|reservation| reservation.seq);
        let can_move = self.settings.source.abilities().status;
        Some(Opened {
            id: looked.id,
            reservation: reservation.cloned(),
            history,
            next: reservation
                .filter(|_| can_move)
                .map(|reservation| reservation.status.moves().to_vec())
                .unwrap_or_default(),
            undo: reservation.and_then(|reservation| {
                self.own_changes
                    .possible(reservation, self.config.clock.instant())
            }),
            conflict: looked.conflict.clone(),
        })
    }

    fn warnings_told(&self, language: Language) -> Vec<String> {
        let mut told: Vec<_> = self
            .warnings_now()
            .into_iter()
            .map(|warning| language.warning(warning).to_owned())
            .collect();
        if let (Some(hearing), Some(clock)) = (&self.hearing, self.inbox.clock()) {
            let time = |at| clock.local(at).time();
            told.extend(hearing.unfit.as_ref().map(|unfit| {
                let fields: Vec<_> = unfit.fields.iter().copied().collect();
                language.unfit(unfit.count, time(unfit.last), &fields)
            }));
            told.extend(hearing.outages.as_ref().map(|outages| {
                language.outages(&Gap {
                    count: outages.count,
                    total: outages.total,
                    last: (time(outages.last.0), time(outages.last.1)),
                })
            }));
        }
        told
    }

    fn warnings_now(&self) -> Vec<Warning> {
        let mut warnings = self.warnings.clone();
        // The link says it already.
        if let LinkState::Refused(Refusal::Setting(mistake)) = self.link {
            warnings.remove(&Warning::SettingsBroken(mistake));
        }
        warnings.extend(self.bell.fault().map(|fault| match fault {
            Fault::Retrying => Warning::ToastsFail,
            Fault::Shut => Warning::ToastsShut,
        }));
        if self.inbox.clock().is_some_and(|clock| !clock.zone_known()) {
            warnings.insert(Warning::ZoneUnknown);
        }
        warnings.into_iter().collect()
    }

    fn menu(&self, screen: &Screen) -> TrayMenu {
        let language = screen.language;
        let abilities = screen.abilities;
        let unhandled = match self.recalled() {
            Some(kept) => kept.unhandled().count(),
            None => self.inbox.unhandled().count(),
        };
        let count = if abilities.status {
            language.unhandled_line(unhandled)
        } else {
            language.heard_line(unhandled)
        };
        let state = language.link_line(&screen.link, self.away_since(&screen.link).map(DateTime::time));
        let name = self.hospital_name().unwrap_or("Deskbell");
        let mut tooltip = vec![name.to_owned(), state.clone()];
        let mut items = vec![told(state)];
        if screen.today.is_some() {
            items.push(told(count.clone()));
            tooltip.push(count);
        }
        let hush = self.hush_line(&screen.bell);
        items.extend(hush.clone().map(told));
        tooltip.extend(hush);
        tooltip.extend(screen.link.reason().map(str::to_owned));
        items.push(TrayItem::Separator);
        items.push(chosen(language.open(), TrayAction::OpenWindow, None));
        let next = self.next(&screen.day);
        if !next.is_empty() {
            items.push(TrayItem::Separator);
        }
        items.extend(next.into_iter().map(|reservation| {
            let action = TrayAction::OpenReservation(reservation.id);
            chosen(&language.next_line(reservation, abilities), action, None)
        }));
        items.push(TrayItem::Separator);
        let pauses: &[_] = if screen.bell.paused_until.is_some() {
            &[PauseFor::Over]
        } else {
            &PAUSES
        };
        for pause in pauses {
            items.push(chosen(&language.pause(*pause), TrayAction::Pause(*pause), None));
        }
        items.push(TrayItem::Separator);
        let autostart = screen.settings.autostart;
        items.push(TrayItem::Entry(TrayEntry {
            label: language.autostart().to_owned(),
            enabled: self.policy.autostart.is_none(),
            checked: Some(autostart),
            action: Some(TrayAction::SetAutostart(!autostart)),
        }));
        items.push(chosen(language.settings(), TrayAction::OpenSettings, None));
        items.push(TrayItem::Separator);
        items.push(chosen(language.quit(), TrayAction::Quit, None));
        TrayMenu {
            icon: self.icon(&screen.link),
            tooltip: tooltip.join(" · "),
            items,
        }
    }

    fn hush_line(&self, bell: &BellShown) -> Option<String> {
        let language = self.language();
        let paused = bell.paused_until.map(|until| {
            let until = self.inbox.clock().map_or_else(
                || until.to_zoned(self.zone_of_settings()).datetime(),
                |clock| clock.local(until),
            );
            language.paused_line(until.time())
        });
        paused.or_else(|| bell.quiet_now.then(|| language.quiet_line().to_owned()))
    }

    fn icon(&self, link: &Link) -> TrayIcon {
        let waiting = self.waiting();
        let calls = self.bell.fault().is_some() || self.hearing.as_ref().is_some_and(Hearing::calls);
        match link {
            Link::Unpaired | Link::Refused { .. } => TrayIcon::Attention,
            Link::Connecting { .. } | Link::Live | Link::Offline { .. } if calls => TrayIcon::Attention,
            Link::Offline { .. } => TrayIcon::Offline,
            Link::Connecting { .. } | Link::Live if waiting > 0 => TrayIcon::Ringing(waiting),
            Link::Connecting { .. } | Link::Live => TrayIcon::Quiet,
        }
    }

    /// How many have rung and wait for somebody: to look after them, or, where nobody is known to, to look at them.
    fn waiting(&self) -> usize {
        if !self.settings.source.abilities().status {
            return self.bell.unseen();
        }
        let now = self.server_time();
        self.inbox
            .unhandled()
            .filter(|reservation| !is_claimed(reservation, now))
            .filter(|reservation| {
                self.ledger
                    .as_ref()
                    .is_some_and(|ledger| ledger.has_rung(reservation.id))
            })
            .count()
    }

    /// Today's next reservations that somebody may still come for.
    fn next<'a>(&self, day: &'a [Reservation]) -> Vec<&'a Reservation> {
        let time = self.clock().map(|clock| clock.local(self.now()).time());
        day.iter()
            .filter(|reservation| time.is_some_and(|time| reservation.reservationtime.end() > time))
            .filter(|reservation| match reservation.status {
                Status::Pending | Status::Booked | Status::Arrived | Status::CheckedIn | Status::Waitlist => {
                    true
                }
                Status::Fulfilled | Status::Cancelled | Status::NoShow | Status::EnteredInError => false,
            })
            .take(NEXT)
            .collect()
    }

    /// When the outage began, by the hospital's clock; while that is unknown, in the zone of the settings or the PC's.
    fn away_since(&self, link: &Link) -> Option<DateTime> {
        match link {
            Link::Offline { since, .. } => Some(self.inbox.clock().map_or_else(
                || since.to_zoned(self.zone_of_settings()).datetime(),
                |clock| clock.local(*since),
            )),
            Link::Unpaired | Link::Connecting { .. } | Link::Live | Link::Refused { .. } => None,
        }
    }

    /// The zone to go by while no server has told one.
    pub(super) fn zone_of_settings(&self) -> TimeZone {
        let zone = match &self.settings.source {
            Source::SocketIo(source) => TimeZone::get(&source.timezone).ok(),
            Source::Gateway | Source::Wrong(_) => None,
        };
        zone.unwrap_or_else(TimeZone::system)
    }
}

fn told(label: String) -> TrayItem {
    TrayItem::Entry(TrayEntry {
        label,
        enabled: false,
        checked: None,
        action: None,
    })
}

fn chosen(label: &str, action: TrayAction, checked: Option<bool>) -> TrayItem {
    TrayItem::Entry(TrayEntry {
        label: label.to_owned(),
        enabled: true,
        checked,
        action: Some(action),
    })
}
