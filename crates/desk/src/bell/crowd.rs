use std::collections::VecDeque;
use std::time::Duration;

use deskbell_clock::Instant;

/// So many toasts of their own may come within [`WINDOW`]; what comes on top of them is told together.
const MOST: usize = 3;

/// The time in which toasts are counted, and the shortest from one that tells what has waited to the next.
const WINDOW: Duration = Duration::from_secs(2);

/// For so long nothing may come before a crowd is over.
const CALM: Duration = Duration::from_secs(5);

/// In a crowd the digest is told anew after this, and after twice as long each time from there on.
const GAP_FIRST: Duration = Duration::from_secs(4);

/// The longest such gap.
const GAP_CAP: Duration = Duration::from_secs(30);

/// How much may be shown and heard at once: three toasts and one that tells the rest in any two seconds, and one sound
/// a crowd.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    /// When the last toasts of their own came; at most [`MOST`], oldest first.
    singles: VecDeque<Instant>,
    /// The crowd there is, or the last there was.
    crowd: Option<Span>,
    /// Before this nothing that waits is told.
    free_at: Option<Instant>,
    /// From the next that is told to the one after it, while the crowd lasts.
    gap: Duration,
    sounded_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    began: Instant,
    /// Before this it is not told of, so that there is something to tell.
    tells_from: Instant,
    until: Instant,
}

impl Crowd {
    /// Whether one more toast of its own would be one too many.
    pub(super) fn is_crowded(&self, now: Instant) -> bool {
        self.present(now).is_some() || self.is_full(now)
    }

    fn present(&self, now: Instant) -> Option<Span> {
        self.crowd.filter(|span| now < span.until)
    }

    fn is_full(&self, now: Instant) -> bool {
        let first = self.singles.front().filter(|_| self.singles.len() == MOST);
        first.is_some_and(|first| now < *first + WINDOW)
    }

    /// A toast of its own is shown.
    pub(super) fn rings(&mut self, now: Instant) {
        if self.singles.len() == MOST {
            self.singles.pop_front();
        }
        self.singles.push_back(now);
    }

    /// Something comes that has to wait for the crowd. Says when it may be told.
    pub(super) fn joins(&mut self, now: Instant) -> Instant {
        let until = now + CALM;
        match self.present(now) {
            Some(span) => {
                self.crowd = Some(Span { until, ..span });
                span.tells_from.max(now)
            }
            None => {
                let began = self.singles.front().copied().unwrap_or(now);
                let tells_from = now + WINDOW;
                self.crowd = Some(Span {
                    began,
                    tells_from,
                    until,
                });
                self.gap = GAP_FIRST;
                tells_from
            }
        }
    }

    /// What waits is told, by one toast.
    pub(super) fn tells(&mut self, now: Instant) {
        if self.present(now).is_some() {
            self.free_at = Some(now + self.gap);
            self.gap = self.gap.saturating_mul(2).min(GAP_CAP);
        } else {
            self.free_at = Some(now + WINDOW);
        }
    }

    /// When what waits may be told.
    pub(super) const fn free_at(&self) -> Option<Instant> {
        self.free_at
    }

    /// Whether a toast that comes now is heard: one in a crowd, `of_crowd` also where it comes after it, and no two at
    /// once.
    pub(super) fn sounds(&mut self, of_crowd: bool, now: Instant) -> bool {
        let crowd = if of_crowd { self.crowd } else { self.present(now) };
        let heard = self
            .sounded_at
            .is_some_and(|sounded| crowd.map_or(now < sounded + WINDOW, |span| sounded >= span.began));
        if !heard {
            self.sounded_at = Some(now);
        }
        !heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_origin(Duration::from_millis(millis))
    }

    #[test]
    fn the_fourth_within_two_seconds_is_one_too_many() {
        let mut crowd = Crowd::default();
        for millis in [0, 900, 1_800] {
            assert!(!crowd.is_crowded(at(millis)));
            crowd.rings(at(millis));
        }
        assert!(crowd.is_crowded(at(1_999)));
        assert!(!crowd.is_crowded(at(2_000)), "nobody has come: no crowd");
        assert_eq!(crowd.joins(at(1_999)), at(3_999));
        assert_eq!(crowd.joins(at(2_100)), at(3_999));
        assert_eq!(crowd.joins(at(4_000)), at(4_000));
        assert!(crowd.is_crowded(at(8_999)));
        assert!(!crowd.is_crowded(at(9_000)));
    }

    #[test]
    fn a_crowd_is_told_anew_ever_more_seldom() {
        let mut crowd = Crowd::default();
        (0..3).for_each(|_| crowd.rings(at(0)));
        let mut told_at = crowd.joins(at(0));
        let mut gaps = Vec::new();
        for _ in 0..6 {
            crowd.joins(told_at);
            crowd.tells(told_at);
            let next = crowd.free_at().unwrap();
            gaps.push(next.saturating_since(told_at).as_secs());
            // Somebody comes every second.
            while told_at < next {
                told_at += Duration::from_secs(1);
                crowd.joins(told_at);
            }
        }
        assert_eq!(gaps, [4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn a_crowd_is_heard_once() {
        let mut crowd = Crowd::default();
        let mut heard = Vec::new();
        for _ in 0..3 {
            crowd.rings(at(0));
            heard.push(crowd.sounds(false, at(0)));
        }
        crowd.joins(at(0));
        heard.push(crowd.sounds(false, at(4_000)));
        heard.push(crowd.sounds(true, at(9_000)));
        heard.push(crowd.sounds(false, at(9_000)));
        assert_eq!(heard, [true, false, false, false, false, true]);
    }
}
