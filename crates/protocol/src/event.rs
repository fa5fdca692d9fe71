//! Events of the `/desk` namespace (Socket.IO v5), each named by its `NAME`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Desk, Hospital, Position, Reservation, Seq};

/// The namespace of the desks.
pub const NAMESPACE: &str = "/desk";

/// The auth payload of a desk's CONNECT.
#[derive(Clone, Serialize, Deserialize)]
pub struct ConnectAuth {
    /// The desk's secret.
    pub token: String,
    /// The interface the desk speaks: [`crate::API`].
    pub api: u32,
    /// Program and version: `deskbell/0.1.0`.
    pub client: String,
    /// Where the desk left off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Position>,
}

/// The `data` of a `CONNECT_ERROR`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectRefused {
    /// What a desk decides by.
    pub code: RefusalCode,
}

/// Why a CONNECT was refused. Final: asking again with the same token gets the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// No desk has this token.
    InvalidToken,
    /// The desk was signed out by the hospital's IT.
    DeskRevoked,
    /// The gateway no longer speaks the desk's interface version.
    UpgradeRequired,
}

/// First event after CONNECT: who the desk is and where the log stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The interface the gateway speaks.
    pub api: u32,
    /// Whose room this is.
    pub hospital: Hospital,
    /// Who the token says this desk is.
    pub desk: Desk,
    /// The log's end at this moment.
    pub position: Position,
    /// Up to where this desk has said that it decided; `None` when it never did.
    pub shown: Option<Position>,
    /// The gateway's clock.
    pub now: Timestamp,
    /// What comes next.
    pub replay: Replay,
}

/// How the gateway brings a desk up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replay {
    /// Every change after the desk's cursor.
    Cursor,
    /// The cursor cannot be served: fetch the lists; changes follow from `position` on.
    Resync,
    /// No cursor was sent: as after [`Self::Resync`], but nothing was missed.
    None,
}

/// `reservation`: one change, with the reservation as it stood then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The reservation after the change; its `seq` is the change's own.
    #[serde(flatten)]
    pub reservation: Reservation,
    /// What happened.
    #[serde(flatten)]
    pub kind: ChangeKind,
}

/// What a [`Change`] was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChangeKind {
    /// The booking site sent it in.
    Created,
    /// The booking site moved its date or time.
    Rescheduled,
    /// Its status changed, at a desk or (cancelled) by the site.
    Status,
    /// A desk took or renewed the claim.
    Claimed,
    /// The claim ended.
    Released {
        /// Why.
        reason: ReleaseReason,
    },
}

/// Why a claim ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// The holder let go.
    Released,
    /// The lease ran out.
    Expired,
    /// The reservation was handled.
    Handled,
    /// The holder's desk was signed out.
    Revoked,
}

/// `caught_up`: the replay is over; what follows is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaughtUp {
    /// The last change sent so far.
    pub seq: Seq,
}

/// `head`: the log's end and the gateway's clock, at least every 25 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The last change there is.
    pub seq: Seq,
    /// The gateway's clock.
    pub now: Timestamp,
}

/// `shutdown`: the gateway is about to stop as planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shutdown {
    /// When to come back, in milliseconds; different for each socket, so that they do not come all at once.
    pub retry_after_ms: u64,
}

/// `shown`, from the desk, with an ack: this desk has decided for everything up to here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Up to where.
    #[serde(flatten)]
    pub position: Position,
}

macro_rules! named {
    ($($event:ty = $name:literal),* $(,)?) => {
        $(impl $event {
            /// The event's name on the wire.
            pub const NAME: &'static str = $name;
        })*
    };
}

named!(
    Welcome = "welcome",
    Change = "reservation",
    CaughtUp = "caught_up",
    Head = "head",
    Shutdown = "shutdown",
    Shown = "shown",
);
