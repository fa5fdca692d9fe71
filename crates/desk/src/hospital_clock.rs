use std::time::Duration;

use deskbell_clock::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan, Zoned};

/// What the clock on the hospital's wall shows: the gateway's time in the hospital's zone. The PC's own clock and
/// zone may be wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HospitalClock {
    zone: TimeZone,
    zone_known: bool,
    /// How far the gateway's clock is ahead of the PC's.
    ahead: SignedDuration,
}

impl HospitalClock {
    /// A clock for an IANA zone, set by a gateway that says `server` while the PC says `now`.
    ///
    /// An unknown zone falls back to the PC's own, and says so by [`Self::zone_known`].
    pub(crate) fn new(zone: &str, server: Timestamp, now: Timestamp) -> Self {
        let known = TimeZone::get(zone).ok();
        Self {
            zone_known: known.is_some(),
            zone: known.unwrap_or_else(TimeZone::system),
            ahead: server.duration_since(now),
        }
    }

    /// Sets the clock by a gateway that says `server` while the PC says `now`.
    pub(crate) fn set(&mut self, server: Timestamp, now: Timestamp) {
        self.ahead = server.duration_since(now);
    }

    /// The PC's clock has been set forward by `by`, or back: this one goes on.
    pub(crate) fn pc_clock_set(&mut self, by: SignedDuration) {
        self.ahead -= by;
    }

    /// Whether the hospital's zone was found in the zone database.
    pub(crate) const fn zone_known(&self) -> bool {
        self.zone_known
    }

    /// The gateway's time while the PC's clock says `now`.
    pub(crate) fn server_time(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.ahead).unwrap_or(now)
    }

    /// Date and time at the hospital while the PC's clock says `now`.
    pub(crate) fn local(&self, now: Timestamp) -> DateTime {
        self.zoned(now).datetime()
    }

    /// The date at the hospital while the PC's clock says `now`.
    pub(crate) fn today(&self, now: Timestamp) -> Date {
        self.zoned(now).date()
    }

    /// How long until the date changes; some zones skip midnight, so the day's first moment counts.
    pub(crate) fn until_tomorrow(&self, now: Timestamp) -> Duration {
        let zoned = self.zoned(now);
        zoned
            .checked_add(1.day())
            .and_then(|tomorrow| tomorrow.start_of_day())
            .ok()
            .and_then(|midnight| midnight.duration_since(&zoned).try_into().ok())
            .unwrap_or(Duration::from_hours(24))
    }

    /// How long until the hospital's clock shows what it shows `minutes` after the beginning of its present minute.
    pub(crate) fn until_minutes_on(&self, minutes: u16, now: Timestamp) -> Duration {
        let zoned = self.zoned(now);
        let minute = zoned.datetime().with().second(0).subsec_nanosecond(0).build();
        minute
            .and_then(|minute| minute.checked_add(i64::from(minutes).minutes()))
            .and_then(|then| then.to_zoned(self.zone.clone()))
            .ok()
            .and_then(|then| then.duration_since(&zoned).try_into().ok())
            // Somewhere in a gap of the clock: it is looked at again.
            .unwrap_or(Duration::from_mins(1))
    }

    fn zoned(&self, now: Timestamp) -> Zoned {
        self.server_time(now).to_zoned(self.zone.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_turns_at_the_hospitals_midnight_by_the_gateways_clock() {
        // The PC is five minutes slow.
        let clock = HospitalClock::new(
            "Asia/Seoul",
            at("2026-11-22T15:00:00Z"),
            at("2026-11-22T14:55:00Z"),
        );
        assert!(clock.zone_known());
        assert_eq!(clock.today(at("2026-11-22T14:54:59Z")).to_string(), "2026-11-22");
        assert_eq!(clock.today(at("2026-11-22T14:55:00Z")).to_string(), "2026-11-23");
        assert_eq!(
            clock.until_tomorrow(at("2026-11-22T14:54:30Z")),
            Duration::from_secs(30)
        );
        assert_eq!(
            clock.until_tomorrow(at("2026-11-22T14:55:00Z")),
            Duration::from_hours(24)
        );
    }

    #[test]
    fn an_unknown_zone_is_told_and_not_fatal() {
        let now = at("2026-11-22T15:00:00Z");
        assert!(!HospitalClock::new("Mars/Olympus", now, now).zone_known());
    }
}
