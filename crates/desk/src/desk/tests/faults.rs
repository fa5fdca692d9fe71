//! Any order of arrivals, cuts, crashes and failing toasts: nothing is lost, nothing rings twice.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use deskbell_protocol::event::{Change, Replay};
use deskbell_protocol::{Reservation, ReservationId, Status};
use jiff::civil::date;
use proptest::prelude::*;

use super::fake_shell::{Bench, Call};
use crate::samples::{answered, called_off, created, id};
use crate::update::{LinkFault, LinkUpdate, Update};
use crate::{DeskRequest, Notifications, PauseFor, Toast, ToastKey};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The booking site posts one.
    Post,
    /// Another desk answers one.
    Answer(prop::sample::Index),
    /// The booking site calls one off.
    CallOff(prop::sample::Index),
    Cut,
    /// The gateway can serve the cursor, or cannot.
    Connect {
        forgets: bool,
    },
    /// The lists arrive.
    Lists,
    /// The toasts under way come through, or do not.
    Toasts {
        fail: bool,
    },
    /// Six minutes, or a moment.
    Wait,
    Moment(u16),
    /// Somebody wants quiet, or no longer.
    Pause(bool),
    Lock(bool),
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => Just(Step::Post),
        3 => any::<prop::sample::Index>().prop_map(Step::Answer),
        3 => any::<prop::sample::Index>().prop_map(Step::CallOff),
        2 => Just(Step::Cut),
        3 => any::<bool>().prop_map(|forgets| Step::Connect { forgets }),
        3 => Just(Step::Lists),
        4 => prop::bool::weighted(0.3).prop_map(|fail| Step::Toasts { fail }),
        1 => Just(Step::Wait),
        4 => (0..3_000_u16).prop_map(Step::Moment),
        2 => any::<bool>().prop_map(Step::Pause),
        1 => any::<bool>().prop_map(Step::Lock),
        1 => Just(Step::Crash),
    ];
    proptest::collection::vec(step, 1..60)
}

/// A desk, its gateway's log, and how often each reservation has been on the screen: as one to look after, and as one
/// that was called off.
struct World {
    bench: Bench,
    log: Vec<Change>,
    connected: bool,
    under_way: Vec<Shown>,
    /// Nobody ever closes a toast: what each one there tells of.
    screen: HashMap<ToastKey, Shown>,
    /// What was on the screen when the app crashed.
    lost: BTreeSet<ReservationId>,
    rung: BTreeMap<ReservationId, usize>,
    called_off: BTreeMap<ReservationId, usize>,
    /// Since the beginning, however often the app crashed.
    now: Duration,
    /// When this run of the app has shown toasts.
    rang_at: Vec<Duration>,
}

/// A toast, what it decides and what it tells of.
#[derive(Clone, Debug)]
struct Shown {
    toast: Toast,
    decides: Vec<ReservationId>,
    tells: Vec<ReservationId>,
    /// What it tells as called off, beside what waits for somebody.
    off: BTreeSet<ReservationId>,
}

impl World {
    fn new() -> Self {
        let mut bench = Bench::live(0);
        bench.obey(DeskRequest::SetNotifications(Notifications {
            sound: None,
            volume: 0,
            repeats: false,
            quiet_hours: Vec::new(),
        }));
        Self {
            bench,
            log: Vec::new(),
            connected: true,
            under_way: Vec::new(),
            screen: HashMap::new(),
            lost: BTreeSet::new(),
            rung: BTreeMap::new(),
            called_off: BTreeMap::new(),
            now: Duration::ZERO,
            rang_at: Vec::new(),
        }
    }

    fn head(&self) -> u64 {
        self.log.len() as u64
    }

    fn happen(&mut self, change: Change) {
        self.log.push(change.clone());
        if self.connected {
            self.bench.change(change);
        }
    }

    fn reservations(&self) -> Vec<Reservation> {
        let states = self
            .log
            .iter()
            .map(|change| (change.reservation.id, change.reservation.clone()));
        states.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    fn reservations_that(&self, are: impl Fn(&Reservation) -> bool) -> Vec<Reservation> {
        self.reservations().into_iter().filter(are).collect()
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Post => {
                let number = u8::try_from(self.reservations().len()).unwrap();
                self.happen(created(number, self.head() + 1));
            }
            Step::Answer(which) => {
                let pending = self.reservations_that(|r| !r.status.is_handled());
                if !pending.is_empty() {
                    let change = answered(which.get(&pending), self.head() + 1, Status::Booked);
                    self.happen(change);
                }
            }
            Step::CallOff(which) => {
                let expected = self.reservations_that(|r| r.status != Status::Cancelled);
                if !expected.is_empty() {
                    let change = called_off(which.get(&expected), self.head() + 1);
                    self.happen(change);
                }
            }
            Step::Cut => {
                self.connected = false;
                self.bench
                    .hear(Update::Link(LinkUpdate::Lost(LinkFault::Unreachable)));
            }
            Step::Connect { forgets } => self.connect(forgets),
            Step::Lists => {
                if self.connected && self.bench.desk.inbox.needs_lists(self.bench.desk.now()) {
                    self.bench.snapshot(self.head(), self.reservations());
                }
            }
            Step::Toasts { fail } => {
                for shown in std::mem::take(&mut self.under_way) {
                    let outcome = if fail { Err("no daemon".to_owned()) } else { Ok(()) };
                    self.bench.rang(&shown.toast, outcome);
                    if !fail {
                        self.show(shown);
                    }
                }
            }
            Step::Wait => self.wait(Duration::from_mins(6)),
            Step::Moment(millis) => self.wait(Duration::from_millis(millis.into())),
            Step::Pause(on) => self.bench.obey(DeskRequest::Pause(if on {
                PauseFor::Minutes(15)
            } else {
                PauseFor::Over
            })),
            Step::Lock(locked) => self.bench.obey(DeskRequest::SessionLocked(locked)),
            Step::Crash => {
                let bench = std::mem::replace(&mut self.bench, Bench::new());
                self.bench = bench.crash();
                self.connected = false;
                // Whether these were on the screen nobody knows.
                self.under_way.clear();
                self.rang_at.clear();
                let screen = std::mem::take(&mut self.screen);
                self.lost
                    .extend(screen.into_values().flat_map(|shown| shown.tells));
            }
        }
        for call in self.bench.shell.take() {
            match call {
                Call::Ring(toast) => self.ring(toast),
                Call::Withdraw(key) => self.withdraw(key),
                Call::Play(..) | Call::DrawTray(_) | Call::Show(_) | Call::OpenWindow | Call::Quit => {}
            }
        }
    }

    fn wait(&mut self, time: Duration) {
        self.bench.clock.advance(time);
        self.now += time;
        self.bench.desk.settle();
    }

    fn ring(&mut self, toast: Toast) {
        self.rang_at.push(self.now);
        let bell = &self.bench.desk.bell;
        let decides = bell.told_by(toast.attempt);
        let tells = match toast.key {
            ToastKey::Reservation(id) => {
                let known = self.bench.desk.inbox.get(id).unwrap();
                assert_eq!(toast.quiet, known.status == Status::Cancelled, "{}", toast.title);
                vec![id]
            }
            ToastKey::Digest => bell.told_by_digest().iter().copied().collect(),
            ToastKey::Test => Vec::new(),
        };
        assert!(
            !self.bench.desk.locked || !toast.body.contains('님'),
            "a locked screen names nobody: {}",
            toast.body
        );
        let off = match toast.key {
            ToastKey::Digest => bell.called_off_by_digest().clone(),
            ToastKey::Reservation(_) | ToastKey::Test => BTreeSet::new(),
        };
        self.under_way.push(Shown {
            toast,
            decides,
            tells,
            off,
        });
    }

    fn withdraw(&mut self, key: ToastKey) {
        self.screen.remove(&key);
        // Taken back before it was there.
        for shown in self.under_way.iter_mut().filter(|shown| shown.toast.key == key) {
            shown.tells.clear();
        }
    }

    fn show(&mut self, shown: Shown) {
        for id in &shown.decides {
            let counts = if shown.toast.quiet || shown.off.contains(id) {
                &mut self.called_off
            } else {
                &mut self.rung
            };
            *counts.entry(*id).or_default() += 1;
        }
        self.screen.insert(shown.toast.key, shown);
    }

    /// Whether somebody who comes back to the desk is told of it.
    fn is_on_screen(&self, id: ReservationId) -> bool {
        self.screen.values().any(|shown| shown.tells.contains(&id))
    }

    fn connect(&mut self, forgets: bool) {
        self.connected = true;
        let head = self.head();
        let cursor = self.bench.desk.inbox.cursor().cloned().unwrap();
        if forgets {
            self.bench.welcome(head, Replay::Resync);
        } else {
            self.bench.welcome(head, Replay::Cursor);
            for change in self.log.clone().split_off(usize::try_from(cursor.seq.0).unwrap()) {
                self.bench.change(change);
            }
        }
        self.bench.caught_up(head);
    }

    /// Never more than three toasts and one that tells the rest within two seconds.
    fn assert_calm(&self) {
        for few in self.rang_at.windows(5) {
            assert!(few[4] - few[0] >= Duration::from_secs(2), "{:?}", self.rang_at);
        }
    }

    /// The faults are over.
    fn come_to_rest(&mut self) {
        self.step(Step::Pause(false));
        self.step(Step::Connect { forgets: false });
        for _ in 0..4 {
            self.step(Step::Lists);
            self.step(Step::Toasts { fail: false });
            self.step(Step::Wait);
        }
    }
}

proptest! {
    // Every step waits for the disk: a sixth of the usual cases, or of PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases / 6,
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_reservation_is_rung_once_and_none_is_missing(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.come_to_rest();
        world.assert_calm();
        for (which, times) in world.rung.iter().chain(&world.called_off) {
            prop_assert!(*times <= 1, "{which} was rung {times} times");
        }
        for reservation in world.reservations().iter().filter(|r| !r.status.is_handled()) {
            let id = reservation.id;
            prop_assert!(world.rung.contains_key(&id), "{id} was never rung");
            prop_assert!(world.is_on_screen(id) || world.lost.contains(&id), "{id} left the screen unread");
        }
        for shown in world.screen.values().filter(|shown| !shown.toast.quiet) {
            let waits = |r: &Reservation| !r.status.is_handled() && shown.tells.contains(&r.id);
            prop_assert!(shown.tells.is_empty() || world.reservations().iter().any(waits), "nobody waits: {shown:?}");
        }
        let today = date(2026, 11, 22);
        let listed: Vec<_> = world.bench.desk.inbox.of_day(today).into_iter().cloned().collect();
        prop_assert_eq!(listed, world.reservations());
        let decided = world.bench.desk.ledger.as_ref().unwrap().cursor().unwrap().seq.0;
        prop_assert_eq!(decided, world.head());
    }
}

#[test]
fn the_world_counts_what_it_should() {
    let mut world = World::new();
    world.step(Step::Post);
    world.step(Step::Toasts { fail: true });
    assert!(world.rung.is_empty());
    world.come_to_rest();
    assert_eq!(world.rung.get(&id(0)), Some(&1));
}
