//! The platform's store on Linux: a real keyring on a session bus of its own, where the system has one.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use deskbell_clock::{Clock, SystemClock};
use secret_service::EncryptionType;
use secret_service::blocking::SecretService;
use tempfile::TempDir;

use super::keyring::Keyring;
use super::{CredentialError, Credentials};

/// A session bus that starts nothing by itself: else the system's keyring would come along.
const BUS: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:dir=FOLDER</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A session of its own: bus, keyring, folders.
struct Session {
    address: String,
    folder: TempDir,
    _keyring: Option<Process>,
    _bus: Process,
}

impl Session {
    /// `None` where the system has no keyring.
    fn start(with_keyring: bool) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bus.conf");
        std::fs::write(&config, BUS.replace("FOLDER", &folder.path().to_string_lossy())).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address"])
            .arg("--config-file")
            .arg(config)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let mut session = Self {
            address: address.trim().to_owned(),
            folder,
            _keyring: None,
            _bus: Process(bus),
        };
        if with_keyring {
            session._keyring = Some(session.keyring()?);
        }
        Some(session)
    }

    fn keyring(&self) -> Option<Process> {
        let mut keyring = self.command("gnome-keyring-daemon");
        keyring.args(["--foreground", "--unlock", "--components=secrets"]);
        let mut keyring = keyring
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        keyring.stdin.take().unwrap().write_all(b"password").unwrap();
        // It prints where it is once it is there.
        let mut line = String::new();
        BufReader::new(keyring.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Some(Process(keyring))
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", self.folder.path())
            .env("XDG_DATA_HOME", self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
        command
    }

    /// Runs one of the tests below in a process of its own: which session it is in is a process's affair.
    fn run(&self, test: &str) {
        let output = self
            .command(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture"])
            .arg(format!("credentials::secret_service_tests::{test}"))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && told.contains("1 passed"), "{told}");
    }
}

#[test]
fn a_keyring_keeps_tells_and_forgets_and_one_that_is_locked_brings_up_nothing() {
    // Without one installed there is nothing to look at: `cargo xtask setup` brings one.
    if let Some(session) = Session::start(true) {
        session.run("in_a_session_with_a_keyring");
        session.run("in_a_session_with_a_locked_keyring");
    }
}

#[test]
fn without_a_keyring_or_without_a_session_there_is_no_store_and_nobody_waits() {
    let mut session = Session::start(false).unwrap();
    session.run("in_a_session_without_a_keyring");
    session.address = "unix:path=/nonexistent".to_owned();
    session.run("in_a_session_without_a_keyring");
}

#[test]
#[ignore = "run by its session"]
fn in_a_session_with_a_keyring() {
    assert_eq!(Keyring.get("desk-1"), Ok(None));
    Keyring.keep("desk-1", b"one").unwrap();
    Keyring.keep("desk-2", b"two").unwrap();
    Keyring.keep("desk-1", b"\0other").unwrap();
    assert_eq!(Keyring.get("desk-1"), Ok(Some(b"\0other".to_vec())));
    assert_eq!(Keyring.get("desk-2"), Ok(Some(b"two".to_vec())));
    Keyring.forget("desk-1").unwrap();
    Keyring.forget("desk-1").unwrap();
    assert_eq!(Keyring.get("desk-1"), Ok(None));
    assert_eq!(Keyring.get("desk-2"), Ok(Some(b"two".to_vec())));
}

#[test]
#[ignore = "run by its session"]
fn in_a_session_with_a_locked_keyring() {
    Keyring.keep("desk-1", b"one").unwrap();
    let service = SecretService::connect(EncryptionType::Plain).unwrap();
    service.get_default_collection().unwrap().lock().unwrap();
    let began = SystemClock.instant();
    assert_eq!(Keyring.keep("desk-1", b"two"), Err(CredentialError::Locked));
    assert_eq!(Keyring.forget("desk-1"), Err(CredentialError::Locked));
    assert!(
        SystemClock.instant().saturating_since(began) < Duration::from_secs(5),
        "nobody is asked"
    );
    // There is nobody to ask: the keyring finds no way to show its dialog.
    assert!(Keyring.get("desk-1").is_err());
}

#[test]
#[ignore = "run by its session"]
fn in_a_session_without_a_keyring() {
    let began = SystemClock.instant();
    assert!(matches!(Keyring.get("desk-1"), Err(CredentialError::Away(_))));
    assert!(matches!(
        Keyring.keep("desk-1", b"one"),
        Err(CredentialError::Away(_))
    ));
    assert!(SystemClock.instant().saturating_since(began) < Duration::from_secs(5));
}
