use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use deskbell_clock::Instant;

/// How many addresses are remembered at most; beyond, unknown ones are turned away until old ones are forgotten.
const MOST_ADDRESSES: usize = 65_536;

/// Lets each address do something a few times at once, then once in every `refill`.
#[derive(Debug)]
pub(crate) struct Limit {
    at_once: u32,
    refill: Duration,
    /// For each address, when it will have all its tries again.
    full_again: Mutex<HashMap<IpAddr, Instant>>,
}

impl Limit {
    pub(crate) fn new(at_once: u32, refill: Duration) -> Self {
        Self {
            at_once,
            refill,
            full_again: Mutex::default(),
        }
    }

    /// Takes one try of `address`.
    ///
    /// # Errors
    /// How long to wait for the next, when there is none left.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let address = network(address);
        let mut full_again = self.full_again.lock().unwrap_or_else(PoisonError::into_inner);
        if full_again.len() >= MOST_ADDRESSES {
            full_again.retain(|_, at| *at > now);
        }
        if full_again.len() >= MOST_ADDRESSES && !full_again.contains_key(&address) {
            return Err(self.refill);
        }
        let at = full_again.entry(address).or_insert(now);
        let owed = at.saturating_since(now) + self.refill;
        let most = self.refill * self.at_once;
        if owed > most {
            return Err(owed.saturating_sub(most));
        }
        *at = now + owed;
        Ok(())
    }

    /// Forgets what `address` has done: it was in the right.
    pub(crate) fn forgive(&self, address: IpAddr) {
        let mut full_again = self.full_again.lock().unwrap_or_else(PoisonError::into_inner);
        full_again.remove(&network(address));
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
    fn a_flood_of_addresses_is_not_remembered_without_end() {
        let limit = Limit::new(1, MINUTE);
        let mut now = Instant::ORIGIN;
        let many = |n: u32| IpAddr::V4(n.into());
        for n in 0..u32::try_from(MOST_ADDRESSES).unwrap() {
            limit.take(many(n), now).unwrap();
        }
        assert!(limit.take(many(u32::MAX), now).is_err());
        now += MINUTE;
        assert!(limit.take(many(u32::MAX), now).is_ok());
    }
}
