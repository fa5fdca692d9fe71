//! What a toast says, where a click on it leads, and when it goes.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use deskbell_clock::{Clock, SystemClock};

use super::Play;
use crate::booking::PHONE;
use crate::stage::{Tray, wait};

pub(super) fn a_click_on_a_toast_opens_its_reservation_without_a_window(play: &mut Play<'_>) -> Result<()> {
    play.stage.clear_toasts()?;
    let known = play.toasts.all().len();
    play.gateway.take_in(&play.booking("김크리스", "10:30 ~ 11:00"))?;
    let rung = play.toasts.after(known)?;
    let [toast] = rung.as_slice() else {
        bail!("rung {} times", rung.len())
    };
    ensure!(
        toast.body.contains("김**스") && toast.body.contains("10:30 ~ 11:00"),
        "the toast says {toast:?}"
    );
    ensure!(!format!("{toast:?}").contains("크리"), "the toast shows the name");
    play.stage.click_toast()?;
    let window = play.app()?.window()?;
    let text = window.wait_for("예약 상세")?;
    for shown in ["김크리스", PHONE, "본인", "10:30 ~ 11:00", "예약신청"] {
        ensure!(text.contains(shown), "{shown:?} is missing from {text:?}");
    }
    // The clipboard is the system's, not the page's: only a real window shows that it is within reach.
    window.click("//button[contains(., '전화번호 복사')]")?;
    window.wait_for("복사했습니다").map(drop)
}

pub(super) fn a_toast_that_was_left_still_opens_its_reservation(play: &mut Play<'_>) -> Result<()> {
    play.stage.clear_toasts()?;
    let mut app = play.app.take().context("no app runs")?;
    app.close_window(&play.stage)?;
    let known = play.toasts.all().len();
    play.gateway.take_in(&play.booking("한지민", "13:00 ~ 13:30"))?;
    play.toasts.after(known)?;
    // Whoever looks at the list, and goes again, has not answered it.
    Tray::of_app(&play.stage)?.activate()?;
    app.window()?.wait_for("한지민")?;
    app.close_window(&play.stage)?;
    play.stage.click_toast()?;
    let text = app.window()?.wait_for("예약 상세")?;
    ensure!(text.contains("13:00 ~ 13:30"), "other details: {text:?}");
    app.close_window(&play.stage)?;
    play.app = Some(app);
    Ok(())
}

pub(super) fn open_toasts_come_back_with_the_notification_daemon(play: &mut Play<'_>) -> Result<()> {
    play.stage.clear_toasts()?;
    let known = play.toasts.all().len();
    for (name, time) in [("서지호", "14:00 ~ 14:20"), ("권하린", "14:20 ~ 14:40")] {
        let rung = play.toasts.all().len();
        play.gateway.take_in(&play.booking(name, time))?;
        play.toasts.after(rung)?;
    }
    wait("both toasts", || {
        Ok((play.stage.toasts_on_screen()? == 2).then_some(()))
    })?;
    let before = play.toasts.all().split_off(known);
    // The topmost is put away, by its user: that one must not come back.
    play.stage.dismiss_toast()?;
    wait("one toast less", || {
        Ok((play.stage.toasts_on_screen()? == 1).then_some(()))
    })?;
    play.stage.kill_toasts()?;
    play.stage.start_toasts()?;
    wait("the toast to come back", || {
        Ok((play.stage.toasts_on_screen()? == 1).then_some(()))
    })?;
    let back = play.toasts.all().split_off(known + 2);
    let [back] = back.as_slice() else {
        bail!("came back: {back:?}")
    };
    ensure!(before.contains(back), "what came back is another: {back:?}");
    let time = if back.body.contains("14:00") {
        "14:00 ~ 14:20"
    } else {
        "14:20 ~ 14:40"
    };
    play.stage.click_toast()?;
    let mut app = play.app.take().context("no app runs")?;
    let text = app.window()?.wait_for("예약 상세")?;
    ensure!(text.contains(time), "{time} is missing from {text:?}");
    app.close_window(&play.stage)?;
    play.app = Some(app);
    Ok(())
}

pub(super) fn a_claim_at_another_desk_takes_the_toast_away_within_a_second(
    play: &mut Play<'_>,
) -> Result<()> {
    play.stage.clear_toasts()?;
    let colleague = play.gateway.colleague()?;
    let known = play.toasts.all().len();
    let id = play.gateway.take_in(&play.booking("문채원", "14:40 ~ 15:00"))?;
    play.toasts.after(known)?;
    wait("the toast", || {
        Ok((play.stage.toasts_on_screen()? == 1).then_some(()))
    })?;
    let began = SystemClock.instant();
    colleague.claim(&id)?;
    wait("the toast to go", || {
        Ok((play.stage.toasts_on_screen()? == 0).then_some(()))
    })?;
    let took = SystemClock.instant().saturating_since(began);
    ensure!(took <= Duration::from_secs(1), "it took {took:?}");
    // A claim that ran out would ring in a later step.
    colleague.release(&id)
}

pub(super) fn a_button_on_a_toast_acts_without_a_window(play: &mut Play<'_>) -> Result<()> {
    play.stage.clear_toasts()?;
    let colleague = play.gateway.colleague()?;
    let known = play.toasts.all().len();
    let id = play.gateway.take_in(&play.booking("배수아", "15:00 ~ 15:20"))?;
    play.toasts.after(known)?;
    wait("the toast", || {
        Ok((play.stage.toasts_on_screen()? == 1).then_some(()))
    })?;
    play.stage.press_on_toast("예약확정")?;
    wait("the reservation to be confirmed", || {
        Ok((colleague.look_at(&id)?["status"] == "booked").then_some(()))
    })?;
    wait("the toast to go", || {
        Ok((play.stage.toasts_on_screen()? == 0).then_some(()))
    })?;
    ensure!(play.app()?.window()?.windows()? == 0, "a window opened");
    Ok(())
}
