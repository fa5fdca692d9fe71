use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::to_raw_value;

use super::engine::Message;
use crate::packet::socket::Body;
use crate::{Args, session};

/// An event with its attachments, encoded once; clones share the bytes. One of more than 4 MiB in all ends the
/// connections that are to take it.
#[derive(Clone)]
pub struct Frame(Arc<[Message]>);

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
        let arg = to_raw_value(data)?;
        let (name, args) = (name.into(), vec![Cow::Owned(arg)]);
        let ack = None;
        Ok(Self::encode(namespace, Body::Event { name, args, ack }, &[]))
    }

    /// The event `name` of `namespace` with any number of arguments, binary ones among them. Clients may refuse more than
    /// [`MAX_ATTACHMENTS`](crate::packet::socket::MAX_ATTACHMENTS) of these.
    #[must_use]
    pub fn event_with_args(namespace: &str, name: &str, args: &Args) -> Self {
        Self::encode(namespace, session::event(name, args, None), &args.attachments)
    }

    fn encode(namespace: &str, body: Body<'_>, attachments: &[bytes::Bytes]) -> Self {
        Self(
            session::frames(namespace, body, attachments)
                .map(Message::from)
                .collect(),
        )
    }

    /// What it is sent as, in this order.
    pub(super) fn messages(&self) -> impl Iterator<Item = Message> {
        self.0.iter().cloned()
    }
}

/// Shows the size alone: the text may hold a person's data.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size: usize = self.0.iter().map(Message::size).sum();
        write!(f, "Frame({size} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Frame as Content;

    fn written(frame: &Frame) -> Vec<String> {
        let written = |message: Message| match message.content() {
            Content::Text(text) => text.to_owned(),
            Content::Binary(bytes) => format!("{:?}", bytes.to_vec()),
        };
        frame.messages().map(written).collect()
    }

    #[test]
    fn an_event_is_written_as_the_protocol_has_it() {
        let frame = Frame::event("/desk", "head", &serde_json::json!({ "seq": 7 })).unwrap();
        assert_eq!(written(&frame), [r#"2/desk,["head",{"seq":7}]"#]);
        let both = [1, 2].map(|arg| to_raw_value(&arg).unwrap());
        let frame = Frame::event_with_args("/", "both", &Vec::from(both).into());
        assert_eq!(written(&frame), [r#"2["both",1,2]"#]);
        let frame = Frame::event_with_args("/", "none", &Args::none());
        assert_eq!(written(&frame), [r#"2["none"]"#]);
    }

    #[test]
    fn attachments_follow_their_event() {
        let placeholder = serde_json::json!({ "_placeholder": true, "num": 0 });
        let args = Args {
            attachments: vec![vec![1, 2].into()],
            ..Args::of(&placeholder).unwrap()
        };
        let frame = Frame::event_with_args("/", "file", &args);
        let text = r#"51-["file",{"_placeholder":true,"num":0}]"#;
        assert_eq!(written(&frame), [text, "[1, 2]"]);
        assert_eq!(format!("{frame:?}"), "Frame(44 bytes)");
    }
}
