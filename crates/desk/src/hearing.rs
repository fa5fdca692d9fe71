use std::collections::BTreeSet;
use std::time::Duration;

use deskbell_clock::Timestamp;

/// What is known of a source that replays nothing: since when this run of the app listens, and what it could not bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hearing {
    /// When the first connection of this run came about.
    pub since: Timestamp,
    /// Since when nothing can have been heard; `None` while the server is listened to.
    deaf_since: Option<Timestamp>,
    /// The outages of today.
    pub outages: Option<Outages>,
    /// What came today and was no reservation that can be shown.
    pub unfit: Option<Unfit>,
}

/// Times in which nobody listened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outages {
    /// How many.
    pub count: u32,
    /// How long they were, together.
    pub total: Duration,
    /// The last one's beginning and end.
    pub last: (Timestamp, Timestamp),
}

/// Events that should have been reservations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    /// How many.
    pub count: u32,
    /// When the last came.
    pub last: Timestamp,
    /// The fields that were at fault in any of them; empty where none was a form at all.
    pub fields: BTreeSet<&'static str>,
    /// Whether somebody has opened the window since.
    pub seen: bool,
}

impl Hearing {
    /// Listening begins.
    pub(crate) const fn new(since: Timestamp) -> Self {
        Self {
            since,
            deaf_since: None,
            outages: None,
            unfit: None,
        }
    }

    /// Nothing can have been heard since then; the earliest beginning of an outage counts.
    pub(crate) fn deaf(&mut self, since: Timestamp) {
        self.deaf_since = Some(self.deaf_since.map_or(since, |before| before.min(since)));
    }

    /// The server is listened to again.
    pub(crate) fn listens(&mut self, now: Timestamp) {
        if let Some(since) = self.deaf_since.take() {
            self.missed(since, now);
        }
    }

    /// Nobody listened from `began` to `ended`.
    fn missed(&mut self, began: Timestamp, ended: Timestamp) {
        let lasted = Duration::try_from(ended.duration_since(began)).unwrap_or_default();
        let (count, total) = self
            .outages
            .as_ref()
            .map_or((0, Duration::ZERO), |outages| (outages.count, outages.total));
        self.outages = Some(Outages {
            count: count.saturating_add(1),
            total: total.saturating_add(lasted),
            last: (began, ended),
        });
    }

    /// Something came that cannot be shown.
    pub(crate) fn unfit(&mut self, fields: impl IntoIterator<Item = &'static str>, now: Timestamp) {
        let unfit = self.unfit.get_or_insert_with(|| Unfit {
            count: 0,
            last: now,
            fields: BTreeSet::new(),
            seen: false,
        });
        unfit.count = unfit.count.saturating_add(1);
        unfit.last = now;
        unfit.fields.extend(fields);
        unfit.seen = false;
    }

    /// Somebody has opened the window.
    pub(crate) fn seen(&mut self) {
        if let Some(unfit) = &mut self.unfit {
            unfit.seen = true;
        }
    }

    /// A new day: what was told of the day before has been read by now, or will not be.
    pub(crate) fn turn_day(&mut self) {
        self.outages = None;
        self.unfit = None;
    }

    /// Whether something waits that a person must look at.
    pub(crate) fn calls(&self) -> bool {
        self.unfit.as_ref().is_some_and(|unfit| !unfit.seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn outages_add_up_until_the_day_turns() {
        let mut hearing = Hearing::new(at(0));
        for (began, ended) in [(60, 180), (600, 660)] {
            hearing.deaf(at(began));
            hearing.deaf(at(ended - 1));
            hearing.listens(at(ended));
        }
        hearing.listens(at(700));
        let outages = hearing.outages.clone().unwrap();
        assert_eq!((outages.count, outages.total), (2, Duration::from_mins(3)));
        assert_eq!(outages.last, (at(600), at(660)));
        hearing.turn_day();
        assert_eq!(hearing, Hearing::new(at(0)));
    }

    #[test]
    fn an_outage_over_which_the_clock_was_set_back_has_no_length() {
        let mut hearing = Hearing::new(at(0));
        hearing.deaf(at(60));
        hearing.listens(at(30));
        assert_eq!(hearing.outages.unwrap().total, Duration::ZERO);
    }

    #[test]
    fn what_cannot_be_shown_calls_until_somebody_has_looked() {
        let mut hearing = Hearing::new(at(0));
        assert!(!hearing.calls());
        hearing.unfit(["phone"], at(1));
        hearing.unfit([], at(2));
        assert!(hearing.calls());
        hearing.seen();
        assert!(!hearing.calls());
        hearing.unfit(["name"], at(3));
        assert!(hearing.calls());
        let unfit = hearing.unfit.unwrap();
        assert_eq!((unfit.count, unfit.last), (3, at(3)));
        assert_eq!(unfit.fields.into_iter().collect::<Vec<_>>(), ["name", "phone"]);
    }
}
