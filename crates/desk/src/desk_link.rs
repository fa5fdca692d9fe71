use deskbell_protocol::ReservationId;

use crate::{Nonce, ToastAct};

/// A link into the app: `deskbell://…`. Any page of the web can make the system open one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskLink {
    /// `deskbell://reservation/ID`: opens it.
    Reservation(ReservationId),
    /// `deskbell://reservation/ID/confirm?n=NONCE`, or `…/claim?n=NONCE`: acts with a nonce that is good, and only opens
    /// without.
    Act {
        /// Which reservation.
        id: ReservationId,
        /// What to do.
        act: ToastAct,
        /// The right to do it.
        nonce: Option<Nonce>,
    },
    /// `deskbell://pair?server=URL&code=CODE`: asks, then pairs.
    Pair {
        /// The gateway's address, as it stands in the link.
        server: String,
        /// The code, as it stands in the link.
        code: String,
    },
}
