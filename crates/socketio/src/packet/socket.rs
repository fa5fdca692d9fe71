//! Socket.IO protocol 5: namespaces, events and acks inside Engine.IO messages.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The namespace that stands for none.
pub const ROOT: &str = "/";

/// How many attachments a binary packet may announce.
pub const MAX_ATTACHMENTS: usize = 10;

/// Names that the protocol's users keep for themselves; no event on the wire may have them.
const RESERVED: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

/// One Socket.IO packet.
#[derive(Clone)]
pub struct Packet<'a> {
    /// Begins with `/` and has no comma and no question mark.
    pub namespace: Cow<'a, str>,
    /// How many binary frames follow, at most [`MAX_ATTACHMENTS`], if it is an event or an ack in its binary form. `None` and
    /// `Some(0)` are written differently and mean the same.
    pub attachments: Option<usize>,
    /// What it says.
    pub body: Body<'a>,
}

/// What a packet says.
#[derive(Clone)]
pub enum Body<'a> {
    /// Client: let me in, with this auth. Server: you are in, with `{"sid"}`. An object, if there is one.
    Connect(Option<Value>),
    /// The sender left the namespace.
    Disconnect,
    /// An event.
    Event {
        /// Its name; none of the reserved ones.
        name: Cow<'a, str>,
        /// Its arguments, each a JSON text; see [`Args::json`](crate::Args::json).
        args: Vec<Cow<'a, RawValue>>,
        /// The sender waits for an ack with this number.
        ack: Option<u64>,
    },
    /// The answer to an event.
    Ack {
        /// The number the event carried.
        id: u64,
        /// The answer's arguments.
        args: Vec<Cow<'a, RawValue>>,
    },
    /// Server: you are not let in.
    ConnectError {
        /// Why, in words.
        message: String,
        /// Why, for programs.
        data: Option<Value>,
    },
}

/// The text is no Socket.IO packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The first character names no packet type.
    #[error("unknown Socket.IO packet type")]
    UnknownType,
    /// An ack number that is missing, out of place or above 64 bits.
    #[error("unfit ack number in a Socket.IO packet")]
    AckId,
    /// The number of attachments is missing or above [`MAX_ATTACHMENTS`].
    #[error("unfit number of attachments in a Socket.IO packet")]
    Attachments,
    /// The payload is not what this type of packet carries.
    #[error("unfit payload in a Socket.IO packet")]
    Payload,
}

/// The two shapes servers send a refusal in.
#[derive(Deserialize)]
#[serde(untagged)]
enum Refusal {
    Full {
        message: String,
        #[serde(default)]
        data: Option<Value>,
    },
    Words(String),
}

impl<'a> Packet<'a> {
    /// A packet of `namespace`, without attachments.
    pub fn new(namespace: impl Into<Cow<'a, str>>, body: Body<'a>) -> Self {
        Self {
            namespace: namespace.into(),
            attachments: None,
            body,
        }
    }

    /// The same event or ack, with `count` attachments to follow; nothing changes if there are none. Other bodies have none.
    #[must_use]
    pub fn with_attachments(mut self, count: usize) -> Self {
        self.attachments = Some(count).filter(|count| *count > 0);
        self
    }

    /// Reads one packet.
    ///
    /// # Errors
    /// [`DecodeError`]; never a panic, whatever the text.
    pub fn decode(text: &'a str) -> Result<Self, DecodeError> {
        let kind = text
            .bytes()
            .next()
            .filter(u8::is_ascii_digit)
            .ok_or(DecodeError::UnknownType)?;
        let (attachments, rest) = match kind {
            b'5' | b'6' => {
                let (count, rest) = text[1..].split_once('-').ok_or(DecodeError::Attachments)?;
                let count = number(count).and_then(|count| usize::try_from(count).ok());
                let count = count
                    .filter(|count| *count <= MAX_ATTACHMENTS)
                    .ok_or(DecodeError::Attachments)?;
                (Some(count), rest)
            }
            _ => (None, &text[1..]),
        };
        let (namespace, rest) = split_namespace(rest);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, payload) = rest.split_at(digits);
        let id = if id.is_empty() {
            None
        } else {
            Some(number(id).ok_or(DecodeError::AckId)?)
        };

        let body = match (kind, id) {
            (b'0', None) if payload.is_empty() => Body::Connect(None),
            (b'0', None) => Body::Connect(Some(object(payload)?)),
            (b'1', None) if payload.is_empty() => Body::Disconnect,
            (b'1', None) => return Err(DecodeError::Payload),
            (b'2' | b'5', ack) => {
                let (name, args) = event(payload)?;
                Body::Event { name, args, ack }
            }
            (b'3' | b'6', Some(id)) => Body::Ack {
                id,
                args: list(payload)?,
            },
            (b'4', None) => match serde_json::from_str(payload).map_err(|_| DecodeError::Payload)? {
                Refusal::Full { message, data } => Body::ConnectError { message, data },
                Refusal::Words(message) => Body::ConnectError { message, data: None },
            },
            (b'0' | b'1' | b'3' | b'4' | b'6', _) => return Err(DecodeError::AckId),
            _ => return Err(DecodeError::UnknownType),
        };
        Ok(Self {
            namespace: Cow::Borrowed(namespace),
            attachments,
            body,
        })
    }

    /// Writes the packet; its attachments are the caller's to send.
    #[must_use]
    pub fn encode(&self) -> String {
        let namespace = Prefix(&self.namespace);
        match &self.body {
            Body::Connect(None) => format!("0{namespace}"),
            Body::Connect(Some(auth)) => format!("0{namespace}{auth}"),
            Body::Disconnect => format!("1{namespace}"),
            Body::Event { name, args, ack } => {
                let ack = ack.map(|id| id.to_string()).unwrap_or_default();
                let name = Value::from(name.as_ref());
                let args: String = args.iter().flat_map(|arg| [",", arg.get()]).collect();
                match self.attachments {
                    None => format!("2{namespace}{ack}[{name}{args}]"),
                    Some(count) => format!("5{count}-{namespace}{ack}[{name}{args}]"),
                }
            }
            Body::Ack { id, args } => {
                let args: Vec<&str> = args.iter().map(|arg| arg.get()).collect();
                let args = args.join(",");
                match self.attachments {
                    None => format!("3{namespace}{id}[{args}]"),
                    Some(count) => format!("6{count}-{namespace}{id}[{args}]"),
                }
            }
            Body::ConnectError { message, data: None } => {
                format!("4{namespace}{}", serde_json::json!({ "message": message }))
            }
            Body::ConnectError {
                message,
                data: Some(data),
            } => {
                format!(
                    "4{namespace}{}",
                    serde_json::json!({ "message": message, "data": data })
                )
            }
        }
    }
}

/// The namespace as a packet carries it: nothing for the root, else ended by a comma.
struct Prefix<'a>(&'a str);

impl fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == ROOT {
            Ok(())
        } else {
            write!(f, "{},", self.0)
        }
    }
}

/// Splits the namespace off. Older clients append a query to it, which nobody reads.
fn split_namespace(text: &str) -> (&str, &str) {
    if !text.starts_with('/') {
        return (ROOT, text);
    }
    let (namespace, rest) = text.split_once(',').unwrap_or((text, ""));
    (
        namespace.split_once('?').map_or(namespace, |(path, _)| path),
        rest,
    )
}

/// Digits alone: `parse` would also take a sign.
fn number(digits: &str) -> Option<u64> {
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
}

fn object(payload: &str) -> Result<Value, DecodeError> {
    serde_json::from_str(payload)
        .ok()
        .filter(Value::is_object)
        .ok_or(DecodeError::Payload)
}

fn list(payload: &str) -> Result<Vec<Cow<'_, RawValue>>, DecodeError> {
    let args: Vec<&RawValue> = serde_json::from_str(payload).map_err(|_| DecodeError::Payload)?;
    Ok(args.into_iter().map(Cow::Borrowed).collect())
}

/// An event is a list whose first element is its name; JavaScript also lets it be a number.
fn event(payload: &str) -> Result<(Cow<'_, str>, Vec<Cow<'_, RawValue>>), DecodeError> {
    let mut args = list(payload)?;
    if args.is_empty() {
        return Err(DecodeError::Payload);
    }
    let name = match serde_json::from_str(args.remove(0).get()) {
        Ok(Value::String(name)) if !RESERVED.contains(&name.as_str()) => name,
        Ok(Value::Number(name)) => name.to_string(),
        _ => return Err(DecodeError::Payload),
    };
    Ok((Cow::Owned(name), args))
}

impl fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet")
            .field("namespace", &self.namespace)
            .field("attachments", &self.attachments)
            .field("body", &self.body)
            .finish()
    }
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(_) => f.write_str("Connect"),
            Self::Disconnect => f.write_str("Disconnect"),
            Self::Event { name, args, ack } => {
                write!(f, "Event({name:?}, {} arguments, ack {ack:?})", args.len())
            }
            Self::Ack { id, args } => write!(f, "Ack({id}, {} arguments)", args.len()),
            Self::ConnectError { message, .. } => write!(f, "ConnectError({message:?})"),
        }
    }
}

#[cfg(test)]
mod tests;
