//! What the fuzz targets share: a bound on memory, scripts, and a server without sockets.
//!
//! A target panics where a property does not hold; `cargo xtask fuzz` runs them, each from the seeds under `seeds/`.

mod memory;
mod script;
mod server;

pub use memory::in_bounds;
pub use script::Step;
pub use server::{Served, run};
