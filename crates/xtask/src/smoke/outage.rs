//! The window while nothing comes: an outage, and a desk that is none any more.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::page::{button, dialog};
use super::{LIVE, Play};
use crate::stage::wait;

pub(super) fn an_outage_is_told_and_ends(play: &mut Play<'_>) -> Result<()> {
    play.gateway.kill()?;
    let window = play.app()?.window()?;
    let told = window.wait_for("서버와 연결이 끊긴 지 1분 미만 (")?;
    ensure!(
        told.contains("연결 끊김 1분 미만"),
        "the bar says nothing: {told:?}"
    );
    play.gateway.up()?;
    let window = play.app()?.window()?;
    window.wait_without("연결이 끊긴 지")?;
    window.wait_for_in("//header", LIVE).map(drop)
}

pub(super) fn a_desk_that_signs_out_hears_what_it_missed_once_a_link_pairs_it(
    play: &mut Play<'_>,
) -> Result<()> {
    let code = play.gateway.pairing_code()?;
    let link = format!("deskbell://pair?server={}&code={code}", play.gateway.url());
    let desk = play.at_window()?;
    let window = desk.window;
    window.click(&button("설정"))?;
    window.click(&button("이 데스크 연결 해제"))?;
    window.click(&format!("//dialog[@open]{}", button("연결 해제")))?;
    window.wait_for("데스크 연결")?;
    let is_signed_out = |desk: &Value| desk["desk"]["name"] == "접수 1" && !desk["revoked_at"].is_null();
    wait("the gateway to know", || {
        let desks = desk.gateway.desks()?;
        let mut desks = desks.as_array().context("no list of desks")?.iter();
        Ok(desks.any(is_signed_out).then_some(()))
    })?;
    let known = desk.toasts.all().len();
    desk.take_in("우도환", "22:00 ~ 22:20")?;

    // Anybody can make a link: it asks.
    ensure!(
        desk.toasts.all().len() == known,
        "it rang at a desk that had signed out"
    );
    play.app
        .as_ref()
        .context("no app runs")?
        .second_start(&play.stage, &[&link])?;
    let desk = play.at_window()?;
    let window = desk.window;
    let ask = dialog("이 PC를 연결할까요?");
    window.wait_for_in(&ask, &desk.gateway.url())?;
    window.click(&format!("{ask}{}", button("연결하기")))?;
    window.wait_for("연결되었습니다")?;
    window.click(&button("예약 목록으로"))?;
    window.wait_for_in("//header", LIVE)?;
    window.wait_for_in("//h1", "오늘 예약")?;
    let rung = desk.toasts.after(known)?;
    ensure!(
        rung.len() == 1 && rung.iter().all(|toast| toast.body.contains("우*환")),
        "rung: {rung:?}"
    );
    Ok(())
}
