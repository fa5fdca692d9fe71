use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deskbell_clock::Instant;

/// How many addresses are remembered at most; beyond, the one that would be forgotten next is forgotten now.
const MOST_ADDRESSES: usize = 65_536;

/// Lets each address do something a few times at once, then once in every `refill`.
#[derive(Debug)]
pub(crate) struct Limit {
    at_once: u32,
    refill: Duration,
    addresses: Mutex<Addresses>,
}

/// For each address, when it will have all its tries again: by address, and by time.
#[derive(Debug, Default)]
struct Addresses {
    full_again: HashMap<IpAddr, Instant>,
    soonest: BTreeSet<(Instant, IpAddr)>,
}

impl Limit {
    pub(crate) fn new(at_once: u32, refill: Duration) -> Self {
        Self {
            at_once,
            refill,
            addresses: Mutex::default(),
        }
    }

    /// Takes one try of `address`.
    ///
    /// # Errors
    /// How long to wait for the next, when there is none left.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let address = network(address);
        let mut addresses = self.addresses();
        addresses.forget_until(now);
        let at = addresses.full_again.get(&address).copied().unwrap_or(now);
        let owed = at.saturating_since(now) + self.refill;
        let most = self.refill * self.at_once;
        if owed > most {
            return Err(owed.saturating_sub(most));
        }
        addresses.remember(address, now + owed);
        Ok(())
    }

    /// Forgets what `address` has done: it was in the right.
    pub(crate) fn forgive(&self, address: IpAddr) {
        self.addresses().forget(network(address));
    }

    fn addresses(&self) -> MutexGuard<'_, Addresses> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Addresses {
    fn remember(&mut self, address: IpAddr, full_again: Instant) {
        self.forget(address);
        // Before the newcomer is there, so that it is not the one: it would never run out of tries.
        if self.full_again.len() >= MOST_ADDRESSES
            && let Some((_, soonest)) = self.soonest.pop_first()
        {
            self.full_again.remove(&soonest);
        }
        self.full_again.insert(address, full_again);
        self.soonest.insert((full_again, address));
    }

    fn forget(&mut self, address: IpAddr) {
        if let Some(at) = self.full_again.remove(&address) {
            self.soonest.remove(&(at, address));
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

/// Whoever has one IPv6 address has all of its /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
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
    fn a_flood_of_addresses_is_not_remembered_without_end_and_keeps_no_stranger_out() {
        let limit = Limit::new(2, MINUTE);
        let mut now = Instant::ORIGIN;
        let many = |n: u32| IpAddr::V4(n.into());
        let most = u32::try_from(MOST_ADDRESSES).unwrap();
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
        assert_eq!(limit.addresses().full_again.len(), MOST_ADDRESSES);
        now += MINUTE * 3;
        limit.take(stranger, now).unwrap();
        let addresses = limit.addresses();
        assert_eq!((addresses.full_again.len(), addresses.soonest.len()), (1, 1));
    }
}
