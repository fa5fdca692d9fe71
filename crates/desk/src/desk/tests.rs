//! The loop in front of a fake shell.

mod bell;
mod crash;
mod fake_shell;
mod pictures;
mod wire;
