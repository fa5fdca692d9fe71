use std::fmt;
use std::str::FromStr;

/// When somebody is at the desk, week by week: `mon-fri 09:00-18:00, sat 09:00-13:00`, in the hospital's local time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningHours(Vec<Stretch>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    /// 0 is Monday. After the last comes the first again: `sat-mon` is three days.
    first_day: u8,
    last_day: u8,
    opens: u16,
    closes: u16,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The end of a day, `24:00`, in minutes.
const MIDNIGHT: u16 = 24 * 60;

/// The text is no [`OpeningHours`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("opening hours are written as \"mon-fri 09:00-18:00, sat 09:00-13:00\"")]
pub struct NotHours;

impl OpeningHours {
    /// From the earliest opening to the latest closing of any day, in minutes after midnight; at most 24:00.
    #[must_use]
    pub fn span(&self) -> (u16, u16) {
        let opens = self.0.iter().map(|stretch| stretch.opens).min().unwrap_or(0);
        let closes = self
            .0
            .iter()
            .map(|stretch| stretch.closes)
            .max()
            .unwrap_or(MIDNIGHT);
        (opens, closes)
    }
}

impl FromStr for OpeningHours {
    type Err = NotHours;

    fn from_str(text: &str) -> Result<Self, NotHours> {
        text.split(',').map(stretch).collect::<Result<_, _>>().map(Self)
    }
}

fn stretch(text: &str) -> Result<Stretch, NotHours> {
    let (days, times) = text.trim().split_once(' ').ok_or(NotHours)?;
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let (opens, closes) = times.trim().split_once('-').ok_or(NotHours)?;
    let (opens, closes) = (minutes(opens)?, minutes(closes)?);
    if opens >= closes {
        return Err(NotHours);
    }
    Ok(Stretch {
        first_day: day(first)?,
        last_day: day(last)?,
        opens,
        closes,
    })
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

/// As it is kept and shown: lower case, one blank where one belongs.
impl fmt::Display for OpeningHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, stretch) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            f.write_str(DAYS[usize::from(stretch.first_day)])?;
            if stretch.first_day != stretch.last_day {
                write!(f, "-{}", DAYS[usize::from(stretch.last_day)])?;
            }
            let Stretch { opens, closes, .. } = stretch;
            write!(
                f,
                " {:02}:{:02}-{:02}:{:02}",
                opens / 60,
                opens % 60,
                closes / 60,
                closes % 60
            )?;
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
    fn the_span_reaches_over_all_days() {
        let hours: OpeningHours = "mon-fri 09:30-18:00, sat 08:00-13:00".parse().unwrap();
        assert_eq!(hours.span(), (8 * 60, 18 * 60));
    }
}
