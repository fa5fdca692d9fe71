//! What systemd is told of a service of `Type=notify`: it is up once it listens, not once it is started.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Tells whoever waits at `socket` (`$NOTIFY_SOCKET`) that requests are taken: a path, or `@` and an abstract name.
///
/// # Errors
/// When nobody waits there.
pub(super) fn ready(socket: &OsStr) -> io::Result<()> {
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(b"READY=1", &address)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(socket: &UnixDatagram) -> String {
        socket.set_nonblocking(true).unwrap();
        let mut bytes = [0; 64];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    #[test]
    fn who_waits_at_a_path_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let waiting = UnixDatagram::bind(&path).unwrap();
        ready(path.as_os_str()).unwrap();
        assert_eq!(heard(&waiting), "READY=1");
    }

    #[test]
    fn who_waits_at_an_abstract_name_is_told() {
        let name = format!("deskbell-notify-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let waiting = UnixDatagram::bind_addr(&address).unwrap();
        ready(OsStr::new(&format!("@{name}"))).unwrap();
        assert_eq!(heard(&waiting), "READY=1");
    }

    #[test]
    fn that_nobody_waits_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        ready(folder.path().join("nobody").as_os_str()).unwrap_err();
    }
}
