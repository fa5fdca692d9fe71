//! Cuts at random moments while entries flow.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use deskbell_clock::{Clock, Entropy, SeededEntropy, SystemClock};
use deskbell_fault_proxy::{Blow, FaultProxy, Faults, Opening, StatusCode};
use deskbell_socketio::Backoff;
use deskbell_socketio::client::Transports;
use deskbell_socketio::server::ServerConfig;
use tokio::time::{sleep, timeout};

use crate::{Follower, Journal, Seen};

/// Short, so that a soak is not all waiting.
const PING_INTERVAL: Duration = Duration::from_millis(300);

/// Likewise.
const PING_TIMEOUT: Duration = Duration::from_millis(200);

/// Likewise. The client's longest wait between two attempts is its cap.
const BACKOFF: Backoff = Backoff {
    base: Duration::from_millis(20),
    cap: Duration::from_millis(100),
};

/// Between two entries.
const ENTRY_EVERY: Duration = Duration::from_millis(2);

/// A cut comes within so many bytes to the client.
const CUT_WITHIN: f64 = 3_000.0;

/// The part of the cuts after which nothing ends, and nothing passes.
const SILENCES: f64 = 0.2;

/// Longer than anything takes: what has not happened by then never does.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the network lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Everything; the client uses a WebSocket alone.
    WebSocket,
    /// No WebSocket.
    Polling,
    /// A WebSocket only after polling: every session begins on polling and goes over.
    Upgrade,
}

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What the network lets through.
    pub network: Network,
    /// How many cuts.
    pub cuts: u32,
    /// What chance begins with.
    pub seed: u64,
    /// What a busy machine may add to the time of a return.
    pub tolerance: Duration,
}

/// What was seen.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What was done.
    pub plan: Plan,
    /// How many of the cuts were silences.
    pub silences: u32,
    /// Entries applied, each once and in order.
    pub applied: u64,
    /// Entries that came again and were dropped by the cursor.
    pub repeated: u64,
    /// Links made.
    pub connected: u64,
    /// Upgrades to a WebSocket.
    pub upgraded: u64,
    /// The longest time from a cut until an entry came that was written after it.
    pub longest_return: Duration,
    /// Half of the returns took at most so long.
    pub median_return: Duration,
}

/// A client may need one ping deadline to notice, and one wait to return.
#[must_use]
pub fn longest_return(tolerance: Duration) -> Duration {
    PING_INTERVAL + PING_TIMEOUT + BACKOFF.cap + tolerance
}

/// Cuts as often as planned, and checks that every entry arrives once and in order, and every return in time.
///
/// # Errors
/// What did not hold, and after which cut.
pub async fn soak(plan: Plan) -> Result<Summary> {
    let journal = Journal::default();
    let config = ServerConfig {
        ping_interval: PING_INTERVAL,
        ping_timeout: PING_TIMEOUT,
        ..ServerConfig::default()
    };
    let serving = journal.serve(([127, 0, 0, 1], 0).into(), config).await?;
    let proxy = FaultProxy::start(serving.address).await?;
    let opening = match plan.network {
        Network::WebSocket => Opening::Passed,
        Network::Polling => Opening::Refused(StatusCode::FORBIDDEN),
        Network::Upgrade => Opening::RefusedUnlessUpgrade(StatusCode::FORBIDDEN),
    };
    proxy.set(Faults {
        opening,
        ..Faults::default()
    });
    let transports = match plan.network {
        Network::WebSocket => Transports::WebSocketOnly,
        Network::Polling | Network::Upgrade => Transports::Both { probe: BACKOFF },
    };
    let entropy = Arc::new(SeededEntropy::new(plan.seed));
    let url = proxy.url().parse()?;
    let follower = Follower::start(url, transports, BACKOFF, PATIENCE, entropy)?;
    let writing = async {
        loop {
            journal.append();
            sleep(ENTRY_EVERY).await;
        }
    };
    let mut run = Run {
        journal: &journal,
        follower,
        returns: Vec::new(),
        summary: Summary {
            plan,
            silences: 0,
            applied: 0,
            repeated: 0,
            connected: 0,
            upgraded: 0,
            longest_return: Duration::ZERO,
            median_return: Duration::ZERO,
        },
    };
    tokio::select! {
        done = run.cut_all(&proxy) => done?,
        () = writing => {}
    }
    run.catch_up().await.context("after the last cut")?;
    Ok(run.sum_up())
}

struct Run<'a> {
    journal: &'a Journal,
    follower: Follower,
    returns: Vec<Duration>,
    summary: Summary,
}

impl Run<'_> {
    async fn cut_all(&mut self, proxy: &FaultProxy) -> Result<()> {
        let chance = SeededEntropy::new(!self.summary.plan.seed);
        self.reach(1).await.context("before the first cut")?;
        for number in 1..=self.summary.plan.cuts {
            let blow = if chance.fraction() < SILENCES {
                self.summary.silences += 1;
                Blow::Silence
            } else {
                Blow::Cut
            };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a fraction of a small positive number"
            )]
            let bytes = (chance.fraction() * CUT_WITHIN) as usize;
            let what = || format!("cut {number}: {blow:?} after {bytes} bytes");
            let back = self.cut(proxy, bytes, blow).await.with_context(what)?;
            ensure!(
                back <= longest_return(self.summary.plan.tolerance),
                "{}: back after {back:?}",
                what()
            );
            self.returns.push(back);
        }
        Ok(())
    }

    /// One cut, and the time until the client was back.
    async fn cut(&mut self, proxy: &FaultProxy, bytes: usize, blow: Blow) -> Result<Duration> {
        let mut blown = proxy.after(bytes, blow);
        let cut_at = timeout(PATIENCE, async {
            loop {
                tokio::select! {
                    _ = &mut blown => return anyhow::Ok(SystemClock.instant()),
                    seen = self.follower.next() => self.summary.count(&seen?),
                }
            }
        })
        .await
        .context("nothing flows that could be cut")?
        .context("before the cut")?;
        self.reach(self.journal.head() + 1).await?;
        Ok(SystemClock.instant().saturating_since(cut_at))
    }

    /// Follows until this entry was applied.
    async fn reach(&mut self, number: u64) -> Result<()> {
        let mut lost = Vec::new();
        let reached = timeout(PATIENCE, async {
            while self.follower.applied() < number {
                let seen = self.follower.next().await?;
                self.summary.count(&seen);
                if let Seen::Disconnected(reason) = seen {
                    lost.push(reason);
                }
            }
            anyhow::Ok(())
        });
        let reached = reached.await.map_err(anyhow::Error::from).flatten();
        reached.with_context(|| format!("links lost meanwhile: {lost:?}"))
    }

    async fn catch_up(&mut self) -> Result<()> {
        self.reach(self.journal.head()).await
    }

    fn sum_up(mut self) -> Summary {
        self.returns.sort_unstable();
        self.summary.median_return = self
            .returns
            .get(self.returns.len() / 2)
            .copied()
            .unwrap_or_default();
        self.summary.longest_return = self.returns.last().copied().unwrap_or_default();
        self.summary.applied = self.follower.applied();
        self.summary
    }
}

impl Summary {
    fn count(&mut self, seen: &Seen) {
        match seen {
            Seen::Connected(_) => self.connected += 1,
            Seen::Upgraded => self.upgraded += 1,
            Seen::Repeated(_) => self.repeated += 1,
            Seen::Applied(_) | Seen::Disconnected(_) => {}
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            network,
            cuts,
            tolerance,
            ..
        } = self.plan;
        writeln!(f, "{network:?}: {cuts} cuts, {} of them silences", self.silences)?;
        writeln!(
            f,
            "  entries: {}, each once and in order; {} came again and were dropped by the cursor",
            self.applied, self.repeated
        )?;
        writeln!(f, "  links made: {}, upgrades: {}", self.connected, self.upgraded)?;
        write!(
            f,
            "  returns: median {:.0?}, longest {:.0?}, allowed {:?} (ping deadline {:?}, wait {:?}, machine {tolerance:?})",
            self.median_return,
            self.longest_return,
            longest_return(tolerance),
            PING_INTERVAL + PING_TIMEOUT,
            BACKOFF.cap
        )
    }
}
