//! Invented reservations for tests.

use std::sync::Arc;

use deskbell_clock::{OsEntropy, SystemClock, Timestamp};
use deskbell_protocol::event::{Change, ChangeKind, Replay, Welcome};
use deskbell_protocol::{
    API, Claim, Desk, DeskId, Epoch, HandledBy, Hospital, HospitalId, PersonName, Phone, Position,
    Relationship, Reservation, ReservationId, Seq, Status,
};
use jiff::civil::date;
use tempfile::TempDir;

use crate::fake_credentials::FakeCredentials;
use crate::{DeskConfig, Folders, PolicyPlace};

/// 11:00 on Sunday, 22 November 2026 in Seoul.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T02:00:00Z".parse().unwrap()
}

pub(crate) fn id(number: u8) -> ReservationId {
    ReservationId::new(now(), &[number; 10])
}

pub(crate) fn position(seq: u64) -> Position {
    Position {
        epoch: Epoch("first".to_owned()),
        seq: Seq(seq),
    }
}

pub(crate) fn hospital() -> Hospital {
    Hospital {
        id: HospitalId::new(now(), &[1; 10]),
        slug: "hanbit".to_owned(),
        name: "한빛의원".to_owned(),
        timezone: "Asia/Seoul".to_owned(),
        hours: None,
    }
}

pub(crate) fn desk(number: u8) -> Desk {
    Desk {
        id: DeskId::new(now(), &[number; 10]),
        name: format!("접수 {number}"),
    }
}

pub(crate) fn welcome(seq: u64, replay: Replay) -> Welcome {
    Welcome {
        api: API,
        hospital: hospital(),
        desk: desk(1),
        position: position(seq),
        shown: None,
        now: now(),
        replay,
    }
}

/// A pending reservation for today, as it stands after change `seq`.
pub(crate) fn reservation(number: u8, seq: u64) -> Reservation {
    Reservation {
        id: id(number),
        version: 1,
        seq: Seq(seq),
        relationship: Relationship::new("본인"),
        name: PersonName::new("김크리스"),
        phone: Phone::new("010-1111-1111"),
        reservationdate: date(2026, 11, 22),
        reservationtime: "10:30 ~ 11:00".parse().unwrap(),
        status: Status::Pending,
        received_at: now(),
        updated_at: now(),
        claim: None,
        handled_by: None,
    }
}

pub(crate) fn created(number: u8, seq: u64) -> Change {
    Change {
        reservation: reservation(number, seq),
        kind: ChangeKind::Created,
    }
}

/// `before`, changed by `change` at `seq`.
pub(crate) fn changed(
    before: &Reservation,
    seq: u64,
    kind: ChangeKind,
    change: impl FnOnce(&mut Reservation),
) -> Change {
    let mut reservation = before.clone();
    reservation.seq = Seq(seq);
    change(&mut reservation);
    Change { reservation, kind }
}

pub(crate) fn claimed(before: &Reservation, seq: u64) -> Change {
    changed(before, seq, ChangeKind::Claimed, |r| {
        r.claim = Some(Claim {
            desk: desk(2),
            staff: None,
            until: now() + std::time::Duration::from_mins(5),
        });
    })
}

pub(crate) fn answered(before: &Reservation, seq: u64, status: Status) -> Change {
    changed(before, seq, ChangeKind::Status, |r| {
        r.status = status;
        r.version += 1;
        r.claim = None;
        r.handled_by = Some(HandledBy {
            desk: desk(2),
            staff: None,
            at: r.updated_at,
        });
    })
}

/// The ways in which another desk looks after `before`.
pub(crate) fn looked_after(before: &Reservation, seq: u64) -> [Change; 2] {
    [claimed(before, seq), answered(before, seq, Status::Booked)]
}

pub(crate) fn rescheduled(before: &Reservation, seq: u64) -> Change {
    changed(before, seq, ChangeKind::Rescheduled, |r| {
        r.reservationdate = date(2026, 11, 23);
        r.version += 1;
    })
}

pub(crate) fn called_off(before: &Reservation, seq: u64) -> Change {
    changed(before, seq, ChangeKind::Status, |r| {
        r.status = Status::Cancelled;
        r.version += 1;
        r.updated_at += std::time::Duration::from_secs(1);
    })
}

/// A PC that keeps its files in `folder` and has no credential store.
pub(crate) fn pc(folder: &TempDir) -> DeskConfig {
    DeskConfig {
        folders: Folders {
            config: folder.path().join("config"),
            data: folder.path().join("data"),
            policy: PolicyPlace::File(folder.path().join("policy.toml")),
        },
        version: "0.0.0".to_owned(),
        host_name: Some("RECEPTION-1".to_owned()),
        locale: None,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        credentials: FakeCredentials::none(),
    }
}
