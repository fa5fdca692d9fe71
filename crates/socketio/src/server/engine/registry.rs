use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::sync::{oneshot, watch};

use super::polling::Polls;

/// The part of all connections that may be polled ones nobody has admitted: one in this many. Such a connection costs its
/// client nothing, not even a TCP connection.
const NEWCOMERS_SHARE: usize = 8;

/// The connections of a server.
pub(super) struct Registry {
    capacity: usize,
    open: Mutex<Open>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Open {
    closed: bool,
    count: usize,
    next: u64,
    /// The connections that began on requests, by name.
    polled: HashMap<String, Carrier>,
    /// Those among them that nobody has admitted, in the order they came.
    newcomers: BTreeMap<u64, oneshot::Sender<Infallible>>,
}

/// What carries a connection that began on requests.
#[derive(Clone)]
pub(super) enum Carrier {
    Requests(Arc<Polls>),
    WebSocket,
}

/// No connection is taken: the server is full, or closing.
#[derive(Debug)]
pub(super) struct Unavailable;

/// A connection's place. It is given up when this is dropped, even by a panic.
pub(super) struct Place {
    registry: Arc<Registry>,
    /// Its name, if requests may ask for it.
    polled: Option<String>,
}

/// A polled connection among those that may be given up for newer ones. It is not any more once this is dropped.
pub(super) struct Newcomer {
    registry: Arc<Registry>,
    number: u64,
    given_up: oneshot::Receiver<Infallible>,
}

impl Registry {
    pub(super) fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            capacity,
            open: Mutex::default(),
            count: watch::Sender::new(0),
        })
    }

    /// Takes a place for a connection.
    pub(super) fn enter(self: &Arc<Self>) -> Result<Place, Unavailable> {
        let mut open = self.open();
        if open.closed || open.count >= self.capacity {
            return Err(Unavailable);
        }
        open.count += 1;
        self.count.send_replace(open.count);
        Ok(Place {
            registry: Arc::clone(self),
            polled: None,
        })
    }

    /// What carries the connection that began on requests and is called `sid`.
    pub(super) fn find(&self, sid: &str) -> Option<Carrier> {
        self.open().polled.get(sid).cloned()
    }

    /// Notes that a WebSocket carries the connection `sid` now.
    pub(super) fn note_upgrade(&self, sid: &str) {
        if let Some(carrier) = self.open().polled.get_mut(sid) {
            *carrier = Carrier::WebSocket;
        }
    }

    /// Takes no more connections.
    pub(super) fn close(&self) {
        self.open().closed = true;
    }

    /// How many connections there are.
    pub(super) fn len(&self) -> usize {
        self.open().count
    }

    /// Resolves when no connection is left.
    pub(super) async fn emptied(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Lets requests find the connection under `sid`. Until it is admitted, it is given up when there are too many like it
    /// and it is the oldest.
    pub(super) fn answer_to(&mut self, sid: &str, polls: Arc<Polls>) -> Newcomer {
        let (sender, given_up) = oneshot::channel();
        let mut open = self.registry.open();
        open.polled.insert(sid.to_owned(), Carrier::Requests(polls));
        self.polled = Some(sid.to_owned());
        let number = open.next;
        open.next += 1;
        open.newcomers.insert(number, sender);
        if open.newcomers.len() > self.registry.capacity.div_ceil(NEWCOMERS_SHARE) {
            // Dropping its sender tells the oldest.
            open.newcomers.pop_first();
        }
        Newcomer {
            registry: Arc::clone(&self.registry),
            number,
            given_up,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.registry.open();
        if let Some(sid) = &self.polled {
            open.polled.remove(sid);
        }
        open.count -= 1;
        // Under the lock, so that the last count told is the last one there was.
        self.registry.count.send_replace(open.count);
    }
}

impl Newcomer {
    /// Ready when the connection is given up.
    pub(super) fn poll_given_up(&mut self, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.given_up).poll(context).map(|_| ())
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        self.registry.open().newcomers.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use futures_util::FutureExt;

    use super::super::polling::Polling;
    use super::*;

    fn is_given_up(newcomer: &mut Newcomer) -> bool {
        newcomer
            .poll_given_up(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    }

    fn enter(registry: &Arc<Registry>, sid: &str) -> (Place, Newcomer) {
        let mut place = registry.enter().unwrap();
        let newcomer = place.answer_to(sid, Arc::new(Polling::new().0));
        (place, newcomer)
    }

    #[test]
    fn the_oldest_newcomer_is_given_up_for_the_newest() {
        let registry = Registry::new(2 * NEWCOMERS_SHARE);
        let (_first_place, mut first) = enter(&registry, "a");
        let (_second_place, mut second) = enter(&registry, "b");
        assert!(!is_given_up(&mut first) && !is_given_up(&mut second));
        let (_third_place, mut third) = enter(&registry, "c");
        assert!(is_given_up(&mut first));
        assert!(!is_given_up(&mut second) && !is_given_up(&mut third));
        // One that was admitted is none of them.
        drop(second);
        let (_fourth_place, mut fourth) = enter(&registry, "d");
        assert!(!is_given_up(&mut third) && !is_given_up(&mut fourth));
    }

    #[test]
    fn a_place_is_given_back_with_its_name() {
        let registry = Registry::new(1);
        let (place, newcomer) = enter(&registry, "a");
        assert!(registry.enter().is_err());
        assert!(matches!(registry.find("a"), Some(Carrier::Requests(_))));
        registry.note_upgrade("a");
        assert!(matches!(registry.find("a"), Some(Carrier::WebSocket)));
        assert!(registry.emptied().now_or_never().is_none());
        drop((place, newcomer));
        assert!(registry.find("a").is_none());
        assert!(registry.emptied().now_or_never().is_some());
        registry.close();
        assert!(registry.enter().is_err());
        assert_eq!(registry.len(), 0);
    }
}
