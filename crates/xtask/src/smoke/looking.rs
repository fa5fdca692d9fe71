//! What is looked for in the lists, and where.

use anyhow::{Context, Result, ensure};

use super::page::{NAMES, button, dialog, field, group, row};
use super::{Desk, Play};
use crate::booking::{Booking, PHONE};
use crate::gateway::in_days;
use crate::stage::{key, wait};

/// Who comes on the day that is looked at, in the order of their times.
const OF_THE_DAY: [&str; 4] = ["나윤서", "마동현", "하예린", "Chris Kim"];

pub(super) fn another_day_is_stepped_to_and_chosen(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    let tomorrow = in_days(1)?;
    for (at, name) in (9..).zip(OF_THE_DAY) {
        let phone = if name == "마동현" {
            "010-2222-7788"
        } else {
            PHONE
        };
        desk.gateway.take_in(&Booking {
            name: name.into(),
            phone: phone.into(),
            date: tomorrow.clone(),
            time: format!("{at:02}:00 ~ {at:02}:30"),
        })?;
    }
    // Until somebody has answered them they wait among the requests for other days.
    window.click(&format!("{}{}", group("목록 선택"), button("다른 날짜")))?;
    window.wait_for_texts(NAMES, &OF_THE_DAY)?;
    window.press('1')?;
    window.click(&button("다음 날"))?;
    window.wait_for_texts(NAMES, &OF_THE_DAY)?;
    window.press('[')?;
    window.wait_for_in("//h1", "오늘 예약")?;
    // A week on, by the month's keys.
    window.press('g')?;
    window.wait_for_in(&dialog("날짜 선택"), "년")?;
    for key in [key::DOWN, key::ENTER] {
        window.press(key)?;
    }
    window.wait_for("이 날짜에 예약이 들어오면")?;
    window.press('t')?;
    window.wait_for_in("//h1", "오늘 예약")?;
    window.press(']')?;
    window.wait_for_texts(NAMES, &OF_THE_DAY)
}

pub(super) fn a_list_shows_what_is_looked_for(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    let find = field("예약 찾기");
    for (typed, found) in [
        ("마동", "마동현"),
        ("ㄴㅇㅅ", "나윤서"),
        ("chris", "Chris Kim"),
        ("7788", "마동현"),
    ] {
        window.fill(&find, typed)?;
        window.wait_for_texts(NAMES, &[found])?;
    }
    window.fill(&find, "없는이")?;
    window.wait_for("찾는 예약이 없습니다")?;
    window.click(&button("모두 보기"))?;
    window.wait_for_texts(NAMES, &OF_THE_DAY)?;

    let confirmed = desk.id_of("하예린")?;
    desk.gateway.colleague()?.confirm(&confirmed)?;
    let statuses = group("상태별로 보기");
    window.click(&format!("{statuses}{}", button("예약확정")))?;
    window.wait_for_texts(NAMES, &["하예린"])?;
    window.click(&format!("{statuses}{}", button("예약신청")))?;
    window.wait_for_texts(NAMES, &OF_THE_DAY)?;
    window.click(&format!("{statuses}{}", button("예약확정")))?;
    window.wait_for_texts(NAMES, &["나윤서", "마동현", "Chris Kim"])?;
    window.click(&format!("{statuses}{}", button("전체")))?;
    window.wait_for_texts(NAMES, &OF_THE_DAY)
}

pub(super) fn what_waits_stands_first(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    window.click(&button("확인할 예약 먼저"))?;
    window.wait_for_texts(NAMES, &["Chris Kim", "마동현", "나윤서", "하예린"])?;
    desk.take_in_for("사공유", &in_days(1)?, "08:00 ~ 08:30")?;
    window.wait_for_texts(NAMES, &["사공유", "Chris Kim", "마동현", "나윤서", "하예린"])?;
    window.press('u')?;
    window.wait_for_texts(NAMES, &["사공유", "나윤서", "마동현", "하예린", "Chris Kim"])
}

pub(super) fn arrivals_stand_newest_first(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    window.click(&button("새로 들어온 예약"))?;
    let first = |wanted: &[&str]| {
        wait(&format!("{wanted:?} on top"), || {
            let names = window.texts(NAMES)?;
            let top = names.iter().take(wanted.len());
            Ok(top.eq(wanted.iter()).then_some(()))
        })
    };
    first(&["사공유", "Chris Kim", "하예린", "마동현", "나윤서"])?;
    desk.take_in("류가온", "19:00 ~ 19:20")?;
    first(&["류가온", "사공유"])?;
    window.wait_for_in(&row("류가온"), "새 예약")?;
    window.press('1')?;
    window.press('t')?;
    window.wait_for_in("//h1", "오늘 예약").map(drop)
}

pub(super) fn what_is_read_stays_where_it_is(play: &mut Play<'_>) -> Result<()> {
    let desk = play.at_window()?;
    let window = desk.window;
    let scroll = "const list = document.querySelector('[role=table]'); list.scrollTop = 1e6; return list.scrollTop > 100";
    ensure!(
        window.read(scroll)? == true,
        "the list is too short to be scrolled"
    );
    window.painted()?;
    let last = window.texts(NAMES)?.pop().context("an empty list")?;
    let place = || -> Result<f64> {
        let row = format!(
            "[...document.querySelectorAll('[data-reservation]')].find((row) => row.innerText.trim() === '{last}')"
        );
        let top = window.read(&format!("return {row}?.getBoundingClientRect().top ?? null"))?;
        top.as_f64().with_context(|| format!("{last} is out of sight"))
    };
    let count = || window.read("return document.querySelector('[role=table]').ariaRowCount");
    let (before, rows) = (place()?, count()?);
    desk.take_in("가은", "07:00 ~ 07:20")?;
    wait("one row more", || Ok((count()? != rows).then_some(())))?;
    window.painted()?;
    let after = place()?;
    ensure!(
        (after - before).abs() < 2.0,
        "what is read went from {before} to {after}"
    );
    desk.picture("list.png")
}

impl Desk<'_> {
    /// The reservation of a row that is shown.
    fn id_of(&self, name: &str) -> Result<String> {
        let id = self.window.read(&format!(
            "return [...document.querySelectorAll('[data-reservation]')].find((row) => row.innerText.trim() === '{name}').dataset.reservation"
        ))?;
        Ok(id.as_str().context("the row has no id")?.to_owned())
    }
}
