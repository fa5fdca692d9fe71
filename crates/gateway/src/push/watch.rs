use deskbell_protocol::watch::{DAYS, WatchRefusal, WatchRefused};
use deskbell_protocol::{HospitalId, ReservationId};
use deskbell_socketio::server::{ConnectRefused, Socket};
use deskbell_store::StoreError;
use jiff::ToSpan;
use serde_json::Value;

use super::namespaces::{Broken, Denied};
use crate::Gateway;

/// The `/watch` namespace: a patient's page follows one reservation.
#[derive(Debug)]
pub(super) struct Pages {
    gateway: Gateway,
}

/// What is known about a socket of `/watch`.
pub(crate) struct Session {
    hospital: HospitalId,
    reservation: ReservationId,
}

impl Pages {
    pub(super) fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    pub(super) async fn admit(&self, auth: &Value) -> Result<Session, Denied> {
        let token = auth.get("token").and_then(Value::as_str).unwrap_or_default();
        let Some(id) = self.gateway.watched(token) else {
            return Err(refused(WatchRefusal::InvalidToken));
        };
        let store = self.gateway.store();
        let (hospital, reservation) = match store.watched(id).await {
            Ok(watched) => watched,
            Err(StoreError::NotFound) => return Err(refused(WatchRefusal::InvalidToken)),
            Err(error) => return Err(error.into()),
        };
        let last_day = reservation.reservationdate.saturating_add(DAYS.days());
        if self.gateway.today(&store.hospital(hospital).await?)? > last_day {
            return Err(refused(WatchRefusal::TokenExpired));
        }
        Ok(Session {
            hospital,
            reservation: id,
        })
    }

    /// Says how the reservation stands, and keeps saying it.
    pub(super) async fn serve(&self, socket: &Socket, session: &Session) -> Result<(), Broken> {
        let Session {
            hospital,
            reservation: id,
        } = *session;
        let (store, push) = (self.gateway.store(), self.gateway.push());
        let head = store.log_state(hospital).await?.position;
        let room = push.room(hospital, &head).await?;
        room.watchers.join(id, socket);
        let (_, reservation) = store.watched(id).await?;
        room.watchers.show(&reservation)?;
        tracing::debug!(%hospital, reservation = %id, "page connected");
        Ok(())
    }

    pub(super) fn gone(&self, session: &Session) {
        if let Some(room) = self.gateway.push().known_room(session.hospital) {
            room.watchers.leave(session.reservation);
        }
    }
}

fn refused(code: WatchRefusal) -> Denied {
    let sentence = match code {
        WatchRefusal::InvalidToken => "no reservation has this token",
        WatchRefusal::TokenExpired => "the reservation's date is more than 30 days ago",
    };
    tracing::debug!(?code, "page refused");
    let data = serde_json::to_value(WatchRefused { code }).ok();
    Denied::Refused(ConnectRefused::new(sentence, data))
}

#[cfg(test)]
mod tests;
