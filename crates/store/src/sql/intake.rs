//! Taking reservations in, many in one transaction.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use deskbell_protocol::event::{Change, ChangeKind};
use deskbell_protocol::http::Actor;
use deskbell_protocol::{HospitalId, NewReservation, Reservation, ReservationId, Seq, Status};
use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::super::LOCKED;
use super::{Connection, Connections, Db, columns, fault, log};
use crate::crowd::WriteGroup;
use crate::rules::Step;
use crate::{Digest, Idempotency, Recorded, StoreError};

/// Writes reservations as they come in.
#[derive(Debug)]
pub(super) struct Intake {
    connections: Arc<Connections>,
}

/// A reservation to be.
pub(super) struct Entry {
    pub(super) hospital: HospitalId,
    /// What its sender showed; `None` for one that needs none.
    pub(super) key: Option<Digest>,
    pub(super) id: ReservationId,
    pub(super) new: NewReservation,
    pub(super) idempotency: Option<Idempotency>,
    pub(super) now: Timestamp,
}

/// A hospital as the group's transaction sees it.
struct Locked {
    head: Seq,
    intake_key: Digest,
}

impl Locked {
    fn lets_in(&self, entry: &Entry) -> bool {
        entry.key.is_none_or(|key| key.matches(&self.intake_key))
    }
}

/// What a request with an idempotency key led to before.
struct Before {
    fields: [u8; 32],
    reservation: Reservation,
}

/// Names a request: whose it is, and the keyed hash of what its sender calls it.
pub(in super::super) type RequestKey = (HospitalId, [u8; 32]);

impl Intake {
    pub(super) fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }
}

#[async_trait]
impl WriteGroup for Intake {
    type Item = Entry;
    type Done = Recorded;

    async fn write(
        &self,
        group: &[Entry],
        again: bool,
    ) -> Result<Vec<Result<Recorded, StoreError>>, StoreError> {
        let mut tx = self.connections.write().await?;
        let mut hospitals = lock(&mut tx, group).await?;
        let written = if again {
            written(&mut tx, group).await?
        } else {
            HashMap::new()
        };
        let mut known = recorded_before(&mut tx, group).await?;
        let (mut results, mut created, mut remembered) = (Vec::new(), Vec::new(), Vec::new());
        for entry in group {
            if let Some(reservation) = written.get(&(entry.hospital, entry.id)) {
                results.push(Ok(Recorded::New(reservation.clone())));
                continue;
            }
            let Some(hospital) = hospitals
                .get_mut(&entry.hospital)
                .filter(|hospital| hospital.lets_in(entry))
            else {
                results.push(Err(StoreError::NotFound));
                continue;
            };
            let request = entry
                .idempotency
                .as_ref()
                .map(|it| (it, (entry.hospital, it.key)));
            let result = match request.and_then(|(it, key)| Some((it, known.get(&key)?))) {
                Some((it, before)) if before.fields == it.fields => {
                    Ok(Recorded::Repeated(before.reservation.clone()))
                }
                Some(_) => Err(StoreError::Conflict),
                None => {
                    hospital.head = hospital.head.next();
                    let reservation = entry.reservation(hospital.head);
                    if let Some((it, key)) = request {
                        let (fields, reservation) = (it.fields, reservation.clone());
                        known.insert(key, Before { fields, reservation });
                        remembered.push((entry.hospital, it, hospital.head));
                    }
                    created.push((entry.hospital, step(reservation.clone())));
                    Ok(Recorded::New(reservation))
                }
            };
            results.push(result);
        }
        if created.is_empty() {
            return Ok(results);
        }
        insert(&mut tx, &created).await?;
        log::append(&mut tx, created.iter().map(|(hospital, step)| (*hospital, step))).await?;
        remember(&mut tx, &remembered).await?;
        let mut grown: Vec<_> = created.iter().map(|(hospital, _)| *hospital).collect();
        grown.sort_unstable();
        grown.dedup();
        log::set_heads(&mut tx, grown.iter().map(|id| (*id, hospitals[id].head))).await?;
        self.connections.commit(tx).await?;
        self.connections.announce(&grown);
        Ok(results)
    }
}

impl Entry {
    fn reservation(&self, seq: Seq) -> Reservation {
        let now = columns::millis(self.now);
        Reservation {
            id: self.id,
            version: 1,
            seq,
            relationship: self.new.relationship.clone(),
            name: self.new.name.clone(),
            phone: self.new.phone.clone(),
            reservationdate: self.new.reservationdate,
            reservationtime: self.new.reservationtime,
            status: Status::Pending,
            received_at: now,
            updated_at: now,
            claim: None,
            handled_by: None,
        }
    }
}

/// A reservation's first step.
fn step(after: Reservation) -> Step {
    Step {
        after,
        kind: ChangeKind::Created,
        from: None,
        to: Some(Status::Pending.code().to_owned()),
        by: Actor::Site,
    }
}

/// Locks the logs of all hospitals of the group, in one order everywhere, so that no two groups wait for each other.
async fn lock(tx: &mut Connection, group: &[Entry]) -> Result<BTreeMap<HospitalId, Locked>, StoreError> {
    let mut hospitals: Vec<_> = group.iter().map(|entry| entry.hospital).collect();
    hospitals.sort_unstable();
    hospitals.dedup();
    let mut query = QueryBuilder::new("SELECT id, head, intake_key FROM hospitals WHERE id IN (");
    let mut ids = query.separated(", ");
    for hospital in hospitals {
        ids.push_bind(hospital.as_bytes().to_vec());
    }
    query.push(") ORDER BY id").push(LOCKED);
    let rows = query.build().fetch_all(tx).await.map_err(fault)?;
    rows.iter()
        .map(|row| {
            let hospital = Locked {
                head: columns::seq(row, "head")?,
                intake_key: Digest(columns::bytes(row, "intake_key")?),
            };
            Ok((columns::hospital_id(row, "id")?, hospital))
        })
        .collect()
}

/// What of the group a try that nobody heard the end of has written. Nothing of it is under way any more: it would hold the
/// lock.
async fn written(
    tx: &mut Connection,
    group: &[Entry],
) -> Result<HashMap<(HospitalId, ReservationId), Reservation>, StoreError> {
    let mut query =
        QueryBuilder::new("SELECT hospital, change FROM log WHERE kind = 'created' AND reservation IN (");
    let mut ids = query.separated(", ");
    for entry in group {
        ids.push_bind(entry.id.as_bytes().to_vec());
    }
    query.push(")");
    let rows = query.build().fetch_all(tx).await.map_err(fault)?;
    rows.iter()
        .map(|row| {
            let Change { reservation, .. } = columns::json(row, "change")?;
            Ok((
                (columns::hospital_id(row, "hospital")?, reservation.id),
                reservation,
            ))
        })
        .collect()
}

/// The reservations that these very requests made before, as they were then.
async fn recorded_before(
    tx: &mut Connection,
    group: &[Entry],
) -> Result<HashMap<RequestKey, Before>, StoreError> {
    let mut known = HashMap::new();
    let named: Vec<_> = group
        .iter()
        .filter_map(|entry| Some((entry, entry.idempotency.as_ref()?)))
        .collect();
    if named.is_empty() {
        return Ok(known);
    }
    let now = named
        .iter()
        .map(|(entry, _)| entry.now)
        .max()
        .unwrap_or(Timestamp::MIN);
    let rows = find(named.iter().map(|(entry, it)| (entry.hospital, it.key)))
        .build()
        .persistent(false)
        .fetch_all(tx)
        .await
        .map_err(fault)?;
    for row in rows {
        if columns::instant(&row, "expires_at")? > now {
            let change: Change = columns::json(&row, "change")?;
            let key = (
                columns::hospital_id(&row, "hospital")?,
                columns::bytes(&row, "key")?,
            );
            let fields = columns::bytes(&row, "fields")?;
            let reservation = change.reservation;
            known.insert(key, Before { fields, reservation });
        }
    }
    Ok(known)
}

/// What was kept of these requests. From the keys to the table and not the other way round: it has a day's keys in it.
pub(in super::super) fn find(keys: impl IntoIterator<Item = RequestKey>) -> QueryBuilder<Db> {
    let mut query = QueryBuilder::new("WITH asked (hospital, key) AS (");
    query.push_values(keys, |mut row, (hospital, key)| {
        row.push_bind(hospital.as_bytes().to_vec())
            .push_bind(key.to_vec());
    });
    query.push(
        ") SELECT k.hospital, k.key, k.fields, k.expires_at, l.change FROM asked
         JOIN idempotency_keys k ON k.hospital = asked.hospital AND k.key = asked.key
         JOIN log l ON l.hospital = k.hospital AND l.seq = k.seq",
    );
    query
}

async fn insert(tx: &mut Connection, created: &[(HospitalId, Step)]) -> Result<(), StoreError> {
    let mut query = QueryBuilder::new(
        "INSERT INTO reservations (id, hospital, seq, version, relationship, name, phone, reservationdate,
                                   reservationtime, status, received_at, updated_at) ",
    );
    query.push_values(created, |mut row, (hospital, step)| {
        let reservation = &step.after;
        row.push_bind(reservation.id.as_bytes().to_vec())
            .push_bind(hospital.as_bytes().to_vec())
            .push_bind(columns::signed(reservation.seq))
            .push_bind(columns::signed(Seq(reservation.version)))
            .push_bind(reservation.relationship.as_str().to_owned())
            .push_bind(reservation.name.as_str().to_owned())
            .push_bind(reservation.phone.as_str().to_owned())
            .push_bind(reservation.reservationdate.to_string())
            .push_bind(reservation.reservationtime.to_string())
            .push_bind(reservation.status.code())
            .push_bind(reservation.received_at.as_millisecond())
            .push_bind(reservation.updated_at.as_millisecond());
    });
    query.build().persistent(false).execute(tx).await.map_err(fault)?;
    Ok(())
}

async fn remember(
    tx: &mut Connection,
    remembered: &[(HospitalId, &Idempotency, Seq)],
) -> Result<(), StoreError> {
    if remembered.is_empty() {
        return Ok(());
    }
    let mut query =
        QueryBuilder::new("INSERT INTO idempotency_keys (hospital, key, fields, seq, expires_at) ");
    query.push_values(remembered, |mut row, (hospital, it, seq)| {
        row.push_bind(hospital.as_bytes().to_vec())
            .push_bind(it.key.to_vec())
            .push_bind(it.fields.to_vec())
            .push_bind(columns::signed(*seq))
            .push_bind(it.until.as_millisecond());
    });
    // One that is still there has expired, or the request would be a repeat.
    query.push(
        " ON CONFLICT (hospital, key) DO UPDATE SET fields = excluded.fields, seq = excluded.seq,
                                                    expires_at = excluded.expires_at",
    );
    query.build().persistent(false).execute(tx).await.map_err(fault)?;
    Ok(())
}
