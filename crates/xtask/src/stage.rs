//! A desktop without a screen: its own display, session bus, window manager, tray and notification daemon, in a folder
//! of its own. Everything on it is ended when the [`Stage`] is dropped.

mod app;
mod hospital;
mod toasts;
mod tray;
mod webdriver;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use deskbell_clock::{Clock, SystemClock};

use crate::process::Process;
use crate::run::{done, output};

pub(crate) use app::App;
pub(crate) use hospital::{Hospital, scripts};
pub(crate) use toasts::Toasts;
pub(crate) use tray::Tray;
pub(crate) use webdriver::{Session, key};

/// How long a step of the whole path may take on a busy two-core machine before it counts as not happening.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// The name that a tray host has on the session bus.
const TRAY_HOST: &str = "org.kde.StatusNotifierWatcher";

/// Width and height of the display, in pixels.
const SCREEN: &str = "1280x800x24";

/// The notification daemon's name on the session bus.
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

/// What lies behind the windows on the pictures.
const BACKGROUND: &str = "#41596b";

/// The virtual desktop.
pub(crate) struct Stage {
    folder: PathBuf,
    display: String,
    bus: String,
    /// Ended in reverse order of their start.
    processes: Vec<Process>,
    /// The notification daemon.
    daemon: Option<Process>,
}

impl Stage {
    /// Sets a desktop up in `folder`, which is emptied first.
    ///
    /// # Errors
    /// When a program is missing or one of them does not come up.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder.join("home/.config"))?;
        fs::create_dir_all(folder.join("run"))?;
        // A change in a folder that is not there from the first goes unseen.
        fs::create_dir_all(folder.join("policy"))?;
        fs::set_permissions(folder.join("run"), fs::Permissions::from_mode(0o700))?;
        let mut stage = Self {
            folder: folder.to_owned(),
            display: String::new(),
            bus: String::new(),
            processes: Vec::new(),
            daemon: None,
        };
        stage.display = format!(
            ":{}",
            stage.announced(
                "Xvfb",
                &["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]
            )?
        );
        stage.bus = stage.announced(
            "dbus-daemon",
            &["--session", "--nofork", "--nopidfile", "--print-address=1"],
        )?;
        done(stage.program("hsetroot").args(["-solid", BACKGROUND]))?;
        stage.start("openbox", &["--sm-disable"])?;
        stage.write(
            "home/.config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml",
            include_str!("stage/xfce4-panel.xml"),
        )?;
        stage.bring_panel()?;
        // Where the daemon finds a toast's icon by its name, as the package would install it.
        let icons = folder.join("icons");
        fs::create_dir_all(&icons)?;
        fs::write(
            icons.join("deskbell.png"),
            include_bytes!("../../../icons/128x128.png"),
        )?;
        let choose = stage.write("choose", include_str!("stage/choose.sh"))?;
        fs::set_permissions(&choose, fs::Permissions::from_mode(0o700))?;
        let dunstrc = include_str!("stage/dunstrc")
            .replace("ICONS", &icons.to_string_lossy())
            .replace("CHOOSE", &choose.to_string_lossy());
        stage.write("dunstrc", &dunstrc)?;
        stage.start_toasts()?;
        Ok(stage)
    }

    /// Starts the notification daemon, which nobody has told of any toast yet.
    pub(crate) fn start_toasts(&mut self) -> Result<()> {
        let mut command = self.program("dunst");
        command.arg("-config").arg(self.folder.join("dunstrc"));
        self.daemon = Some(Process::start(command, &self.folder.join("dunst.log"))?);
        self.wait_for_name(NOTIFICATIONS)
    }

    /// Kills the notification daemon, and all toasts with it.
    pub(crate) fn kill_toasts(&mut self) -> Result<()> {
        self.daemon
            .take()
            .context("no notification daemon runs")?
            .kill()?;
        wait("the notification daemon to be gone", || {
            Ok(self.owner_of(NOTIFICATIONS)?.is_none().then_some(()))
        })
    }

    /// Starts the panel, the desktop's tray host.
    pub(crate) fn bring_panel(&mut self) -> Result<()> {
        self.start("xfce4-panel", &["--disable-wm-check"])?;
        self.wait_for_name(TRAY_HOST)
    }

    /// Ends the panel: from then on there is no tray.
    pub(crate) fn take_panel_away(&self) -> Result<()> {
        done(self.program("xfce4-panel").arg("--quit"))?;
        wait("the tray host to go", || {
            Ok(self.owner_of(TRAY_HOST)?.is_none().then_some(()))
        })
    }

    /// Where the stage keeps its files.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The administrator's decisions for this desktop, as a debug build of the app reads them; there are none at first.
    pub(crate) fn policy(&self) -> PathBuf {
        self.folder.join("policy/policy.toml")
    }

    /// A program that would run on this desktop, in a home folder of its own.
    pub(crate) fn program(&self, name: impl AsRef<std::ffi::OsStr>) -> Command {
        self.surroundings()(name.as_ref().as_ref())
    }

    /// What makes programs that would run on this desktop.
    pub(crate) fn surroundings(&self) -> impl Fn(&Path) -> Command + 'static {
        let (home, run) = (self.folder.join("home"), self.folder.join("run"));
        let (display, bus) = (self.display.clone(), self.bus.clone());
        let policy = self.policy();
        move |program| {
            let mut command = Command::new(program);
            command
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .env("HOME", &home)
                .env("XDG_CONFIG_HOME", home.join(".config"))
                .env("XDG_DATA_HOME", home.join(".local/share"))
                .env("XDG_CACHE_HOME", home.join(".cache"))
                .env("XDG_RUNTIME_DIR", &run)
                .env("LANG", "C.UTF-8")
                .env("GDK_BACKEND", "x11")
                .env("NO_AT_BRIDGE", "1")
                .env("DISPLAY", &display)
                .env("DBUS_SESSION_BUS_ADDRESS", &bus)
                .env("DESKBELL_POLICY", &policy)
                .current_dir(&home)
                .stdin(Stdio::null());
            command
        }
    }

    /// Starts a program that stays for as long as the desktop does.
    fn start(&mut self, name: &str, arguments: &[&str]) -> Result<()> {
        let mut command = self.program(name);
        command.args(arguments);
        self.processes
            .push(Process::start(command, &self.folder.join(format!("{name}.log")))?);
        Ok(())
    }

    /// Starts a program that prints, as its first line, where it is to be reached.
    fn announced(&mut self, name: &str, arguments: &[&str]) -> Result<String> {
        let mut command = self.program(name);
        command.args(arguments).stdout(Stdio::piped());
        let mut process = Process::start_piped(command, &self.folder.join(format!("{name}.log")))?;
        let stdout = process
            .stdout()
            .with_context(|| format!("{name} has no output"))?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        self.processes.push(process);
        let line = line.trim().to_owned();
        if line.is_empty() {
            bail!(
                "{name} did not come up; see {}",
                self.folder.join(format!("{name}.log")).display()
            );
        }
        Ok(line)
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text)?;
        Ok(path)
    }

    /// A connection to the desktop's session bus.
    pub(crate) fn connect(&self) -> Result<zbus::blocking::Connection> {
        Ok(zbus::blocking::connection::Builder::address(self.bus.as_str())?.build()?)
    }

    fn wait_for_name(&self, name: &str) -> Result<()> {
        let proxy = zbus::blocking::fdo::DBusProxy::new(&self.connect()?)?;
        let name = zbus::names::BusName::try_from(name)?;
        wait(&format!("{name} on the session bus"), || {
            Ok(proxy.name_has_owner(name.clone())?.then_some(()))
        })
    }

    /// The process that owns a name on the session bus; `None` when nobody does.
    pub(crate) fn owner_of(&self, name: &str) -> Result<Option<u32>> {
        let proxy = zbus::blocking::fdo::DBusProxy::new(&self.connect()?)?;
        let name = zbus::names::BusName::try_from(name)?;
        match proxy.get_connection_unix_process_id(name) {
            Ok(process) => Ok(Some(process)),
            Err(zbus::fdo::Error::NameHasNoOwner(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Windows on the display whose class or title matches `what` (an `xdotool search` option and pattern).
    pub(crate) fn windows(&self, what: [&str; 2]) -> Vec<String> {
        let found = output(
            self.program("xdotool")
                .args(["search", "--onlyvisible"])
                .args(what),
        );
        found
            .map(|ids| ids.lines().map(str::to_owned).collect())
            .unwrap_or_default()
    }

    /// Waits for a window with this title.
    pub(crate) fn window_titled(&self, title: &str) -> Result<String> {
        wait(&format!("the window {title:?}"), || {
            Ok(self.windows(["--name", &format!("^{title}$")]).pop())
        })
    }

    /// Waits until no window has this title.
    pub(crate) fn wait_for_end_of(&self, title: &str) -> Result<()> {
        wait(&format!("the window {title:?} to go"), || {
            Ok(self
                .windows(["--name", &format!("^{title}$")])
                .is_empty()
                .then_some(()))
        })
    }

    /// Presses keys, as X names them, on the keyboard of the display, in a window that is on it.
    pub(crate) fn press_in(&self, window: &str, keys: &[&str]) -> Result<()> {
        let mut command = self.program("xdotool");
        command.args(["windowfocus", "--sync", window, "key"]).args(keys);
        done(&mut command)
    }

    /// Presses the left mouse button on the topmost toast on the screen.
    pub(crate) fn click_toast(&self) -> Result<()> {
        let window = wait("the toast's window", || {
            Ok(self.windows(["--class", "dunst"]).pop())
        })?;
        done(self.program("xdotool").args([
            // Away first: where the pointer is there already, `--sync` would wait for a move that does not come.
            "mousemove",
            "0",
            "0",
            "mousemove",
            "--sync",
            "--window",
            &window,
            "40",
            "25",
            "click",
            "1",
        ]))
    }

    /// Presses the button `label` of the toast on the screen.
    pub(crate) fn press_on_toast(&self, label: &str) -> Result<()> {
        self.write("wanted", label)?;
        done(self.program("dunstctl").arg("context"))
    }

    /// Puts the topmost toast away, as its user does who does not follow it.
    pub(crate) fn dismiss_toast(&self) -> Result<()> {
        done(self.program("dunstctl").arg("close"))
    }

    /// How many toasts are on the screen, or wait for a place on it.
    pub(crate) fn toasts_on_screen(&self) -> Result<u32> {
        let count = |what| -> Result<u32> {
            Ok(output(self.program("dunstctl").args(["count", what]))?
                .trim()
                .parse()?)
        };
        Ok(count("displayed")? + count("waiting")?)
    }

    /// Takes every toast off the screen, so that the next is the topmost.
    pub(crate) fn clear_toasts(&self) -> Result<()> {
        done(self.program("dunstctl").arg("close-all"))
    }

    /// Takes a picture of the whole screen, once nothing on it moves any more.
    pub(crate) fn picture(&self, file: &Path) -> Result<()> {
        let mut last = Vec::new();
        wait("a screen that stands still", || {
            // Without the time it was taken at, by which two that show the same would differ.
            done(
                self.program("import")
                    .args(["-window", "root", "-define", "png:exclude-chunks=date,tIME"])
                    .arg(file),
            )?;
            let before = std::mem::replace(&mut last, fs::read(file)?);
            Ok((before == last).then_some(()))
        })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.daemon = None;
        while self.processes.pop().is_some() {}
    }
}

/// Asks `question` until it has an answer.
///
/// # Errors
/// When it has none after [`PATIENCE`], naming `what` was waited for; and those of `question`.
pub(crate) fn wait<T>(what: &str, mut question: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let began = SystemClock.instant();
    loop {
        if let Some(answer) = question()? {
            return Ok(answer);
        }
        if SystemClock.instant().saturating_since(began) > PATIENCE {
            bail!("waited {} s in vain for {what}", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(40));
    }
}
