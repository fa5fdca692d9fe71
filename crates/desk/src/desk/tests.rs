//! The loop in front of a fake shell.

mod around;
mod bell;
mod crash;
mod details;
mod fake_shell;
mod faults;
mod handling;
mod heard;
mod hospital;
mod links;
mod machine;
mod managed;
mod network;
mod pictures;
mod quiet;
mod recall;
mod repeats;
mod staff;
mod unlock;
mod waits;
mod wire;
