use deskbell_protocol::Reservation;
use jiff::civil::Time;

use crate::words::shorten;
use crate::{Abilities, Language, Link};

/// The longest name in the tray, in characters.
const NAME: usize = 24;

impl Language {
    /// How it stands with the gateway, in a line. `since` is the clock time at which an outage began.
    pub(crate) fn link_line(self, link: &Link, since: Option<Time>) -> String {
        match (link, self) {
            (Link::Unpaired, Self::Ko) => "아직 병원에 연결되지 않았습니다".to_owned(),
            (Link::Unpaired, Self::En) => "Not paired with a hospital yet".to_owned(),
            (Link::Connecting { .. }, Self::Ko) => "서버에 연결하는 중…".to_owned(),
            (Link::Connecting { .. }, Self::En) => "Connecting to the server…".to_owned(),
            (Link::Live, Self::Ko) => "서버에 연결됨".to_owned(),
            (Link::Live, Self::En) => "Connected to the server".to_owned(),
            (Link::Offline { .. }, Self::Ko) => match since {
                Some(since) => format!("서버 연결 끊김 · {}부터", since.strftime("%H:%M")),
                None => "서버 연결 끊김".to_owned(),
            },
            (Link::Offline { .. }, Self::En) => match since {
                Some(since) => format!("Server away since {}", since.strftime("%H:%M")),
                None => "Server away".to_owned(),
            },
            (Link::Refused { .. }, Self::Ko) => "연결할 수 없음 · 확인 필요".to_owned(),
            (Link::Refused { .. }, Self::En) => "Cannot connect: please check".to_owned(),
        }
    }

    /// How many reservations nobody has handled.
    pub(crate) fn unhandled_line(self, unhandled: usize) -> String {
        match self {
            Self::Ko => format!("미처리 예약 {unhandled}건"),
            Self::En => format!("Unhandled bookings: {unhandled}"),
        }
    }

    /// One of the next reservations: time, masked name, and status where there is one.
    pub(crate) fn next_line(self, reservation: &Reservation, abilities: Abilities) -> String {
        let start = reservation.reservationtime.start().strftime("%H:%M");
        let name = shorten(&reservation.name.masked(), NAME);
        if abilities.status {
            format!("{start} {name} · {}", self.status(reservation.status))
        } else {
            format!("{start} {name}")
        }
    }

    /// Opens the window.
    pub(crate) const fn open(self) -> &'static str {
        match self {
            Self::Ko => "열기",
            Self::En => "Open",
        }
    }

    /// Starts the app at login.
    pub(crate) const fn autostart(self) -> &'static str {
        match self {
            Self::Ko => "로그인할 때 자동 시작",
            Self::En => "Start at login",
        }
    }

    /// Opens the settings.
    pub(crate) const fn settings(self) -> &'static str {
        match self {
            Self::Ko => "설정",
            Self::En => "Settings",
        }
    }

    /// Ends the app.
    pub(crate) const fn quit(self) -> &'static str {
        match self {
            Self::Ko => "종료",
            Self::En => "Quit",
        }
    }
}
