//! What leaves the window: paper, a file, the wall; and the list of its keys.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::page::{button, dialog, entry, field};
use super::{Desk, Play};
use crate::stage::{key, wait};

impl Desk<'_> {
    /// That the last export on record at the gateway has this reason.
    fn noted(&self, reason: &str) -> Result<()> {
        let accesses = self.gateway.accesses()?;
        let last = accesses.iter().rfind(|access| access["what"] == "export");
        let last = last.context("no export is on record")?;
        ensure!(last["detail"].to_string().contains(reason), "on record is {last}");
        Ok(())
    }
}

pub(super) fn every_key_is_listed(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    // By the keyboard itself: it is known by its place, and that is on no other key than the slash.
    let window = desk.stage.window_titled("Deskbell")?;
    // Where somebody writes, a key writes.
    desk.window.click("//h1")?;
    desk.stage.press_in(&window, &["question"])?;
    let listed = desk.window.wait_for_in(&dialog("단축키"), "전날 · 다음 날")?;
    for meaning in ["예약 찾기", "내가 처리", "되돌리기", "예약취소"] {
        ensure!(listed.contains(meaning), "{meaning:?} is missing from {listed:?}");
    }
    desk.window.press(key::ESCAPE)?;
    desk.window.wait_without("전날 · 다음 날")
}

pub(super) fn paper_is_masked(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    window.click(&button("더 보기"))?;
    window.click(&entry("인쇄"))?;
    let paper = window.wait_for_in("//article", "이*연")?;
    ensure!(!paper.contains("이서연"), "the name is on paper: {paper:?}");
    window.click(&field("이름과 전화번호 가리기"))?;
    window.wait_for_in("//article", "이서연")?;
    window.wait_for("쓰고 나면 파쇄해 주세요.")?;
    // In full only with a reason, which is on record before there is paper.
    window.click(&button("인쇄하기"))?;
    window.wait_for("가리지 않고 인쇄하는 이유를 입력하세요.")?;
    window.fill(&field("가리지 않고 인쇄하는 이유"), "회진")?;
    window.click(&button("인쇄하기"))?;
    let printing = desk.stage.window_titled("Print")?;
    desk.noted("인쇄: 회진")?;
    desk.stage.press_in(&printing, &["Escape"])?;
    desk.stage.wait_for_end_of("Print")?;
    window.click(&field("이름과 전화번호 가리기"))?;
    window.wait_for_in("//article", "이*연")?;
    window.click(&button("인쇄하기"))?;
    // GTK's own dialogue, out of WebDriver's reach: its one printer is a file.
    let printing = desk.stage.window_titled("Print")?;
    desk.stage.press_in(&printing, &["Tab", "Down", "Return"])?;
    desk.stage.wait_for_end_of("Print")?;
    let printed = desk.stage.folder().join("home/output.pdf");
    wait("the paper", || {
        Ok(fs::read(&printed).ok().filter(|file| file.ends_with(b"%%EOF\n")))
    })?;
    window.press(key::ESCAPE)?;
    window.wait_for_in("//h1", "오늘 예약").map(drop)
}

pub(super) fn a_file_has_its_reason_on_record(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    window.click(&button("더 보기"))?;
    window.click(&entry("CSV로 내보내기"))?;
    let ask = dialog("CSV로 내보내기");
    let submit = format!("{ask}{}", button("저장할 곳 고르기"));
    window.click(&submit)?;
    window.wait_for_in(&ask, "내보내는 이유를 입력하세요.")?;
    window.fill(&field("내보내는 이유"), "보험 청구")?;
    window.click(&submit)?;
    // GTK's own dialogue, out of WebDriver's reach: its user accepts the name that it offers.
    let chooser = desk.stage.window_titled("예약 목록 저장")?;
    desk.stage.press_in(&chooser, &["Return"])?;
    window.wait_for_in(&ask, "파일로 저장했습니다.")?;
    let name = format!("deskbell-{}.csv", desk.today);
    let saved = desk.stage.folder().join("home").join(name);
    let text = fs::read_to_string(&saved).with_context(|| saved.display().to_string())?;
    ensure!(
        text.contains("이*연") && !text.contains("이서연"),
        "it holds {text}"
    );
    desk.noted("보험 청구")?;
    window.click(&format!("{ask}{}", button("닫기")))?;
    window.wait_without("내보내는 이유")
}

pub(super) fn the_wall_fills_the_screen(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    desk.take_in("안보현", "23:30 ~ 23:59")?;
    let width = || window.read("return innerWidth");
    let before = width()?;
    window.click(&button("더 보기"))?;
    window.click(&entry("현황판 (전체 화면)"))?;
    wait("the wall to fill the screen", || {
        Ok((width()? == 1280).then_some(()))
    })?;
    // Whatever the time of the day, one is still to come.
    window.wait_for_in("//main//li", "*")?;
    let wall = window.texts("//main//li")?;
    ensure!(
        wall.iter().all(|row| row.contains('*')),
        "the wall shows a name: {wall:?}"
    );
    desk.picture("wall.png")?;
    window.press(key::ESCAPE)?;
    window.wait_for_in("//h1", "오늘 예약")?;
    wait("the window to be as before", || {
        Ok((width()? == before).then_some(()))
    })
}
