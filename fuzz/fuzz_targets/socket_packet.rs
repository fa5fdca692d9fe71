//! Any text is a Socket.IO packet or an error, and a packet survives the wire.
#![no_main]

use deskbell_fuzz::in_bounds;
use deskbell_socketio::packet::socket::{MAX_ATTACHMENTS, Packet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    in_bounds(text.len(), || {
        let Ok(packet) = Packet::decode(text) else {
            return;
        };
        assert!(packet.attachments.is_none_or(|count| count <= MAX_ATTACHMENTS));
        assert!(packet.namespace.starts_with('/') && !packet.namespace.contains([',', '?']));
        let written = packet.encode();
        let again = Packet::decode(&written).expect("what was written can be read");
        assert_eq!(again.encode(), written);
        assert_eq!(
            (again.namespace, again.attachments),
            (packet.namespace, packet.attachments)
        );
    });
});
