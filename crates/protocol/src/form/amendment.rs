use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;

use super::{Fault, Raw, date, slot};
use crate::{Status, TimeSlot};

/// What a booking site wants to become of a reservation, as it arrives: unchecked. Every other field is dropped unread.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Amendment {
    /// Another day; not together with `status`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date, examples("2026-11-23")))]
    reservationdate: Raw,
    /// Another time; not together with `status`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("10:30 ~ 11:00")))]
    reservationtime: Raw,
    /// `cancelled`, and nothing else.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^cancelled$", examples("cancelled")))]
    status: Raw,
}

/// The values are a patient's, and not even checked.
impl fmt::Debug for Amendment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Amendment(***)")
    }
}

/// What an [`Amendment`] that passed every check asks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Amended {
    /// Another date, another time, or both.
    Rescheduled {
        /// The day, in the hospital's time zone.
        date: Option<Date>,
        /// The time, likewise.
        time: Option<TimeSlot>,
    },
    /// It is called off.
    Cancelled,
}

/// A patient's fields stay out of it.
impl fmt::Debug for Amended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rescheduled { .. } => "Rescheduled(***)",
            Self::Cancelled => "Cancelled",
        })
    }
}

/// One field of an amendment and what is wrong with it. Never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmendmentError {
    /// Which.
    pub field: &'static str,
    /// What is wrong.
    pub fault: AmendmentFault,
}

/// What can be wrong with a field of an amendment. `Display` is the sentence a web developer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmendmentFault {
    /// What would be wrong with it in a form.
    #[error(transparent)]
    Form(#[from] Fault),
    /// Another status than the one that a booking site may give.
    #[error("must be cancelled, or left out")]
    NotCancelled,
    /// Called off and moved in one.
    #[error("must not come with a date or a time: a reservation is moved or cancelled")]
    Both,
    /// Nothing that could be changed.
    #[error("is required, or one of the other two")]
    Neither,
}

impl Amendment {
    /// Checks and normalises what was sent, by the rules of the form.
    ///
    /// # Errors
    /// Every field at fault, in the form's order.
    pub fn check(self) -> Result<Amended, Vec<AmendmentError>> {
        let mut errors = Vec::new();
        let mut keep = |field, fault| errors.push(AmendmentError { field, fault });
        let date = given(self.reservationdate, date, Fault::NotADate);
        let date = date.map_err(|fault| keep("reservationdate", fault.into()));
        let time = given(self.reservationtime, slot, Fault::NotASlot);
        let time = time.map_err(|fault| keep("reservationtime", fault.into()));
        let status = given(self.status, cancelled, AmendmentFault::NotCancelled);
        let status = status.map_err(|fault| keep("status", fault));
        match (date, time, status) {
            (Ok(None), Ok(None), Ok(Some(()))) => Ok(Amended::Cancelled),
            (Ok(None), Ok(None), Ok(None)) => {
                for field in ["reservationdate", "reservationtime", "status"] {
                    keep(field, AmendmentFault::Neither);
                }
                Err(errors)
            }
            (Ok(date), Ok(time), Ok(None)) => Ok(Amended::Rescheduled { date, time }),
            (Ok(_), Ok(_), Ok(Some(()))) => {
                keep("status", AmendmentFault::Both);
                Err(errors)
            }
            _ => Err(errors),
        }
    }
}

/// A field that may be left out, but not be blank.
fn given<T, E: PartialEq + From<Fault>>(
    raw: Raw,
    read: impl Fn(Raw) -> Result<T, E>,
    blank: E,
) -> Result<Option<T>, E> {
    if matches!(raw, Raw::Missing) {
        return Ok(None);
    }
    read(raw).map(Some).map_err(|fault| {
        if fault == Fault::Missing.into() {
            blank
        } else {
            fault
        }
    })
}

fn cancelled(raw: Raw) -> Result<(), AmendmentFault> {
    match raw {
        Raw::Text(status) if status == Status::Cancelled.code() => Ok(()),
        Raw::Twice => Err(Fault::Twice.into()),
        _ => Err(AmendmentFault::NotCancelled),
    }
}
