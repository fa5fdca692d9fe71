//! A door for the fuzz targets to what no program reaches. It is there in their builds alone.

use bytes::Bytes;

use crate::session::Violation;
use crate::transport::Data;
use crate::transport::payload::{self, Payload};

/// A packet in the body of a poll.
#[derive(Clone, PartialEq, Eq)]
pub enum Packet {
    /// Of text.
    Text(String),
    /// An attachment.
    Binary(Bytes),
}

impl Packet {
    /// Its size in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The packets of a body.
pub fn split(body: Bytes) -> impl Iterator<Item = Result<Packet, Violation>> {
    Payload::new(body).map(|packet| {
        packet.map(|data| match data {
            Data::Text(text) => Packet::Text(text.as_str().to_owned()),
            Data::Binary(bytes) => Packet::Binary(bytes),
        })
    })
}

/// The body that holds `packets`.
#[must_use]
pub fn join(packets: &[Packet]) -> Bytes {
    let packets = packets.iter().map(|packet| match packet {
        Packet::Text(text) => Data::Text(text.clone().into()),
        Packet::Binary(bytes) => Data::Binary(bytes.clone()),
    });
    payload::join(packets.collect())
}
