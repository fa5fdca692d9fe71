//! A reservation as the page draws it.

use deskbell_protocol::{Claim, DeskId, HandledBy, Reservation, Status};
use serde::{Deserialize, Serialize};
use specta::Type;

/// One reservation.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReservationView {
    id: String,
    version: u32,
    relationship: String,
    name: String,
    phone: String,
    /// As it may stand where others see it.
    masked_name: String,
    /// As it may stand where others see it.
    masked_phone: String,
    /// `YYYY-MM-DD`.
    date: String,
    /// `HH:MM ~ HH:MM`.
    time: String,
    status: StatusCode,
    received_at: String,
    updated_at: String,
    claim: Option<ClaimView>,
    handled_by: Option<HandledView>,
}

impl ReservationView {
    pub(super) fn all(reservations: &[Reservation], me: Option<DeskId>) -> Vec<Self> {
        reservations
            .iter()
            .map(|reservation| Self::of(reservation, me))
            .collect()
    }

    pub(super) fn of(reservation: &Reservation, me: Option<DeskId>) -> Self {
        Self {
            id: reservation.id.to_string(),
            version: u32::try_from(reservation.version).unwrap_or(u32::MAX),
            relationship: reservation.relationship.as_str().to_owned(),
            name: reservation.name.as_str().to_owned(),
            phone: reservation.phone.as_str().to_owned(),
            masked_name: reservation.name.masked(),
            masked_phone: reservation.phone.masked(),
            date: reservation.reservationdate.to_string(),
            time: reservation.reservationtime.to_string(),
            status: StatusCode::of(reservation.status),
            received_at: reservation.received_at.to_string(),
            updated_at: reservation.updated_at.to_string(),
            claim: reservation.claim.as_ref().map(|claim| ClaimView::of(claim, me)),
            handled_by: reservation.handled_by.as_ref().map(HandledView::of),
        }
    }
}

/// FHIR R4 `Appointment.status`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StatusCode {
    Pending,
    Booked,
    Arrived,
    CheckedIn,
    Fulfilled,
    Cancelled,
    #[serde(rename = "noshow")]
    NoShow,
    Waitlist,
    EnteredInError,
}

impl StatusCode {
    pub(super) const fn of(status: Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::Booked => Self::Booked,
            Status::Arrived => Self::Arrived,
            Status::CheckedIn => Self::CheckedIn,
            Status::Fulfilled => Self::Fulfilled,
            Status::Cancelled => Self::Cancelled,
            Status::NoShow => Self::NoShow,
            Status::Waitlist => Self::Waitlist,
            Status::EnteredInError => Self::EnteredInError,
        }
    }

    pub(super) const fn status(self) -> Status {
        match self {
            Self::Pending => Status::Pending,
            Self::Booked => Status::Booked,
            Self::Arrived => Status::Arrived,
            Self::CheckedIn => Status::CheckedIn,
            Self::Fulfilled => Status::Fulfilled,
            Self::Cancelled => Status::Cancelled,
            Self::NoShow => Status::NoShow,
            Self::Waitlist => Status::Waitlist,
            Self::EnteredInError => Status::EnteredInError,
        }
    }
}

/// Who is at a reservation.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct ClaimView {
    desk: String,
    staff: Option<String>,
    until: String,
    /// This desk's own.
    mine: bool,
}

impl ClaimView {
    pub(super) fn of(claim: &Claim, me: Option<DeskId>) -> Self {
        Self {
            mine: me == Some(claim.desk.id),
            desk: claim.desk.name.clone(),
            staff: claim.staff.clone(),
            until: claim.until.to_string(),
        }
    }
}

/// Who answered a reservation.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct HandledView {
    desk: String,
    staff: Option<String>,
    at: String,
}

impl HandledView {
    pub(super) fn of(handled: &HandledBy) -> Self {
        Self {
            desk: handled.desk.name.clone(),
            staff: handled.staff.clone(),
            at: handled.at.to_string(),
        }
    }
}
