//! The gateway, as a program: rooms that must not leak, a log that must not lose.

mod book;
mod chance;
pub mod crash;
mod desk;
pub mod rooms;
mod site;
