//! The server's session under any client: it says the end once and nothing after it, it always knows when to come back, and
//! a client that says nothing is given up.
#![no_main]

use std::time::Duration;

use bytes::Bytes;
use deskbell_clock::Instant;
use deskbell_fuzz::{Step, in_bounds};
use deskbell_socketio::Args;
use deskbell_socketio::packet::socket::MAX_ATTACHMENTS;
use deskbell_socketio::session::Frame;
use deskbell_socketio::session::server::{Output, ServerSession, Timing};
use libfuzzer_sys::fuzz_target;

const ACK_TIMEOUT: Duration = Duration::from_secs(5);
const MOST_AT_ONCE: usize = 1_000;

const TIMING: Timing = Timing {
    ping_interval: Duration::from_secs(25),
    ping_timeout: Duration::from_secs(20),
    connect_timeout: Duration::from_secs(45),
};

/// Our own side of a script.
fn act(session: &mut ServerSession, own: &str, now: Instant) {
    match own.split_once(' ') {
        Some(("ask", namespace)) => {
            session.emit_with_ack(namespace, "ask", &Args::none(), now + ACK_TIMEOUT);
        }
        Some(("leave", namespace)) => session.leave(namespace, now),
        _ => {}
    }
}

/// Does what there is to do, and gives whether the session is over.
fn drain(session: &mut ServerSession, mut over: bool) -> bool {
    while let Some(output) = session.poll_output() {
        match output {
            Output::AckExpired { .. } => {}
            _ if over => panic!("something after the end"),
            Output::Closed(_) => over = true,
            Output::Connect { namespace, .. } if namespace == "/none" => {
                session.refuse(&namespace, "Invalid namespace".to_owned(), None);
            }
            Output::Connect { namespace, .. } => {
                session.accept(&namespace, "sid");
            }
            Output::Event {
                namespace, args, ack, ..
            } => {
                check(&args);
                if let Some(id) = ack {
                    session.ack(&namespace, id, &args);
                }
            }
            Output::Acked { args, .. } => check(&args),
            Output::Send(_) | Output::Left { .. } => {}
        }
    }
    over
}

fn check(args: &Args) {
    let bytes: usize = args.attachments.iter().map(Bytes::len).sum();
    assert!(args.attachments.len() <= MAX_ATTACHMENTS && bytes <= MOST_AT_ONCE);
}

fn play(script: &[u8]) {
    let mut now = Instant::ORIGIN;
    let mut session = ServerSession::new("sid".to_owned(), Vec::new(), MOST_AT_ONCE, TIMING, now);
    let mut over = false;
    for step in Step::all(script) {
        match step {
            Step::Text(text) => session.handle_frame(Frame::Text(text), now),
            Step::Binary(bytes) => session.handle_frame(Frame::Binary(&Bytes::copy_from_slice(bytes)), now),
            Step::Wait(time) => now += time,
            Step::Own(own) => act(&mut session, own, now),
        }
        session.handle_timeout(now);
        over = drain(&mut session, over);
        let next = session.poll_timeout();
        assert_eq!(next.is_none(), over, "it knows whether it is over");
        assert!(
            next.is_none_or(|next| next > now),
            "it would be asked again at once"
        );
    }
    let patience = TIMING.ping_interval + TIMING.ping_timeout;
    let give_up_by = now + patience;
    while let Some(next) = session.poll_timeout().filter(|next| *next <= give_up_by) {
        session.handle_timeout(next);
        over = drain(&mut session, over);
    }
    assert!(over, "a silent client is kept");
}

fuzz_target!(|script: &[u8]| {
    in_bounds(script.len(), || play(script));
});
