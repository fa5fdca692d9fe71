use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new UUIDv7 (RFC 9562) of the instant `now`, made unique by 10 `random` bytes.
            #[must_use]
            pub fn new(now: Timestamp, random: &[u8; 10]) -> Self {
                let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
                Self(uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid())
            }

            /// The id as its 16 bytes, for storage.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id that [`Self::as_bytes`] gave.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Reads only the canonical form: 36 characters, lower case, with hyphens.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let id = Self(Uuid::try_parse(text).map_err(|_| NotAnId)?);
                if id.to_string() == text { Ok(id) } else { Err(NotAnId) }
            }
        }
    };
}

id!(
    /// Names one reservation, everywhere and for good.
    ReservationId
);
id!(
    /// Names one paired desk PC.
    DeskId
);
id!(
    /// Names one hospital.
    HospitalId
);
id!(
    /// Names one enrolment key.
    EnrolmentId
);

/// The text is no lower-case hyphenated UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a lower-case hyphenated UUID")]
pub struct NotAnId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_later_milliseconds_sort_later() {
        let early = ReservationId::new(Timestamp::from_millisecond(1_000).unwrap(), &[0xFF; 10]);
        let late = ReservationId::new(Timestamp::from_millisecond(1_001).unwrap(), &[0; 10]);
        assert!(early < late);
    }

    #[test]
    fn only_the_canonical_form_is_read() {
        let id = ReservationId::new(Timestamp::UNIX_EPOCH, &[0xAB; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in [
            id.to_string().to_uppercase(),
            id.to_string().replace('-', ""),
            format!("{{{id}}}"),
            String::new(),
        ] {
            assert_eq!(wrong.parse::<ReservationId>(), Err(NotAnId), "{wrong}");
        }
    }
}
