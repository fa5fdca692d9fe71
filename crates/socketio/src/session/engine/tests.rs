use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const TERMS: Terms = Terms {
    ping_interval: Duration::from_secs(25),
    ping_timeout: Duration::from_secs(20),
    max_payload: 1_000,
};

fn at(seconds: u64) -> Instant {
    Instant::from_origin(Duration::from_secs(seconds))
}

/// A connection that has sent its terms.
fn open() -> ServerEngine {
    let mut engine = ServerEngine::new("x".to_owned(), Vec::new(), TERMS, at(0));
    let terms = r#"0{"maxPayload":1000,"pingInterval":25000,"pingTimeout":20000,"sid":"x","upgrades":[]}"#;
    assert_eq!(outputs(&mut engine), [Output::Send(terms.to_owned())]);
    engine
}

fn outputs(engine: &mut ServerEngine) -> Vec<Output> {
    std::iter::from_fn(|| engine.poll_output()).collect()
}

fn ping() -> Output {
    Output::Send("2".to_owned())
}

#[test]
fn a_connection_says_what_it_may_go_over_to() {
    let upgrades = vec!["websocket".to_owned()];
    let mut engine = ServerEngine::new("x".to_owned(), upgrades, TERMS, at(0));
    let Some(Output::Send(open)) = engine.poll_output() else {
        panic!("no terms");
    };
    assert!(open.contains(r#""upgrades":["websocket"]"#), "{open}");
}

#[test]
fn messages_of_both_kinds_are_handed_on() {
    let mut engine = open();
    for (text, expected) in [
        ("4hello", Some("hello")),
        ("4", Some("")),
        ("3", None),
        ("6", None),
    ] {
        let message = engine.handle_frame(Frame::Text(text), at(1));
        match (message, expected) {
            (Some(Frame::Text(message)), Some(expected)) => assert_eq!(message, expected),
            (None, None) => {}
            _ => panic!("{text}"),
        }
    }
    let bytes = vec![1, 2].into();
    let message = engine.handle_frame(Frame::Binary(&bytes), at(1));
    assert!(matches!(message, Some(Frame::Binary(message)) if *message == bytes));
    assert_eq!(outputs(&mut engine), []);
}

#[test]
fn what_has_no_place_ends_it() {
    let unknown = crate::packet::engine::DecodeError::UnknownType;
    for (text, reason) in [
        ("1", CloseReason::PeerClosed),
        (
            "0{}",
            CloseReason::Violation(crate::packet::engine::DecodeError::Handshake.into()),
        ),
        ("2", CloseReason::Violation(Violation::OutOfPlace)),
        ("5", CloseReason::Violation(Violation::OutOfPlace)),
        ("", CloseReason::Violation(unknown.into())),
        ("abc", CloseReason::Violation(unknown.into())),
    ] {
        let mut engine = open();
        assert!(engine.handle_frame(Frame::Text(text), at(1)).is_none());
        assert!(engine.handle_frame(Frame::Text("4late"), at(1)).is_none());
        assert_eq!(outputs(&mut engine), [Output::Closed(reason)], "{text}");
        assert_eq!(engine.poll_timeout(), None);
    }
}

#[test]
fn a_ping_goes_out_after_the_interval_and_must_be_answered() {
    let mut engine = open();
    assert_eq!(engine.poll_timeout(), Some(at(25)));
    engine.handle_timeout(at(24));
    engine.handle_timeout(at(25));
    assert_eq!(outputs(&mut engine), [ping()]);
    assert_eq!(engine.poll_timeout(), Some(at(45)));
    engine.handle_frame(Frame::Text("3"), at(26));
    assert_eq!(engine.poll_timeout(), Some(at(50)));
    engine.handle_timeout(at(50));
    engine.handle_timeout(at(69));
    assert_eq!(outputs(&mut engine), [ping()]);
    engine.handle_timeout(at(70));
    assert_eq!(outputs(&mut engine), [Output::Closed(CloseReason::PingTimeout)]);
    assert_eq!(engine.poll_timeout(), None);
}

#[test]
fn an_answer_that_takes_longer_than_the_interval_brings_one_ping_and_no_more() {
    let terms = Terms {
        ping_interval: Duration::from_secs(1),
        ..TERMS
    };
    let mut engine = ServerEngine::new("x".to_owned(), Vec::new(), terms, at(0));
    engine.handle_timeout(at(1));
    engine.handle_frame(Frame::Text("3"), at(10));
    engine.handle_frame(Frame::Text("3"), at(10));
    assert_eq!(outputs(&mut engine)[1..], [ping(), ping()]);
    assert_eq!(engine.poll_timeout(), Some(at(11)));
}

#[test]
fn a_late_ping_shortens_the_answers_time_only_if_it_is_hardly_late() {
    for (pinged_at, deadline) in [(25, 45), (35, 45), (36, 56), (3_600, 3_620)] {
        let mut engine = open();
        engine.handle_timeout(at(pinged_at));
        assert_eq!(outputs(&mut engine), [ping()]);
        assert_eq!(engine.poll_timeout(), Some(at(deadline)), "{pinged_at}");
    }
}

proptest! {
    #[test]
    fn any_frames_are_survived(frames in vec("[0-7]?.{0,12}", 0..8)) {
        let mut engine = open();
        for frame in &frames {
            engine.handle_frame(Frame::Text(frame), at(1));
        }
        let closed = outputs(&mut engine).iter().filter(|output| matches!(output, Output::Closed(_))).count();
        prop_assert!(closed <= 1);
    }
}
