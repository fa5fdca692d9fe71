use jiff::civil::Time;

use crate::bell::Occasion;
use crate::notice::Cause;
use crate::policy::{Reason, Wait};
use crate::recent::Why;
use crate::{Language, PauseFor};

impl Language {
    /// Why there was a toast, or none.
    pub(crate) fn why(self, why: Why) -> String {
        match why {
            Why::Repeated(times) => self.repeated(times),
            Why::Together(occasion, count) => self.together(occasion, count),
            Why::Rang(cause) => self.rang(cause).to_owned(),
            Why::Waits(wait) => self.waits(wait).to_owned(),
            Why::Quiet(reason) => self.quiet(reason).to_owned(),
            Why::RangLater => self
                .pick(
                    "기다리던 예약을 알렸습니다.",
                    "A booking that had to wait was told.",
                )
                .to_owned(),
            Why::Failed => self
                .pick(
                    "이 PC에 알림을 표시하지 못했습니다.",
                    "The notification could not be shown on this PC.",
                )
                .to_owned(),
        }
    }

    fn repeated(self, times: u8) -> String {
        match self {
            Self::Ko => format!("아직 처리되지 않아 다시 울렸습니다({times}번째)."),
            Self::En => format!("Rang again because nobody has handled it (repeat {times})."),
        }
    }

    fn together(self, occasion: Occasion, count: usize) -> String {
        match (occasion, self) {
            (Occasion::Unhandled, Self::Ko) => {
                format!("아직 처리되지 않은 예약 {count}건을 한 번에 다시 알렸습니다.")
            }
            (Occasion::Unhandled, Self::En) => {
                format!("{count} bookings that nobody has handled were told again as one.")
            }
            (Occasion::Absence | Occasion::Crowd | Occasion::Hush | Occasion::Several, Self::Ko) => {
                format!("예약 {count}건을 한 번에 알렸습니다.")
            }
            (Occasion::Absence | Occasion::Crowd | Occasion::Hush | Occasion::Several, Self::En) => {
                format!("{count} bookings were told as one.")
            }
        }
    }

    const fn rang(self, cause: Cause) -> &'static str {
        match cause {
            Cause::Created => self.pick("새 예약이라 울렸습니다.", "Rang because it was a new booking."),
            Cause::Rescheduled => self.pick(
                "예약이 변경되어 울렸습니다.",
                "Rang because the booking was moved.",
            ),
            Cause::CalledOff => self.pick(
                "예약이 취소되어 소리 없이 알렸습니다.",
                "Told without a sound because the booking was cancelled.",
            ),
            Cause::LeaseExpired => self.pick(
                "맡은 사람이 제시간에 처리하지 않아 다시 울렸습니다.",
                "Rang again because whoever took it did not handle it in time.",
            ),
            Cause::Taken | Cause::Listed => self.pick("목록을 바꾸며 울렸습니다.", "Rang with the list."),
        }
    }

    const fn waits(self, wait: Wait) -> &'static str {
        match wait {
            Wait::Absence => self.pick(
                "자리를 비운 사이의 예약이라 한 번에 모아 알립니다.",
                "Came while this desk was away: it is told together with the rest.",
            ),
            Wait::Crowd => self.pick(
                "예약이 한꺼번에 들어와 모아서 알립니다.",
                "Came with many others at once: they are told together.",
            ),
            Wait::Pause => self.pick(
                "알림을 멈춘 동안이라 울리지 않았습니다. 다시 켜지면 모아서 알립니다.",
                "Did not ring because notifications are paused. It is told when they resume.",
            ),
            Wait::QuietHours => self.pick(
                "조용한 시간이라 울리지 않았습니다. 끝나면 모아서 알립니다.",
                "Did not ring because of quiet hours. It is told when they end.",
            ),
        }
    }

    const fn quiet(self, reason: Reason) -> &'static str {
        match reason {
            Reason::Decided => self.pick(
                "이미 알린 예약이라 울리지 않았습니다.",
                "Did not ring because it was told before.",
            ),
            Reason::FirstFill => self.pick(
                "이 PC를 연결하기 전에 들어온 예약이라 울리지 않았습니다.",
                "Did not ring because it was there before this PC was paired.",
            ),
            Reason::Handled => self.pick(
                "이미 처리된 예약이라 울리지 않았습니다.",
                "Did not ring because it was handled already.",
            ),
            Reason::Claimed => self.pick(
                "다른 사람이 맡고 있는 예약이라 울리지 않았습니다.",
                "Did not ring because somebody has taken it.",
            ),
            Reason::ListOnly => self.pick(
                "목록에만 반영하는 변경이라 울리지 않았습니다.",
                "Did not ring because the change concerns the list only.",
            ),
        }
    }

    /// In the tray: wants quiet for a while, or no longer.
    pub(crate) fn pause(self, pause: PauseFor) -> String {
        match (pause, self) {
            (PauseFor::Minutes(minutes), Self::Ko) if minutes % 60 == 0 => {
                format!("알림 {}시간 멈추기", minutes / 60)
            }
            (PauseFor::Minutes(60), Self::En) => "Pause notifications for 1 hour".to_owned(),
            (PauseFor::Minutes(minutes), Self::En) if minutes % 60 == 0 => {
                format!("Pause notifications for {} hours", minutes / 60)
            }
            (PauseFor::Minutes(minutes), Self::Ko) => format!("알림 {minutes}분 멈추기"),
            (PauseFor::Minutes(minutes), Self::En) => format!("Pause notifications for {minutes} minutes"),
            (PauseFor::UntilTomorrow, Self::Ko) => "알림 내일까지 멈추기".to_owned(),
            (PauseFor::UntilTomorrow, Self::En) => "Pause notifications until tomorrow".to_owned(),
            (PauseFor::Over, Self::Ko) => "알림 다시 켜기".to_owned(),
            (PauseFor::Over, Self::En) => "Resume notifications".to_owned(),
        }
    }

    /// In the tray: nothing rings until then, by the hospital's clock.
    pub(crate) fn paused_line(self, until: Time) -> String {
        let until = until.strftime("%H:%M");
        match self {
            Self::Ko => format!("알림 멈춤 · {until}까지"),
            Self::En => format!("Notifications paused until {until}"),
        }
    }

    /// In the tray: nothing rings, by the settings.
    pub(crate) const fn quiet_line(self) -> &'static str {
        self.pick("지금은 조용한 시간", "Quiet hours")
    }

    const fn pick(self, ko: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Ko => ko,
            Self::En => en,
        }
    }
}
