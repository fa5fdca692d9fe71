//! The app as it is installed, used as its user does. Runs on the copy of the system, which nobody keeps.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::run::{done, output};
use crate::stage::{App, Stage, Tray, wait};

/// Of a person who used it, and not of the package.
pub(super) const OF_THE_USER: &[&str] = &["/stage/home/.config/autostart/deskbell.desktop"];

const ENTRY: &str = "/usr/share/applications/deskbell.desktop";
const PROGRAM: &str = "/usr/bin/deskbell";
const LINK: &str = "deskbell://reservation/019ab2c0-5b3c-7000-8000-000000000000";

/// Starts it from the menu, by a link and at login.
///
/// # Errors
/// When one of these does not come to the installed program.
pub(crate) fn use_installed() -> Result<()> {
    ensure!(
        Path::new("/copy").exists() && Path::new(ENTRY).exists(),
        "it is installed on no copy of a system"
    );
    let stage = Stage::open(Path::new("/stage"))?;

    let entry = fs::read_to_string(ENTRY)?;
    ensure!(
        entry.lines().any(|line| line == "Exec=deskbell %u"),
        "a link would not be handed over: {entry}"
    );
    done(stage.program("gtk-launch").arg("deskbell"))?;
    let first = running(&stage)?;
    wait("its window", || Ok(has_window(&stage).then_some(())))?;

    let handler = output(stage.program("gio").args(["mime", "x-scheme-handler/deskbell"]))?;
    ensure!(
        handler
            .lines()
            .next()
            .is_some_and(|line| line.ends_with("deskbell.desktop")),
        "links are opened by: {handler}"
    );
    close_window(&stage)?;
    done(stage.program("gio").args(["open", LINK]))?;
    wait("the window that a link opens", || {
        Ok(has_window(&stage).then_some(()))
    })?;
    ensure!(running(&stage)? == first, "a link started a second app");

    Tray::of_app(&stage)?.choose("자동")?;
    let autostart = Path::new(OF_THE_USER[0]);
    let text = wait("the autostart entry", || {
        Ok(fs::read_to_string(autostart)
            .ok()
            .filter(|text| text.contains("Exec=")))
    })?;
    // In quotes or not.
    let exec = text.replace('"', "");
    ensure!(
        exec.lines()
            .any(|line| line == format!("Exec={PROGRAM} --hidden")),
        "at login it would not start {PROGRAM}: {text}"
    );
    App::terminate(&stage)?;
    done(stage.program("gio").arg("launch").arg(autostart))?;
    running(&stage)?;
    Tray::of_app(&stage)?;
    ensure!(!has_window(&stage), "started at login, it shows a window");
    App::terminate(&stage)
}

/// The process of the app, which is the installed one.
fn running(stage: &Stage) -> Result<u32> {
    let process = wait("the app on the session bus", || App::process(stage))?;
    let program = fs::read_link(format!("/proc/{process}/exe"))
        .with_context(|| format!("process {process} is gone"))?;
    ensure!(
        program == Path::new(PROGRAM),
        "what runs is {}",
        program.display()
    );
    Ok(process)
}

fn has_window(stage: &Stage) -> bool {
    !stage.windows(["--name", "^Deskbell"]).is_empty()
}

fn close_window(stage: &Stage) -> Result<()> {
    done(stage.program("wmctrl").args(["-c", "Deskbell"]))?;
    wait("the window to go", || Ok((!has_window(stage)).then_some(())))
}
