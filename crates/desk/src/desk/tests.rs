//! The loop in front of a fake shell.

mod bell;
mod crash;
mod details;
mod fake_shell;
mod faults;
mod heard;
mod hospital;
mod network;
mod pictures;
mod waits;
mod wire;
