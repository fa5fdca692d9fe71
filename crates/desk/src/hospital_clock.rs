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

    /// By how many minutes the gateway's clock is ahead of the PC's, or behind: to the nearest, so that what a message
    /// takes on its way counts for nothing.
    pub(crate) fn minutes_ahead(&self) -> i32 {
        let seconds = self.ahead.as_secs();
        let minutes = (seconds + 30 * seconds.signum()) / 60;
        minutes.try_into().unwrap_or(0)
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
    fn a_day_with_a_change_of_the_clock_is_as_long_as_it_is() {
        // In Berlin at midnight: of the day with 25 hours, and of the one with 23.
        for (midnight, hours) in [("2026-10-24T22:00:00Z", 25), ("2027-03-27T23:00:00Z", 23)] {
            let midnight = at(midnight);
            let clock = HospitalClock::new("Europe/Berlin", midnight, midnight);
            let day = Duration::from_hours(hours);
            assert_eq!(clock.until_tomorrow(midnight), day);
            let before = midnight + day - Duration::from_secs(1);
            assert_eq!(clock.today(before), clock.today(midnight));
            assert_eq!(
                clock.today(midnight + day),
                clock.today(midnight).tomorrow().unwrap()
            );
        }
    }

    #[test]
    fn a_day_that_has_no_midnight_begins_with_its_first_moment() {
        // In Santiago, 01:00 follows on 23:59.
        let before = at("2026-09-06T03:59:30Z");
        let clock = HospitalClock::new("America/Santiago", before, before);
        assert_eq!(clock.today(before).to_string(), "2026-09-05");
        assert_eq!(clock.until_tomorrow(before), Duration::from_secs(30));
        let first = at("2026-09-06T04:00:00Z");
        assert_eq!(clock.local(first).to_string(), "2026-09-06T01:00:00");
        assert_eq!(clock.until_tomorrow(first), Duration::from_hours(23));
    }

    #[test]
    fn nine_hours_on_the_wall_are_eight_or_ten_in_the_nights_of_the_change() {
        for (ten_pm, hours) in [
            ("2026-10-24T20:00:00Z", 10),
            ("2026-11-24T21:00:00Z", 9),
            ("2027-03-27T21:00:00Z", 8),
        ] {
            let clock = HospitalClock::new("Europe/Berlin", at(ten_pm), at(ten_pm));
            let until_seven = clock.until_minutes_on(9 * 60, at(ten_pm));
            assert_eq!(until_seven, Duration::from_hours(hours), "{ten_pm}");
        }
    }

    #[test]
    fn a_pc_that_is_off_by_less_than_half_a_minute_is_right() {
        let ahead = |server, pc| HospitalClock::new("Asia/Seoul", at(server), at(pc)).minutes_ahead();
        assert_eq!(ahead("2026-11-22T01:30:29Z", "2026-11-22T01:30:00Z"), 0);
        assert_eq!(ahead("2026-11-22T01:30:00Z", "2026-11-22T01:30:29Z"), 0);
        assert_eq!(ahead("2026-11-22T01:37:10Z", "2026-11-22T01:30:00Z"), 7);
        assert_eq!(ahead("2026-11-22T01:30:00Z", "2026-11-22T02:29:50Z"), -60);
    }

    #[test]
    fn an_unknown_zone_is_told_and_not_fatal() {
        let now = at("2026-11-22T15:00:00Z");
        assert!(!HospitalClock::new("Mars/Olympus", now, now).zone_known());
    }
}
