//! One connection, byte by byte.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::faults::Flow;
use crate::fuse::Blow;
use crate::proxy::{Control, State};

/// Bytes read at once.
const BUFFER: usize = 8 * 1024;

/// Where bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ToServer,
    ToClient,
}

/// Why nothing passes any more: it was cut.
struct Cut;

/// Carries bytes between a client and the proxy's HTTP side until both have ended or it is cut.
pub(crate) async fn carry(mut client: TcpStream, http: DuplexStream, number: u64, control: Arc<Control>) {
    let line = Line { number, control };
    let mut watching = line.control.state.subscribe();
    let (from_server, to_server) = tokio::io::split(http);
    let (from_client, to_client) = client.split();
    let both = async {
        tokio::try_join!(
            line.pump(from_client, to_server, Way::ToServer),
            line.pump(from_server, to_client, Way::ToClient),
        )
    };
    let ended = tokio::select! {
        ended = both => ended.map(|_| ()),
        _ = watching.wait_for(|state| number < state.cut_below) => Err(Cut),
    };
    if let Err(Cut) = ended {
        // A reset, as when a firewall has forgotten the connection. One that is gone already needs none.
        let _ = client.set_zero_linger();
    }
}

/// What a pump knows of its connection.
struct Line {
    number: u64,
    control: Arc<Control>,
}

impl Line {
    /// Passes what comes until it ends. What ends on one side ends on the other, unless it is silent.
    async fn pump(
        &self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        way: Way,
    ) -> Result<(), Cut> {
        let mut watching = self.control.state.subscribe();
        let mut buffer = vec![0; BUFFER];
        loop {
            // The sender outlives every pump.
            let _ = watching.wait_for(|state| self.passes(way, state)).await;
            let read = tokio::select! {
                read = from.read(&mut buffer) => read,
                () = held_up(&mut watching, |state| !self.passes(way, state)) => continue,
            };
            let count = read.unwrap_or(0);
            if self.is_silent(&watching.borrow()) {
                if count == 0 {
                    return Ok(());
                }
                continue;
            }
            if count == 0 {
                // The other side may have ended first.
                let _ = to.shutdown().await;
                return Ok(());
            }
            let blown = (way == Way::ToClient)
                .then(|| self.control.fuse.burn(count))
                .flatten();
            let passing = blown.map_or(count, |(left, _)| left);
            let pace = watching.borrow().faults.pace;
            let (at_once, every) = pace.map_or((BUFFER, Duration::ZERO), |pace| (pace.bytes, pace.every));
            for part in buffer[..passing].chunks(at_once.max(1)) {
                if to.write_all(part).await.is_err() {
                    return Ok(());
                }
                if !every.is_zero() {
                    tokio::time::sleep(every).await;
                }
            }
            match blown {
                Some((_, Blow::Cut)) => return Err(Cut),
                Some((_, Blow::Silence)) => self.control.silence(),
                None => {}
            }
        }
    }

    fn is_silent(&self, state: &State) -> bool {
        self.number < state.silent_below
    }

    /// Whether bytes are read. Of a silent connection they are, and go nowhere.
    fn passes(&self, way: Way, state: &State) -> bool {
        let flows = match state.faults.flow {
            Flow::Both => true,
            Flow::ToServer => way == Way::ToServer,
            Flow::ToClient => way == Way::ToClient,
            Flow::Neither => false,
        };
        flows || self.is_silent(state)
    }
}

/// Waits until `stopped`.
async fn held_up(watching: &mut watch::Receiver<State>, stopped: impl FnMut(&State) -> bool) {
    if watching.wait_for(stopped).await.is_err() {
        std::future::pending::<()>().await;
    }
}
