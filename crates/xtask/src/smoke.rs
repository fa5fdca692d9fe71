//! The desktop smoke test: the whole path, with nothing in it replaced. Each step leans on the one before.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use deskbell_clock::{Clock, SystemClock};

use crate::booking::{Booking, CANARIES, PHONE};
use crate::build::Programs;
use crate::gateway::{Gateway, today};
use crate::run::{done, output, root};
use crate::stage::{App, Hospital, Stage, Toasts, Tray, wait};

/// What the tray says of a link that holds.
const LIVE: &str = "연결됨";
/// What the window says on a desktop without a tray.
const NO_TRAY: &str = "트레이가 없어";
/// What the tray says of a link that does not.
const OFFLINE: &str = "연결 끊김";

type Step = (&'static str, fn(&mut Play<'_>) -> Result<()>);

/// In this order.
const STEPS: &[Step] = &[
    (
        "a_wrong_code_is_answered_by_a_sentence",
        a_wrong_code_is_answered_by_a_sentence,
    ),
    (
        "the_window_pairs_this_desk_by_its_code",
        the_window_pairs_this_desk_by_its_code,
    ),
    (
        "a_live_reservation_appears_in_the_open_list",
        a_live_reservation_appears_in_the_open_list,
    ),
    (
        "closing_the_window_leaves_the_app_in_the_tray",
        closing_the_window_leaves_the_app_in_the_tray,
    ),
    (
        "a_click_on_a_toast_opens_its_reservation_without_a_window",
        a_click_on_a_toast_opens_its_reservation_without_a_window,
    ),
    (
        "a_toast_that_was_left_still_opens_its_reservation",
        a_toast_that_was_left_still_opens_its_reservation,
    ),
    (
        "open_toasts_come_back_with_the_notification_daemon",
        open_toasts_come_back_with_the_notification_daemon,
    ),
    (
        "a_claim_at_another_desk_takes_the_toast_away_within_a_second",
        a_claim_at_another_desk_takes_the_toast_away_within_a_second,
    ),
    (
        "a_button_on_a_toast_acts_without_a_window",
        a_button_on_a_toast_acts_without_a_window,
    ),
    (
        "a_second_start_hands_its_link_over",
        a_second_start_hands_its_link_over,
    ),
    (
        "a_left_click_on_the_tray_opens_the_window",
        a_left_click_on_the_tray_opens_the_window,
    ),
    (
        "after_a_crash_of_the_gateway_five_are_listed_and_rung_once",
        after_a_crash_of_the_gateway_five_are_listed_and_rung_once,
    ),
    (
        "the_tray_switches_autostart_on_and_off",
        the_tray_switches_autostart_on_and_off,
    ),
    (
        "a_desk_paired_in_the_terminal_waits_for_its_gateway",
        a_desk_paired_in_the_terminal_waits_for_its_gateway,
    ),
    (
        "without_a_tray_the_window_shows_until_there_is_one",
        without_a_tray_the_window_shows_until_there_is_one,
    ),
    (
        "a_hospitals_own_server_rings_and_its_click_opens_the_details",
        a_hospitals_own_server_rings_and_its_click_opens_the_details,
    ),
    (
        "what_is_dropped_is_written_nowhere",
        what_is_dropped_is_written_nowhere,
    ),
];

struct Play<'a> {
    programs: &'a Programs,
    stage: Stage,
    gateway: Gateway,
    toasts: Toasts,
    app: Option<App>,
    today: String,
}

/// Plays all steps on a fresh stage.
///
/// # Errors
/// The first step that fails, since none after it would mean anything. A picture of the screen and all logs stay behind.
pub(crate) fn run(programs: &Programs) -> Result<()> {
    let folder = root().join("target/smoke");
    let stage = Stage::open(&folder)?;
    let toasts = Toasts::listen(&stage.connect()?)?;
    let gateway = Gateway::start(&programs.gateway, &folder.join("gateway"), stage.surroundings())?;
    let mut play = Play {
        programs,
        stage,
        gateway,
        toasts,
        app: None,
        today: today()?,
    };
    for (passed, (name, step)) in STEPS.iter().enumerate() {
        let began = SystemClock.instant();
        if let Err(error) = step(&mut play) {
            let picture = folder.join("failure.png");
            // The failure itself is what matters; its picture may fail too.
            let _ = play.stage.picture(&picture);
            println!("FAILED {name}\n{passed} passed, 1 failed");
            return Err(error.context(format!(
                "{name}; the screen and the logs are in {}",
                folder.display()
            )));
        }
        println!(
            "   ok {name} ({:.1} s)",
            SystemClock.instant().saturating_since(began).as_secs_f64()
        );
    }
    println!("{} passed, 0 failed", STEPS.len());
    Ok(())
}

impl Play<'_> {
    fn app(&mut self) -> Result<&mut App> {
        self.app.as_mut().context("no app runs")
    }

    fn booking(&self, name: &str, time: &str) -> Booking {
        Booking {
            name: name.into(),
            date: self.today.clone(),
            time: time.into(),
        }
    }
}

fn a_wrong_code_is_answered_by_a_sentence(play: &mut Play<'_>) -> Result<()> {
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

fn the_window_pairs_this_desk_by_its_code(play: &mut Play<'_>) -> Result<()> {
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

fn a_live_reservation_appears_in_the_open_list(play: &mut Play<'_>) -> Result<()> {
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

fn closing_the_window_leaves_the_app_in_the_tray(play: &mut Play<'_>) -> Result<()> {
    let mut app = play.app.take().context("no app runs")?;
    app.close_window(&play.stage)?;
    play.app = Some(app);
    ensure!(
        App::process(&play.stage)?.is_some(),
        "the app ended with its window"
    );
    Tray::of_app(&play.stage)?.wait_for(LIVE)
}

fn a_click_on_a_toast_opens_its_reservation_without_a_window(play: &mut Play<'_>) -> Result<()> {
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

fn a_toast_that_was_left_still_opens_its_reservation(play: &mut Play<'_>) -> Result<()> {
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

fn open_toasts_come_back_with_the_notification_daemon(play: &mut Play<'_>) -> Result<()> {
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

fn a_claim_at_another_desk_takes_the_toast_away_within_a_second(play: &mut Play<'_>) -> Result<()> {
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

fn a_button_on_a_toast_acts_without_a_window(play: &mut Play<'_>) -> Result<()> {
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

fn a_second_start_hands_its_link_over(play: &mut Play<'_>) -> Result<()> {
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

fn a_left_click_on_the_tray_opens_the_window(play: &mut Play<'_>) -> Result<()> {
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

fn after_a_crash_of_the_gateway_five_are_listed_and_rung_once(play: &mut Play<'_>) -> Result<()> {
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

fn the_tray_switches_autostart_on_and_off(play: &mut Play<'_>) -> Result<()> {
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
    tray.choose("자동")?;
    wait(
        "the autostart entry to go",
        || Ok((!entry.exists()).then_some(())),
    )
}

fn a_desk_paired_in_the_terminal_waits_for_its_gateway(play: &mut Play<'_>) -> Result<()> {
    play.app.take().context("no app runs")?.end(&play.stage)?;
    App::pair(&play.stage, &play.programs.app, &play.gateway)?;
    play.gateway.kill()?;
    let mut app = App::start(&play.stage, &play.programs.app, &["--hidden"])?;
    let tray = Tray::of_app(&play.stage)?;
    tray.wait_for(OFFLINE)?;
    app.second_start(&play.stage, &[])?;
    app.window()?.wait_for("연결이 끊긴")?;
    play.gateway.up()?;
    tray.wait_for(LIVE)?;
    app.window()?.wait_for("장시우")?;
    app.end(&play.stage)
}

fn without_a_tray_the_window_shows_until_there_is_one(play: &mut Play<'_>) -> Result<()> {
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

fn a_hospitals_own_server_rings_and_its_click_opens_the_details(play: &mut Play<'_>) -> Result<()> {
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

fn what_is_dropped_is_written_nowhere(play: &mut Play<'_>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for file in files(play.stage.folder())? {
        // Whatever has gone by now was a socket or a lock.
        let Ok(bytes) = fs::read(&file) else { continue };
        seen.extend(file.file_name().map(|name| name.to_string_lossy().into_owned()));
        let holds = |text: &str| {
            spellings(text)
                .iter()
                .any(|spelling| holds(&bytes, spelling.as_bytes()))
        };
        for (field, canary) in CANARIES {
            ensure!(!holds(canary), "{field} stands in {}", file.display());
        }
        let is_log = file.extension().is_some_and(|kind| kind == "log");
        if is_log || file.starts_with(play.stage.folder().join("home")) {
            for kept in ["김크리스", "이서연", PHONE] {
                ensure!(!holds(kept), "a patient's field stands in {}", file.display());
            }
        }
    }
    for looked_into in ["deskbell.sqlite", "gateway.log", "app.log", "settings.toml"] {
        ensure!(
            seen.contains(looked_into),
            "{looked_into} was not there to be searched"
        );
    }
    // A search that finds nothing is worth something only if it finds what is there.
    let database = fs::read(play.stage.folder().join("gateway/deskbell.sqlite"))?;
    let log = fs::read(play.stage.folder().join("gateway/deskbell.sqlite-wal")).unwrap_or_default();
    ensure!(
        holds(&database, PHONE.as_bytes()) || holds(&log, PHONE.as_bytes()),
        "the phone is not in the database"
    );
    Ok(())
}

/// `text` as programs write it: as it is, in a form's percent encoding, and with JSON's escapes; word by word, since
/// blanks are spelt in several ways.
fn spellings(text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter(|word| word.len() >= 6);
    words
        .flat_map(|word| {
            let percent: String = word.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let json: String = word.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let lower = percent.to_lowercase();
            [word.to_owned(), percent, lower, json]
        })
        .collect()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.flatten() {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(files(&entry.path())?);
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}
