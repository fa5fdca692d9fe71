use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::value::to_raw_value;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::packet::engine;
use crate::packet::socket::{Body, Packet};

/// An event, encoded once; clones share the bytes. Above 4 MiB a WebSocket does not take it, and its
/// connection ends.
#[derive(Clone)]
pub struct Frame(Utf8Bytes);

impl Frame {
    /// The event `name` of `namespace` with one argument.
    ///
    /// # Errors
    /// `data` cannot be JSON: its `Serialize` fails, or a map has keys that are no strings.
    pub fn event<T: Serialize + ?Sized>(
        namespace: &str,
        name: &str,
        data: &T,
    ) -> Result<Self, serde_json::Error> {
        Self::event_with_args(namespace, name, &[data])
    }

    /// The event `name` of `namespace` with any number of arguments.
    ///
    /// # Errors
    /// As of [`Self::event`].
    pub fn event_with_args<T: Serialize>(
        namespace: &str,
        name: &str,
        args: &[T],
    ) -> Result<Self, serde_json::Error> {
        let args = args
            .iter()
            .map(|arg| to_raw_value(arg).map(Cow::Owned))
            .collect::<Result<_, _>>()?;
        let packet = Packet::new(
            namespace,
            Body::Event {
                name: name.into(),
                args,
                ack: None,
            },
        )
        .encode();
        Ok(Self(engine::Packet::Message(&packet).encode().into()))
    }

    /// The text of the frame, as the transport takes it.
    pub(super) fn into_text(self) -> Utf8Bytes {
        self.0
    }
}

/// Shows the size alone: the text may hold a person's data.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_written_as_the_protocol_has_it() {
        let frame = Frame::event("/desk", "head", &serde_json::json!({ "seq": 7 })).unwrap();
        assert_eq!(frame.into_text().as_str(), r#"42/desk,["head",{"seq":7}]"#);
        let frame = Frame::event_with_args("/", "both", &[1, 2]).unwrap();
        assert_eq!(frame.into_text().as_str(), r#"42["both",1,2]"#);
        let frame = Frame::event_with_args::<u8>("/", "none", &[]).unwrap();
        assert_eq!(frame.into_text().as_str(), r#"42["none"]"#);
    }

    #[test]
    fn clones_share_the_bytes_and_debug_hides_them() {
        let frame = Frame::event("/", "a", "secret").unwrap();
        assert_eq!(frame.clone().into_text().as_ptr(), frame.0.as_ptr());
        assert_eq!(format!("{frame:?}"), "Frame(16 bytes)");
    }
}
