//! The persistent connection to a source: from Socket.IO events to [`Update`]s. Holds no reservation.
//!
//! A subscription is the desk's end; its task is a [`gateway`] line or a [`listener`], which differ in what they are
//! told and not in what they are asked.

mod gateway;
mod listener;

use std::sync::Arc;
use std::time::Duration;

use deskbell_clock::{Clock, Entropy};
use deskbell_protocol::Position;
use tokio::sync::{mpsc, watch};

use crate::http::Http;
pub(crate) use crate::subscription::gateway::{GatewayLine, refusal};
pub(crate) use crate::subscription::listener::Listener;
use crate::update::{LinkUpdate, Update};

/// So many updates may wait for the desk; then the server waits.
const UPDATES: usize = 64;

/// How long a refusal that may pass by itself is taken for the last word: a server may have its own trouble, a file may
/// come later, and there may be nobody at the desk to try again.
pub(crate) const REFUSED_PAUSE: Duration = Duration::from_mins(5);

/// What a subscription needs to know.
#[derive(Clone)]
pub(crate) struct SubscriptionConfig {
    /// Whom it talks to.
    pub to: Counterpart,
    /// The app's version.
    pub version: String,
    /// The connections' settings.
    pub http: Http,
    /// The clock of deadlines.
    pub clock: Arc<dyn Clock>,
    /// The chance in waits.
    pub entropy: Arc<dyn Entropy>,
}

/// Whom a subscription talks to.
#[derive(Clone)]
pub(crate) enum Counterpart {
    /// A gateway that knows this desk.
    Gateway(GatewayLine),
    /// A hospital's own Socket.IO server.
    SocketIo(Box<Listener>),
}

/// What the desk wants of its subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A change is missing: connect anew from the cursor.
    StartOver,
    /// Somebody is looking: do not wait any longer.
    Hurry,
    /// Tell the gateway that everything up to here is decided.
    TellShown(Position),
}

/// The desk's end of a subscription. Dropping it ends the subscription.
#[derive(Debug)]
pub(crate) struct Subscription {
    updates: mpsc::Receiver<Update>,
    wishes: mpsc::UnboundedSender<Wish>,
    cursor: watch::Sender<Option<Position>>,
}

impl Subscription {
    /// A subscription from `cursor` on, and the task that is its other end, to be spawned.
    pub(crate) fn new(
        config: SubscriptionConfig,
        cursor: Option<Position>,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (update_sender, updates) = mpsc::channel(UPDATES);
        let (wishes, wish_receiver) = mpsc::unbounded_channel();
        let (cursor, cursor_receiver) = watch::channel(cursor);
        let outlet = Outlet {
            updates: update_sender,
            wishes: wish_receiver,
        };
        let subscription = Self {
            updates,
            wishes,
            cursor,
        };
        (subscription, run(config, cursor_receiver, outlet))
    }

    /// The next update; `None` once the task has ended.
    pub(crate) async fn next(&mut self) -> Option<Update> {
        self.updates.recv().await
    }

    /// The next update, if one is there.
    pub(crate) fn try_next(&mut self) -> Option<Update> {
        self.updates.try_recv().ok()
    }

    /// From where the next connection goes on.
    pub(crate) fn move_cursor(&self, cursor: Option<&Position>) {
        self.cursor.send_if_modified(|at| {
            let moved = at.as_ref() != cursor;
            if moved {
                *at = cursor.cloned();
            }
            moved
        });
    }

    /// Passes a wish on.
    pub(crate) fn wish(&self, wish: Wish) {
        // Its task has ended: the desk learns that by `next`, and nothing is left to wish for.
        let _ = self.wishes.send(wish);
    }
}

/// The task's end.
struct Outlet {
    updates: mpsc::Sender<Update>,
    wishes: mpsc::UnboundedReceiver<Wish>,
}

/// The desk has dropped its end.
struct Dropped;

async fn run(config: SubscriptionConfig, cursor: watch::Receiver<Option<Position>>, outlet: Outlet) {
    match config.to.clone() {
        Counterpart::Gateway(line) => gateway::run(config, line, cursor, outlet).await,
        Counterpart::SocketIo(listener) => listener::run(config, *listener, outlet).await,
    }
}

impl Outlet {
    async fn send(&self, update: Update) -> Result<(), Dropped> {
        self.updates.send(update).await.map_err(|_| Dropped)
    }

    async fn link(&self, update: LinkUpdate) -> Result<(), Dropped> {
        self.send(Update::Link(update)).await
    }

    /// Waits until somebody is in a hurry.
    async fn hurry(&mut self) -> Result<(), Dropped> {
        loop {
            match self.wishes.recv().await.ok_or(Dropped)? {
                Wish::Hurry => return Ok(()),
                Wish::StartOver | Wish::TellShown(_) => {}
            }
        }
    }

    /// Waits, unless somebody is in a hurry, or until the PC wakes from sleep.
    async fn sleep(&mut self, wait: Duration, clock: &dyn Clock) -> Result<(), Dropped> {
        tokio::select! {
            hurried = self.hurry() => hurried,
            () = tokio::time::sleep(wait) => Ok(()),
            () = clock.woken() => Ok(()),
        }
    }
}
