//! The desktop smoke test: the whole path, with nothing in it replaced. Each step leans on the one before.

mod handling;
mod leaving;
mod life;
mod looking;
mod outage;
mod own_server;
mod page;
mod pairing;
mod settings;
mod toasts;
mod traces;

use anyhow::{Context, Result};
use deskbell_clock::{Clock, SystemClock};

use crate::booking::{Booking, PHONE};
use crate::build::{self, Programs};
use crate::gateway::{Gateway, today};
use crate::run::root;
use crate::stage::{App, Session, Stage, Toasts};

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
    settings::what_a_toast_says_and_how_it_sounds_is_chosen,
    settings::a_paused_bell_tells_afterwards,
    settings::language_and_look_change_at_once,
    settings::the_start_up_switch_writes_its_entry,
    settings::the_doctor_finds_nothing_and_the_test_toast_rings,
    settings::what_the_administrator_decides_is_marked,
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
    looking::another_day_is_stepped_to_and_chosen,
    looking::a_list_shows_what_is_looked_for,
    looking::what_waits_stands_first,
    looking::arrivals_stand_newest_first,
    looking::what_is_read_stays_where_it_is,
    handling::a_claim_carries_the_name_of_whoever_sits_here,
    handling::a_confirmation_is_taken_back,
    handling::a_visit_is_followed_to_its_end,
    handling::what_does_not_come_about_is_said_so,
    handling::whoever_was_first_is_named,
    leaving::every_key_is_listed,
    leaving::paper_is_masked,
    leaving::a_file_has_its_reason_on_record,
    leaving::the_wall_fills_the_screen,
    outage::an_outage_is_told_and_ends,
    outage::a_desk_that_signs_out_hears_what_it_missed_once_a_link_pairs_it,
    life::the_settings_end_the_app,
    life::a_desk_paired_in_the_terminal_waits_for_its_gateway,
    life::without_a_tray_the_window_shows_until_there_is_one,
    own_server::a_hospitals_own_server_is_entered_in_the_window,
    own_server::a_hospitals_own_server_rings_and_its_click_opens_the_details,
    traces::what_is_dropped_is_written_nowhere,
];

struct Play<'a> {
    programs: &'a Programs,
    stage: Stage,
    gateway: Gateway,
    toasts: Toasts,
    app: Option<App>,
    /// A release build is not shown a policy of the test's.
    reads_policy: bool,
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
        reads_policy: programs.app == build::programs().app,
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

/// What a step needs that sits before the open window.
struct Desk<'a> {
    window: &'a Session,
    stage: &'a Stage,
    gateway: &'a Gateway,
    toasts: &'a Toasts,
    today: &'a str,
}

impl Play<'_> {
    fn app(&mut self) -> Result<&mut App> {
        self.app.as_mut().context("no app runs")
    }

    fn at_window(&mut self) -> Result<Desk<'_>> {
        Ok(Desk {
            window: self.app.as_mut().context("no app runs")?.window()?,
            stage: &self.stage,
            gateway: &self.gateway,
            toasts: &self.toasts,
            today: &self.today,
        })
    }

    fn booking(&self, name: &str, time: &str) -> Booking {
        Booking {
            name: name.into(),
            phone: PHONE.into(),
            date: self.today.clone(),
            time: time.into(),
        }
    }
}

impl Desk<'_> {
    /// Takes a picture of the window as it is now, without toasts before it.
    fn picture(&self, name: &str) -> Result<()> {
        self.stage.clear_toasts()?;
        self.window.painted()?;
        self.stage.picture(&self.stage.folder().join(name))
    }

    /// A patient books for today; gives the reservation's id.
    fn take_in(&self, name: &str, time: &str) -> Result<String> {
        self.take_in_for(name, self.today, time)
    }

    /// A patient books for another day.
    fn take_in_for(&self, name: &str, date: &str, time: &str) -> Result<String> {
        self.gateway.take_in(&Booking {
            name: name.into(),
            phone: PHONE.into(),
            date: date.into(),
            time: time.into(),
        })
    }
}
