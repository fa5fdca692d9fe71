use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, Weekday};

use crate::NotHours;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The end of a day, `24:00`, in minutes.
pub(crate) const MIDNIGHT: u16 = 24 * 60;

const WEEK: u16 = 7 * MIDNIGHT;

/// Some days of the week: `mon-fri`, `sat`, `mon-wed,fri`. After the last day comes the first again: `sat-mon` is three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Days(u8);

impl Days {
    /// Whether `day` is one of them.
    #[must_use]
    pub fn contains(self, day: Weekday) -> bool {
        self.has(index(day))
    }

    fn has(self, day: u8) -> bool {
        self.0 & 1 << day != 0
    }

    fn numbers(self) -> impl Iterator<Item = u8> {
        (0..7).filter(move |day| self.has(*day))
    }
}

impl FromIterator<Weekday> for Days {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        Self(days.into_iter().fold(0, |days, day| days | 1 << index(day)))
    }
}

impl FromStr for Days {
    type Err = NotHours;

    fn from_str(text: &str) -> Result<Self, NotHours> {
        let mut days = 0;
        for run in text.split(',') {
            let (first, last) = run.split_once('-').unwrap_or((run, run));
            let (first, last) = (day(first)?, day(last)?);
            let mut next = first;
            days |= 1 << next;
            while next != last {
                next = (next + 1) % 7;
                days |= 1 << next;
            }
        }
        Ok(Self(days))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let starts = |day: u8| self.has(day) && !self.has((day + 6) % 7);
        let mut firsts: Vec<u8> = (0..7).filter(|day| starts(*day)).collect();
        if self.numbers().count() == 7 {
            firsts.push(0);
        }
        for (at, first) in firsts.into_iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            let length = (1..7)
                .take_while(|on| self.has((first + on) % 7))
                .last()
                .unwrap_or(0);
            f.write_str(DAYS[usize::from(first)])?;
            if length > 0 {
                write!(f, "-{}", DAYS[usize::from((first + length) % 7)])?;
            }
        }
        Ok(())
    }
}

/// A stretch of local time that comes back every week: `mon-fri 18:00-08:00`, or `sun` for whole days. One that ends no
/// later than it begins ends on the day after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WeekSpan {
    /// On which days it begins.
    pub days: Days,
    /// When, in minutes after midnight; less than 24:00.
    from: u16,
    /// Its end, in minutes after midnight; at most 24:00.
    to: u16,
}

impl WeekSpan {
    /// The end of a day, `24:00`, in minutes.
    pub const MIDNIGHT: u16 = MIDNIGHT;

    /// From `from` to `to`, in minutes after midnight, beginning on each of `days`; `None` where these are no times of a
    /// day, or no day is among them.
    #[must_use]
    pub fn new(days: Days, from: u16, to: u16) -> Option<Self> {
        (days != Days::default() && from < MIDNIGHT && to <= MIDNIGHT).then_some(Self { days, from, to })
    }

    /// When it begins, in minutes after midnight.
    #[must_use]
    pub const fn from(&self) -> u16 {
        self.from
    }

    /// When it ends, in minutes after midnight; at most 24:00.
    #[must_use]
    pub const fn to(&self) -> u16 {
        self.to
    }

    /// Whether it lies within one day.
    pub(crate) const fn ends_on_its_day(&self) -> bool {
        self.from < self.to
    }

    /// Whether `at` is in it.
    #[must_use]
    pub fn covers(&self, at: DateTime) -> bool {
        let at = minute_of_week(at);
        self.beginnings().any(|begins| since(begins, at) < self.length())
    }

    /// How many minutes from the beginning of the minute `at` to the next time that it begins or ends; at least 1.
    #[must_use]
    pub fn minutes_to_edge(&self, at: DateTime) -> u16 {
        let at = minute_of_week(at);
        self.beginnings()
            .flat_map(|begins| [begins, (begins + self.length()) % WEEK])
            .map(|edge| match since(at, edge) {
                0 => WEEK,
                minutes => minutes,
            })
            .min()
            .unwrap_or(WEEK)
    }

    fn beginnings(&self) -> impl Iterator<Item = u16> {
        self.days
            .numbers()
            .map(|day| u16::from(day) * MIDNIGHT + self.from)
    }

    const fn length(&self) -> u16 {
        if self.ends_on_its_day() {
            self.to - self.from
        } else {
            MIDNIGHT - self.from + self.to
        }
    }
}

impl FromStr for WeekSpan {
    type Err = NotHours;

    fn from_str(text: &str) -> Result<Self, NotHours> {
        let text = text.trim();
        let Some((days, times)) = text.split_once(' ') else {
            return Self::new(text.parse()?, 0, MIDNIGHT).ok_or(NotHours);
        };
        let (from, to) = times.trim().split_once('-').ok_or(NotHours)?;
        Self::new(days.parse()?, minutes(from)?, minutes(to)?).ok_or(NotHours)
    }
}

/// As it is kept and shown: lower case, one blank where one belongs.
impl fmt::Display for WeekSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { days, from, to } = self;
        if (*from, *to) == (0, MIDNIGHT) {
            return write!(f, "{days}");
        }
        self.write_with_times(f)
    }
}

impl WeekSpan {
    pub(crate) fn write_with_times(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { days, from, to } = self;
        let (from_hour, from_minute) = (from / 60, from % 60);
        let (to_hour, to_minute) = (to / 60, to % 60);
        write!(
            f,
            "{days} {from_hour:02}:{from_minute:02}-{to_hour:02}:{to_minute:02}"
        )
    }
}

/// How long after `earlier` in the week `later` comes, in minutes.
const fn since(earlier: u16, later: u16) -> u16 {
    (later + WEEK - earlier) % WEEK
}

fn minute_of_week(at: DateTime) -> u16 {
    // None of these is negative.
    let [hour, minute] = [at.hour(), at.minute()].map(|part| u16::from(part.unsigned_abs()));
    u16::from(index(at.weekday())) * MIDNIGHT + hour * 60 + minute
}

fn index(day: Weekday) -> u8 {
    day.to_monday_zero_offset().unsigned_abs()
}

fn day(text: &str) -> Result<u8, NotHours> {
    let at = DAYS
        .iter()
        .position(|day| day.eq_ignore_ascii_case(text))
        .ok_or(NotHours)?;
    u8::try_from(at).map_err(|_| NotHours)
}

fn minutes(text: &str) -> Result<u16, NotHours> {
    let (hour, minute) = text.split_once(':').ok_or(NotHours)?;
    let two_digits = |part: &str| -> Result<u16, NotHours> {
        let shaped = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        shaped.then(|| part.parse().ok()).flatten().ok_or(NotHours)
    };
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let minutes = hour * 60 + minute;
    if minute < 60 && minutes <= MIDNIGHT {
        Ok(minutes)
    } else {
        Err(NotHours)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    use super::*;

    fn monday() -> Date {
        date(2026, 11, 23)
    }

    fn span(text: &str) -> WeekSpan {
        text.parse().unwrap()
    }

    #[test]
    fn spans_are_read_and_written_alike() {
        for (text, written) in [
            ("mon-fri 18:00-08:00", "mon-fri 18:00-08:00"),
            (" Sun ", "sun"),
            ("sat-mon", "sat-mon"),
            ("fri,mon,tue  12:30-13:30", "mon-tue,fri 12:30-13:30"),
            ("mon-sun 22:00-24:00", "mon-sun 22:00-24:00"),
            ("sun 00:00-24:00", "sun"),
        ] {
            assert_eq!(span(text).to_string(), written);
        }
        for text in ["", "mon 24:00-08:00", "moon", "mon 8-9", "mon, 08:00-09:00"] {
            assert_eq!(text.parse::<WeekSpan>(), Err(NotHours), "{text}");
        }
    }

    #[test]
    fn a_night_belongs_to_the_day_it_begins_on() {
        let nights = span("mon-fri 18:00-08:00");
        let friday = date(2026, 11, 27);
        for (at, covered) in [
            (monday().at(7, 59, 0, 0), false),
            (monday().at(17, 59, 59, 0), false),
            (monday().at(18, 0, 0, 0), true),
            (friday.at(23, 0, 0, 0), true),
            (date(2026, 11, 28).at(7, 59, 59, 0), true),
            (date(2026, 11, 28).at(8, 0, 0, 0), false),
        ] {
            assert_eq!(nights.covers(at), covered, "{at}");
        }
        assert!(
            span("sun 18:00-08:00").covers(monday().at(7, 0, 0, 0)),
            "over the week's end"
        );
        assert!(span("sun").covers(date(2026, 11, 22).at(0, 0, 0, 0)));
        assert!(!span("sun").covers(monday().at(0, 0, 0, 0)));
    }

    proptest! {
        // Each looks at every minute up to the edge.
        #![proptest_config(ProptestConfig {
            cases: ProptestConfig::default().cases / 4,
            ..ProptestConfig::default()
        })]

        #[test]
        fn nothing_changes_before_the_edge_and_something_at_it(
            days in 1..128_u8, from in 0..MIDNIGHT, to in 0..=MIDNIGHT, at in 0..WEEK,
        ) {
            let span = WeekSpan::new(Days(days), from, to).unwrap();
            let start = monday().at(0, 0, 0, 0);
            let after = |minutes: u16| start + jiff::Span::new().minutes(i64::from(minutes));
            let edge = span.minutes_to_edge(after(at));
            prop_assert!((1..=WEEK).contains(&edge));
            for minutes in 0..edge {
                prop_assert_eq!(span.covers(after(at + minutes)), span.covers(after(at)));
            }
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }
    }
}
