//! `[notifications]`: when and how the bell makes itself heard.

use deskbell_protocol::WeekSpan;
use jiff::civil::{Time, Weekday};
use toml_edit::{Array, Item, Value};

use crate::settings::mistake::Mistake;
use crate::{Notifications, QuietSpan, Sound};

/// How loud, unless somebody chose otherwise.
const DEFAULT_VOLUME: u8 = 70;

/// As loud as it gets.
const MOST_VOLUME: u8 = 100;

/// When and how the bell makes itself heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotificationSettings {
    /// The sound beside a toast; `None` for silence.
    pub sound: Option<Sound>,
    /// How loud, 0 to 100.
    pub volume: u8,
    /// Whether what nobody handles rings again.
    pub repeats: bool,
    /// When there are no toasts, by the hospital's clock.
    pub quiet: Vec<WeekSpan>,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            sound: Some(Sound::default()),
            volume: DEFAULT_VOLUME,
            repeats: true,
            quiet: Vec::new(),
        }
    }
}

impl NotificationSettings {
    /// What a person chose; too loud is as loud as it gets, and quiet on no day is none.
    pub(crate) fn of(chosen: &Notifications) -> Self {
        Self {
            sound: chosen.sound,
            volume: chosen.volume.min(MOST_VOLUME),
            repeats: chosen.repeats,
            quiet: chosen.quiet_hours.iter().filter_map(span).collect(),
        }
    }

    /// As a person sees them.
    pub(crate) fn shown(&self) -> Notifications {
        Notifications {
            sound: self.sound,
            volume: self.volume,
            repeats: self.repeats,
            quiet_hours: self.quiet.iter().map(shown).collect(),
        }
    }

    /// The keys with their values.
    pub(super) fn values(&self) -> [(&'static str, Value); 4] {
        let quiet: Array = self.quiet.iter().map(ToString::to_string).collect();
        [
            ("sound", code(self.sound).into()),
            ("volume", i64::from(self.volume).into()),
            ("repeats", self.repeats.into()),
            ("quiet", quiet.into()),
        ]
    }
}

/// Reads `[notifications]`. What can be read counts, also when something else in it is wrong.
pub(super) fn read(item: &Item, mut wrong: impl FnMut(Mistake)) -> NotificationSettings {
    let mut settings = NotificationSettings::default();
    let Some(table) = item.as_table_like() else {
        wrong(Mistake::Notifications);
        return settings;
    };
    if let Some(item) = table.get("sound") {
        match item.as_str().and_then(sound) {
            Some(sound) => settings.sound = sound,
            None => wrong(Mistake::Sound),
        }
    }
    if let Some(item) = table.get("volume") {
        match item.as_integer().and_then(|volume| u8::try_from(volume).ok()) {
            Some(volume) if volume <= MOST_VOLUME => settings.volume = volume,
            Some(_) | None => wrong(Mistake::Volume),
        }
    }
    if let Some(item) = table.get("repeats") {
        match item.as_bool() {
            Some(repeats) => settings.repeats = repeats,
            None => wrong(Mistake::Repeats),
        }
    }
    if let Some(item) = table.get("quiet") {
        match spans(item) {
            Some(quiet) => settings.quiet = quiet,
            None => wrong(Mistake::Quiet),
        }
    }
    settings
}

fn spans(item: &Item) -> Option<Vec<WeekSpan>> {
    item.as_array()?
        .iter()
        .map(|span| span.as_str()?.parse().ok())
        .collect()
}

fn sound(code: &str) -> Option<Option<Sound>> {
    match code {
        "off" => Some(None),
        "bell" => Some(Some(Sound::Bell)),
        "chime" => Some(Some(Sound::Chime)),
        "knock" => Some(Some(Sound::Knock)),
        _ => None,
    }
}

const fn code(sound: Option<Sound>) -> &'static str {
    match sound {
        None => "off",
        Some(Sound::Bell) => "bell",
        Some(Sound::Chime) => "chime",
        Some(Sound::Knock) => "knock",
    }
}

fn span(shown: &QuietSpan) -> Option<WeekSpan> {
    // None of these is negative.
    let minutes = |time: Time| {
        let [hour, minute] = [time.hour(), time.minute()].map(|part| u16::from(part.unsigned_abs()));
        hour * 60 + minute
    };
    let to = match minutes(shown.to) {
        0 => WeekSpan::MIDNIGHT,
        to => to,
    };
    WeekSpan::new(shown.days.iter().copied().collect(), minutes(shown.from), to)
}

fn shown(span: &WeekSpan) -> QuietSpan {
    let time = |minutes: u16| {
        let part = |part: u16| i8::try_from(part).unwrap_or_default();
        // The day's end is the next one's beginning.
        Time::new(part(minutes / 60 % 24), part(minutes % 60), 0, 0).unwrap_or_default()
    };
    QuietSpan {
        days: Weekday::Monday
            .cycle_forward()
            .take(7)
            .filter(|day| span.days.contains(*day))
            .collect(),
        from: time(span.from()),
        to: time(span.to()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quiet_hours_are_shown_as_people_set_them() {
        let quiet = |text: &str| shown(&text.parse().unwrap());
        assert_eq!(
            quiet("sun"),
            QuietSpan {
                days: vec![Weekday::Sunday],
                from: Time::midnight(),
                to: Time::midnight(),
            }
        );
        assert_eq!(
            quiet("fri-mon 18:00-08:00"),
            QuietSpan {
                days: vec![
                    Weekday::Monday,
                    Weekday::Friday,
                    Weekday::Saturday,
                    Weekday::Sunday
                ],
                from: time(18, 0, 0, 0),
                to: time(8, 0, 0, 0),
            }
        );
    }

    #[test]
    fn what_makes_no_sense_is_put_right() {
        let chosen = Notifications {
            sound: None,
            volume: 200,
            repeats: false,
            quiet_hours: vec![QuietSpan {
                days: Vec::new(),
                from: Time::midnight(),
                to: Time::midnight(),
            }],
        };
        let settings = NotificationSettings::of(&chosen);
        assert_eq!((settings.volume, settings.quiet.len()), (100, 0));
    }

    proptest! {
        #[test]
        fn a_span_survives_the_way_over_the_screen(days in 1..128_u8, from in 0..1440_u16, to in 1..=1440_u16) {
            let week = Weekday::Monday.cycle_forward().take(7).enumerate();
            let days = week.filter(|(at, _)| days & 1 << at != 0).map(|(_, day)| day);
            let span = WeekSpan::new(days.collect(), from, to).unwrap();
            prop_assert_eq!(super::span(&shown(&span)), Some(span));
        }
    }
}
