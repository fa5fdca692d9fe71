//! What a desk and a gateway read from each other: any JSON is the event or an error, and an event survives the wire.
#![no_main]

use deskbell_fuzz::in_bounds;
use deskbell_protocol::event::{
    CaughtUp, Change, ConnectAuth, ConnectRefused, Head, Shown, Shutdown, Welcome,
};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads the text, and what was read once more from what it is written as.
fn read<T: DeserializeOwned + Serialize>(text: &str) {
    if let Ok(event) = serde_json::from_str::<T>(text) {
        let written = serde_json::to_value(&event).unwrap();
        let again: T = serde_json::from_value(written.clone()).unwrap();
        assert!(
            serde_json::to_value(&again).unwrap() == written,
            "another event came back"
        );
    }
}

fuzz_target!(|text: &str| {
    in_bounds(text.len(), || {
        read::<Welcome>(text);
        read::<Change>(text);
        read::<CaughtUp>(text);
        read::<Head>(text);
        read::<Shutdown>(text);
        read::<Shown>(text);
        read::<ConnectAuth>(text);
        read::<ConnectRefused>(text);
    });
});
