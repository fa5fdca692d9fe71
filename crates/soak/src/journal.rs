use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use deskbell_clock::{OsEntropy, SystemClock};
use deskbell_socketio::Args;
use deskbell_socketio::server::{ConnectRefused, Frame, Namespaces, Peer, Server, ServerConfig, Socket};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// The namespace of the journal.
pub(crate) const NAMESPACE: &str = "/desk";

/// What a journal's entry carries beside its number: enough for a cut to fall into it, also between the bytes of a letter.
const TEXT: &str = "김크리스, 접수 1, 10:30 ~ 11:00";

/// One entry, and the argument of its event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place, from 1 on and without a gap.
    pub number: u64,
    /// Always the same.
    pub text: String,
}

impl Entry {
    /// The name of its event.
    pub const NAME: &str = "entry";

    /// The entry with this number.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self {
            number,
            text: TEXT.to_owned(),
        }
    }
}

/// A sequence that grows, and is there however often its servers come and go. Clones are the same.
#[derive(Clone, Debug)]
pub struct Journal(watch::Sender<u64>);

impl Default for Journal {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

/// A server of a journal. Dropped, it listens no longer; connections that are there stay.
pub struct Serving {
    /// Where.
    pub address: SocketAddr,
    /// The server itself.
    pub server: Server<Journal>,
    listening: AbortHandle,
}

impl Journal {
    /// Appends an entry, and gives its number.
    pub fn append(&self) -> u64 {
        let mut number = 0;
        self.0.send_modify(|head| {
            *head += 1;
            number = *head;
        });
        number
    }

    /// The number of the last entry.
    #[must_use]
    pub fn head(&self) -> u64 {
        *self.0.borrow()
    }

    /// Serves it at `address`.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn serve(&self, address: SocketAddr, config: ServerConfig) -> io::Result<Serving> {
        let server = Server::new(config, self.clone(), Arc::new(SystemClock), Arc::new(OsEntropy));
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let service = server
            .router::<()>()
            .into_make_service_with_connect_info::<SocketAddr>();
        let listening = tokio::spawn(async move { axum::serve(listener, service).await }).abort_handle();
        Ok(Serving {
            address,
            server,
            listening,
        })
    }
}

impl Serving {
    /// Ends every connection and listens no longer.
    pub async fn stop(self) {
        self.server.shutdown(|_| None).await;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Namespaces for Journal {
    /// Where the client left off.
    type Session = u64;

    async fn admit(&self, namespace: &str, auth: Value, _: &Peer) -> Result<u64, ConnectRefused> {
        if namespace != NAMESPACE {
            return Err(ConnectRefused::invalid_namespace());
        }
        let cursor = auth.get("cursor").and_then(Value::as_u64);
        cursor.ok_or_else(|| ConnectRefused::new("No cursor", None))
    }

    async fn serve(&self, socket: &Socket, cursor: &u64) {
        let (mut sent, mut head) = (*cursor, self.0.subscribe());
        loop {
            let end = *head.borrow_and_update();
            while sent < end {
                sent += 1;
                let Ok(frame) = Frame::event(NAMESPACE, Entry::NAME, &Entry::new(sent)) else {
                    return;
                };
                if socket.emit(&frame).await.is_err() {
                    return;
                }
            }
            if head.changed().await.is_err() {
                return;
            }
        }
    }

    async fn event(&self, _: &Socket, _: &u64, _: &str, args: Args) -> Option<Args> {
        Some(args)
    }

    async fn gone(&self, _: &Socket, _: &u64) {}
}
