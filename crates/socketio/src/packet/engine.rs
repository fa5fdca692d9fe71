//! Engine.IO protocol 4: what keeps the connection.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The protocol's version, as `EIO=4` in the query.
pub const PROTOCOL: &str = "4";

/// One Engine.IO packet of text.
#[derive(Clone, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Server to client, once: the terms of the connection.
    Open(Handshake),
    /// The connection ends.
    Close,
    /// Server to client: are you there? The text is sent back.
    Ping(&'a str),
    /// Client to server: the answer to a ping.
    Pong(&'a str),
    /// A Socket.IO packet.
    Message(&'a str),
    /// Client to server: this transport takes over.
    Upgrade,
    /// Nothing; ends a waiting poll.
    Noop,
}

/// The terms of a connection, in the server's first packet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handshake {
    /// The connection's name; whoever knows it may speak for the connection over HTTP.
    pub sid: String,
    /// Transports the client may change to.
    #[serde(default)]
    pub upgrades: Vec<String>,
    /// Time between two pings.
    #[serde(with = "milliseconds")]
    pub ping_interval: Duration,
    /// Time the answer to a ping may take.
    #[serde(with = "milliseconds")]
    pub ping_timeout: Duration,
    /// Bytes the server takes at once, if it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_payload: Option<u64>,
}

/// Does not show the connection's name, by which anybody may speak for it.
impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("upgrades", &self.upgrades)
            .field("ping_interval", &self.ping_interval)
            .field("ping_timeout", &self.ping_timeout)
            .field("max_payload", &self.max_payload)
            .finish_non_exhaustive()
    }
}

/// The text is no Engine.IO packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The first character names no packet type.
    #[error("unknown Engine.IO packet type")]
    UnknownType,
    /// An open packet whose terms cannot be read.
    #[error("unreadable Engine.IO handshake")]
    Handshake,
}

impl<'a> Packet<'a> {
    /// Reads one packet.
    ///
    /// # Errors
    /// [`DecodeError`]; never a panic, whatever the text.
    pub fn decode(text: &'a str) -> Result<Self, DecodeError> {
        let mut characters = text.chars();
        let kind = characters.next().ok_or(DecodeError::UnknownType)?;
        let rest = characters.as_str();
        match kind {
            '0' => serde_json::from_str(rest)
                .map(Self::Open)
                .map_err(|_| DecodeError::Handshake),
            '1' => Ok(Self::Close),
            '2' => Ok(Self::Ping(rest)),
            '3' => Ok(Self::Pong(rest)),
            '4' => Ok(Self::Message(rest)),
            '5' => Ok(Self::Upgrade),
            '6' => Ok(Self::Noop),
            _ => Err(DecodeError::UnknownType),
        }
    }

    /// Writes the packet.
    #[must_use]
    pub fn encode(&self) -> String {
        match self {
            Self::Open(handshake) => format!("0{}", serde_json::json!(handshake)),
            Self::Close => "1".to_owned(),
            Self::Ping(data) => format!("2{data}"),
            Self::Pong(data) => format!("3{data}"),
            Self::Message(data) => format!("4{data}"),
            Self::Upgrade => "5".to_owned(),
            Self::Noop => "6".to_owned(),
        }
    }
}

impl fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(handshake) => f.debug_tuple("Open").field(handshake).finish(),
            Self::Close => f.write_str("Close"),
            Self::Ping(data) => write!(f, "Ping({} bytes)", data.len()),
            Self::Pong(data) => write!(f, "Pong({} bytes)", data.len()),
            Self::Message(data) => write!(f, "Message({} bytes)", data.len()),
            Self::Upgrade => f.write_str("Upgrade"),
            Self::Noop => f.write_str("Noop"),
        }
    }
}

/// Durations are whole milliseconds on the wire.
mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_handshake_of_the_node_server() {
        let text = r#"0{"sid":"kxCqL3","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
        let handshake = Handshake {
            sid: "kxCqL3".to_owned(),
            upgrades: Vec::new(),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            max_payload: Some(1_000_000),
        };
        assert_eq!(Packet::decode(text), Ok(Packet::Open(handshake)));
    }

    #[test]
    fn refuses_what_is_no_packet() {
        for (text, error) in [
            ("", DecodeError::UnknownType),
            ("7", DecodeError::UnknownType),
            ("é", DecodeError::UnknownType),
            ("0", DecodeError::Handshake),
            ("0{}", DecodeError::Handshake),
            (
                r#"0{"sid":"a","pingInterval":-1,"pingTimeout":1}"#,
                DecodeError::Handshake,
            ),
        ] {
            assert_eq!(Packet::decode(text), Err(error), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_payload() {
        assert_eq!(format!("{:?}", Packet::Message("secret")), "Message(6 bytes)");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-7]?.*") {
            if let Ok(packet) = Packet::decode(&text) {
                let again = packet.encode();
                prop_assert_eq!(Packet::decode(&again), Ok(packet));
            }
        }

        #[test]
        fn a_handshake_survives_the_wire(sid in "[a-zA-Z0-9_-]{1,20}", interval: u32, timeout: u32, max_payload: Option<u64>) {
            let packet = Packet::Open(Handshake {
                sid,
                upgrades: vec!["websocket".to_owned()],
                ping_interval: Duration::from_millis(interval.into()),
                ping_timeout: Duration::from_millis(timeout.into()),
                max_payload,
            });
            let text = packet.encode();
            prop_assert_eq!(Packet::decode(&text), Ok(packet));
        }
    }
}
