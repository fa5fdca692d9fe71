//! Events and acks whose binary data follows in frames of its own.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::Violation;
use crate::Args;

/// An event or an ack with all that belongs to it.
pub(super) struct Message {
    pub(super) namespace: String,
    pub(super) kind: Kind,
    pub(super) args: Args,
}

pub(super) enum Kind {
    Event { name: String, ack: Option<u64> },
    Ack { id: u64 },
}

/// Puts a message and its attachments together. One at a time: the protocol lets nothing else come in between.
pub(super) struct Assembly {
    /// Most bytes of all attachments of one message.
    limit: usize,
    /// Boxed, because it is seldom there.
    begun: Option<Box<Begun>>,
}

struct Begun {
    message: Message,
    missing: usize,
    room: usize,
}

impl Assembly {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, begun: None }
    }

    /// Whether attachments are still to come, and so nothing else may.
    pub(super) fn is_begun(&self) -> bool {
        self.begun.is_some()
    }

    /// Takes the packet of a message, and gives it back whole if no attachments follow.
    pub(super) fn begin(
        &mut self,
        namespace: String,
        kind: Kind,
        json: Vec<Cow<'_, RawValue>>,
        attachments: Option<usize>,
    ) -> Option<Message> {
        let args = json.into_iter().map(Cow::into_owned).collect::<Vec<_>>().into();
        let message = Message {
            namespace,
            kind,
            args,
        };
        let Some(missing) = attachments.filter(|count| *count > 0) else {
            return Some(message);
        };
        self.begun = Some(Box::new(Begun {
            message,
            missing,
            room: self.limit,
        }));
        None
    }

    /// Takes an attachment, and gives the message if it was the last one missing.
    pub(super) fn attach(&mut self, bytes: &Bytes) -> Result<Option<Message>, Violation> {
        let mut begun = self.begun.take().ok_or(Violation::Attachment)?;
        begun.room = begun.room.checked_sub(bytes.len()).ok_or(Violation::Attachment)?;
        begun.message.args.attachments.push(bytes.clone());
        begun.missing -= 1;
        if begun.missing == 0 {
            return Ok(Some(begun.message));
        }
        self.begun = Some(begun);
        Ok(None)
    }
}
