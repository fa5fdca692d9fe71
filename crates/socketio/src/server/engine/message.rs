use std::fmt;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::packet::engine::Packet;
use crate::session::{Frame, Outgoing};
use crate::transport::Data;

/// A message of text or bytes. It is encoded once, and clones share what is encoded.
#[derive(Clone)]
pub struct Message(Data);

impl Message {
    /// A message of text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::from_packet(Packet::Message(text).encode())
    }

    /// A message of bytes.
    pub fn binary(bytes: impl Into<Bytes>) -> Self {
        Self(Data::Binary(bytes.into()))
    }

    /// The message of text that an Engine.IO packet carries.
    pub(crate) fn from_packet(packet: impl Into<Utf8Bytes>) -> Self {
        Self(Data::Text(packet.into()))
    }

    /// The message that came as `data`, which is not another kind of packet.
    pub(super) fn from_data(data: Data) -> Self {
        Self(data)
    }

    /// What it says.
    #[must_use]
    pub fn content(&self) -> Frame<'_> {
        match &self.0 {
            // Without the packet's type.
            Data::Text(packet) => Frame::Text(packet.as_str().get(1..).unwrap_or_default()),
            Data::Binary(bytes) => Frame::Binary(bytes),
        }
    }

    /// How many bytes it takes on a WebSocket.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.size()
    }

    pub(super) fn into_data(self) -> Data {
        self.0
    }
}

impl From<Outgoing> for Message {
    fn from(frame: Outgoing) -> Self {
        Self(frame.into())
    }
}

/// Shows the size alone: a message may hold a person's data.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Data::Text(_) => "text",
            Data::Binary(_) => "binary",
        };
        write!(f, "Message({kind}, {} bytes)", self.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_it_was_made_of() {
        assert!(matches!(Message::text("hello").content(), Frame::Text("hello")));
        assert!(
            matches!(Message::binary(vec![1, 2]).content(), Frame::Binary(bytes) if *bytes == [1, 2][..])
        );
    }

    #[test]
    fn clones_share_the_bytes_and_debug_hides_them() {
        let messages = [Message::text("secret"), Message::binary(&b"secret"[..])];
        assert_eq!(
            format!("{messages:?}"),
            "[Message(text, 7 bytes), Message(binary, 6 bytes)]"
        );
        let clone = messages[0].clone();
        let (Frame::Text(one), Frame::Text(other)) = (messages[0].content(), clone.content()) else {
            panic!("not text");
        };
        assert_eq!(one.as_ptr(), other.as_ptr());
    }
}
