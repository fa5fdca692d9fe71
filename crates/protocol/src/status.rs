use serde::{Deserialize, Serialize};

/// Where a reservation stands: the codes of FHIR R4 `Appointment.status`
/// (<https://hl7.org/fhir/R4/valueset-appointmentstatus.html>), without `proposed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Asked for; nobody at the hospital has answered yet.
    Pending,
    /// Confirmed by the hospital.
    Booked,
    /// The patient is in the building.
    Arrived,
    /// The patient has registered at the desk.
    CheckedIn,
    /// Over, as planned.
    Fulfilled,
    /// Called off, by either side.
    Cancelled,
    /// The patient did not come.
    #[serde(rename = "noshow")]
    NoShow,
    /// No place yet; waiting for one.
    Waitlist,
    /// Should never have been written.
    EnteredInError,
}

impl Status {
    /// Every status, in the order in which a visit runs.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Waitlist,
        Self::Booked,
        Self::Arrived,
        Self::CheckedIn,
        Self::Fulfilled,
        Self::NoShow,
        Self::Cancelled,
        Self::EnteredInError,
    ];

    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Booked => "booked",
            Self::Arrived => "arrived",
            Self::CheckedIn => "checked-in",
            Self::Fulfilled => "fulfilled",
            Self::Cancelled => "cancelled",
            Self::NoShow => "noshow",
            Self::Waitlist => "waitlist",
            Self::EnteredInError => "entered-in-error",
        }
    }

    /// The status of a code on the wire.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Whether somebody has answered: any status but `pending`.
    #[must_use]
    pub const fn is_handled(self) -> bool {
        !matches!(self, Self::Pending)
    }

    /// Where a desk may move it from here. Nothing follows the last four; every other way is an undo's.
    #[must_use]
    pub const fn moves(self) -> &'static [Self] {
        match self {
            Self::Pending => &[
                Self::Booked,
                Self::Cancelled,
                Self::Waitlist,
                Self::EnteredInError,
            ],
            Self::Waitlist => &[Self::Pending, Self::Booked, Self::Cancelled],
            Self::Booked => &[
                Self::Arrived,
                Self::CheckedIn,
                Self::Fulfilled,
                Self::NoShow,
                Self::Cancelled,
                Self::EnteredInError,
            ],
            Self::Arrived => &[Self::CheckedIn, Self::Fulfilled, Self::NoShow, Self::Cancelled],
            Self::CheckedIn => &[Self::Fulfilled, Self::Cancelled],
            Self::Fulfilled | Self::NoShow | Self::Cancelled | Self::EnteredInError => &[],
        }
    }

    /// Whether nothing is to come any more: fulfilled, no-show, cancelled, entered in error.
    #[must_use]
    pub const fn is_final(self) -> bool {
        self.moves().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_and_code_agree() {
        for status in Status::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.code());
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
    }
}
