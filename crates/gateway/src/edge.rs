//! What stands between the listener and the endpoints: how many connections there may be and how long each may take, TLS,
//! who the client is, and the headers of every answer.
//!
//! axum's own accept loop has no limits: a client that sends half a header would hold its connection for ever.

mod forwarded;
mod headers;
mod open_files;
mod places;
mod sparing;
mod stream;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::from_fn;
use deskbell_clock::Clock;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{oneshot, watch};
use tower::Service;

pub(crate) use forwarded::{Client, Scheme};
pub use forwarded::{ProxyError, TrustedProxies};
pub(crate) use open_files::raise as raise_open_files;
use places::{Place, Places};
use sparing::Sparing;
use stream::Held;
pub use tls::{Tls, TlsError};

/// The most header fields a request may have.
const MOST_FIELDS: usize = 64;

/// What is read from a connection at once at most, in bytes.
const READ_AT_ONCE: usize = 64 * 1024;

/// How long to wait after the system could not give a connection, as when it has no file left for it.
const BREATHER: Duration = Duration::from_millis(100);

/// Files that are open besides connections: the database, its readers, the log.
const OTHER_FILES: u64 = 256;

/// How many connections may wait to be taken; the system may allow fewer. The usual 128 are too few for desks that all come
/// back at once: whoever finds no room tries again a second later.
const WAITING: u32 = 4_096;

/// Listens at `address`.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A gateway that starts again need not wait for its last connections to be forgotten. Elsewhere it means that two may
    // listen.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// What stands between a gateway's listener and its endpoints.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// The gateway's own TLS; without it, connections are taken in the clear.
    pub tls: Option<Tls>,
    /// Whose word counts for who the client is.
    pub trusted: TrustedProxies,
    /// What connections may cost.
    pub limits: Limits,
}

/// How many connections there may be, and how long each may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at once. One more is closed unread.
    pub connections: usize,
    /// Connections at once of one address, or of one IPv6 network (/64): a whole hospital may be behind it. A trusted
    /// proxy's are not counted.
    pub connections_per_address: usize,
    /// Time for the TLS handshake.
    pub handshake: Duration,
    /// Time for the whole header of a request, from the end of the one before it: so long a connection may idle, too.
    pub header: Duration,
    /// The largest header, in bytes. A larger one is answered 431.
    pub header_bytes: usize,
    /// Time in which a client has to take some of what it is sent.
    pub stall: Duration,
    /// Time between two looks at the files of the certificate.
    pub certificate: Duration,
}

impl Default for Limits {
    /// 20,000 connections, 2,048 an address, 10 s for handshake and header, 16 KiB, 30 s, 10 s.
    fn default() -> Self {
        Self {
            connections: 20_000,
            connections_per_address: 2_048,
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(10),
            header_bytes: 16 * 1024,
            stall: Duration::from_secs(30),
            certificate: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// With no more connections than `files` that may be open allow.
    #[must_use]
    pub fn within(self, files: u64) -> Self {
        let others = OTHER_FILES.min(files / 2);
        let allowed = usize::try_from(files - others).unwrap_or(usize::MAX);
        Self {
            connections: self.connections.min(allowed),
            ..self
        }
    }
}

impl Edge {
    /// How a client that comes straight to the gateway speaks to it.
    pub(crate) fn scheme(&self) -> Scheme {
        if self.tls.is_some() {
            Scheme::Https
        } else {
            Scheme::Http
        }
    }

    /// Has the requests that come to `listener` answered by `router`, until `stop` is done or dropped; then lets those
    /// under way end.
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        router: Router,
        clock: Arc<dyn Clock>,
        stop: oneshot::Receiver<()>,
    ) {
        let (going, stopping) = watch::channel(());
        let connections = Arc::new(Connections {
            http: self.http(),
            router: router.layer(from_fn(headers::guard)),
            edge: self,
            stopping,
        });
        tokio::select! {
            () = connections.accept(&listener, &*clock) => {}
            () = connections.renew_certificate(&*clock) => {}
            _ = stop => {}
        }
        drop(listener);
        drop(connections);
        going.send_replace(());
        going.closed().await;
    }

    fn http(&self) -> http1::Builder {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.limits.header)
            .max_headers(MOST_FIELDS)
            .max_header_size(self.limits.header_bytes)
            .max_buf_size(READ_AT_ONCE);
        http
    }
}

/// What all connections of a listener share.
struct Connections {
    edge: Edge,
    http: http1::Builder,
    router: Router,
    /// Changes when connections are to end. The last one dropped says that all have ended.
    stopping: watch::Receiver<()>,
}

impl Connections {
    /// Takes one connection after the other, for ever.
    async fn accept(self: &Arc<Self>, listener: &TcpListener, clock: &dyn Clock) {
        let limits = &self.edge.limits;
        let places = Places::new(limits.connections, limits.connections_per_address);
        let (mut failed, mut refused) = (Sparing::default(), Sparing::default());
        loop {
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) if is_the_clients(&error) => continue,
                Err(error) => {
                    if let Some(times) = failed.count(clock.instant()) {
                        tracing::error!(%error, times, "no connection can be taken now");
                    }
                    tokio::time::sleep(BREATHER).await;
                    continue;
                }
            };
            let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
            let counted = Some(peer.ip()).filter(|peer| !self.edge.trusted.contains(*peer));
            match places.take(counted) {
                Ok(place) => {
                    tokio::spawn(Arc::clone(self).serve(stream, peer, place));
                }
                Err(why) => {
                    if let Some(times) = refused.count(clock.instant()) {
                        tracing::warn!(times, last = %peer.ip(), %why, "connections refused");
                    }
                }
            }
        }
    }

    /// Keeps the certificate that of the files, for ever.
    async fn renew_certificate(&self, clock: &dyn Clock) {
        match &self.edge.tls {
            Some(tls) => tls.renew(self.edge.limits.certificate, clock).await,
            None => std::future::pending().await,
        }
    }

    /// Serves one connection to its end, or until it has become a WebSocket.
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, place: Place) {
        // A reservation is one small packet: it must not wait to be joined by another.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY is refused");
        }
        let Some(tls) = &self.edge.tls else {
            return self.answer(stream, peer, place).await;
        };
        let mut stopping = self.stopping.clone();
        let shaken = tokio::select! {
            shaken = tokio::time::timeout(self.edge.limits.handshake, tls.accept(stream)) => shaken,
            _ = stopping.changed() => return,
        };
        match shaken {
            // Boxed: a TLS session is large, and connections in the clear would keep room for one.
            Ok(Ok(stream)) => self.answer(Box::new(stream), peer, place).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    /// Answers what comes on `stream`.
    async fn answer<S>(&self, stream: S, peer: SocketAddr, place: Place)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(|mut request: hyper::Request<Incoming>| {
            self.introduce(&mut request, peer);
            self.router.clone().call(request)
        });
        let io = TokioIo::new(Held::new(stream, self.edge.limits.stall, place));
        let connection = self.http.serve_connection(io, service).with_upgrades();
        let mut connection = pin!(connection);
        let mut stopping = self.stopping.clone();
        let ended = tokio::select! {
            ended = &mut connection => ended,
            _ = stopping.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke off");
        }
    }

    /// Tells a request from whom it is.
    fn introduce<B>(&self, request: &mut Request<B>, peer: SocketAddr) {
        let Edge { trusted, .. } = &self.edge;
        let client = trusted.client(peer.ip(), request.headers());
        let scheme = trusted
            .scheme(peer.ip(), request.headers())
            .unwrap_or(self.edge.scheme());
        // Behind a proxy the port is another's.
        let port = if client == peer.ip() { peer.port() } else { 0 };
        let extensions = request.extensions_mut();
        extensions.insert(Client(client));
        extensions.insert(scheme);
        // For the sockets' `Peer`.
        extensions.insert(ConnectInfo(SocketAddr::new(client, port)));
    }
}

/// Whether a connection went before it was taken: no fault of the listener.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_more_connections_than_files() {
        let connections = |files| Limits::default().within(files).connections;
        assert_eq!(connections(1_000_000), 20_000);
        assert_eq!(connections(1_024), 768);
        assert_eq!(connections(100), 50);
    }
}
