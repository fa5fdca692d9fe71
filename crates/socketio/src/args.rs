use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// The arguments of an event or an ack.
#[derive(Clone, Default)]
pub struct Args {
    /// Each argument as JSON. Where it holds binary data, the protocol's placeholder `{"_placeholder":true,"num":N}` stands
    /// for the attachment with the index `N`; the peer may have written an `N` that does not exist.
    pub json: Vec<Box<RawValue>>,
    /// The binary data, at most [`MAX_ATTACHMENTS`](crate::packet::socket::MAX_ATTACHMENTS).
    pub attachments: Vec<Bytes>,
}

impl Args {
    /// No arguments.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            json: Vec::new(),
            attachments: Vec::new(),
        }
    }

    /// One argument.
    ///
    /// # Errors
    /// `data` cannot be JSON: its `Serialize` fails, or a map has keys that are no strings.
    pub fn of<T: Serialize + ?Sized>(data: &T) -> Result<Self, serde_json::Error> {
        to_raw_value(data).map(|data| vec![data].into())
    }

    /// The first argument, `null` if there is none.
    #[must_use]
    pub fn first(&self) -> &RawValue {
        self.json.first().map_or(RawValue::NULL, |first| first)
    }
}

impl From<Vec<Box<RawValue>>> for Args {
    fn from(json: Vec<Box<RawValue>>) -> Self {
        Self {
            json,
            attachments: Vec::new(),
        }
    }
}

/// Shows counts alone: the arguments may hold a person's data.
impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (json, attachments) = (self.json.len(), self.attachments.len());
        write!(f, "Args({json} and {attachments} attachments)")
    }
}
