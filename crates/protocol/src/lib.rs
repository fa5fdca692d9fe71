//! What crosses the wire between booking site, gateway and desk: shapes, names and masks. No I/O and no clock.
//!
//! The shapes are fixed by `docs/WIRE.md`; each has a golden JSON file under `golden/` that both ends read.

pub mod event;
mod form;
mod hospital;
mod hours;
pub mod http;
mod id;
mod keyed_hash;
mod mask;
mod position;
mod private;
mod reservation;
mod slot;
mod status;
pub mod watch;
mod week;

pub use form::{
    Amended, Amendment, AmendmentError, AmendmentFault, Fault, FieldError, Form, NewReservation,
    check_remark, read_date,
};
pub use hospital::{Desk, Hospital};
pub use hours::{NotHours, OpeningHours};
pub use id::{DeskId, EnrolmentId, HospitalId, ReservationId};
pub use keyed_hash::keyed_hash;
pub use mask::{mask_name, mask_phone};
pub use position::{Epoch, Position, Seq};
pub use private::{PersonName, Phone, Relationship};
pub use reservation::{Claim, HandledBy, Reservation};
pub use slot::{NotASlot, TimeSlot};
pub use status::Status;
pub use week::{Days, WeekSpan};

/// The version of the interface that this crate speaks; sent as `api` in CONNECT and `welcome`.
pub const API: u32 = 1;
