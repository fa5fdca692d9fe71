use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limit::Network;

/// How many connections there are, and may be. Clones share the count.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    most: usize,
    most_each: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    each: HashMap<Network, usize>,
}

/// One connection's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    network: Option<Network>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Full {
    #[error("there are as many connections as there may be")]
    All,
    #[error("the address has as many connections as it may have")]
    Address,
}

impl Places {
    pub(super) fn new(most: usize, most_each: usize) -> Self {
        Self(Arc::new(Shared {
            most,
            most_each,
            taken: Mutex::default(),
        }))
    }

    /// A place for a connection of `address`; without one, for one that is not counted by its address.
    pub(super) fn take(&self, address: Option<IpAddr>) -> Result<Place, Full> {
        let network = address.map(Network::of);
        let mut taken = self.taken();
        if taken.all >= self.0.most {
            return Err(Full::All);
        }
        if let Some(network) = network {
            let its = taken.each.entry(network).or_default();
            if *its >= self.0.most_each {
                return Err(Full::Address);
            }
            *its += 1;
        }
        taken.all += 1;
        Ok(Place {
            places: self.clone(),
            network,
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(network) = self.network
            && let Some(its) = taken.each.get_mut(&network)
        {
            *its -= 1;
            if *its == 0 {
                taken.each.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_take_anothers_places() {
        let places = Places::new(3, 2);
        let here = Some("203.0.113.7".parse().unwrap());
        let there = Some("203.0.113.8".parse().unwrap());
        let first = places.take(here).unwrap();
        let _second = places.take(here).unwrap();
        assert_eq!(places.take(here).unwrap_err(), Full::Address);
        let _other = places.take(there).unwrap();
        drop(first);
        let _again = places.take(here).unwrap();
        assert_eq!(places.take(there).unwrap_err(), Full::All);
    }

    #[test]
    fn a_proxys_connections_are_counted_in_all_alone() {
        let places = Places::new(3, 1);
        let taken: Vec<_> = (0..3).map(|_| places.take(None).unwrap()).collect();
        assert_eq!(places.take(None).unwrap_err(), Full::All);
        drop(taken);
        assert_eq!(places.taken().all, 0);
    }

    #[test]
    fn nothing_is_kept_of_an_address_that_has_gone() {
        let places = Places::new(9, 9);
        drop(places.take(Some("2001:db8::1".parse().unwrap())).unwrap());
        assert!(places.taken().each.is_empty());
    }
}
