//! What is done with a reservation in its details: each reaches the gateway.

use anyhow::{Result, ensure};

use super::page::{DETAILS, NAMES, button, field, region};
use super::{Desk, Play};
use crate::gateway::Colleague;
use crate::stage::{key, wait};

/// Who sits at this desk.
const STAFF: &str = "오민지";

impl Desk<'_> {
    /// Looks for a reservation of today and opens it.
    fn open(&self, name: &str) -> Result<()> {
        self.window.fill(&field("예약 찾기"), name)?;
        self.window.wait_for_texts(NAMES, &[name])?;
        self.window
            .click(&format!("{NAMES}[normalize-space() = '{name}']"))?;
        self.window.wait_for_in(DETAILS, name).map(drop)
    }

    /// Presses a button of the details' actions.
    fn act(&self, name: &str) -> Result<()> {
        self.window.click(&format!("{}{}", region("처리"), button(name)))
    }
}

fn wait_for_status(colleague: &Colleague, id: &str, status: &str) -> Result<()> {
    wait(&format!("the gateway to say {status}"), || {
        Ok((colleague.look_at(id)?["status"] == status).then_some(()))
    })
}

pub(super) fn a_claim_carries_the_name_of_whoever_sits_here(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let (window, colleague) = (desk.window, desk.gateway.colleague()?);
    window.click(&button("담당자 입력"))?;
    window.fill(&field("이름 또는 약칭"), STAFF)?;
    window.press(key::ENTER)?;
    window.wait_for_in("//header", STAFF)?;
    let id = desk.take_in("구본승", "19:20 ~ 19:40")?;
    desk.open("구본승")?;
    // Closing gives the row the focus back; Enter opens it again.
    window.press(key::ESCAPE)?;
    window.wait_without("예약 상세")?;
    window.press(key::ENTER)?;
    window.wait_for_in(DETAILS, "구본승")?;
    desk.act("내가 처리")?;
    let claimed = wait("the claim at the gateway", || {
        Ok(Some(colleague.look_at(&id)?["claim"].take()).filter(|claim| !claim.is_null()))
    })?;
    ensure!(claimed["staff"] == STAFF, "claimed by {claimed}");
    window.wait_for_in(DETAILS, &format!("접수 1 · {STAFF} ("))?;
    window.press('m')?;
    wait("the claim to be given back", || {
        Ok(colleague.look_at(&id)?["claim"].is_null().then_some(()))
    })?;
    window.wait_for_in(&region("처리"), "내가 처리").map(drop)
}

pub(super) fn a_confirmation_is_taken_back(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let (window, colleague) = (desk.window, desk.gateway.colleague()?);
    let id = desk.take_in("나문숙", "19:40 ~ 20:00")?;
    desk.open("나문숙")?;
    window.press('c')?;
    wait_for_status(&colleague, &id, "booked")?;
    window.wait_for("예약신청에서 예약확정으로 바꿨습니다.")?;
    window.click(&button("되돌리기"))?;
    wait_for_status(&colleague, &id, "pending")?;
    window.wait_without("예약확정으로 바꿨습니다.")?;
    desk.act("예약확정")?;
    wait_for_status(&colleague, &id, "booked")?;
    window.wait_for("예약확정으로 바꿨습니다.")?;
    window.press('z')?;
    wait_for_status(&colleague, &id, "pending")?;
    // After ten seconds it is offered in the details alone.
    desk.act("예약확정")?;
    wait_for_status(&colleague, &id, "booked")?;
    window.wait_for("예약확정으로 바꿨습니다.")?;
    window.wait_without("예약확정으로 바꿨습니다.")?;
    desk.act("마지막 변경 취소")?;
    wait_for_status(&colleague, &id, "pending")
}

pub(super) fn a_visit_is_followed_to_its_end(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let (window, colleague) = (desk.window, desk.gateway.colleague()?);
    let id = desk.take_in("도경수", "20:00 ~ 20:20")?;
    desk.open("도경수")?;
    for (action, status) in [
        ("예약확정", "booked"),
        ("도착", "arrived"),
        ("접수", "checked-in"),
    ] {
        desk.act(action)?;
        wait_for_status(&colleague, &id, status)?;
    }
    // What was pressed has gone, and the next key finds its way all the same.
    window.wait_for_in(&region("처리"), "완료")?;
    window.press('d')?;
    wait_for_status(&colleague, &id, "fulfilled")?;
    window.wait_for_in(DETAILS, "더 할 일이 없는 예약입니다.")?;
    let history = window.wait_for_in(&region("이력"), "→ 완료")?;
    for change in ["→ 예약확정", "→ 도착", "→ 접수", "홈페이지"] {
        ensure!(history.contains(change), "{change:?} is missing from {history:?}");
    }
    ensure!(
        history.matches(&format!("접수 1 · {STAFF}")).count() == 4,
        "who did it is missing from {history:?}"
    );
    desk.picture("details.png")
}

pub(super) fn what_does_not_come_about_is_said_so(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let (window, colleague) = (desk.window, desk.gateway.colleague()?);
    let id = desk.take_in("라미란", "20:20 ~ 20:40")?;
    desk.open("라미란")?;
    for (action, status) in [
        ("대기로 두기", "waitlist"),
        ("신청으로 되돌리기", "pending"),
        ("예약확정", "booked"),
        ("노쇼", "noshow"),
    ] {
        desk.act(action)?;
        wait_for_status(&colleague, &id, status)?;
    }
    let id = desk.take_in("모태범", "20:40 ~ 21:00")?;
    desk.open("모태범")?;
    window.press('x')?;
    window.press_with(&[key::SHIFT], 'X')?;
    wait_for_status(&colleague, &id, "cancelled")?;
    let id = desk.take_in("복지은", "21:00 ~ 21:20")?;
    desk.open("복지은")?;
    desk.act("입력오류")?;
    wait_for_status(&colleague, &id, "entered-in-error")
}

pub(super) fn whoever_was_first_is_named(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let (window, colleague) = (desk.window, desk.gateway.colleague()?);
    let id = desk.take_in("서강준", "21:20 ~ 21:40")?;
    desk.open("서강준")?;
    colleague.claim(&id)?;
    window.wait_for_in(DETAILS, "처리 중")?;
    desk.act("예약확정")?;
    let told = window.wait_for_in(&region("처리"), "다른 곳에서 먼저 처리했습니다")?;
    ensure!(told.contains("먼저 맡은 곳이 있습니다: 접수"), "it says {told:?}");
    ensure!(
        colleague.look_at(&id)?["status"] == "pending",
        "it was done all the same"
    );
    desk.act("그래도 예약확정")?;
    wait_for_status(&colleague, &id, "booked")?;

    let id = desk.take_in("신하균", "21:40 ~ 22:00")?;
    desk.open("신하균")?;
    colleague.confirm(&id)?;
    window.wait_for_in(&region("처리"), "도착")?;
    let shown = window.wait_for_in(DETAILS, "→ 예약확정")?;
    ensure!(
        !shown.contains("아직 처리하지 않음"),
        "nobody is named in {shown:?}"
    );
    window.press(key::ESCAPE)?;
    window.wait_without("예약 상세")?;
    window.click(&button("검색어 지우기"))
}
