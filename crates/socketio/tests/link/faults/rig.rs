use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, SeededEntropy, SystemClock};
use deskbell_fault_proxy::{FaultProxy, Faults};
use deskbell_soak::{Entry, Follower, Journal, Seen, Serving};
use deskbell_socketio::Backoff;
use deskbell_socketio::client::{DisconnectReason, Transports};
use deskbell_socketio::server::ServerConfig;
use serde_json::json;
use tokio::sync::oneshot;

use crate::PATIENCE;
use crate::peer::Peer;

/// When a server's silence is its end.
pub(crate) const PING_DEADLINE: Duration = PING_INTERVAL.saturating_add(PING_TIMEOUT);

const PING_INTERVAL: Duration = Duration::from_millis(2_500);

/// When a server gives up a client that it hears nothing of.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_millis(2_000);

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// The longest wait between two tries of a WebSocket: not so short that the tries are all a busy machine does.
const LONGEST_PROBE_WAIT: Duration = Duration::from_millis(500);

/// How long an attempt may take: less than anything else a test waits for.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What a machine that runs all tests at once may add.
const TOLERANCE: Duration = Duration::from_secs(5);

/// Whose server is followed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    Ours,
    Nodes,
}

impl Whose {
    pub(crate) const BOTH: [Self; 2] = [Self::Ours, Self::Nodes];
}

/// The journal's server.
enum Server {
    Ours(Serving),
    Nodes(Box<Peer>),
    Stopped,
}

/// A server with its journal, a fault proxy before it, and a follower before that.
pub(crate) struct Rig {
    whose: Whose,
    journal: Journal,
    server: Server,
    pub(crate) proxy: FaultProxy,
    follower: Follower,
}

impl Rig {
    pub(crate) async fn start(whose: Whose, faults: Faults) -> Self {
        let journal = Journal::default();
        let (server, address) = serve(whose, &journal).await;
        let proxy = FaultProxy::start(address).await.unwrap();
        proxy.set(faults);
        let follower = follower(proxy.address());
        Self {
            whose,
            journal,
            server,
            proxy,
            follower,
        }
    }

    /// Writes so many further entries.
    pub(crate) async fn append(&mut self, count: u32) {
        for _ in 0..count {
            let entry = Entry::new(self.journal.append());
            if let Server::Nodes(peer) = &mut self.server {
                peer.tell(&json!(entry)).await;
            }
        }
    }

    /// Writes so many further entries, and gives what else happened until all there are have been applied.
    pub(crate) async fn follow(&mut self, count: u32) -> Vec<Seen> {
        self.append(count).await;
        let mut others = Vec::new();
        while self.follower.applied() < self.journal.head() {
            match self.next().await {
                Seen::Applied(_) => {}
                other => others.push(other),
            }
        }
        others
    }

    /// Follows until this happens.
    pub(crate) async fn until(&mut self, wanted: &Seen) {
        while self.next().await != *wanted {}
    }

    /// Follows until the link is lost, or could not be made.
    pub(crate) async fn until_lost(&mut self) -> DisconnectReason {
        loop {
            if let Seen::Disconnected(reason) = self.next().await {
                return reason;
            }
        }
    }

    /// Follows until `blown`, and then until the link carries again what is written, which may take `noticing` and a wait.
    pub(crate) async fn returns_after(&mut self, mut blown: oneshot::Receiver<()>, noticing: Duration) {
        self.append(3).await;
        while blown.try_recv().is_err() {
            self.next().await;
        }
        let began = SystemClock.instant();
        self.follow(1).await;
        let took = SystemClock.instant().saturating_since(began);
        let whose = self.whose;
        assert!(
            took < noticing + LONGEST_WAIT + TOLERANCE,
            "{whose:?}: back after {took:?}"
        );
    }

    /// Ends the server.
    pub(crate) async fn stop_server(&mut self) {
        if let Server::Ours(serving) = std::mem::replace(&mut self.server, Server::Stopped) {
            serving.stop().await;
        }
    }

    /// Serves the journal again, elsewhere behind the proxy.
    pub(crate) async fn restart_server(&mut self) {
        let (server, address) = serve(self.whose, &self.journal).await;
        self.server = server;
        self.proxy.point_to(address);
    }

    async fn next(&mut self) -> Seen {
        let next = tokio::time::timeout(PATIENCE, self.follower.next());
        next.await
            .expect("something happens")
            .expect("the sequence is whole")
    }
}

/// A follower of the journal at this address.
pub(crate) fn follower(address: SocketAddr) -> Follower {
    let backoff = Backoff {
        base: LONGEST_WAIT / 4,
        cap: LONGEST_WAIT,
    };
    let transports = Transports::Both {
        probe: Backoff {
            base: LONGEST_PROBE_WAIT,
            cap: LONGEST_PROBE_WAIT,
        },
    };
    let entropy = Arc::new(SeededEntropy::new(1));
    let url = format!("http://{address}").parse().unwrap();
    Follower::start(url, transports, backoff, CONNECT_TIMEOUT, entropy).unwrap()
}

/// A server of the journal as it is now, and its address.
async fn serve(whose: Whose, journal: &Journal) -> (Server, SocketAddr) {
    match whose {
        Whose::Ours => {
            let config = ServerConfig {
                ping_interval: PING_INTERVAL,
                ping_timeout: PING_TIMEOUT,
                ..ServerConfig::default()
            };
            let anywhere = ([127, 0, 0, 1], 0).into();
            let serving = journal.serve(anywhere, config).await.unwrap();
            let address = serving.address;
            (Server::Ours(serving), address)
        }
        Whose::Nodes => {
            let times = [PING_INTERVAL, PING_TIMEOUT].map(|time| time.as_millis().to_string());
            let mut peer = Peer::node("journal.js", &[&times[0], &times[1]]).await;
            let port = u16::try_from(peer.says().await.as_u64().unwrap()).unwrap();
            for number in 1..=journal.head() {
                peer.tell(&json!(Entry::new(number))).await;
            }
            (Server::Nodes(Box::new(peer)), ([127, 0, 0, 1], port).into())
        }
    }
}
