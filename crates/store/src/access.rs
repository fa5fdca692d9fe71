use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;
use deskbell_protocol::{Desk, HospitalId, ReservationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// One line of the access record: who was at whose data, when, from where, and what they did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// When.
    pub at: Timestamp,
    /// At which hospital.
    pub hospital: HospitalId,
    /// Who.
    pub who: Who,
    /// From where; `None` for a command on the gateway's own machine.
    pub from: Option<IpAddr>,
    /// Whose data; `None` where it is about no single reservation.
    pub reservation: Option<ReservationId>,
    /// What was done, or tried.
    pub what: Act,
    /// More of it: a list's filter, an export's reason. Never a value of a reservation's fields.
    pub detail: Option<String>,
}

/// Who was at a patient's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Who {
    /// The booking site.
    Site,
    /// Somebody at a desk.
    Desk {
        /// Which.
        desk: Desk,
        /// Who sat there, where they said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        staff: Option<String>,
    },
    /// Somebody with the gateway's command line.
    Operator,
}

/// What is done with patients' data, or with the keys to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// A desk connected: it is sent what happens from then on, and what it missed.
    Connect,
    /// A list was read.
    List,
    /// One reservation was read.
    View,
    /// Its date or time was changed.
    Reschedule,
    /// It was called off by the booking site.
    Cancel,
    /// It was claimed.
    Claim,
    /// A claim was let go.
    Release,
    /// Its status was changed.
    Status,
    /// The last change of its status was taken back.
    Undo,
    /// A day was exported.
    Export,
    /// A PC became a desk.
    Pair,
    /// A desk was signed out.
    SignOut,
    /// The intake key was replaced.
    RotateKey,
    /// An enrolment key was given out or taken back.
    Enrolment,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 14] = [
        Self::Connect,
        Self::List,
        Self::View,
        Self::Reschedule,
        Self::Cancel,
        Self::Claim,
        Self::Release,
        Self::Status,
        Self::Undo,
        Self::Export,
        Self::Pair,
        Self::SignOut,
        Self::RotateKey,
        Self::Enrolment,
    ];

    /// How it is written in the record.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::List => "list",
            Self::View => "view",
            Self::Reschedule => "reschedule",
            Self::Cancel => "cancel",
            Self::Claim => "claim",
            Self::Release => "release",
            Self::Status => "status",
            Self::Undo => "undo",
            Self::Export => "export",
            Self::Pair => "pair",
            Self::SignOut => "sign-out",
            Self::RotateKey => "rotate-key",
            Self::Enrolment => "enrolment",
        }
    }

    /// The act of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Which lines of the access record.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccessFilter {
    /// Only those about this reservation.
    pub reservation: Option<ReservationId>,
    /// Only those from this instant on.
    pub from: Option<Timestamp>,
    /// Only those before this instant.
    pub to: Option<Timestamp>,
}

/// The access record: lines are added and read, and never changed or taken away.
#[async_trait]
pub trait AccessRecord {
    /// Writes a line. It is on the disk when this returns; noted before the data are handed out, so that none are seen
    /// without it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn note_access(&self, access: Access) -> Result<(), StoreError>;

    /// The lines that `filter` lets through, oldest first, up to `limit` of them after the one numbered `after` (0: from
    /// the first); each with its number, which grows.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn accesses(
        &self,
        filter: AccessFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Access)>, StoreError>;
}
