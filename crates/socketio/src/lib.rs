//! Socket.IO protocol 5 on Engine.IO protocol 4, both ends. Knows nothing of what is carried.
//!
//! - [`packet`]: the two codecs, pure.
//! - [`session`]: what each end must do, without I/O: frames and instants go in, frames and facts come out.
//! - [`Args`]: what events and acks carry.
//! - [`Backoff`]: how long to wait between two attempts.
//! - `client` (feature `client`): a link that heals itself, over a WebSocket or HTTP long-polling, both by reqwest.
//! - `server` (feature `server`): namespaces, rooms and acks as an axum router.
//!
//! Any byte sequence from a peer ends in an error value and a closed connection, never in a panic.

mod args;
mod backoff;
#[cfg(feature = "client")]
pub mod client;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod packet;
#[cfg(feature = "server")]
pub mod server;
pub mod session;
#[cfg(any(feature = "client", feature = "server"))]
mod transport;

pub use args::Args;
pub use backoff::Backoff;
