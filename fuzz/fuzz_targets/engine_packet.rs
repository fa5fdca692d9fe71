//! Any text is an Engine.IO packet or an error, and a packet survives the wire.
#![no_main]

use deskbell_fuzz::in_bounds;
use deskbell_socketio::packet::engine::Packet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    in_bounds(text.len(), || {
        if let Ok(packet) = Packet::decode(text) {
            let again = packet.encode();
            assert_eq!(Packet::decode(&again), Ok(packet));
        }
    });
});
