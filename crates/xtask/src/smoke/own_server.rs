//! A hospital's own Socket.IO server in the gateway's place.

use std::fs;

use anyhow::{Result, bail, ensure};

use super::page::{button, choice, field};
use super::{LIVE, Play};
use crate::booking::PHONE;
use crate::run::output;
use crate::stage::{App, Hospital, Tray};

pub(super) fn a_hospitals_own_server_is_entered_in_the_window(play: &mut Play<'_>) -> Result<()> {
    let hospital = Hospital::start(&play.stage)?;
    let mut app = App::start(&play.stage, &play.programs.app, &[])?;
    let window = app.window()?;
    window.click(&button("설정"))?;
    window.click(&button("이 데스크 연결 해제"))?;
    window.click(&format!("//dialog[@open]{}", button("연결 해제")))?;
    window.wait_for("데스크 연결")?;
    window.click(&choice("연결 방법", "기존 Socket.IO 서버 사용"))?;
    window.click(&button("이 서버 사용하기"))?;
    window.wait_for("서버 주소를 입력하세요.")?;
    window.fill(&field("Socket.IO 서버 주소"), &hospital.url())?;
    window.fill(&field("병원의 시간대"), "Asia/Seoul")?;
    window.click(&button("이 서버 사용하기"))?;
    window.wait_for("연결되었습니다")?;
    window.click(&button("예약 목록으로"))?;
    window.click(&button("설정"))?;
    window.wait_for("다른 서버로 바꾸기")?;
    Tray::of_app(&play.stage)?.wait_for(LIVE)?;
    let settings = fs::read_to_string(play.stage.folder().join("home/.config/deskbell/settings.toml"))?;
    for line in ["kind = \"socketio\"", "timezone = \"Asia/Seoul\""] {
        ensure!(settings.contains(line), "{line:?} is missing from {settings:?}");
    }
    app.end(&play.stage)
}

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
