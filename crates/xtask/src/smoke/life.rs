//! The app from its start to its end: with a window and without, with a tray and without, with a gateway and without.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use super::page::{NAMES, button, field};
use super::{LIVE, Play};
use crate::run::done;
use crate::stage::{App, Tray, wait};

/// What the window says on a desktop without a tray.
const NO_TRAY: &str = "트레이가 없어";

/// What the tray says of a link that does not hold.
const OFFLINE: &str = "연결 끊김";

pub(super) fn closing_the_window_leaves_the_app_in_the_tray(play: &mut Play<'_>) -> Result<()> {
    let mut app = play.app.take().context("no app runs")?;
    app.close_window(&play.stage)?;
    play.app = Some(app);
    ensure!(
        App::process(&play.stage)?.is_some(),
        "the app ended with its window"
    );
    Tray::of_app(&play.stage)?.wait_for(LIVE)
}

pub(super) fn a_second_start_hands_its_link_over(play: &mut Play<'_>) -> Result<()> {
    let known = play.toasts.all().len();
    let id = play.gateway.take_in(&play.booking("박민준", "11:00 ~ 11:30"))?;
    // The fourth toast within two seconds waits a moment.
    play.toasts.after(known)?;
    let before = App::process(&play.stage)?;
    let mut app = play.app.take().context("no app runs")?;
    app.second_start(&play.stage, &[&format!("deskbell://reservation/{id}")])?;
    // The list shows the name too; only the details show it twice.
    let window = app.window()?;
    window.wait_for("예약 상세")?;
    wait("박민준's details", || {
        Ok((window.text()?.matches("박민준").count() >= 2).then_some(()))
    })?;
    ensure!(App::process(&play.stage)? == before, "the second start took over");
    play.app = Some(app);
    Ok(())
}

pub(super) fn a_left_click_on_the_tray_opens_the_window(play: &mut Play<'_>) -> Result<()> {
    let mut app = play.app.take().context("no app runs")?;
    app.close_window(&play.stage)?;
    Tray::of_app(&play.stage)?.activate()?;
    let text = app.window()?.wait_for("박민준")?;
    ensure!(
        !text.contains("예약 상세"),
        "the details that were closed came back"
    );
    play.app = Some(app);
    Ok(())
}

pub(super) fn after_a_crash_of_the_gateway_five_are_listed_and_rung_once(play: &mut Play<'_>) -> Result<()> {
    play.stage.clear_toasts()?;
    let known = play.toasts.all().len();
    play.gateway.kill()?;
    // The app must not be back before all five are in.
    App::sleep(&play.stage)?;
    play.gateway.up()?;
    let names = ["최지우", "정하준", "강서윤", "조도윤", "윤하은"];
    for (at, name) in names.iter().enumerate() {
        play.gateway
            .take_in(&play.booking(name, &format!("1{at}:00 ~ 1{at}:20")))?;
    }
    App::wake(&play.stage)?;
    let window = play.app()?.window()?;
    for name in names {
        window.wait_for(name)?;
    }
    let rung = play.toasts.after(known)?;
    let [digest] = rung.as_slice() else {
        bail!("rung {} times: {rung:?}", rung.len())
    };
    ensure!(
        digest.body.contains("5건") || digest.summary.contains("5건"),
        "the digest says {digest:?}"
    );
    // A later one of its own shows that nothing of the five was still to come.
    play.gateway.take_in(&play.booking("장시우", "15:00 ~ 15:30"))?;
    wait("장시우's toast", || {
        Ok(play
            .toasts
            .all()
            .last()
            .filter(|toast| toast.body.contains("장*우"))
            .map(drop))
    })?;
    ensure!(
        play.toasts.all().len() == known + 2,
        "rung more than once: {:?}",
        &play.toasts.all()[known..]
    );
    Ok(())
}

pub(super) fn the_tray_switches_autostart_on_and_off(play: &mut Play<'_>) -> Result<()> {
    let entry = play
        .stage
        .folder()
        .join("home/.config/autostart/deskbell.desktop");
    let tray = Tray::of_app(&play.stage)?;
    ensure!(!entry.exists(), "autostart is on without being asked for");
    tray.choose("자동")?;
    let text = wait("the autostart entry", || {
        Ok(fs::read_to_string(&entry)
            .ok()
            .filter(|text| text.contains("Exec=")))
    })?;
    let program = play.programs.app.display();
    ensure!(
        text.contains(&format!("Exec=\"{program}\" --hidden\n")),
        "it would start something else: {text}"
    );
    done(play.stage.program("desktop-file-validate").arg(&entry))?;
    // A click asks for the other of what the menu shows.
    tray.wait_for_check("자동", true)?;
    tray.choose("자동")?;
    wait(
        "the autostart entry to go",
        || Ok((!entry.exists()).then_some(())),
    )
}

pub(super) fn the_settings_end_the_app(play: &mut Play<'_>) -> Result<()> {
    let window = play.at_window()?.window;
    window.click(&button("설정"))?;
    window.click(&button("데스크벨 종료"))?;
    wait("the app to end", || {
        Ok(App::process(&play.stage)?.is_none().then_some(()))
    })?;
    play.app = None;
    Ok(())
}

pub(super) fn a_desk_paired_in_the_terminal_waits_for_its_gateway(play: &mut Play<'_>) -> Result<()> {
    App::pair(&play.stage, &play.programs.app, &play.gateway)?;
    play.gateway.kill()?;
    let mut app = App::start(&play.stage, &play.programs.app, &["--hidden"])?;
    let tray = Tray::of_app(&play.stage)?;
    tray.wait_for(OFFLINE)?;
    app.second_start(&play.stage, &[])?;
    app.window()?.wait_for("연결이 끊긴")?;
    play.gateway.up()?;
    tray.wait_for(LIVE)?;
    app.window()?.fill(&field("예약 찾기"), "장시우")?;
    app.window()?.wait_for_texts(NAMES, &["장시우"])?;
    app.end(&play.stage)
}

pub(super) fn without_a_tray_the_window_shows_until_there_is_one(play: &mut Play<'_>) -> Result<()> {
    play.stage.take_panel_away()?;
    let mut app = App::start(&play.stage, &play.programs.app, &["--hidden"])?;
    app.window()?.wait_for(NO_TRAY)?;
    play.stage.bring_panel()?;
    let tray = Tray::of_app(&play.stage)?;
    tray.wait_to_be_hosted()?;
    let window = app.window()?;
    wait("the sentence to go", || {
        Ok((!window.text()?.contains(NO_TRAY)).then_some(()))
    })?;
    tray.choose("설정")?;
    window.wait_for("알림에 표시할 내용")?;
    // A panel that starts anew takes the bell up again, and nobody is told of it.
    play.stage.take_panel_away()?;
    play.stage.bring_panel()?;
    tray.wait_to_be_hosted()?;
    // Whoever quits leaves no toast behind on which a click would reach nobody.
    play.stage.clear_toasts()?;
    let known = play.toasts.all().len();
    play.gateway.take_in(&play.booking("한지민", "17:00 ~ 17:30"))?;
    play.toasts.after(known)?;
    ensure!(
        play.stage.toasts_on_screen()? == 1,
        "the toast is not on the screen"
    );
    tray.choose("종료")?;
    wait("the app to end", || {
        Ok(App::process(&play.stage)?.is_none().then_some(()))
    })?;
    ensure!(
        play.stage.toasts_on_screen()? == 0,
        "a toast stayed on the screen"
    );
    Ok(())
}
