//! `cargo xtask bench idle`: the app in the tray beside a browser tab that does the same, and how fast it is there.

mod report;
mod tree;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use deskbell_clock::{Clock, SystemClock};

use self::report::{Report, Times};
use self::tree::{Tree, Usage};
use crate::booking::{Booking, PHONE};
use crate::gateway::{Gateway, today};
use crate::process::Process;
use crate::run::{cargo, done, program, root, step};
use crate::stage::{App, Stage, Tray, scripts, wait};
use crate::{build, setup};

/// What the tray says of a link that holds.
const LIVE: &str = "연결됨";

/// The last of the patients on the list.
const LAST: &str = "장시우";

/// Those on the list.
const PATIENTS: [&str; 8] = [
    "김크리스",
    "이서연",
    "박민준",
    "최지우",
    "정하준",
    "강서윤",
    "조도윤",
    LAST,
];

/// How much is measured.
struct Extent {
    /// What has just started or ended comes to rest within this time.
    settles: Duration,
    /// How long nobody does anything.
    idle: Duration,
    /// How often a start and an opening are timed.
    turns: usize,
}

const WHOLE: Extent = Extent {
    settles: Duration::from_secs(15),
    idle: Duration::from_secs(60),
    turns: 10,
};

const QUICK: Extent = Extent {
    settles: Duration::from_secs(4),
    idle: Duration::from_secs(6),
    turns: 2,
};

/// Measures the release build, or `app` in its place.
///
/// # Errors
/// When something does not come up, or, in a whole run, a target is missed.
pub(crate) fn run(quick: bool, json: Option<&Path>, app: Option<PathBuf>) -> Result<()> {
    setup::for_demo(true)?;
    let scripts = scripts()?;
    let gateway = build::gateway()?;
    let app = match app {
        Some(app) => app.canonicalize()?,
        None => release()?,
    };
    let extent = if quick { QUICK } else { WHOLE };
    let stage_folder = root().join("target/idle");
    let stage = Stage::open(&stage_folder)?;
    let gateway = Gateway::start(&gateway, &stage_folder.join("gateway"), stage.surroundings())?;
    App::pair(&stage, &app, &gateway)?;
    for (name, hour) in PATIENTS.iter().zip(9..) {
        gateway.take_in(&Booking {
            name: (*name).to_owned(),
            phone: PHONE.into(),
            date: today()?,
            time: format!("{hour:02}:00 ~ {hour:02}:30"),
        })?;
    }
    let mut report = step("in the tray", || in_the_tray(&stage, &app, &extent))?;
    report.tab = Some(step("a tab in Chromium", || in_a_tab(&stage, &scripts, &extent))?);
    report.connected = step("start to connected", || {
        (0..extent.turns).map(|_| start(&stage, &app)).collect()
    })?;
    step("window to painted list", || {
        for _ in 0..extent.turns {
            let (first, again) = open_twice(&stage, &app)?;
            report.first_opened.push(first);
            report.opened_again.push(again);
        }
        Ok(())
    })?;
    println!("{report}");
    if let Some(file) = json {
        std::fs::write(file, serde_json::to_vec_pretty(&report.json())?)?;
    }
    if quick { Ok(()) } else { report.judge() }
}

/// The app as it is shipped.
fn release() -> Result<PathBuf> {
    build::page()?;
    step("release build of the app (some minutes)", || {
        done(cargo().args([
            "build",
            "--release",
            "--quiet",
            "--package",
            "deskbell",
            "--bin",
            "deskbell",
        ]))
    })?;
    Ok(build::target_folder().join("release/deskbell"))
}

fn in_the_tray(stage: &Stage, app: &Path, extent: &Extent) -> Result<Report> {
    let process = start_hidden(stage, app)?;
    let tray = Tray::of(stage, process.id())?;
    wait("the app to be connected", || {
        // It is not there yet, or says that it is connecting.
        Ok(tray.tooltip().is_ok_and(|says| says.contains(LIVE)).then_some(()))
    })?;
    let before = idle(process.id(), extent)?;
    tray.activate()?;
    let window = ["--name", "^Deskbell$"];
    wait("the window", || Ok(stage.windows(window).pop()))?;
    stage.picture(&stage.folder().join("open.png"))?;
    let open = idle(process.id(), extent)?;
    done(stage.program("wmctrl").args(["-c", "Deskbell"]))?;
    wait("the page's process to go", || {
        Ok((!Tree::of(process.id())?.has("WebKitWebProcess")).then_some(()))
    })?;
    let after = idle(process.id(), extent)?;
    Ok(Report {
        before,
        open,
        after,
        tab: None,
        connected: Times::default(),
        first_opened: Times::default(),
        opened_again: Times::default(),
    })
}

/// What everything that comes from a process uses while nobody does anything.
fn idle(process: u32, extent: &Extent) -> Result<Usage> {
    thread::sleep(extent.settles);
    let began = Tree::of(process)?;
    thread::sleep(extent.idle);
    Ok(Tree::of(process)?.usage_since(&began))
}

/// A browser that nobody has configured, with one page in it.
fn in_a_tab(stage: &Stage, scripts: &Path, extent: &Extent) -> Result<Usage> {
    let mut server = program("node");
    server.arg("tab.js").current_dir(scripts).stdin(Stdio::piped());
    let mut server = Process::start_piped(server, &stage.folder().join("tab.log"))?;
    // It ends with its input.
    let _input = server.stdin();
    let mut port = String::new();
    BufReader::new(server.stdout().context("node has no output")?).read_line(&mut port)?;
    let mut chromium = stage.program("chromium");
    chromium.args([
        // Its sandbox refuses to run as root, which a build server may be.
        "--no-sandbox",
        "--no-first-run",
        "--no-default-browser-check",
        "--password-store=basic",
        &format!("--user-data-dir={}", stage.folder().join("chromium").display()),
        &format!("http://127.0.0.1:{}/", port.trim()),
    ]);
    let chromium = Process::start(chromium, &stage.folder().join("chromium.log"))?;
    wait("the tab to be connected", || {
        Ok(stage.windows(["--name", "socket.io tab: connected"]).pop())
    })?;
    idle(chromium.id(), extent)
}

fn start_hidden(stage: &Stage, app: &Path) -> Result<Process> {
    let mut command = stage.program(app);
    command.arg("--hidden");
    Process::start(command, &stage.folder().join("app.log"))
}

/// From the start of the process until its tray says that it is connected.
fn start(stage: &Stage, app: &Path) -> Result<Duration> {
    wait("the app before to be gone", || {
        Ok(App::process(stage)?.is_none().then_some(()))
    })?;
    let began = SystemClock.instant();
    let process = start_hidden(stage, app)?;
    let tray = Tray::of(stage, process.id())?;
    loop {
        // It is not there yet, or says that it is connecting.
        let says = tray.tooltip().unwrap_or_default();
        let took = SystemClock.instant().saturating_since(began);
        if says.contains(LIVE) {
            return Ok(took);
        }
        ensure!(took < crate::stage::PATIENCE, "the app says {says:?}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// From the click on the tray until the list is painted: the first time, and once more after the window was closed.
fn open_twice(stage: &Stage, app: &Path) -> Result<(Duration, Duration)> {
    let mut app = App::start_saying(stage, app, &["--hidden"], "warn")?;
    let tray = Tray::of_app(stage)?;
    tray.wait_for(LIVE)?;
    let first = open(&mut app, &tray)?;
    app.close_window(stage)?;
    // What a person would need at least.
    thread::sleep(Duration::from_secs(1));
    let again = open(&mut app, &tray)?;
    app.end(stage)?;
    Ok((first, again))
}

fn open(app: &mut App, tray: &Tray) -> Result<Duration> {
    let clicked = SystemClock.now();
    tray.activate()?;
    let painted = app.window()?.painted_with(LAST)?;
    Ok(Duration::try_from(painted.duration_since(clicked)).unwrap_or_default())
}
