//! The gateway: takes reservations in over HTTP, keeps them in a [`deskbell_store::Store`], and pushes each to the
//! desks of its hospital.
//!
//! - [`Gateway`]: the store, the clock and the keys, shared by everything below; [`serve()`] runs it on a listener.
//! - `edge`: what stands between the listener and the endpoints: limits of connections, TLS, who the client is.
//! - `http`: the endpoints, one group a file. `book`: the booking page.
//! - `push`: the log's way into each hospital's room, to its desks and its patients' pages.
//! - `upkeep`: what is done without being asked: claims run out, old changes go.
//! - [`cli`]: the command line; [`logging`]: what is logged, and what never is.
//!
//! A desk's room is chosen by its verified token alone. The log is the truth, a push is a hint: an event that was
//! pushed can always be replayed, and one that was not is replayed.

mod book;
pub mod cli;
mod desk_name;
mod edge;
mod gateway;
mod http;
mod keys;
mod known_keys;
mod limit;
pub mod logging;
mod metrics;
mod push;
mod readiness;
mod serve;
mod upkeep;

pub use edge::{Edge, Limits, ProxyError, Tls, TlsError, TrustedProxies};
pub use gateway::{Gateway, Options};
pub use serve::serve;
