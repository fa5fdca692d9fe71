//! What the system tells of the machine: that it woke, that its network changed, that the session was locked. Whatever
//! cannot tell is not asked again and again; the desk finds out by itself, only later.

#[cfg(target_os = "linux")]
#[path = "machine/linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "machine/macos.rs"]
mod system;
#[cfg(windows)]
#[path = "machine/windows.rs"]
mod system;

pub(crate) use self::system::watch;
