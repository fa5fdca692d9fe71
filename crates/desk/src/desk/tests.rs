//! The loop in front of a fake shell.

mod around;
mod bell;
mod crash;
mod fake_shell;
mod gateway;
mod pictures;
