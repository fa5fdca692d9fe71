//! The settings, chosen in the window: each holds at once, and stands in its file.

use std::fs;

use anyhow::{Result, bail, ensure};

use super::page::{button, choice, entry, group, region, switch};
use super::{Desk, LIVE, Play};
use crate::stage::{Tray, key, wait};

impl Desk<'_> {
    /// Waits until a line of `settings.toml` is this one.
    fn wait_for_setting(&self, line: &str) -> Result<()> {
        let file = self.stage.folder().join("home/.config/deskbell/settings.toml");
        wait(&format!("{line:?} in settings.toml"), || {
            Ok(fs::read_to_string(&file)?
                .lines()
                .any(|there| there == line)
                .then_some(()))
        })
    }
}

pub(super) fn what_a_toast_says_and_how_it_sounds_is_chosen(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    window.click(&button("설정"))?;
    window.wait_for_in("//figure", "김*수")?;
    window.click("//label[contains(., '건수만')]")?;
    window.wait_for_in("//figure", "예약 1건이 들어왔습니다.")?;
    desk.wait_for_setting("toast_detail = 0")?;
    let known = desk.toasts.all().len();
    desk.take_in("조은별", "18:00 ~ 18:20")?;
    let rung = desk.toasts.after(known)?;
    let [toast] = rung.as_slice() else {
        bail!("rung {} times", rung.len())
    };
    ensure!(
        toast.body == "예약 1건이 들어왔습니다.",
        "the toast says {toast:?}"
    );
    window.click("//label[starts-with(normalize-space(), '모두')]")?;
    desk.wait_for_setting("toast_detail = 3")?;
    window.click("//label[contains(., '가린 이름과 시간')]")?;
    desk.wait_for_setting("toast_detail = 2")?;

    window.click(&choice("알림 소리", "노크"))?;
    desk.wait_for_setting("sound = \"knock\"")?;
    // In its middle.
    window.click("//input[@aria-label='소리 크기']")?;
    desk.wait_for_setting("volume = 50")?;
    window.press(key::RIGHT)?;
    desk.wait_for_setting("volume = 55")?;
    // From here on what nobody handles does not ring again, whatever the time a step takes.
    window.click(&switch("처리하지 않은 예약 다시 알리기"))?;
    desk.wait_for_setting("repeats = false")?;

    window.click(&button("시간 추가"))?;
    desk.wait_for_setting("quiet = [\"mon-fri 12:30-13:30\"]")?;
    let span = group("1번째 조용한 시간");
    window.click(&format!("{span}{}", button("토")))?;
    desk.wait_for_setting("quiet = [\"mon-sat 12:30-13:30\"]")?;
    window.click(&format!("{span}//select[@aria-label='끝']/option[. = '14:00']"))?;
    desk.wait_for_setting("quiet = [\"mon-sat 12:30-14:00\"]")?;
    desk.picture("settings.png")?;
    window.click(&button("1번째 조용한 시간 지우기"))?;
    desk.wait_for_setting("quiet = []")
}

pub(super) fn a_paused_bell_tells_afterwards(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    window.click(&button("알림 켜짐"))?;
    window.click(&entry("30분 동안 멈추기"))?;
    window.wait_for("알림 멈춤 (")?;
    let known = desk.toasts.all().len();
    desk.take_in("유하람", "18:20 ~ 18:40")?;
    window.wait_for_in(&region("최근 알림 기록"), "알리지 않음")?;
    ensure!(desk.toasts.all().len() == known, "it rang in the pause");
    window.click(&button("알림 멈춤"))?;
    window.click(&entry("알림 다시 켜기"))?;
    ensure!(desk.toasts.after(known)?.len() == 1, "it was told more than once");
    window.wait_for("알림 켜짐").map(drop)
}

pub(super) fn language_and_look_change_at_once(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    let tray = Tray::of_app(desk.stage)?;
    window.click(&choice("언어", "English"))?;
    window.wait_for_in("//html[@lang='en-GB']//h1", "Settings")?;
    tray.wait_for("Connected")?;
    desk.wait_for_setting("language = \"en\"")?;
    window.click(&choice("Language", "한국어"))?;
    window.wait_for_in("//html[@lang='ko-KR']//h1", "설정")?;
    tray.wait_for(LIVE)?;
    window.click(&choice("화면 색", "어둡게"))?;
    window.wait_for_in("//html[@data-theme='dark']//h1", "설정")?;
    desk.wait_for_setting("theme = \"dark\"")?;
    window.click(&choice("화면 색", "고대비"))?;
    window.wait_for_in("//html[@data-theme='contrast']//h1", "설정")?;
    desk.wait_for_setting("theme = \"contrast\"")?;
    window.click(&choice("화면 색", "시스템"))?;
    window.wait_for_in("//html[@data-theme='system']//h1", "설정")?;
    window.click(&switch("글자 하나짜리 단축키"))?;
    desk.wait_for_setting("letter_keys = false")?;
    window.wait_until_on(&switch("글자 하나짜리 단축키"), false)?;
    window.click(&switch("글자 하나짜리 단축키"))?;
    desk.wait_for_setting("letter_keys = true")
}

pub(super) fn the_start_up_switch_writes_its_entry(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    let entry = desk
        .stage
        .folder()
        .join("home/.config/autostart/deskbell.desktop");
    window.click(&switch("로그인할 때 자동으로 시작"))?;
    wait("the autostart entry", || Ok(entry.exists().then_some(())))?;
    window.wait_until_on(&switch("로그인할 때 자동으로 시작"), true)?;
    window.click(&switch("로그인할 때 자동으로 시작"))?;
    wait(
        "the autostart entry to go",
        || Ok((!entry.exists()).then_some(())),
    )?;
    window.wait_until_on(&switch("로그인할 때 자동으로 시작"), false)
}

pub(super) fn the_doctor_finds_nothing_and_the_test_toast_rings(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    window.click(&button("진단하기"))?;
    let found = window.wait_for_in(&region("연결 진단"), "이상이 없습니다.")?;
    for step in ["서버 주소", "연결 방식", "트레이"] {
        ensure!(found.contains(step), "{step:?} is missing from {found:?}");
    }
    let known = desk.toasts.all().len();
    window.click(&button("시험 알림 보내기"))?;
    window.wait_for("시험 알림을 보냈습니다.")?;
    ensure!(desk.toasts.after(known)?.len() == 1, "no test toast came");
    Ok(())
}

pub(super) fn what_the_administrator_decides_is_marked(play: &mut Play<'_>) -> Result<()> {
    if !play.reads_policy {
        println!("      (only a debug build can be shown a policy)");
        return Ok(());
    }
    let desk = play.at_window()?;
    let window = desk.window;
    fs::write(
        desk.stage.policy(),
        "autostart = false\ntoast_detail_max = 1\nquiet_hours = []\n",
    )?;
    window.wait_for_in(&region("알림"), "전산 담당자가 정한 한도까지만 표시합니다")?;
    window.wait_for_in("//figure", "10:30 ~ 11:00")?;
    window.wait_for_in(&region("시작"), "전산 담당자가 정한 설정입니다")?;
    for decided in [switch("로그인할 때 자동으로 시작"), button("시간 추가")] {
        ensure!(
            !window.texts(&format!("{decided}[@disabled]"))?.is_empty(),
            "{decided} can be changed"
        );
    }
    fs::remove_file(desk.stage.policy())?;
    window.wait_without("전산 담당자가 정한")?;
    window.wait_for_in("//figure", "김*수")?;
    window.click(&button("예약 목록"))?;
    window.wait_for("오늘 예약").map(drop)
}
