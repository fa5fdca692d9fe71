//! The text of the wire: an Engine.IO packet per frame, a Socket.IO packet in each Engine.IO message.
//!
//! Decoding is total: every input gives a packet or a [`DecodeError`](socket::DecodeError). `Debug` shows no payload,
//! because payloads may hold a person's data.

pub mod engine;
pub mod socket;
