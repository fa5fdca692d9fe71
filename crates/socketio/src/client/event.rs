use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::{AckHandle, DisconnectReason};
use crate::Args;

/// What carries a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A WebSocket.
    WebSocket,
    /// HTTP long-polling.
    Polling,
}

/// What a link tells, in order.
pub enum ClientEvent {
    /// In the namespace: events follow.
    Connected {
        /// By what.
        transport: Transport,
    },
    /// A WebSocket has taken over from polling; nothing is lost and nothing comes twice.
    Upgraded,
    /// An event of the server.
    Event {
        /// Its name.
        name: String,
        /// Its arguments.
        args: Args,
        /// Answers it, if the server asked for an answer.
        ack: Option<AckHandle>,
    },
    /// Not, or no longer, connected; unacknowledged emits have failed. The next attempt comes by itself.
    Disconnected {
        /// Why.
        reason: DisconnectReason,
        /// When the next attempt comes, unless [`Client::reconnect_now`](super::Client::reconnect_now) is called or the
        /// machine wakes from sleep.
        retry_in: Duration,
        /// For how long nothing had come from the server; zero after an attempt that never got through. A machine that
        /// slept, or a connection that died without a word, was not there for that long.
        silent_for: Duration,
    },
    /// The namespace refused the auth: nothing follows, and there is no next attempt.
    Refused {
        /// Why, in words.
        message: String,
        /// Why, for programs.
        data: Option<Value>,
    },
}

/// Shows no event's data, which may be a person's, and no server's words, which may quote a token.
impl fmt::Debug for ClientEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected { transport } => write!(f, "Connected({transport:?})"),
            Self::Upgraded => f.write_str("Upgraded"),
            Self::Event { name, args, .. } => write!(f, "Event({name:?}, {args:?})"),
            Self::Disconnected {
                reason,
                retry_in,
                silent_for,
            } => f
                .debug_struct("Disconnected")
                .field("reason", reason)
                .field("retry_in", retry_in)
                .field("silent_for", silent_for)
                .finish(),
            Self::Refused { message, data } => {
                let (characters, data) = (message.chars().count(), data.is_some());
                write!(f, "Refused({characters} characters, data: {data})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_is_not_shown_in_its_servers_words() {
        let refused = ClientEvent::Refused {
            message: "token SECRET".to_owned(),
            data: Some(json!({ "token": "SECRET" })),
        };
        assert_eq!(format!("{refused:?}"), "Refused(12 characters, data: true)");
    }
}
