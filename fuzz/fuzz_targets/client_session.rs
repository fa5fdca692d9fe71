//! The client's session under any server: it says the end once and nothing after it, and it always knows when to come back.
#![no_main]

use std::time::Duration;

use bytes::Bytes;
use deskbell_clock::Instant;
use deskbell_fuzz::{Step, in_bounds};
use deskbell_socketio::Args;
use deskbell_socketio::packet::socket::MAX_ATTACHMENTS;
use deskbell_socketio::session::Frame;
use deskbell_socketio::session::client::{ClientSession, Output};
use libfuzzer_sys::fuzz_target;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const ACK_TIMEOUT: Duration = Duration::from_secs(5);
const MOST_ATTACHED: usize = 1_000;

/// Our own side of a script.
fn act(session: &mut ClientSession, own: &str, now: Instant) {
    match own.split_once(' ') {
        Some(("emit", name)) => {
            session.emit(name, &Args::none());
        }
        Some(("ask", name)) => {
            session.emit_with_ack(name, &Args::none(), now + ACK_TIMEOUT);
        }
        Some(("ack", id)) => {
            if let Ok(id) = id.parse() {
                session.ack(id, &Args::none());
            }
        }
        _ if own == "leave" => session.disconnect(),
        _ => {}
    }
}

/// Takes what there is to do, and gives whether the session is over.
fn drain(session: &mut ClientSession, mut over: bool) -> bool {
    while let Some(output) = session.poll_output() {
        match output {
            Output::AckExpired { .. } => {}
            _ if over => panic!("something after the end"),
            Output::Closed(_) | Output::Refused { .. } => over = true,
            Output::Event { args, .. } | Output::Acked { args, .. } => {
                let bytes: usize = args.attachments.iter().map(Bytes::len).sum();
                assert!(args.attachments.len() <= MAX_ATTACHMENTS && bytes <= MOST_ATTACHED);
            }
            Output::Send(_) | Output::Connected => {}
        }
    }
    over
}

fn play(script: &[u8]) {
    let mut now = Instant::ORIGIN;
    let auth = serde_json::json!({ "token": "t" });
    let mut session = ClientSession::new("/desk".to_owned(), auth, now + CONNECT_TIMEOUT, MOST_ATTACHED);
    let (mut over, mut left) = (false, false);
    for step in Step::all(script) {
        match step {
            Step::Text(text) => session.handle_frame(Frame::Text(text), now),
            Step::Binary(bytes) => session.handle_frame(Frame::Binary(&Bytes::copy_from_slice(bytes)), now),
            Step::Wait(time) => now += time,
            Step::Own(own) => {
                act(&mut session, own, now);
                left |= own == "leave";
            }
        }
        session.handle_timeout(now);
        over = drain(&mut session, over);
        let next = session.poll_timeout();
        assert_eq!(next.is_none(), over || left, "it knows whether it is over");
        assert!(
            next.is_none_or(|next| next > now),
            "it would be asked again at once"
        );
    }
}

fuzz_target!(|script: &[u8]| {
    in_bounds(script.len(), || play(script));
});
