//! When and how the bell makes itself heard, told and asked in one shape.

use deskbell_desk::{Notifications, QuietSpan, Sound};
use jiff::civil::{Time, Weekday};
use serde::{Deserialize, Serialize};
use specta::Type;

/// When and how the bell makes itself heard.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(super) struct NotificationsView {
    sound: SoundView,
    /// 0 to 100.
    volume: u8,
    /// What nobody handles rings again.
    repeats: bool,
    quiet_hours: Vec<QuietSpanView>,
}

impl NotificationsView {
    pub(super) fn of(notifications: &Notifications) -> Self {
        Self {
            sound: SoundView::of(notifications.sound),
            volume: notifications.volume,
            repeats: notifications.repeats,
            quiet_hours: notifications.quiet_hours.iter().map(QuietSpanView::of).collect(),
        }
    }

    /// What was chosen; `None` where a span is none.
    pub(super) fn chosen(self) -> Option<Notifications> {
        Some(Notifications {
            sound: self.sound.sound(),
            volume: self.volume.min(100),
            repeats: self.repeats,
            quiet_hours: self
                .quiet_hours
                .iter()
                .map(QuietSpanView::span)
                .collect::<Option<_>>()?,
        })
    }
}

/// The sound beside a toast.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(super) enum SoundView {
    #[default]
    Off,
    Bell,
    Chime,
    Knock,
}

impl SoundView {
    pub(super) const fn of(sound: Option<Sound>) -> Self {
        match sound {
            None => Self::Off,
            Some(Sound::Bell) => Self::Bell,
            Some(Sound::Chime) => Self::Chime,
            Some(Sound::Knock) => Self::Knock,
        }
    }

    pub(super) const fn sound(self) -> Option<Sound> {
        match self {
            Self::Off => None,
            Self::Bell => Some(Sound::Bell),
            Self::Chime => Some(Sound::Chime),
            Self::Knock => Some(Sound::Knock),
        }
    }
}

/// A time of quiet.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct QuietSpanView {
    /// The days on which it begins: 1 is Monday, 7 Sunday.
    days: Vec<u8>,
    /// `HH:MM`.
    from: String,
    /// `HH:MM`; on the next day where it is not after `from`.
    to: String,
}

impl QuietSpanView {
    pub(super) fn of(span: &QuietSpan) -> Self {
        let day = |day: &Weekday| u8::try_from(day.to_monday_one_offset()).unwrap_or(1);
        Self {
            days: span.days.iter().map(day).collect(),
            from: span.from.strftime("%H:%M").to_string(),
            to: span.to.strftime("%H:%M").to_string(),
        }
    }

    pub(super) fn span(&self) -> Option<QuietSpan> {
        let time = |text: &str| Time::strptime("%H:%M", text).ok();
        let day = |day: &u8| Weekday::from_monday_one_offset(i8::try_from(*day).ok()?).ok();
        Some(QuietSpan {
            days: self.days.iter().map(day).collect::<Option<_>>()?,
            from: time(&self.from)?,
            to: time(&self.to)?,
        })
    }
}
