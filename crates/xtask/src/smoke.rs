//! The desktop smoke test: the whole path, with nothing in it replaced. Each step leans on the one before.

mod life;
mod own_server;
mod pairing;
mod toasts;
mod traces;

use anyhow::{Context, Result};
use deskbell_clock::{Clock, SystemClock};

use crate::booking::Booking;
use crate::build::Programs;
use crate::gateway::{Gateway, today};
use crate::run::root;
use crate::stage::{App, Stage, Toasts};

/// What the tray says of a link that holds.
const LIVE: &str = "연결됨";

type Step = (&'static str, fn(&mut Play<'_>) -> Result<()>);

/// Steps under their own names.
macro_rules! steps {
    ($($topic:ident::$step:ident,)*) => { &[$((stringify!($step), $topic::$step)),*] };
}

/// In this order.
const STEPS: &[Step] = steps![
    pairing::a_wrong_code_is_answered_by_a_sentence,
    pairing::the_window_pairs_this_desk_by_its_code,
    pairing::a_live_reservation_appears_in_the_open_list,
    life::closing_the_window_leaves_the_app_in_the_tray,
    toasts::a_click_on_a_toast_opens_its_reservation_without_a_window,
    toasts::a_toast_that_was_left_still_opens_its_reservation,
    toasts::open_toasts_come_back_with_the_notification_daemon,
    toasts::a_claim_at_another_desk_takes_the_toast_away_within_a_second,
    toasts::a_button_on_a_toast_acts_without_a_window,
    life::a_second_start_hands_its_link_over,
    life::a_left_click_on_the_tray_opens_the_window,
    life::after_a_crash_of_the_gateway_five_are_listed_and_rung_once,
    life::the_tray_switches_autostart_on_and_off,
    life::a_desk_paired_in_the_terminal_waits_for_its_gateway,
    life::without_a_tray_the_window_shows_until_there_is_one,
    own_server::a_hospitals_own_server_rings_and_its_click_opens_the_details,
    traces::what_is_dropped_is_written_nowhere,
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
