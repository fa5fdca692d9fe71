//! `cargo xtask demo`: a newcomer's first minutes, and the same without a screen.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::build::{self, Programs};
use crate::gateway::{Gateway, SLUG, today};
use crate::run::{output, root, step};
use crate::setup;
use anyhow::{Context, Result, bail};

/// Sets everything up and shows it.
pub(crate) fn run(headless: bool) -> Result<()> {
    setup::for_demo(headless)?;
    let programs = build::everything()?;
    if headless {
        on_a_virtual_display(&programs)
    } else {
        on_this_desktop(&programs)
    }
}

/// The whole path by itself, with pictures.
#[cfg(target_os = "linux")]
fn on_a_virtual_display(programs: &Programs) -> Result<()> {
    use crate::booking::{Booking, PHONE};
    use crate::stage::{App, Stage, Toasts, Tray, wait};

    let pictures = root().join("target/demo");
    fs::create_dir_all(&pictures)?;
    for picture in ["toast.png", "day.png", "details.png"] {
        // A picture of an earlier run would hide that this one took none.
        let _ = fs::remove_file(pictures.join(picture));
    }
    let stage = step(
        "virtual display, session bus, tray and notification daemon",
        || Stage::open(&pictures.join("stage")),
    )?;
    let toasts = Toasts::listen(&stage.connect()?)?;
    let gateway = step("gateway and demo hospital", || {
        Gateway::start(
            &programs.gateway,
            &pictures.join("stage/gateway"),
            stage.surroundings(),
        )
    })?;
    step("deskbell pair", || App::pair(&stage, &programs.app, &gateway))?;
    let mut app = step("app, hidden in the tray", || {
        let app = App::start(&stage, &programs.app, &["--hidden"])?;
        Tray::of_app(&stage)?.wait_for("연결됨")?;
        Ok(app)
    })?;
    let seed = Booking {
        name: "김크리스".into(),
        phone: PHONE.into(),
        date: today()?,
        time: "10:30 ~ 11:00".into(),
    };
    let toast = step("a patient books; the toast rings", || {
        gateway.take_in(&seed)?;
        let rung = toasts.after(0)?;
        wait("the toast on the screen", || {
            Ok(stage.windows(["--class", "dunst"]).pop())
        })?;
        stage.picture(&pictures.join("toast.png"))?;
        rung.into_iter().next().context("no toast")
    })?;
    println!("   {} | {}", toast.summary, toast.body.replace('\n', " | "));
    step("a click on the toast opens the details", || {
        stage.click_toast()?;
        app.window()?.wait_for("예약 상세")?;
        app.window()?.wait_for("홈페이지")?;
        app.window()?.painted()?;
        stage.picture(&pictures.join("details.png"))
    })?;
    step("the day's list", || {
        app.window()?.click("//button[contains(., '닫기')]")?;
        wait("the details to close", || {
            Ok((!app.window()?.text()?.contains("예약 상세")).then_some(()))
        })?;
        app.window()?.wait_for(&seed.name)?;
        app.window()?.painted()?;
        stage.picture(&pictures.join("day.png"))
    })?;
    app.end(&stage)?;
    println!(
        "Pictures: toast.png, details.png, day.png in {}",
        pictures.display()
    );
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn on_a_virtual_display(_programs: &Programs) -> Result<()> {
    println!(
        "== --headless: skipped, it needs a virtual display, which only Linux has; `cargo xtask demo` shows the app here"
    );
    Ok(())
}

/// The gateway and the app, here, until Ctrl+C or the app's own Quit.
fn on_this_desktop(programs: &Programs) -> Result<()> {
    if cfg!(target_os = "linux")
        && std::env::var_os("DISPLAY").is_none()
        && std::env::var_os("WAYLAND_DISPLAY").is_none()
    {
        bail!("there is no display here: run `cargo xtask demo --headless`");
    }
    let home = root().join("target/demo/home");
    // Each demo begins anew: its hospital, its desk, its list.
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&home)?;
    let gateway = step("gateway and demo hospital", || {
        Gateway::start(&programs.gateway, &home.join("gateway"), |program| {
            Command::new(program)
        })
    })?;
    let (url, key) = (gateway.url(), gateway.key());
    let code = gateway.pairing_code()?;
    step("deskbell pair", || {
        output(app(&programs.app, &home).args(["pair", &url, &code])).map(drop)
    })?;

    println!("\nBook as a patient would:\n  {url}/book/{SLUG}\nor as a website would:");
    println!("  curl -H 'Authorization: Bearer {key}' {url}/v1/reservations \\");
    println!(
        "    -d 'relationship=본인&name=김크리스&phone=010-1111-1111&reservationdate={}' \\",
        today()?
    );
    println!("    -d 'reservationtime=10:30 ~ 11:00'\n");
    println!(
        "The app stays in the tray when its window is closed. To end the demo, quit it there, or press Ctrl+C here."
    );
    let ended = app(&programs.app, &home)
        .status()
        .context("the app does not start")?;
    if !ended.success() {
        bail!("the app ended with {ended}");
    }
    Ok(())
}

/// The app with folders of its own, so that a demo never touches a real desk's pairing.
fn app(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("DESKBELL_HOME", home);
    command
}
