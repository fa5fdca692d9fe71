use std::time::Duration;

use jiff::civil::Time;

use crate::Language;

/// Times of which nothing is known, by the hospital's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    /// How many outages.
    pub count: u32,
    /// How long they were, together.
    pub total: Duration,
    /// When the last began and ended.
    pub last: (Time, Time),
}

impl Language {
    /// That the server was away, and what that means where it replays nothing.
    pub(crate) fn outages(self, gap: &Gap) -> String {
        let (began, ended) = (gap.last.0.strftime("%H:%M"), gap.last.1.strftime("%H:%M"));
        let lasted = self.minutes(gap.total);
        match (self, gap.count) {
            (Self::Ko, 1) => format!(
                "{lasted} 동안 끊겨 있었습니다({began}~{ended}). 그 사이의 예약은 이 서버가 다시 보내지 않습니다. 예약 시스템에서 확인해 주세요."
            ),
            (Self::Ko, count) => format!(
                "오늘 {count}번, 모두 {lasted} 동안 끊겨 있었습니다(마지막 {began}~{ended}). 그 사이의 예약은 이 서버가 다시 보내지 않습니다. 예약 시스템에서 확인해 주세요."
            ),
            (Self::En, 1) => format!(
                "The connection was gone for {lasted} ({began}–{ended}). This server does not send again what was booked meanwhile. Please check the booking system."
            ),
            (Self::En, count) => format!(
                "The connection was gone {count} times today, {lasted} in all (last {began}–{ended}). This server does not send again what was booked meanwhile. Please check the booking system."
            ),
        }
    }

    /// That something came which is no reservation that can be shown. `fields` are the form's names, never values.
    pub(crate) fn unfit(self, count: u32, last: Time, fields: &[&str]) -> String {
        let last = last.strftime("%H:%M");
        let at_fault = if fields.is_empty() {
            String::new()
        } else {
            format!(" · {}", fields.join(", "))
        };
        match self {
            Self::Ko => format!(
                "형식이 맞지 않아 표시하지 못한 예약이 {count}건 있습니다(마지막 {last}{at_fault}). 예약 시스템에서 확인하고 전산 담당자에게 알려 주세요."
            ),
            Self::En => {
                let bookings = if count == 1 { "booking" } else { "bookings" };
                format!(
                    "{count} {bookings} could not be read (last {last}{at_fault}). Please check the booking system and tell your IT staff."
                )
            }
        }
    }

    /// How many reservations this desk has heard of.
    pub(crate) fn heard_line(self, heard: usize) -> String {
        match self {
            Self::Ko => format!("받은 예약 {heard}건"),
            Self::En => format!("Bookings received: {heard}"),
        }
    }

    /// Why a reservation of a source that keeps none is not on the screen.
    pub(crate) const fn not_kept(self) -> &'static str {
        match self {
            Self::Ko => {
                "이 예약의 내용은 이 PC에 남아 있지 않습니다. 이 서버는 지난 예약을 다시 보내지 않으니 예약 시스템에서 확인해 주세요."
            }
            Self::En => {
                "This PC no longer has this booking, and this server does not send it again. Please look it up in the booking system."
            }
        }
    }

    /// A length of time in whole minutes, at least one.
    fn minutes(self, lasted: Duration) -> String {
        let minutes = lasted.as_secs().div_ceil(60).max(1);
        match (self, minutes / 60, minutes % 60) {
            (Self::Ko, 0, minutes) => format!("{minutes}분"),
            (Self::Ko, hours, 0) => format!("{hours}시간"),
            (Self::Ko, hours, minutes) => format!("{hours}시간 {minutes}분"),
            (Self::En, 0, 1) => "1 minute".to_owned(),
            (Self::En, 0, minutes) => format!("{minutes} minutes"),
            (Self::En, hours, minutes) => format!("{hours} h {minutes} min"),
        }
    }
}
