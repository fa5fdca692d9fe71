//! A patient's fields. Their `Debug` never shows the value, and they have no `Display`: to show one, ask for it by
//! [`PersonName::as_str`] and answer for where it goes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::mask::{mask_name, mask_phone};

macro_rules! private {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a value that has been checked already, by [`crate::Form`] or by the gateway that sent it.
            #[must_use]
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The value itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    };
}

private!(
    /// The patient's name, as written into the form.
    PersonName
);
private!(
    /// The phone number, as written into the form.
    Phone
);
private!(
    /// Whom the booking is for, seen from who books: `본인`, `자녀`, …
    Relationship
);

impl PersonName {
    /// The name with its middle hidden; see [`mask_name`].
    #[must_use]
    pub fn masked(&self) -> String {
        mask_name(&self.0)
    }
}

impl Phone {
    /// The number with its middle hidden; see [`mask_phone`].
    #[must_use]
    pub fn masked(&self) -> String {
        mask_phone(&self.0)
    }
}
