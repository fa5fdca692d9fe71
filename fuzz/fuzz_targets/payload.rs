//! The body of a poll: any bytes are packets or an error, and packets survive the wire.
#![no_main]

use bytes::Bytes;
use deskbell_fuzz::in_bounds;
use deskbell_socketio::fuzzing::{Packet, join, split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    in_bounds(body.len(), || {
        let read: Result<Vec<Packet>, _> = split(Bytes::copy_from_slice(body)).collect();
        let Ok(packets) = read else {
            return;
        };
        let bytes: usize = packets.iter().map(Packet::len).sum();
        assert!(bytes <= body.len(), "more came out than went in");
        let again: Result<Vec<Packet>, _> = split(join(&packets)).collect();
        assert!(again == Ok(packets), "other packets came back");
    });
});
