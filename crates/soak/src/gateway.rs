//! The gateway, as a program: rooms that must not leak, a log that must not lose.

mod book;
pub(crate) mod chance;
pub mod crash;
mod desk;
pub mod rooms;
pub(crate) mod site;
