use deskbell_clock::{Entropy, Instant};

use crate::Backoff;

/// What is known of the network that a link goes through: whether it carries a WebSocket.
pub(super) struct Network {
    probe: Backoff,
    blocked: Option<Blocked>,
}

/// No WebSocket could be opened.
struct Blocked {
    failures: u32,
    next_try: Instant,
}

impl Network {
    pub(super) fn new(probe: Backoff) -> Self {
        Self { probe, blocked: None }
    }

    /// A WebSocket carries, and not only at its beginning.
    pub(super) fn websocket_works(&mut self) {
        self.blocked = None;
    }

    /// Polling carries, and a WebSocket does not.
    pub(super) fn websocket_fails(&mut self, now: Instant, entropy: &dyn Entropy) {
        let failures = self.blocked.as_ref().map_or(0, |blocked| blocked.failures);
        self.blocked = Some(Blocked {
            failures: failures.saturating_add(1),
            next_try: now + self.probe.delay(failures, entropy),
        });
    }

    /// When a WebSocket may be tried; `None` if nothing speaks against it.
    pub(super) fn next_try(&self) -> Option<Instant> {
        self.blocked.as_ref().map(|blocked| blocked.next_try)
    }

    /// It may be another network.
    pub(super) fn forget(&mut self) {
        self.blocked = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Always gives the largest wait, nearly.
    struct Unlucky;

    impl Entropy for Unlucky {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0xff);
        }
    }

    #[test]
    fn a_websocket_that_fails_is_tried_more_and_more_rarely_until_one_works_or_the_network_is_another() {
        let probe = Backoff {
            base: Duration::from_secs(60),
            cap: Duration::from_secs(300),
        };
        let mut network = Network::new(probe);
        assert_eq!(network.next_try(), None);
        let wait = |network: &mut Network| {
            network.websocket_fails(Instant::ORIGIN, &Unlucky);
            let next_try = network.next_try().unwrap();
            next_try.saturating_since(Instant::ORIGIN).as_secs_f64().round()
        };
        let waits: [f64; 4] = std::array::from_fn(|_| wait(&mut network));
        assert_eq!(waits.map(|wait| wait as u64), [60, 120, 240, 300]);
        network.websocket_works();
        assert_eq!(network.next_try(), None);
        assert_eq!(wait(&mut network) as u64, 60);
        network.forget();
        assert_eq!(network.next_try(), None);
    }
}
