//! The server's two sessions, one on the other, under any client: they say the end once and nothing after it, they always
//! know when to come back, and a client that says nothing is given up.
#![no_main]

use std::time::Duration;

use bytes::Bytes;
use deskbell_clock::Instant;
use deskbell_fuzz::{Step, in_bounds};
use deskbell_socketio::Args;
use deskbell_socketio::packet::socket::MAX_ATTACHMENTS;
use deskbell_socketio::session::Frame;
use deskbell_socketio::session::engine::{self, ServerEngine, Terms};
use deskbell_socketio::session::server::{Output, ServerSession};
use libfuzzer_sys::fuzz_target;

const ACK_TIMEOUT: Duration = Duration::from_secs(5);
const MOST_AT_ONCE: usize = 1_000;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(45);

const TERMS: Terms = Terms {
    ping_interval: Duration::from_secs(25),
    ping_timeout: Duration::from_secs(20),
    max_payload: MOST_AT_ONCE,
};

/// One connection as its drivers keep it.
struct Connection {
    engine: ServerEngine,
    session: ServerSession,
    over: bool,
}

impl Connection {
    fn new(now: Instant) -> Self {
        Self {
            engine: ServerEngine::new("sid".to_owned(), Vec::new(), TERMS, now),
            session: ServerSession::new(MOST_AT_ONCE, CONNECT_TIMEOUT, now),
            over: false,
        }
    }

    fn take(&mut self, frame: Frame<'_>, now: Instant) {
        if let Some(message) = self.engine.handle_frame(frame, now) {
            self.session.handle_message(message, now);
        }
    }

    fn wake(&mut self, now: Instant) {
        self.engine.handle_timeout(now);
        self.session.handle_timeout(now);
    }

    /// Does what there is to do.
    fn drain(&mut self) {
        let (engine_over, session_over) = (drain_engine(&mut self.engine), drain(&mut self.session));
        self.over |= engine_over || session_over;
    }

    /// When to come back; nothing when the driver would have ended it.
    fn next(&self) -> Option<Instant> {
        if self.over {
            return None;
        }
        let engine = self
            .engine
            .poll_timeout()
            .expect("it knows when to ask whether the client is there");
        Some(
            self.session
                .poll_timeout()
                .map_or(engine, |next| next.min(engine)),
        )
    }
}

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

/// Gives whether the connection is over.
fn drain_engine(engine: &mut ServerEngine) -> bool {
    let mut over = false;
    while let Some(output) = engine.poll_output() {
        assert!(!over, "something after the end");
        over = matches!(output, engine::Output::Closed(_));
    }
    over
}

/// Gives whether the connection is over.
fn drain(session: &mut ServerSession) -> bool {
    let mut over = false;
    while let Some(output) = session.poll_output() {
        assert!(!over, "something after the end");
        match output {
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
            Output::AckExpired { .. } | Output::Send(_) | Output::Left { .. } => {}
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
    let mut connection = Connection::new(now);
    for step in Step::all(script) {
        match step {
            Step::Text(text) => connection.take(Frame::Text(text), now),
            Step::Binary(bytes) => connection.take(Frame::Binary(&Bytes::copy_from_slice(bytes)), now),
            Step::Wait(time) => now += time,
            Step::Own(own) => act(&mut connection.session, own, now),
        }
        connection.wake(now);
        connection.drain();
        assert!(
            connection.next().is_none_or(|next| next > now),
            "it would be asked again at once"
        );
    }
    let give_up_by = now + TERMS.ping_interval + TERMS.ping_timeout;
    while let Some(next) = connection.next().filter(|next| *next <= give_up_by) {
        connection.wake(next);
        connection.drain();
    }
    assert!(connection.over, "a silent client is kept");
}

fuzz_target!(|script: &[u8]| {
    in_bounds(script.len(), || play(script));
});
