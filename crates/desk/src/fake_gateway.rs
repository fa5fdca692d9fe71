//! A gateway of one hospital for tests: the wire is real, the log is a vector.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use deskbell_clock::{Clock, OsEntropy, SystemClock};
use deskbell_protocol::event::{CaughtUp, Change, ConnectAuth, NAMESPACE, Replay, Shown, Shutdown, Welcome};
use deskbell_protocol::http::{
    Actor, HistoryEntry, PairRequest, Paired, Problem, ReservationDetails, ReservationList,
};
use deskbell_protocol::{API, Epoch, Position, Reservation, ReservationId, Seq};
use deskbell_socketio::Args;
use deskbell_socketio::server::{ConnectRefused, Frame, Namespaces, Peer, Server, ServerConfig, Socket};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::samples::{created, desk, hospital};

/// The code that pairs.
pub(crate) const CODE: &str = "123-456";

/// What a gateway keeps while it is down.
#[derive(Clone)]
pub(crate) struct Log(Arc<Mutex<Kept>>, watch::Sender<()>);

struct Kept {
    epoch: Epoch,
    changes: Vec<Change>,
    shown: Option<Position>,
    /// The one token that is good.
    token: Option<String>,
    pairings: usize,
    /// What the last desk wanted to be called.
    asked_name: Option<String>,
    /// Cursors are answered with a resync.
    forgets: bool,
    /// This change is left out of the next replay or push.
    skips: Option<Seq>,
    connections: usize,
}

impl Log {
    pub(crate) fn new() -> Self {
        let kept = Kept {
            epoch: Epoch("first".to_owned()),
            changes: Vec::new(),
            shown: None,
            token: None,
            pairings: 0,
            asked_name: None,
            forgets: false,
            skips: None,
            connections: 0,
        };
        Self(Arc::new(Mutex::new(kept)), watch::channel(()).0)
    }

    /// The booking site posts reservation `number` for today.
    pub(crate) fn post(&self, number: u8) {
        let today = SystemClock
            .now()
            .to_zoned(jiff::tz::TimeZone::get("Asia/Seoul").unwrap())
            .date();
        let seq = self.kept().changes.len() as u64 + 1;
        let mut change = created(number, seq);
        change.reservation.reservationdate = today;
        self.change(change);
    }

    /// Any change; its seq must be the next one.
    pub(crate) fn change(&self, change: Change) {
        self.kept().changes.push(change);
        self.1.send_replace(());
    }

    pub(crate) fn head(&self) -> u64 {
        self.kept().changes.len() as u64
    }

    pub(crate) fn shown(&self) -> Option<u64> {
        self.kept().shown.as_ref().map(|shown| shown.seq.0)
    }

    pub(crate) fn connections(&self) -> usize {
        self.kept().connections
    }

    /// Old cursors cannot be served from now on.
    pub(crate) fn forget_history(&self) {
        self.kept().forgets = true;
    }

    /// The change `seq` is lost once on the way.
    pub(crate) fn skip_once(&self, seq: u64) {
        self.kept().skips = Some(Seq(seq));
    }

    /// The desk's token is good no more.
    pub(crate) fn revoke(&self) {
        self.kept().token = None;
        self.1.send_replace(());
    }

    /// Waits until no desk's token is good.
    pub(crate) async fn until_nobody_is_signed_in(&self) {
        let mut changes = self.1.subscribe();
        while self.kept().token.is_some() {
            changes.changed().await.unwrap();
        }
    }

    pub(crate) fn pairings(&self) -> usize {
        self.kept().pairings
    }

    pub(crate) fn asked_name(&self) -> Option<String> {
        self.kept().asked_name.clone()
    }

    fn pair(&self, name: Option<String>) -> String {
        let mut kept = self.kept();
        kept.pairings += 1;
        kept.asked_name = name;
        let token = format!("token-{}", kept.pairings);
        kept.token = Some(token.clone());
        token
    }

    fn knows(&self, token: &str) -> bool {
        self.kept().token.as_deref() == Some(token)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    fn position(&self) -> Position {
        let kept = self.kept();
        Position {
            epoch: kept.epoch.clone(),
            seq: Seq(kept.changes.len() as u64),
        }
    }

    fn changes_after(&self, seq: Seq) -> Vec<Change> {
        let mut kept = self.kept();
        let skips = kept.skips;
        let from = usize::try_from(seq.0).unwrap();
        let changes: Vec<_> = kept.changes[from..].to_vec();
        if changes.iter().any(|change| Some(change.reservation.seq) == skips) {
            kept.skips = None;
        }
        changes
            .into_iter()
            .filter(|change| Some(change.reservation.seq) != skips)
            .collect()
    }

    fn reservations(&self) -> Vec<Reservation> {
        let mut states = std::collections::BTreeMap::new();
        for change in &self.kept().changes {
            states.insert(change.reservation.id, change.reservation.clone());
        }
        states.into_values().collect()
    }
}

/// A running gateway.
pub(crate) struct FakeGateway {
    pub(crate) address: SocketAddr,
    server: Server<Desks>,
    task: JoinHandle<()>,
}

impl FakeGateway {
    pub(crate) async fn start(log: &Log) -> Self {
        Self::start_at(log, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub(crate) async fn start_at(log: &Log, address: SocketAddr) -> Self {
        install_provider();
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::new(
            ServerConfig::default(),
            Desks(log.clone()),
            Arc::new(SystemClock),
            Arc::new(OsEntropy),
        );
        let routes = Router::new()
            .route("/v1/desks", post(pair))
            .route("/v1/desks/me", delete(sign_out))
            .route("/v1/reservations", get(list))
            .route("/v1/reservations/{id}", get(details))
            .with_state((log.clone(), address))
            .merge(server.router());
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            address,
            server,
            task,
        }
    }

    pub(crate) fn url(&self) -> Url {
        url_of(self.address)
    }

    /// Takes the gateway down as planned: every desk is told when to come back.
    pub(crate) async fn stop_as_planned(self, retry_after_ms: u64) {
        self.task.abort();
        let shutdown = Shutdown { retry_after_ms };
        let frame = Frame::event(NAMESPACE, Shutdown::NAME, &shutdown).unwrap();
        self.server.shutdown(|_| Some(frame.clone())).await;
    }

    /// Takes the gateway down; every desk loses its connection.
    pub(crate) async fn stop(self) {
        self.task.abort();
        self.server.shutdown(|_| None).await;
    }
}

pub(crate) fn url_of(address: SocketAddr) -> Url {
    Url::parse(&format!("http://{address}/")).unwrap()
}

/// TLS needs a provider, even where only plain connections are made.
pub(crate) fn install_provider() {
    // Another test may have been faster.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[derive(Deserialize)]
struct Filter {
    date: Option<jiff::civil::Date>,
    status: Option<String>,
}

fn problem(status: StatusCode) -> Response {
    let problem = Problem {
        kind: "about:blank".to_owned(),
        title: "no".to_owned(),
        status: status.as_u16(),
        detail: String::new(),
        errors: Vec::new(),
    };
    (status, Json(problem)).into_response()
}

async fn pair(State((log, address)): State<(Log, SocketAddr)>, Json(request): Json<PairRequest>) -> Response {
    match request.code.as_str() {
        CODE => {
            let paired = Paired {
                token: log.pair(request.name),
                desk: desk(1),
                hospital: hospital(),
                servers: vec![url_of(address)],
            };
            (StatusCode::CREATED, Json(paired)).into_response()
        }
        "many" => problem(StatusCode::TOO_MANY_REQUESTS),
        "broken" => problem(StatusCode::SERVICE_UNAVAILABLE),
        _ => problem(StatusCode::UNAUTHORIZED),
    }
}

fn is_desk(log: &Log, headers: &HeaderMap) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .is_some_and(|token| log.knows(token))
}

async fn sign_out(State((log, _)): State<(Log, SocketAddr)>, headers: HeaderMap) -> Response {
    if !is_desk(&log, &headers) {
        return problem(StatusCode::UNAUTHORIZED);
    }
    log.revoke();
    StatusCode::NO_CONTENT.into_response()
}

async fn list(
    State((log, _)): State<(Log, SocketAddr)>,
    headers: HeaderMap,
    Query(filter): Query<Filter>,
) -> Response {
    if !is_desk(&log, &headers) {
        return problem(StatusCode::UNAUTHORIZED);
    }
    let position = log.position();
    let wanted = |r: &Reservation| match (&filter.date, &filter.status) {
        (Some(date), _) => r.reservationdate == *date,
        (None, Some(status)) => r.status.code() == status,
        (None, None) => false,
    };
    Json(ReservationList {
        position,
        reservations: log.reservations().into_iter().filter(wanted).collect(),
    })
    .into_response()
}

async fn details(
    State((log, _)): State<(Log, SocketAddr)>,
    headers: HeaderMap,
    Path(id): Path<ReservationId>,
) -> Response {
    if !is_desk(&log, &headers) {
        return problem(StatusCode::UNAUTHORIZED);
    }
    let Some(reservation) = log.reservations().into_iter().find(|r| r.id == id) else {
        return problem(StatusCode::NOT_FOUND);
    };
    let history = vec![HistoryEntry {
        at: reservation.received_at,
        kind: "created".to_owned(),
        from: None,
        to: None,
        by: Actor::Site,
    }];
    Json(ReservationDetails { reservation, history }).into_response()
}

struct Desks(Log);

impl Desks {
    async fn say<T: Serialize>(socket: &Socket, name: &str, data: &T) {
        // A socket that is gone ends this with it.
        let _ = socket.emit(&Frame::event(NAMESPACE, name, data).unwrap()).await;
    }
}

impl Namespaces for Desks {
    type Session = ConnectAuth;

    async fn admit(&self, namespace: &str, auth: Value, _: &Peer) -> Result<ConnectAuth, ConnectRefused> {
        let auth: ConnectAuth = serde_json::from_value(auth).unwrap();
        if namespace == NAMESPACE && self.0.knows(&auth.token) {
            Ok(auth)
        } else {
            Err(ConnectRefused::new("refused", json!({ "code": "desk_revoked" })))
        }
    }

    async fn serve(&self, socket: &Socket, auth: &ConnectAuth) {
        let log = &self.0;
        let mut news = log.1.subscribe();
        let head = log.position();
        let (shown, forgets) = {
            let mut kept = log.kept();
            kept.connections += 1;
            (kept.shown.clone(), kept.forgets)
        };
        let served = |cursor: &Position| !forgets && cursor.epoch == head.epoch && cursor.seq <= head.seq;
        let (replay, mut at) = match &auth.cursor {
            None => (Replay::None, head.seq),
            Some(cursor) if served(cursor) => (Replay::Cursor, cursor.seq),
            Some(_) => (Replay::Resync, head.seq),
        };
        let welcome = Welcome {
            api: API,
            hospital: hospital(),
            desk: desk(1),
            position: head,
            shown,
            now: SystemClock.now(),
            replay,
        };
        Self::say(socket, Welcome::NAME, &welcome).await;
        let mut caught_up = false;
        loop {
            let head = log.position().seq;
            for change in log.changes_after(at) {
                Self::say(socket, Change::NAME, &change).await;
            }
            at = head;
            if !caught_up {
                Self::say(socket, CaughtUp::NAME, &CaughtUp { seq: at }).await;
                caught_up = true;
            }
            if news.changed().await.is_err() {
                return;
            }
        }
    }

    async fn event(&self, _: &Socket, _: &ConnectAuth, name: &str, args: Args) -> Option<Args> {
        assert_eq!(name, Shown::NAME);
        let shown: Shown = serde_json::from_str(args.first().get()).unwrap();
        self.0.kept().shown = Some(shown.position);
        Args::of(&json!({})).ok()
    }

    async fn gone(&self, _: &Socket, _: &ConnectAuth) {}
}
