use axum::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use deskbell_protocol::{Fault, Status};
use jiff::civil::{Date, Weekday};

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Ko,
    En,
}

/// What is wrong with a field of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// What would be wrong with it in any form.
    Fault(Fault),
    /// A day that is over.
    Past,
}

impl Language {
    /// `?lang=` before the browser's wish before Korean.
    pub(super) fn chosen(query: Option<&str>, headers: &HeaderMap) -> Self {
        let asked = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .find(|(name, _)| name == "lang")
            .and_then(|(_, value)| Self::of_tag(&value));
        asked.or_else(|| Self::wished(headers)).unwrap_or(Self::Ko)
    }

    /// The language of ours that the browser likes best.
    fn wished(headers: &HeaderMap) -> Option<Self> {
        let wishes = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        let known = wishes.split(',').filter_map(|wish| {
            let (tag, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
            Some((weight, Self::of_tag(tag.trim())?))
        });
        // The first of those it likes the same.
        let best = known.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, language)| language)
    }

    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "ko" => Some(Self::Ko),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    pub(super) const fn code(self) -> &'static str {
        self.of("ko", "en")
    }

    /// The text in this language.
    pub(super) const fn of(self, ko: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }

    /// What a field is called.
    pub(super) fn label(self, field: &str) -> &'static str {
        match field {
            "relationship" => self.of("누구의 예약인가요?", "Who is it for?"),
            "name" => self.of("이름", "Patient's name"),
            "phone" => self.of("전화번호", "Phone number"),
            "reservationdate" => self.of("날짜", "Date"),
            _ => self.of("시간", "Time"),
        }
    }

    /// A day in full, as browsers write it: the page's script does too.
    pub(super) fn day(self, date: Date) -> String {
        match self {
            Self::Ko => {
                let weekday = match date.weekday() {
                    Weekday::Monday => '월',
                    Weekday::Tuesday => '화',
                    Weekday::Wednesday => '수',
                    Weekday::Thursday => '목',
                    Weekday::Friday => '금',
                    Weekday::Saturday => '토',
                    Weekday::Sunday => '일',
                };
                format!("{}{weekday}요일", date.strftime("%Y년 %-m월 %-d일 "))
            }
            Self::En => date.strftime("%A, %B %-d, %Y").to_string(),
        }
    }

    /// What a patient is told of a booking: in a word, in a sentence, and what comes next.
    pub(super) const fn standing(self, status: Status) -> [&'static str; 3] {
        let (ko, en) = match status {
            Status::Pending => (
                [
                    "예약신청",
                    "예약 신청을 받았습니다",
                    "병원에서 확인하고 있습니다. 아직 확정된 것은 아닙니다.",
                ],
                [
                    "Requested",
                    "Your request was received",
                    "The hospital is looking at it. It is not confirmed yet.",
                ],
            ),
            Status::Waitlist => (
                [
                    "대기",
                    "대기 명단에 올렸습니다",
                    "자리가 나면 병원에서 연락드립니다. 아직 확정된 것은 아닙니다.",
                ],
                [
                    "Waiting list",
                    "You are on the waiting list",
                    "The hospital gets in touch when there is a place. It is not confirmed yet.",
                ],
            ),
            Status::Booked => (
                [
                    "예약확정",
                    "예약이 확정되었습니다",
                    "아래 시간에 맞춰 오세요. 바꾸거나 취소하시려면 병원에 전화해 주세요.",
                ],
                [
                    "Confirmed",
                    "Your booking is confirmed",
                    "Please come at the time below. To change or cancel it, call the hospital.",
                ],
            ),
            Status::Arrived | Status::CheckedIn => (
                ["접수", "접수되었습니다", "병원의 안내에 따라 기다려 주세요."],
                [
                    "Checked in",
                    "You are checked in",
                    "Please wait until the hospital calls you.",
                ],
            ),
            Status::Fulfilled => (
                ["완료", "진료가 끝났습니다", "찾아 주셔서 감사합니다."],
                ["Done", "Your visit is over", "Thank you for coming."],
            ),
            Status::NoShow => (
                [
                    "미방문",
                    "예약 시간이 지났습니다",
                    "방문하지 않으신 것으로 되어 있습니다. 다시 예약하시려면 새 신청서를 여세요.",
                ],
                [
                    "Missed",
                    "The time of your booking has passed",
                    "The hospital did not see you. To come another time, open a new form.",
                ],
            ),
            Status::Cancelled => (
                [
                    "취소",
                    "예약이 취소되었습니다",
                    "다시 예약하시려면 새 신청서를 열거나 병원에 전화해 주세요.",
                ],
                [
                    "Cancelled",
                    "Your booking was cancelled",
                    "To book again, open a new form or call the hospital.",
                ],
            ),
            Status::EnteredInError => (
                [
                    "무효",
                    "이 신청은 처리되지 않습니다",
                    "병원에서 잘못된 신청으로 보았습니다. 아니라면 병원에 전화해 주세요.",
                ],
                [
                    "Void",
                    "This request goes no further",
                    "The hospital took it for a mistake. If it was none, call the hospital.",
                ],
            ),
        };
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }

    /// What a patient is told to do about a field.
    pub(super) fn wrong(self, wrong: Wrong) -> String {
        let text = match wrong {
            Wrong::Past => self.of(
                "오늘이나 그 이후의 날짜를 골라 주세요.",
                "Choose today or a later day.",
            ),
            Wrong::Fault(Fault::Missing | Fault::NotText) => {
                self.of("꼭 필요한 항목입니다.", "Fill this in.")
            }
            Wrong::Fault(Fault::Twice) => self.of("값을 하나만 적어 주세요.", "Give this only once."),
            Wrong::Fault(Fault::TooLong(most)) => {
                return match self {
                    Self::Ko => format!("{most}자 이내로 적어 주세요."),
                    Self::En => format!("Use at most {most} characters."),
                };
            }
            Wrong::Fault(Fault::Control) => self.of(
                "쓸 수 없는 문자가 들어 있습니다. 다시 적어 주세요.",
                "This has characters that cannot be used. Type it again.",
            ),
            Wrong::Fault(Fault::ResidentNumber) => self.of(
                "주민등록번호처럼 보입니다. 주민등록번호는 받을 수 없으니 지워 주세요.",
                "This looks like a resident registration number, which may not be collected. Take it out.",
            ),
            Wrong::Fault(Fault::NotAPhone) => self.of(
                "전화번호를 010-1234-5678처럼 적어 주세요.",
                "Write the phone number like 010-1234-5678.",
            ),
            Wrong::Fault(Fault::NotADate) => self.of(
                "날짜를 2026-01-31처럼 적어 주세요.",
                "Write the date like 2026-01-31.",
            ),
            Wrong::Fault(Fault::NotASlot | Fault::SlotOrder) => {
                self.of("시간을 목록에서 골라 주세요.", "Choose a time from the list.")
            }
        };
        text.to_owned()
    }
}
