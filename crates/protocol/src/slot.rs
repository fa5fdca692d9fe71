use std::fmt;
use std::str::FromStr;

use jiff::civil::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The booked stretch of a day, in the hospital's local time: `10:30 ~ 11:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSlot {
    start: Time,
    end: Time,
}

/// Why a text is no [`TimeSlot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASlot {
    /// Not `HH:MM ~ HH:MM`.
    #[error("not HH:MM ~ HH:MM")]
    Shape,
    /// The end is not after the start.
    #[error("the end is not after the start")]
    Order,
}

impl TimeSlot {
    /// When it begins.
    #[must_use]
    pub const fn start(self) -> Time {
        self.start
    }

    /// When it ends; always after [`Self::start`].
    #[must_use]
    pub const fn end(self) -> Time {
        self.end
    }
}

impl FromStr for TimeSlot {
    type Err = NotASlot;

    /// Reads `HH:MM ~ HH:MM`; also with `-` or `–`, and without the blanks.
    fn from_str(text: &str) -> Result<Self, NotASlot> {
        let (start, end) = text.split_once(['~', '-', '–']).ok_or(NotASlot::Shape)?;
        let (start, end) = (time(start)?, time(end)?);
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(NotASlot::Order)
        }
    }
}

fn time(text: &str) -> Result<Time, NotASlot> {
    let (hour, minute) = text.trim().split_once(':').ok_or(NotASlot::Shape)?;
    let two_digits = |part: &str| {
        let ok = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        ok.then(|| part.parse().ok()).flatten().ok_or(NotASlot::Shape)
    };
    Time::new(two_digits(hour)?, two_digits(minute)?, 0, 0).map_err(|_| NotASlot::Shape)
}

impl fmt::Display for TimeSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, end } = self;
        write!(
            f,
            "{:02}:{:02} ~ {:02}:{:02}",
            start.hour(),
            start.minute(),
            end.hour(),
            end.minute()
        )
    }
}

/// When a patient comes is the patient's own affair: masked, as the other fields are.
impl fmt::Debug for TimeSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeSlot(***)")
    }
}

impl Serialize for TimeSlot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeSlot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_slot_are_one() {
        for text in [
            "10:30 ~ 11:00",
            "10:30~11:00",
            "10:30-11:00",
            "10:30 – 11:00",
            " 10:30  ~  11:00 ",
        ] {
            assert_eq!(
                text.parse::<TimeSlot>().unwrap().to_string(),
                "10:30 ~ 11:00",
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_slot_is_refused() {
        for text in [
            "",
            "10:30",
            "10:30 ~",
            "9:30 ~ 10:00",
            "24:00 ~ 24:30",
            "10:60 ~ 11:00",
            "10:30 ~ 11:00 ~ 12:00",
            "+1:30 ~ 02:00",
        ] {
            assert_eq!(text.parse::<TimeSlot>(), Err(NotASlot::Shape), "{text}");
        }
        for text in ["11:00 ~ 10:30", "11:00 ~ 11:00"] {
            assert_eq!(text.parse::<TimeSlot>(), Err(NotASlot::Order), "{text}");
        }
    }
}
