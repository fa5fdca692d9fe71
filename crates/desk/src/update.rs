use std::time::Duration;

use deskbell_protocol::event::{CaughtUp, Change, Head, Welcome};
use deskbell_protocol::http::ReservationList;
use deskbell_protocol::{HospitalId, Position, Reservation};
use jiff::civil::Date;
use url::Url;

use crate::Transport;
use crate::heard::Heard;
pub(crate) use crate::link_fault::LinkFault;
use crate::settings::Mistake;

/// One thing that came over the wire.
#[derive(Debug)]
pub(crate) enum Update {
    /// The lists, fetched whole.
    Snapshot(Snapshot),
    /// One change of one reservation.
    Changed(Box<Change>),
    /// A reservation, from a source that keeps no log.
    Heard(Box<Heard>),
    /// Something that should have been a reservation; the fields that are at fault, none where it is no form at all.
    Unfit(Vec<&'static str>),
    /// Something about the link itself.
    Link(LinkUpdate),
}

/// What became of the link.
#[derive(Debug)]
pub(crate) enum LinkUpdate {
    /// An attempt at this gateway begins.
    Trying(Url),
    /// The gateway knows the desk; a replay, or nothing, follows.
    Welcomed(Box<Welcome>),
    /// A server that keeps no log lets the desk listen: what comes in from now on is told.
    Listening(Listening),
    /// How events travel from now on.
    Over(Transport),
    /// The replay is over.
    CaughtUp(CaughtUp),
    /// The log's end and the gateway's clock.
    Head(Head),
    /// For so long nothing had come from a server that keeps no log, before it was lost.
    Unheard(Duration),
    /// The gateway does not answer, or no longer; it will be tried again.
    Lost(LinkFault),
    /// The server does not want this desk; a gateway is not tried again until a person asks for it.
    Refused(Refusal),
}

/// A source that keeps no log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listening {
    /// Whose reservations it tells of.
    pub source: HospitalId,
    /// The hospital's IANA zone.
    pub timezone: String,
}

/// What only a person can put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The desk was signed out, or never was one.
    SignedOut,
    /// The app is too old for the gateway.
    UpgradeRequired,
    /// A hospital's own server does not take what it is told of us.
    AuthRefused,
    /// A reason this version does not know.
    Unknown,
    /// The credential store, which has the desk's token, does not open.
    StoreShut,
    /// The administrator's enrolment key does not make this PC a desk.
    EnrolmentRefused,
    /// A setting keeps the desk from connecting at all.
    Setting(Mistake),
}

/// Today's list and the unhandled of all days, as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The day whose list is in it.
    pub day: Date,
    /// Everything up to here is in it.
    pub position: Position,
    /// Each reservation once.
    pub reservations: Vec<Reservation>,
}

impl Snapshot {
    /// Joins the list of `day` and the unhandled of all days: the lower position counts, and of a reservation in both
    /// the later state.
    ///
    /// `None` when the log was replaced between the two: fetch again.
    pub(crate) fn of(day: Date, one: ReservationList, other: ReservationList) -> Option<Self> {
        if one.position.epoch != other.position.epoch {
            return None;
        }
        let position = if one.position.seq <= other.position.seq {
            one.position
        } else {
            other.position
        };
        let mut reservations = one.reservations;
        reservations.extend(other.reservations);
        reservations.sort_unstable_by_key(|r| (r.id, std::cmp::Reverse(r.seq)));
        reservations.dedup_by_key(|r| r.id);
        Some(Self {
            day,
            position,
            reservations,
        })
    }
}

#[cfg(test)]
mod tests {
    use deskbell_protocol::Status;
    use jiff::civil::date;

    use super::*;
    use crate::samples::{answered, position, reservation};

    fn list(seq: u64, reservations: Vec<Reservation>) -> ReservationList {
        ReservationList {
            position: position(seq),
            reservations,
        }
    }

    #[test]
    fn two_lists_make_one_with_the_lower_position_and_the_later_states() {
        let booked = answered(&reservation(1, 1), 5, Status::Booked).reservation;
        let day = list(5, vec![booked.clone(), reservation(2, 2)]);
        let pending = list(4, vec![reservation(1, 1), reservation(3, 3)]);
        let snapshot = Snapshot::of(date(2026, 11, 22), day, pending).unwrap();
        assert_eq!(snapshot.position, position(4));
        assert_eq!(snapshot.reservations.len(), 3);
        assert!(snapshot.reservations.contains(&booked));
    }

    #[test]
    fn lists_of_two_logs_are_no_snapshot() {
        let mut other = list(5, vec![]);
        other.position.epoch = deskbell_protocol::Epoch("second".to_owned());
        assert_eq!(Snapshot::of(date(2026, 11, 22), list(5, vec![]), other), None);
    }
}
