use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::faults::Faults;
use crate::forward::forward;
use crate::fuse::{Blow, Fuse};
use crate::line::carry;

/// Bytes between a connection and its HTTP side: few, so that a stop is felt soon.
const BUFFER: usize = 4 * 1024;

/// A running proxy. It ends, with all its connections, when it is dropped.
pub struct FaultProxy {
    address: SocketAddr,
    control: Arc<Control>,
    accepting: AbortHandle,
}

/// What a proxy's connections look at.
pub(crate) struct Control {
    pub(crate) state: watch::Sender<State>,
    pub(crate) fuse: Fuse,
    /// How often a WebSocket was asked for.
    pub(crate) openings: AtomicUsize,
}

/// How things stand.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) server: SocketAddr,
    pub(crate) faults: Faults,
    /// The number of the next connection.
    next: u64,
    /// Connections with smaller numbers are cut.
    pub(crate) cut_below: u64,
    /// Connections with smaller numbers are silent.
    pub(crate) silent_below: u64,
}

impl Control {
    fn number(&self) -> u64 {
        let mut number = 0;
        self.state.send_modify(|state| {
            number = state.next;
            state.next += 1;
        });
        number
    }

    pub(crate) fn silence(&self) {
        self.state.send_modify(|state| state.silent_below = state.next);
    }
}

impl FaultProxy {
    /// A proxy without faults in front of `server`, on a port of its own.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = State {
            server,
            faults: Faults::default(),
            next: 0,
            cut_below: 0,
            silent_below: 0,
        };
        let control = Arc::new(Control {
            state: watch::Sender::new(state),
            fuse: Fuse::default(),
            openings: AtomicUsize::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&control))).abort_handle();
        Ok(Self {
            address,
            control,
            accepting,
        })
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as an address of the web.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often a WebSocket was asked for so far, whatever came of them.
    #[must_use]
    pub fn openings(&self) -> usize {
        self.control.openings.load(Ordering::SeqCst)
    }

    /// Lets these faults, and no others, hold from now on.
    pub fn set(&self, faults: Faults) {
        self.control.state.send_modify(|state| state.faults = faults);
    }

    /// Sends requests that come from now on to `server`: it was restarted elsewhere.
    pub fn point_to(&self, server: SocketAddr) {
        self.control.state.send_modify(|state| state.server = server);
    }

    /// Resets the connections there are; new ones pass.
    pub fn cut(&self) {
        self.control
            .state
            .send_modify(|state| state.cut_below = state.next);
    }

    /// Lets nothing pass on the connections there are, for good and without ending them; new ones pass.
    pub fn silence(&self) {
        self.control.silence();
    }

    /// Does what `blow` says once `bytes` more have passed to clients, in the middle of whatever they are. Instead of what
    /// was asked before and has not happened yet. The receiver hears when it has happened.
    pub fn after(&self, bytes: usize, blow: Blow) -> oneshot::Receiver<()> {
        self.control.fuse.light(bytes, blow)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Serves the connections that come. They end with this.
async fn accept(listener: TcpListener, control: Arc<Control>) {
    let mut connections = JoinSet::new();
    loop {
        let client = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match client {
            Ok((client, _)) => {
                connections.spawn(serve(client, Arc::clone(&control)));
            }
            Err(error) => return tracing::error!(%error, "the fault proxy accepts nothing any more"),
        }
    }
}

async fn serve(client: TcpStream, control: Arc<Control>) {
    let number = control.number();
    // Small frames are not to wait for each other.
    let _ = client.set_nodelay(true);
    let (line, http) = tokio::io::duplex(BUFFER);
    let service = service_fn(|request| forward(request, Arc::clone(&control)));
    let served = http1::Builder::new()
        .serve_connection(TokioIo::new(http), service)
        .with_upgrades();
    let (served, ()) = tokio::join!(served, carry(client, line, number, Arc::clone(&control)));
    if let Err(error) = served {
        tracing::debug!(%error, "a proxied connection broke");
    }
}
