use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;

use crate::week::{MIDNIGHT, WeekSpan};

/// When somebody is at the desk, week by week: `mon-fri 09:00-18:00, sat 09:00-13:00`, in the hospital's local time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningHours(Vec<WeekSpan>);

/// The text is no [`OpeningHours`], or no [`WeekSpan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("opening hours are written as \"mon-fri 09:00-18:00, sat 09:00-13:00\"")]
pub struct NotHours;

impl OpeningHours {
    /// From the earliest opening to the latest closing of any day, in minutes after midnight; at most 24:00.
    #[must_use]
    pub fn span(&self) -> (u16, u16) {
        let opens = self.0.iter().map(WeekSpan::from).min().unwrap_or(0);
        let closes = self.0.iter().map(WeekSpan::to).max().unwrap_or(MIDNIGHT);
        (opens, closes)
    }

    /// Whether somebody is there at the local time `at`.
    #[must_use]
    pub fn is_open(&self, at: DateTime) -> bool {
        self.0.iter().any(|stretch| stretch.covers(at))
    }

    /// How many minutes from the beginning of the minute `at` to the next time that somebody comes or goes; at least 1.
    #[must_use]
    pub fn minutes_to_edge(&self, at: DateTime) -> u16 {
        let edges = self.0.iter().map(|stretch| stretch.minutes_to_edge(at));
        edges.min().unwrap_or(MIDNIGHT)
    }
}

impl FromStr for OpeningHours {
    type Err = NotHours;

    fn from_str(text: &str) -> Result<Self, NotHours> {
        text.split(',').map(stretch).collect::<Result<_, _>>().map(Self)
    }
}

fn stretch(text: &str) -> Result<WeekSpan, NotHours> {
    let text = text.trim();
    // Whole days are said by their times, and a night is none of a desk's.
    let stretch: WeekSpan = text.parse()?;
    if text.contains(' ') && stretch.ends_on_its_day() {
        Ok(stretch)
    } else {
        Err(NotHours)
    }
}

/// As it is kept and shown: lower case, one blank where one belongs.
impl fmt::Display for OpeningHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, stretch) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            stretch.write_with_times(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_and_written_alike() {
        for (text, written) in [
            (
                "mon-fri 09:00-18:00, sat 09:00-13:00",
                "mon-fri 09:00-18:00, sat 09:00-13:00",
            ),
            ("Mon-Sun  00:00-24:00", "mon-sun 00:00-24:00"),
            (
                "sat-mon 10:00-11:30,wed 08:00-09:00",
                "sat-mon 10:00-11:30, wed 08:00-09:00",
            ),
        ] {
            assert_eq!(text.parse::<OpeningHours>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_is_no_hours_is_refused() {
        for text in [
            "",
            "mon",
            "mon 09:00",
            "mon 18:00-09:00",
            "mon 9:00-18:00",
            "mon 09:00-24:01",
            "mon 09:60-18:00",
            "moon 09:00-18:00",
            "mon 09:00-18:00,",
        ] {
            assert_eq!(text.parse::<OpeningHours>(), Err(NotHours), "{text}");
        }
    }

    #[test]
    fn somebody_is_there_from_the_opening_to_the_closing() {
        let hours: OpeningHours = "mon-fri 09:00-18:00, sat 09:00-13:00".parse().unwrap();
        let friday = jiff::civil::date(2026, 11, 27);
        let saturday = friday.tomorrow().unwrap();
        for (at, open, edge) in [
            (friday.at(8, 59, 59, 0), false, 1),
            (friday.at(9, 0, 0, 0), true, 9 * 60),
            (friday.at(18, 0, 0, 0), false, 15 * 60),
            (saturday.at(12, 30, 0, 0), true, 30),
            (saturday.at(13, 0, 0, 0), false, 44 * 60),
        ] {
            assert_eq!(
                (hours.is_open(at), hours.minutes_to_edge(at)),
                (open, edge),
                "{at}"
            );
        }
    }

    #[test]
    fn the_span_reaches_over_all_days() {
        let hours: OpeningHours = "mon-fri 09:30-18:00, sat 08:00-13:00".parse().unwrap();
        assert_eq!(hours.span(), (8 * 60, 18 * 60));
    }
}
