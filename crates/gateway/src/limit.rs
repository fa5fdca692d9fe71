use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deskbell_clock::Instant;

/// How many callers are remembered at most; beyond, the one that would be forgotten next is forgotten now.
const MOST_CALLERS: usize = 65_536;

/// Lets each caller do something a few times at once, then once in every `refill`.
#[derive(Debug)]
pub(crate) struct Limit<K> {
    at_once: u32,
    refill: Duration,
    callers: Mutex<Callers<K>>,
}

/// For each caller, when it will have all its tries again: by caller, and by time.
#[derive(Debug)]
struct Callers<K> {
    full_again: HashMap<K, Instant>,
    soonest: BTreeSet<(Instant, K)>,
}

/// What counts as one caller among addresses: an IPv4 address, or a /64 of IPv6, as whoever has one address of it has
/// all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Network(IpAddr);

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 => v4,
        })
    }
}

impl<K: Copy + Eq + Hash + Ord> Limit<K> {
    pub(crate) fn new(at_once: u32, refill: Duration) -> Self {
        Self {
            at_once,
            refill,
            callers: Mutex::default(),
        }
    }

    /// So many in a second, and those of two seconds at once.
    pub(crate) fn per_second(rate: NonZeroU32) -> Self {
        Self::new(rate.get().saturating_mul(2), Duration::from_secs(1) / rate.get())
    }

    /// Takes one try of `caller`.
    ///
    /// # Errors
    /// How long to wait for the next, when there is none left.
    pub(crate) fn take(&self, caller: K, now: Instant) -> Result<(), Duration> {
        let mut callers = self.callers();
        callers.forget_until(now);
        let at = callers.full_again.get(&caller).copied().unwrap_or(now);
        let owed = at.saturating_since(now) + self.refill;
        let most = self.refill * self.at_once;
        if owed > most {
            return Err(owed.saturating_sub(most));
        }
        callers.remember(caller, now + owed);
        Ok(())
    }

    /// Forgets what `caller` has done: it was in the right.
    pub(crate) fn forgive(&self, caller: K) {
        self.callers().forget(caller);
    }

    fn callers(&self) -> MutexGuard<'_, Callers<K>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K> Default for Callers<K> {
    fn default() -> Self {
        Self {
            full_again: HashMap::new(),
            soonest: BTreeSet::new(),
        }
    }
}

impl<K: Copy + Eq + Hash + Ord> Callers<K> {
    fn remember(&mut self, caller: K, full_again: Instant) {
        self.forget(caller);
        // Before the newcomer is there, so that it is not the one: it would never run out of tries.
        if self.full_again.len() >= MOST_CALLERS
            && let Some((_, soonest)) = self.soonest.pop_first()
        {
            self.full_again.remove(&soonest);
        }
        self.full_again.insert(caller, full_again);
        self.soonest.insert((full_again, caller));
    }

    fn forget(&mut self, caller: K) {
        if let Some(at) = self.full_again.remove(&caller) {
            self.soonest.remove(&(at, caller));
        }
    }

    /// Forgets those that have all their tries again.
    fn forget_until(&mut self, now: Instant) {
        while let Some(first) = self.soonest.first().copied()
            && first.0 <= now
        {
            self.soonest.remove(&first);
            self.full_again.remove(&first.1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn address(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    #[test]
    fn tries_run_out_and_come_back_one_by_one() {
        let limit = Limit::new(3, MINUTE);
        let (here, mut now) = (address("203.0.113.7"), Instant::ORIGIN);
        for _ in 0..3 {
            limit.take(here, now).unwrap();
        }
        assert_eq!(limit.take(here, now), Err(MINUTE));
        now += MINUTE / 4;
        assert_eq!(limit.take(here, now), Err(MINUTE * 3 / 4));
        now += MINUTE * 3 / 4;
        assert_eq!(limit.take(here, now), Ok(()));
        assert_eq!(limit.take(here, now), Err(MINUTE));
        now += MINUTE * 60;
        for _ in 0..3 {
            limit.take(here, now).unwrap();
        }
        assert!(limit.take(here, now).is_err());
    }

    #[test]
    fn one_address_does_not_use_up_anothers_tries() {
        let limit = Limit::new(1, MINUTE);
        let now = Instant::ORIGIN;
        limit.take(address("2001:db8::1"), now).unwrap();
        assert!(
            limit.take(address("2001:db8::2"), now).is_err(),
            "the same network"
        );
        limit.take(address("2001:db8:0:1::1"), now).unwrap();
        limit.take(address("203.0.113.7"), now).unwrap();
        assert!(limit.take(address("::ffff:203.0.113.7"), now).is_err());
        limit.forgive(address("203.0.113.7"));
        limit.take(address("203.0.113.7"), now).unwrap();
    }

    #[test]
    fn a_rate_is_kept_to_over_time() {
        let limit = Limit::per_second(NonZeroU32::new(100).unwrap());
        let mut now = Instant::ORIGIN;
        let mut passed = 0;
        // Ten times as often as allowed, for ten seconds.
        for _ in 0..10_000 {
            passed += u32::from(limit.take((), now).is_ok());
            now += Duration::from_millis(1);
        }
        assert_eq!(passed, 200 + 999);
    }

    #[test]
    fn a_flood_of_addresses_is_not_remembered_without_end_and_keeps_no_stranger_out() {
        let limit = Limit::new(2, MINUTE);
        let mut now = Instant::ORIGIN;
        let many = |n: u32| Network::of(IpAddr::V4(n.into()));
        let most = u32::try_from(MOST_CALLERS).unwrap();
        for n in 0..most {
            limit.take(many(n), now).unwrap();
            // The first is the one that is full again soonest.
            now += Duration::from_micros(1);
        }
        for n in 1..most {
            limit.take(many(n), now).unwrap();
        }
        let stranger = many(u32::MAX);
        limit.take(stranger, now).unwrap();
        limit.take(stranger, now).unwrap();
        assert!(limit.take(stranger, now).is_err(), "it is remembered");
        assert!(limit.take(many(1), now).is_err(), "it was not the one forgotten");
        assert_eq!(limit.callers().full_again.len(), MOST_CALLERS);
        now += MINUTE * 3;
        limit.take(stranger, now).unwrap();
        let callers = limit.callers();
        assert_eq!((callers.full_again.len(), callers.soonest.len()), (1, 1));
    }
}
