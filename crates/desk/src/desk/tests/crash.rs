//! Power cuts at every point, and files that were damaged.

use deskbell_protocol::event::Replay;
use deskbell_protocol::{Epoch, Position, Seq};

use super::fake_shell::{Bench, folders};
use crate::ToastKey;
use crate::samples::{created, id, position, reservation, welcome};
use crate::update::{LinkUpdate, Update};

/// The desk comes back; the gateway replays what follows the cursor that the desk brought.
fn come_back(mut bench: Bench, log: &[deskbell_protocol::event::Change]) -> Bench {
    let head = log.last().unwrap().reservation.seq.0;
    let cursor = bench.desk.inbox.cursor().unwrap().seq;
    bench.welcome(head, Replay::Cursor);
    for change in log.iter().filter(|change| change.reservation.seq > cursor) {
        bench.change(change.clone());
    }
    bench.caught_up(head);
    bench
}

#[test]
fn a_crash_before_the_toast_was_on_the_screen_rings_it_again() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    let mut bench = come_back(bench.crash(), &[created(1, 4)]);
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1);
    assert_eq!(toasts[0].key, ToastKey::Reservation(id(1)));
}

#[test]
fn a_crash_after_the_ledger_was_written_rings_nothing_again() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    let mut bench = come_back(bench.crash(), &[created(1, 4)]);
    assert_eq!(bench.ring_all(), []);
    assert_eq!(bench.desk.inbox.cursor(), Some(&position(4)));
}

#[test]
fn of_two_toasts_only_the_one_that_failed_rings_again() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.change(created(2, 5));
    let toasts = bench.shell.take_toasts();
    bench.rang(&toasts[0], Err("no daemon".to_owned()));
    bench.rang(&toasts[1], Ok(()));
    let mut bench = come_back(bench.crash(), &[created(1, 4), created(2, 5)]);
    let toasts = bench.ring_all();
    assert_eq!(toasts.len(), 1);
    assert_eq!(toasts[0].key, ToastKey::Reservation(id(1)));
}

#[test]
fn a_crash_between_a_resync_and_its_lists_forgets_nothing() {
    let mut bench = Bench::live(3);
    bench.welcome(90, Replay::Resync);
    bench.caught_up(90);
    let bench = bench.crash();
    assert_eq!(bench.desk.inbox.cursor(), Some(&position(3)));
}

#[test]
fn a_half_written_ledger_beside_the_old_one_does_no_harm() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.ring_all();
    std::fs::write(folders(&bench.folder).data.join(".deskbell-half"), "{\"ver").unwrap();
    let mut bench = come_back(bench.crash(), &[created(1, 4)]);
    assert_eq!(bench.ring_all(), []);
    assert_eq!(bench.shell.screen().warnings, Vec::<String>::new());
}

#[test]
fn a_damaged_ledger_is_kept_aside_and_the_gateways_record_takes_its_place() {
    for damage in ["", "{", "{\"version\":2}", "\u{0}\u{0}"] {
        let mut bench = Bench::live(3);
        bench.change(created(1, 4));
        bench.ring_all();
        let data = folders(&bench.folder).data;
        std::fs::write(data.join("ledger.json"), damage).unwrap();
        let mut bench = bench.crash();
        assert_eq!(bench.shell.screen().warnings.len(), 1, "{damage:?}");
        let names: Vec<_> = std::fs::read_dir(folders(&bench.folder).data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(
            names.iter().any(|name| name.starts_with("ledger.json.broken-")),
            "{names:?}"
        );

        welcomed(&mut bench, 5, Replay::None, position(4));
        assert_eq!(bench.desk.inbox.cursor(), Some(&position(4)));
        let mut bench = come_back(bench, &[created(1, 4), created(2, 5)]);
        let toasts = bench.ring_all();
        assert_eq!(toasts.len(), 1);
        assert_eq!(toasts[0].key, ToastKey::Reservation(id(2)));
    }
}

/// The gateway's welcome at `seq` to a desk that has told it `shown`.
fn welcomed(bench: &mut Bench, seq: u64, replay: Replay, shown: Position) {
    let mut known = welcome(seq, replay);
    known.shown = Some(shown);
    bench.hear(Update::Link(LinkUpdate::Welcomed(Box::new(known))));
}

#[test]
fn an_older_ledger_that_comes_back_rings_nothing_that_the_gateway_knows_to_be_decided() {
    let mut bench = Bench::live(3);
    let path = folders(&bench.folder).data.join("ledger.json");
    let older = std::fs::read(&path).unwrap();
    bench.change(created(1, 4));
    assert_eq!(bench.ring_all().len(), 1);
    std::fs::write(&path, older).unwrap();
    let mut bench = bench.crash();
    assert_eq!(bench.desk.inbox.cursor(), Some(&position(3)));
    welcomed(&mut bench, 5, Replay::Cursor, position(4));
    bench.change(created(1, 4));
    bench.change(created(2, 5));
    bench.caught_up(5);
    let keys: Vec<_> = bench.ring_all().iter().map(|toast| toast.key).collect();
    assert_eq!(keys, [ToastKey::Reservation(id(2))]);
}

#[test]
fn a_desk_that_lost_its_ledger_with_the_log_is_not_a_new_one() {
    let mut bench = Bench::new();
    let in_a_log_of_before = Position {
        epoch: Epoch("before".to_owned()),
        seq: Seq(800),
    };
    welcomed(&mut bench, 9, Replay::None, in_a_log_of_before);
    bench.caught_up(9);
    bench.snapshot(9, [reservation(1, 4)]);
    assert_eq!(bench.ring_all().len(), 1, "nobody knows that it was told");
}

#[test]
fn a_ledger_that_cannot_be_written_is_a_warning_and_the_bell_goes_on() {
    let mut bench = Bench::live(3);
    // A folder in its place: nothing can be renamed over it.
    let ledger = folders(&bench.folder).data.join("ledger.json");
    std::fs::remove_file(&ledger).unwrap();
    std::fs::create_dir_all(ledger.join("in the way")).unwrap();
    bench.change(created(1, 4));
    assert_eq!(bench.ring_all().len(), 1);
    assert_eq!(bench.shell.screen().warnings.len(), 1);
    std::fs::remove_dir_all(&ledger).unwrap();
    bench.change(created(2, 5));
    assert_eq!(bench.ring_all().len(), 1);
    assert_eq!(bench.shell.screen().warnings, Vec::<String>::new());
    assert!(ledger.is_file());
}

#[test]
fn no_file_of_a_desk_holds_a_patients_data() {
    let mut bench = Bench::live(3);
    bench.change(created(1, 4));
    bench.welcome(9, Replay::Resync);
    bench.snapshot(9, [reservation(1, 4), reservation(2, 5)]);
    bench.caught_up(9);
    bench.ring_all();
    let data = folders(&bench.folder).data;
    let mut files = 0;
    for entry in std::fs::read_dir(data).unwrap().map(Result::unwrap) {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        for value in ["김크리스", "김**스", "1111", "10:30", "본인"] {
            assert!(!text.contains(value), "{value} in {:?}", entry.path());
        }
        files += 1;
    }
    assert_eq!(files, 3, "ledger, nonces and place");
}
