use deskbell_protocol::Reservation;
use jiff::civil::{Date, Weekday};

use crate::bell::{About, Occasion};
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
            About::Again(_) | About::Repeat(_) => ("미처리 예약", "Booking still unhandled"),
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
            About::Digest {
                occasion,
                found,
                unhandled,
                called_off,
            } => self.digest(occasion, found, unhandled, called_off),
            About::Test => self
                .pick(
                    "이 PC에 알림이 정상적으로 표시됩니다.",
                    "Notifications come through on this PC.",
                )
                .to_owned(),
            About::Undone { why, .. } => self.undone(why, reservation),
            About::New(_)
            | About::Rescheduled(_)
            | About::CalledOff(_)
            | About::Again(_)
            | About::Repeat(_) => match (self.detail, reservation) {
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
            },
        }
    }

    fn digest(&self, occasion: Occasion, found: usize, unhandled: usize, called_off: usize) -> String {
        let bookings = |count| if count == 1 { "booking" } else { "bookings" };
        let mut parts = Vec::new();
        if found == 0 {
            return match self.language {
                Language::Ko => format!("그동안 취소된 예약 {called_off}건"),
                Language::En => format!("Cancelled meanwhile: {called_off} {}", bookings(called_off)),
            };
        }
        if occasion == Occasion::Unhandled {
            parts.push(match self.language {
                Language::Ko => format!("아직 처리되지 않은 예약 {unhandled}건"),
                Language::En => format!("Still unhandled: {unhandled} {}", bookings(unhandled)),
            });
        } else {
            let (ko, en) = match occasion {
                Occasion::Absence => ("자리 비운 사이", "While you were away"),
                Occasion::Crowd => ("한꺼번에 들어온", "All at once"),
                Occasion::Hush => ("알림을 쉬는 동안", "While notifications were off"),
                Occasion::Unhandled | Occasion::Several => ("그동안", "Meanwhile"),
            };
            parts.push(match self.language {
                Language::Ko => format!("{ko} 예약 {found}건"),
                Language::En => format!("{en}: {found} {}", bookings(found)),
            });
            if self.status {
                parts.push(match self.language {
                    Language::Ko => format!("미처리 {unhandled}건"),
                    Language::En => format!("{unhandled} unhandled"),
                });
            }
        }
        if called_off > 0 {
            parts.push(match self.language {
                Language::Ko => format!("취소 {called_off}건"),
                Language::En => format!("{called_off} cancelled"),
            });
        }
        parts.join(", ")
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
            About::Again(_) | About::Repeat(_) => self.pick(
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
