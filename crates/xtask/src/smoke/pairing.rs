//! How a PC becomes a desk, and the first reservation it sees.

use anyhow::{Result, ensure};

use super::{LIVE, Play};
use crate::booking::PHONE;
use crate::stage::{App, Tray};

pub(super) fn a_wrong_code_is_answered_by_a_sentence(play: &mut Play<'_>) -> Result<()> {
    let refused = play
        .stage
        .program(&play.programs.app)
        .args(["pair", &play.gateway.url(), "AAAA-AAAA"])
        .output()?;
    let said = String::from_utf8(refused.stderr)?;
    ensure!(!refused.status.success(), "a wrong code was taken");
    ensure!(said.contains("코드가 틀렸거나 만료"), "it said: {said}");
    ensure!(
        !said.contains("panicked") && !said.contains("backtrace"),
        "a stack: {said}"
    );
    Ok(())
}

pub(super) fn the_window_pairs_this_desk_by_its_code(play: &mut Play<'_>) -> Result<()> {
    let code = play.gateway.pairing_code()?;
    let url = play.gateway.url();
    let mut app = App::start(&play.stage, &play.programs.app, &[])?;
    let window = app.window()?;
    window.wait_for("데스크 연결")?;
    window.fill(
        "//label[contains(., '서버 주소')]//input | //input[@id=//label[contains(., '서버 주소')]/@for]",
        &url,
    )?;
    window.fill(
        "//label[contains(., '연결 코드')]//input | //input[@id=//label[contains(., '연결 코드')]/@for]",
        "AAAA-AAAA",
    )?;
    window.click("//button[@type='submit']")?;
    window.wait_for("코드가 틀렸거나 만료")?;
    window.fill(
        "//label[contains(., '연결 코드')]//input | //input[@id=//label[contains(., '연결 코드')]/@for]",
        &code.to_lowercase(),
    )?;
    window.click("//button[@type='submit']")?;
    window.wait_for("한빛의원")?;
    let known = play.toasts.all().len();
    window.click("//button[contains(., '시험 알림 보내기')]")?;
    ensure!(play.toasts.after(known)?.len() == 1, "no test toast came");
    window.click("//button[normalize-space() = '보입니다']")?;
    window.wait_for("오늘은 아직 예약이 없습니다")?;
    Tray::of_app(&play.stage)?.wait_for(LIVE)?;
    play.app = Some(app);
    Ok(())
}

pub(super) fn a_live_reservation_appears_in_the_open_list(play: &mut Play<'_>) -> Result<()> {
    let known = play.toasts.all().len();
    play.gateway.take_in(&play.booking("이서연", "09:00 ~ 09:30"))?;
    let rung = play.toasts.after(known)?;
    ensure!(rung.len() == 1, "rung {} times", rung.len());
    let text = play.app()?.window()?.wait_for("이서연")?;
    for shown in ["09:00 ~ 09:30", PHONE, "본인", "예약신청"] {
        ensure!(text.contains(shown), "{shown:?} is missing from {text:?}");
    }
    Ok(())
}
