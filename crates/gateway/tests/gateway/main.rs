//! Stories about a gateway, told over real sockets: in this process where time and the store must be reached, as the real
//! program where what it writes and how it dies matters.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at what it did not expect"
)]

mod app;
#[cfg(target_os = "linux")]
mod balancer;
mod command_line;
#[cfg(target_os = "linux")]
mod edge;
#[cfg(target_os = "linux")]
mod examples;
#[cfg(target_os = "linux")]
mod full_disk;
mod handling;
mod house;
mod listener;
mod pages;
mod privacy;
mod program;
mod rooms;
mod sign_out;
mod story;
