use deskbell_protocol::Reservation;
use jiff::civil::{Date, Weekday};

use crate::bell::About;
use crate::gateway::Handling;
use crate::words::shorten;
use crate::{ErrorCode, Language};

/// The longest name in a toast, in characters.
const NAME: usize = 24;

/// The longest hospital's name in a toast.
const HOSPITAL: usize = 30;

/// What a toast's texts are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToastWords<'a> {
    /// The user's language.
    pub language: Language,
    /// How much is told: 0 a count, 1 the time, 2 masked name and time, 3 everything.
    pub detail: u8,
    /// The hospital's name, where it is known.
    pub hospital: Option<&'a str>,
    /// Whether it is known which reservations have been handled.
    pub status: bool,
}

impl ToastWords<'_> {
    /// The line above.
    pub(crate) fn title(&self, about: About) -> String {
        let (ko, en) = match about {
            About::New(_) => ("새 예약", "New booking"),
            About::Rescheduled(_) => ("예약 변경", "Booking moved"),
            About::CalledOff(_) => ("예약 취소", "Booking cancelled"),
            About::Again(_) => ("미처리 예약", "Booking still unhandled"),
            About::Digest { .. } => ("예약 알림", "Bookings"),
            About::Undone {
                why: ErrorCode::Conflict,
                ..
            } => ("먼저 처리된 예약", "Somebody was first"),
            About::Undone { .. } => ("처리하지 못한 예약", "Not done"),
            About::Test => ("시험 알림", "Test notification"),
        };
        let what = self.pick(ko, en);
        match self.hospital {
            Some(hospital) => format!("{what} · {}", shorten(hospital, HOSPITAL)),
            None => what.to_owned(),
        }
    }

    /// The text below; `reservation` is the one that `about` names, where it is still known.
    pub(crate) fn body(&self, about: About, reservation: Option<&Reservation>) -> String {
        match about {
            About::Digest { found, unhandled } => {
                let bookings = if found == 1 { "booking" } else { "bookings" };
                let digest = match self.language {
                    Language::Ko => format!("자리 비운 사이 예약 {found}건"),
                    Language::En => format!("While you were away: {found} {bookings}"),
                };
                match self.language {
                    _ if !self.status => digest,
                    Language::Ko => format!("{digest}, 미처리 {unhandled}건"),
                    Language::En => format!("{digest}, {unhandled} unhandled"),
                }
            }
            About::Test => self
                .pick(
                    "이 PC에 알림이 정상적으로 표시됩니다.",
                    "Notifications come through on this PC.",
                )
                .to_owned(),
            About::Undone { why, .. } => self.undone(why, reservation),
            About::New(_) | About::Rescheduled(_) | About::CalledOff(_) | About::Again(_) => {
                match (self.detail, reservation) {
                    (0, _) | (_, None) => self.count(about).to_owned(),
                    (1, Some(reservation)) => self.time(reservation),
                    (2, Some(reservation)) => {
                        let name = self.person(&reservation.name.masked());
                        format!("{name} · {}", self.time(reservation))
                    }
                    (_, Some(reservation)) => {
                        let name = self.person(reservation.name.as_str());
                        let relationship = shorten(reservation.relationship.as_str(), NAME);
                        let phone = reservation.phone.as_str();
                        format!("{name} ({relationship}) · {}\n{phone}", self.time(reservation))
                    }
                }
            }
        }
    }

    /// Why a button's wish was not granted, and of which reservation.
    fn undone(&self, why: ErrorCode, reservation: Option<&Reservation>) -> String {
        let sentence = match (why, reservation) {
            (ErrorCode::Conflict, Some(reservation)) => {
                // Both buttons want to be the first to answer.
                self.language.conflict(Handling::Claim, reservation)
            }
            _ => self.language.error(why).to_owned(),
        };
        match (self.detail, reservation) {
            (0, _) | (_, None) => sentence,
            (1, Some(reservation)) => format!("{sentence}\n{}", self.time(reservation)),
            (detail, Some(reservation)) => {
                let name = if detail == 2 {
                    self.person(&reservation.name.masked())
                } else {
                    self.person(reservation.name.as_str())
                };
                format!("{sentence}\n{name} · {}", self.time(reservation))
            }
        }
    }

    fn count(&self, about: About) -> &'static str {
        match about {
            About::Rescheduled(_) => self.pick("예약 1건이 변경되었습니다.", "1 booking was moved."),
            About::CalledOff(_) => self.pick("예약 1건이 취소되었습니다.", "1 booking was cancelled."),
            About::Again(_) => self.pick(
                "예약 1건이 아직 처리되지 않았습니다.",
                "1 booking is still unhandled.",
            ),
            About::New(_) | About::Digest { .. } | About::Undone { .. } | About::Test => {
                self.pick("예약 1건이 들어왔습니다.", "1 booking came in.")
            }
        }
    }

    fn person(&self, name: &str) -> String {
        let name = shorten(name, NAME);
        match self.language {
            Language::Ko => format!("{name} 님"),
            Language::En => name,
        }
    }

    fn time(&self, reservation: &Reservation) -> String {
        format!(
            "{} {}",
            self.language.day(reservation.reservationdate),
            reservation.reservationtime
        )
    }

    const fn pick<'t>(&self, ko: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::Ko => ko,
            Language::En => en,
        }
    }
}

impl Language {
    /// A date without its year: `11월 22일(일)`, `Sun 22 Nov`.
    fn day(self, date: Date) -> String {
        let (ko, en) = match date.weekday() {
            Weekday::Monday => ("월", "Mon"),
            Weekday::Tuesday => ("화", "Tue"),
            Weekday::Wednesday => ("수", "Wed"),
            Weekday::Thursday => ("목", "Thu"),
            Weekday::Friday => ("금", "Fri"),
            Weekday::Saturday => ("토", "Sat"),
            Weekday::Sunday => ("일", "Sun"),
        };
        match self {
            Self::Ko => format!("{}월 {}일({ko})", date.month(), date.day()),
            Self::En => format!("{en} {} {}", date.day(), date.strftime("%b")),
        }
    }
}
