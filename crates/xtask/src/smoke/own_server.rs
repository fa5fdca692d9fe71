//! A hospital's own Socket.IO server in the gateway's place.

use std::fs;

use anyhow::{Result, bail, ensure};

use super::{LIVE, Play};
use crate::booking::PHONE;
use crate::run::output;
use crate::stage::{App, Hospital, Tray};

pub(super) fn a_hospitals_own_server_rings_and_its_click_opens_the_details(
    play: &mut Play<'_>,
) -> Result<()> {
    play.stage.clear_toasts()?;
    let mut hospital = Hospital::start(&play.stage)?;
    let settings = play.stage.folder().join("home/.config/deskbell/settings.toml");
    fs::write(settings, hospital.settings())?;
    let mut app = App::start(&play.stage, &play.programs.app, &["--hidden"])?;
    Tray::of_app(&play.stage)?.wait_for(LIVE)?;
    let known = play.toasts.all().len();
    // Once more what was said already: it is the same reservation.
    let booking = play.booking("김크리스", "16:30 ~ 17:00");
    hospital.emit(&booking)?;
    hospital.emit(&booking)?;
    let rung = play.toasts.after(known)?;
    let [toast] = rung.as_slice() else {
        bail!("rung {} times", rung.len())
    };
    ensure!(toast.body.contains("김**스"), "the toast says {toast:?}");
    Tray::of_app(&play.stage)?.wait_for("받은 예약 1건")?;
    play.stage.click_toast()?;
    let window = app.window()?;
    let text = window.wait_for("예약 상세")?;
    for shown in ["김크리스", PHONE, "본인", "16:30 ~ 17:00", "부터 받은 예약만"] {
        ensure!(text.contains(shown), "{shown:?} is missing from {text:?}");
    }
    for unknown in ["이력", "예약신청", "처리", "장시우"] {
        ensure!(!text.contains(unknown), "{unknown:?} stands in {text:?}");
    }
    window.painted()?;
    play.stage.picture(&play.stage.folder().join("hospital.png"))?;
    // Beside the app that runs, and without disturbing it.
    let found = output(play.stage.program(&play.programs.app).args(["doctor", "--json"]))?;
    let found: serde_json::Value = serde_json::from_str(&found)?;
    ensure!(found["ok"] == true, "the doctor found {found}");
    ensure!(play.toasts.all().len() == known + 1, "rung more than once");
    app.end(&play.stage)
}
