use deskbell_protocol::event::{
    CaughtUp, Change, ConnectRefused, NAMESPACE, RefusalCode, Replay, Shown, Welcome,
};
use deskbell_protocol::{API, Position, Seq};
use deskbell_socketio::Args;
use deskbell_socketio::server::{self, Frame, Peer, Socket};
use deskbell_store::{Access, Act, DeskRecord, DeskToken, LogState, StoreError, Who};
use serde::Serialize;
use serde_json::Value;

use super::namespaces::{Broken, Denied};
use super::{PAGE, PushError};
use crate::Gateway;
use crate::logging::chain;

/// The `/desk` namespace: each desk follows its hospital's log.
#[derive(Debug)]
pub(super) struct Desks {
    gateway: Gateway,
}

/// What is known about a socket of `/desk`.
pub(crate) struct Session {
    desk: DeskRecord,
    cursor: Cursor,
}

/// What a desk said about where it left off.
#[derive(Debug, PartialEq)]
enum Cursor {
    NotSent,
    At(Position),
    Unreadable,
}

impl Cursor {
    fn read(auth: &Value) -> Self {
        match auth.get("cursor") {
            None | Some(Value::Null) => Self::NotSent,
            Some(sent) => serde_json::from_value(sent.clone()).map_or(Self::Unreadable, Self::At),
        }
    }

    /// How to bring the desk up to date, and the change after which it is sent events.
    fn replay(&self, log: &LogState) -> (Replay, Seq) {
        match self {
            Self::NotSent => (Replay::None, log.position.seq),
            Self::At(cursor) if log.can_replay_after(cursor) => (Replay::Cursor, cursor.seq),
            Self::At(_) | Self::Unreadable => (Replay::Resync, log.position.seq),
        }
    }
}

impl Desks {
    pub(super) fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    pub(super) async fn admit(&self, auth: &Value, peer: &Peer) -> Result<Session, Denied> {
        match self.desk(auth).await? {
            Ok(desk) => {
                self.note(&desk, peer).await?;
                Ok(Session {
                    desk,
                    cursor: Cursor::read(auth),
                })
            }
            Err(code) => {
                tracing::info!(?code, "desk refused");
                let data = serde_json::to_value(ConnectRefused { code }).ok();
                Err(Denied::Refused(server::ConnectRefused::new(sentence(code), data)))
            }
        }
    }

    /// Notes that the desk is about to be sent its hospital's reservations.
    async fn note(&self, desk: &DeskRecord, peer: &Peer) -> Result<(), StoreError> {
        self.gateway
            .note_access(Access {
                at: self.gateway.clock().now(),
                hospital: desk.hospital.id,
                who: Who::Desk {
                    desk: desk.desk.clone(),
                    staff: None,
                },
                from: peer.address.map(|address| address.ip()),
                reservation: None,
                what: Act::Connect,
                detail: None,
            })
            .await
    }

    async fn desk(&self, auth: &Value) -> Result<Result<DeskRecord, RefusalCode>, StoreError> {
        if auth.get("api").and_then(Value::as_u64) != Some(API.into()) {
            return Ok(Err(RefusalCode::UpgradeRequired));
        }
        let token = auth.get("token").and_then(Value::as_str).unwrap_or_default();
        let Ok(token) = token.parse::<DeskToken>() else {
            return Ok(Err(RefusalCode::InvalidToken));
        };
        match self.gateway.store().desk_by_token(&token).await {
            Ok(desk) if desk.revoked_at.is_some() => Ok(Err(RefusalCode::DeskRevoked)),
            Ok(desk) => Ok(Ok(desk)),
            Err(StoreError::NotFound) => Ok(Err(RefusalCode::InvalidToken)),
            Err(error) => Err(error),
        }
    }

    /// Welcomes the desk, replays what it missed, and lets it into its hospital's room.
    pub(super) async fn serve(&self, socket: &Socket, session: &Session) -> Result<(), Broken> {
        let (store, push) = (self.gateway.store(), self.gateway.push());
        let Session {
            desk:
                DeskRecord {
                    desk,
                    hospital,
                    shown,
                    ..
                },
            cursor,
        } = session;
        let log = store.log_state(hospital.id).await?;
        let (replay, mut at) = cursor.replay(&log);
        let room = push.room(hospital.id, &log.position).await?;
        if !room.seats.take(socket, desk.id) {
            socket.disconnect();
            return Ok(());
        }
        tracing::info!(hospital = %hospital.id, desk = %desk.id, ?replay, from = %at, head = %log.position.seq, "desk connected");
        let welcome = Welcome {
            api: API,
            hospital: hospital.clone(),
            desk: desk.clone(),
            position: log.position,
            shown: shown.clone(),
            now: self.gateway.clock().now(),
            replay,
        };
        socket.emit(&event(Welcome::NAME, &welcome)?).await?;
        at = self.replay(socket, session, at, room.pushed()).await?;
        socket
            .emit(&event(CaughtUp::NAME, &CaughtUp { seq: at })?)
            .await?;
        // What the room is sent while this socket is not yet in it, it is sent from the log.
        while !room.join(socket, at) {
            at = self.replay(socket, session, at, room.pushed()).await?;
        }
        Ok(())
    }

    /// Sends the changes after `at`, up to `end`, as fast as the socket takes them.
    async fn replay(&self, socket: &Socket, session: &Session, mut at: Seq, end: Seq) -> Result<Seq, Broken> {
        let hospital = session.desk.hospital.id;
        while at < end {
            let missing = u32::try_from(end.0 - at.0).unwrap_or(PAGE);
            let page = self
                .gateway
                .store()
                .changes_after(hospital, at, missing.min(PAGE))
                .await?;
            for logged in &page {
                if logged.seq != at.next() {
                    return Err(PushError::Hole(at).into());
                }
                socket.emit(&event(Change::NAME, &*logged.change)?).await?;
                at = logged.seq;
            }
            if page.is_empty() {
                return Err(PushError::Hole(at).into());
            }
        }
        Ok(at)
    }

    async fn mark_shown(&self, session: &Session, args: &Args) -> Option<Args> {
        let desk = session.desk.desk.id;
        let Ok(shown) = serde_json::from_str::<Shown>(args.first().get()) else {
            tracing::warn!(%desk, "a desk's `shown` cannot be read");
            return None;
        };
        match self.gateway.store().mark_shown(desk, &shown.position).await {
            Ok(()) => Args::of(&serde_json::Map::new()).ok(),
            // Without an ack the desk says it again, and by then may have been told of another epoch.
            Err(error) => {
                let error = chain(&error);
                tracing::warn!(%desk, seq = %shown.position.seq, error, "a desk's `shown` is not kept");
                None
            }
        }
    }

    pub(super) async fn event(&self, session: &Session, name: &str, args: &Args) -> Option<Args> {
        match name {
            Shown::NAME => self.mark_shown(session, args).await,
            // A later client may say more than this gateway understands.
            _ => None,
        }
    }

    pub(super) fn gone(&self, socket: &Socket, session: &Session) {
        let DeskRecord { desk, hospital, .. } = &session.desk;
        if let Some(room) = self.gateway.push().known_room(hospital.id) {
            room.seats.leave(socket);
        }
        tracing::info!(hospital = %hospital.id, desk = %desk.id, "desk gone");
    }
}

fn event<T: Serialize + ?Sized>(name: &str, data: &T) -> Result<Frame, serde_json::Error> {
    Frame::event(NAMESPACE, name, data)
}

fn sentence(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::InvalidToken => "no desk has this token: pair this PC again",
        RefusalCode::DeskRevoked => "this desk was signed out by the hospital: pair this PC again",
        RefusalCode::UpgradeRequired => {
            "this gateway speaks another version of the interface: update Deskbell"
        }
    }
}

#[cfg(test)]
mod tests {
    use deskbell_protocol::Epoch;
    use serde_json::json;

    use super::*;

    fn log(seq: u64, pruned: u64) -> LogState {
        LogState {
            position: Position {
                epoch: Epoch("e".to_owned()),
                seq: Seq(seq),
            },
            pruned: Seq(pruned),
        }
    }

    #[test]
    fn a_cursor_that_cannot_be_served_is_answered_with_a_resync_never_with_silence() {
        for (auth, expected) in [
            (json!({}), (Replay::None, Seq(9))),
            (json!({"cursor": null}), (Replay::None, Seq(9))),
            (
                json!({"cursor": {"epoch": "e", "seq": 9}}),
                (Replay::Cursor, Seq(9)),
            ),
            (
                json!({"cursor": {"epoch": "e", "seq": 4}}),
                (Replay::Cursor, Seq(4)),
            ),
            (
                json!({"cursor": {"epoch": "e", "seq": 3}}),
                (Replay::Resync, Seq(9)),
            ),
            (
                json!({"cursor": {"epoch": "e", "seq": 10}}),
                (Replay::Resync, Seq(9)),
            ),
            (
                json!({"cursor": {"epoch": "f", "seq": 9}}),
                (Replay::Resync, Seq(9)),
            ),
            (
                json!({"cursor": {"epoch": "e", "seq": -1}}),
                (Replay::Resync, Seq(9)),
            ),
            (json!({"cursor": 9}), (Replay::Resync, Seq(9))),
        ] {
            assert_eq!(Cursor::read(&auth).replay(&log(9, 4)), expected, "{auth}");
        }
    }
}
