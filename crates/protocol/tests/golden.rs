//! The golden files of `docs/WIRE.md`: each is read as its type and written again to the letter, and none is left out.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use deskbell_protocol::event::{
    CaughtUp, Change, ConnectAuth, ConnectRefused, Head, Shown, Shutdown, Welcome,
};
use deskbell_protocol::http::{
    ClaimRequest, ExportRequest, PairRequest, Paired, Problem, ReservationDetails, ReservationList,
    ShortReservation, StatusRequest, UndoRequest,
};
use deskbell_protocol::watch::{Standing, WatchAuth, WatchRefused};
use deskbell_protocol::{Amended, Amendment, Form, Reservation};
use serde::Serialize;
use serde::de::DeserializeOwned;

type Rewrite = fn(&str) -> String;

const MESSAGES: [(&str, Rewrite); 26] = [
    ("connect_auth", rewrite::<ConnectAuth>),
    ("connect_refused", rewrite::<ConnectRefused>),
    ("welcome", rewrite::<Welcome>),
    ("reservation_created", rewrite::<Change>),
    ("reservation_rescheduled", rewrite::<Change>),
    ("reservation_claimed", rewrite::<Change>),
    ("reservation_status", rewrite::<Change>),
    ("reservation_released", rewrite::<Change>),
    ("caught_up", rewrite::<CaughtUp>),
    ("head", rewrite::<Head>),
    ("shutdown", rewrite::<Shutdown>),
    ("shown", rewrite::<Shown>),
    ("watch_auth", rewrite::<WatchAuth>),
    ("watch_refused", rewrite::<WatchRefused>),
    ("status", rewrite::<Standing>),
    ("short_reservation", rewrite::<ShortReservation>),
    ("pair_request", rewrite::<PairRequest>),
    ("paired", rewrite::<Paired>),
    ("reservation_list", rewrite::<ReservationList>),
    ("reservation_details", rewrite::<ReservationDetails>),
    ("reservation", rewrite::<Reservation>),
    ("claim_request", rewrite::<ClaimRequest>),
    ("status_request", rewrite::<StatusRequest>),
    ("undo_request", rewrite::<UndoRequest>),
    ("export_request", rewrite::<ExportRequest>),
    ("problem", rewrite::<Problem>),
];

fn rewrite<T: DeserializeOwned + Serialize>(text: &str) -> String {
    let value: T = serde_json::from_str(text).unwrap();
    serde_json::to_string_pretty(&value).unwrap() + "\n"
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn golden(name: &str) -> PathBuf {
    here().join("golden").join(name).with_extension("json")
}

#[test]
fn every_golden_file_is_written_as_it_was_read() {
    for (name, rewrite) in MESSAGES {
        let text = std::fs::read_to_string(golden(name)).unwrap();
        assert_eq!(rewrite(&text), text, "{name}");
    }
}

#[test]
fn the_golden_form_is_one_that_is_taken() {
    let text = std::fs::read_to_string(golden("form")).unwrap();
    let form: Form = serde_json::from_str(&text).unwrap();
    let new = form.check().unwrap();
    let again = serde_json::json!({
        "relationship": new.relationship,
        "name": new.name,
        "phone": new.phone,
        "reservationdate": new.reservationdate,
        "reservationtime": new.reservationtime,
    });
    assert_eq!(again, serde_json::from_str::<serde_json::Value>(&text).unwrap());
}

#[test]
fn the_golden_amendments_are_taken() {
    let check = |name: &str| {
        let text = std::fs::read_to_string(golden(name)).unwrap();
        serde_json::from_str::<Amendment>(&text).unwrap().check().unwrap()
    };
    assert!(matches!(
        check("reschedule_request"),
        Amended::Rescheduled {
            date: Some(_),
            time: Some(_)
        }
    ));
    assert_eq!(check("cancel_request"), Amended::Cancelled);
}

#[test]
fn no_golden_file_is_left_out_here_or_in_the_document() {
    let names: BTreeSet<String> = MESSAGES
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .chain(["form", "reschedule_request", "cancel_request"].map(str::to_owned))
        .collect();
    let files: BTreeSet<String> = std::fs::read_dir(here().join("golden"))
        .unwrap()
        .map(|file| {
            file.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(files, names);
    let document = std::fs::read_to_string(here().join("../../docs/WIRE.md")).unwrap();
    for name in names {
        let link = format!("(../crates/protocol/golden/{name}.json)");
        assert!(document.contains(&link), "{name}");
    }
}
