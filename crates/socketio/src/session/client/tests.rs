use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::session::describe;

const OPEN: &str = r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;

fn at(seconds: u64) -> Instant {
    Instant::from_origin(Duration::from_secs(seconds))
}

fn new() -> ClientSession {
    ClientSession::new("/desk".to_owned(), json!({ "token": "t" }), at(10), 8)
}

fn connected() -> ClientSession {
    let mut session = new();
    session.handle_frame(Frame::Text(OPEN), at(0));
    session.handle_frame(Frame::Text(r#"40/desk,{"sid":"y"}"#), at(0));
    assert_eq!(
        outputs(&mut session),
        [r#"send 40/desk,{"token":"t"}"#, "connected"]
    );
    session
}

fn outputs(session: &mut ClientSession) -> Vec<String> {
    let describe = |output| match output {
        Output::Send(frame) => describe::sent(&frame),
        Output::Connected => "connected".to_owned(),
        Output::Event { name, args, ack } => format!("event {name} {} {ack:?}", describe::args(&args)),
        Output::Acked { id, args } => format!("acked {id} {}", describe::args(&args)),
        Output::AckExpired { id } => format!("expired {id}"),
        Output::Refused { message, data } => format!("refused {message} {data:?}"),
        Output::Closed(reason) => format!("closed {reason:?}"),
    };
    std::iter::from_fn(|| session.poll_output().map(describe)).collect()
}

/// What a session says to `frames` after it was let in.
fn answers(frames: &[&str]) -> Vec<String> {
    let mut session = connected();
    for frame in frames {
        session.handle_frame(Frame::Text(frame), at(1));
    }
    outputs(&mut session)
}

#[test]
fn a_frame_has_its_answer() {
    for (frames, expected) in [
        (&["2"][..], &["send 3"][..]),
        (&["2probe"], &["send 3probe"]),
        (&["6"], &[]),
        (&[r#"42/desk,["a",{"b":1},2]"#], &[r#"event a [{"b":1},2] None"#]),
        (&[r#"42/desk,["a"]"#], &["event a [] None"]),
        (&[r#"42/desk,7["a",1]"#], &["event a [1] Some(7)"]),
        (&["43/desk,9[]"], &[]),
        (&["1"], &["closed PeerClosed"]),
        (&["41/desk,"], &["closed ServerDisconnect"]),
        (&["41/desk,", r#"42/desk,["a"]"#], &["closed ServerDisconnect"]),
        (&[r#"42["a"]"#], &["closed Violation(OutOfPlace)"]),
        (&[r#"40/desk,{"sid":"y"}"#], &["closed Violation(OutOfPlace)"]),
        (
            &[r#"44/desk,{"message":"no"}"#],
            &["closed Violation(OutOfPlace)"],
        ),
        (&[OPEN], &["closed Violation(OutOfPlace)"]),
        (&["3"], &["closed Violation(OutOfPlace)"]),
        (&["5"], &["closed Violation(OutOfPlace)"]),
        (&["7"], &["closed Violation(Engine(UnknownType))"]),
        (&["42/desk,{}"], &["closed Violation(Socket(Payload))"]),
        (
            &[
                r#"451-/desk,["a",{"_placeholder":true,"num":0}]"#,
                "42/desk,[\"b\"]",
            ],
            &["closed Violation(Attachment)"],
        ),
    ] {
        assert_eq!(answers(frames), expected, "{frames:?}");
    }
}

#[test]
fn a_binary_frame_ends_it() {
    let mut session = connected();
    session.handle_frame(Frame::Binary(&[1][..].into()), at(1));
    assert_eq!(outputs(&mut session), ["closed Violation(Attachment)"]);
}

#[test]
fn a_ping_before_the_answer_to_connect_is_answered() {
    let mut session = new();
    session.handle_frame(Frame::Text(OPEN), at(0));
    session.handle_frame(Frame::Text("2"), at(0));
    session.handle_frame(Frame::Text(r#"40/desk,{"sid":"y"}"#), at(0));
    assert_eq!(
        outputs(&mut session),
        [r#"send 40/desk,{"token":"t"}"#, "send 3", "connected"]
    );
}

#[test]
fn a_refusal_is_told_with_its_data_and_nothing_follows() {
    let mut session = new();
    session.handle_frame(Frame::Text(OPEN), at(0));
    session.handle_frame(
        Frame::Text(r#"44/desk,{"message":"no","data":{"code":"x"}}"#),
        at(0),
    );
    session.handle_frame(Frame::Text("1"), at(1));
    assert_eq!(
        outputs(&mut session)[1..],
        [r#"refused no Some(Object {"code": String("x")})"#]
    );
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn no_auth_is_sent_when_there_is_none() {
    let mut session = ClientSession::new("/".to_owned(), Value::Null, at(10), 8);
    session.handle_frame(Frame::Text(OPEN), at(0));
    assert_eq!(outputs(&mut session), ["send 40"]);
}

#[test]
fn a_server_that_does_not_let_us_in_by_the_deadline_is_left() {
    for frames in [&[][..], &[OPEN], &[OPEN, "2"]] {
        let mut session = new();
        for frame in frames {
            session.handle_frame(Frame::Text(frame), at(9));
        }
        session.handle_timeout(at(9));
        assert_eq!(session.poll_timeout(), Some(at(10)));
        outputs(&mut session);
        session.handle_timeout(at(10));
        assert_eq!(outputs(&mut session), ["closed ConnectTimeout"], "{frames:?}");
    }
}

#[test]
fn silence_is_noticed_after_interval_and_timeout_since_the_last_frame() {
    let mut session = connected();
    assert_eq!(session.poll_timeout(), Some(at(45)));
    session.handle_frame(Frame::Text("2"), at(25));
    assert_eq!(session.poll_timeout(), Some(at(70)));
    session.handle_timeout(at(69));
    assert_eq!(outputs(&mut session), ["send 3"]);
    session.handle_timeout(at(70));
    assert_eq!(outputs(&mut session), ["closed PingTimeout"]);
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn a_machine_that_slept_for_a_day_notices_at_once() {
    let mut session = connected();
    session.handle_timeout(at(86_400));
    assert_eq!(outputs(&mut session), ["closed PingTimeout"]);
}

#[test]
fn a_frame_that_waited_unread_is_not_late() {
    let mut session = connected();
    session.was_not_read(Duration::from_secs(60));
    assert!(!session.is_overdue(at(100)));
    session.handle_frame(Frame::Text("2"), at(100));
    session.handle_timeout(at(100));
    assert_eq!(outputs(&mut session), ["send 3"]);
    assert_eq!(session.poll_timeout(), Some(at(145)));
}

#[test]
fn a_frame_that_this_machine_was_a_little_slow_to_read_is_not_late() {
    let mut session = connected();
    session.handle_frame(Frame::Text("2"), at(47));
    session.handle_timeout(at(47));
    assert_eq!(outputs(&mut session), ["send 3"]);
}

#[test]
fn frames_that_lay_there_while_the_machine_slept_count_but_do_not_keep_the_connection() {
    let mut session = connected();
    assert!(session.is_overdue(at(3_600)));
    for _ in 0..2 {
        session.handle_frame(Frame::Text(r#"42/desk,["a"]"#), at(3_600));
    }
    assert_eq!(session.poll_timeout(), Some(at(45)));
    session.handle_timeout(at(3_600));
    assert_eq!(
        outputs(&mut session),
        ["event a [] None", "event a [] None", "closed PingTimeout"]
    );
}

#[test]
fn acks_expire_while_nothing_is_read_and_the_server_is_not_judged() {
    let mut session = connected();
    assert_eq!(session.emit_with_ack("a", &Args::none(), at(50)), Some(0));
    assert_eq!(session.poll_ack_timeout(), Some(at(50)));
    session.expire_acks(at(50));
    assert_eq!(outputs(&mut session), [r#"send 42/desk,0["a"]"#, "expired 0"]);
    assert_eq!(session.poll_ack_timeout(), None);
}

/// A session that has sent CONNECT.
fn connecting() -> ClientSession {
    let mut session = new();
    session.handle_frame(Frame::Text(OPEN), at(0));
    assert_eq!(outputs(&mut session), [r#"send 40/desk,{"token":"t"}"#]);
    session
}

#[test]
fn events_before_the_answer_to_connect_follow_it() {
    let one = Bytes::from_static(&[1]);
    let mut session = connecting();
    for frame in [
        Frame::Text(r#"42/desk,["a",1]"#),
        Frame::Text(r#"451-/desk,7["b",{"_placeholder":true,"num":0}]"#),
        Frame::Binary(&one),
    ] {
        session.handle_frame(frame, at(1));
    }
    assert_eq!(outputs(&mut session), [""; 0]);
    session.handle_frame(Frame::Text(r#"40/desk,{"sid":"y"}"#), at(1));
    session.handle_frame(Frame::Text(r#"42/desk,["c"]"#), at(1));
    assert_eq!(
        outputs(&mut session),
        [
            "connected",
            "event a [1] None",
            r#"event b [{"_placeholder":true,"num":0}] + [1] Some(7)"#,
            "event c [] None"
        ]
    );
}

#[test]
fn before_the_answer_to_connect_not_everything_may_come() {
    let large = format!(r#"42/desk,["a","{}"]"#, "x".repeat(MAX_EARLY_BYTES / 2));
    for (frame, times) in [
        ("43/desk,0[]", 1),
        (r#"42/desk,["a"]"#, MAX_EARLY + 1),
        (&large, 2),
    ] {
        let mut session = connecting();
        for _ in 1..times {
            session.handle_frame(Frame::Text(frame), at(1));
        }
        assert_eq!(outputs(&mut session), [""; 0]);
        session.handle_frame(Frame::Text(frame), at(1));
        assert_eq!(outputs(&mut session), ["closed Violation(OutOfPlace)"]);
    }
}

#[test]
fn what_came_before_a_refusal_is_not_told() {
    let mut session = connecting();
    session.handle_frame(Frame::Text(r#"42/desk,["a"]"#), at(1));
    session.handle_frame(Frame::Text(r#"44/desk,{"message":"no"}"#), at(1));
    assert_eq!(outputs(&mut session), ["refused no None"]);
}

#[test]
fn each_emit_has_a_number_of_its_own_and_gets_its_ack_once() {
    let mut session = connected();
    let args = Args::of(&json!({ "seq": 1 })).unwrap();
    assert_eq!(session.emit_with_ack("shown", &args, at(5)), Some(0));
    assert_eq!(session.emit_with_ack("shown", &args, at(6)), Some(1));
    assert_eq!(session.poll_timeout(), Some(at(5)));
    for ack in ["43/desk,1[{}]", "43/desk,1[{}]"] {
        session.handle_frame(Frame::Text(ack), at(1));
    }
    session.handle_timeout(at(5));
    session.handle_frame(Frame::Text("43/desk,0[]"), at(6));
    assert_eq!(
        outputs(&mut session),
        [
            r#"send 42/desk,0["shown",{"seq":1}]"#,
            r#"send 42/desk,1["shown",{"seq":1}]"#,
            "acked 1 [{}]",
            "expired 0"
        ]
    );
}

#[test]
fn nothing_is_emitted_while_not_connected() {
    let args = Args::of(&1).unwrap();
    assert_eq!(new().emit_with_ack("a", &args, at(5)), None);
    assert!(!new().emit("a", &args));
    let mut session = connected();
    session.disconnect();
    assert_eq!(outputs(&mut session), ["send 41/desk,"]);
    session.ack(1, &args);
    assert_eq!(session.emit_with_ack("a", &args, at(5)), None);
    assert!(outputs(&mut session).is_empty());
}

#[test]
fn attachments_belong_to_the_message_before_them() {
    let (one, two) = (Bytes::from_static(&[1, 2]), Bytes::from_static(&[3]));
    let mut session = connected();
    assert_eq!(session.emit_with_ack("a", &Args::none(), at(9)), Some(0));
    for frame in [
        Frame::Text(r#"452-/desk,7["b",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#),
        Frame::Binary(&one),
        Frame::Text("2"),
        Frame::Binary(&two),
        Frame::Text(r#"461-/desk,0[{"_placeholder":true,"num":0}]"#),
        Frame::Binary(&one),
    ] {
        session.handle_frame(frame, at(1));
    }
    assert_eq!(
        outputs(&mut session),
        [
            r#"send 42/desk,0["a"]"#,
            "send 3",
            r#"event b [{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}] + [1, 2] + [3] Some(7)"#,
            r#"acked 0 [{"_placeholder":true,"num":0}] + [1, 2]"#,
        ]
    );
    let answer = Args {
        attachments: vec![two],
        ..Args::of(&json!({ "_placeholder": true, "num": 0 })).unwrap()
    };
    session.ack(7, &answer);
    assert!(session.emit("c", &answer));
    assert_eq!(
        outputs(&mut session),
        [
            r#"send 461-/desk,7[{"_placeholder":true,"num":0}]"#,
            "send [3]",
            r#"send 451-/desk,["c",{"_placeholder":true,"num":0}]"#,
            "send [3]",
        ]
    );
}

proptest! {
    #[test]
    fn any_frames_are_survived(frames in vec("(4?[0-6](/desk,)?[0-9]?)?.{0,12}", 0..8), connected_first: bool) {
        let mut session = if connected_first { connected() } else { new() };
        for frame in &frames {
            session.handle_frame(Frame::Text(frame), at(1));
        }
        let closed = outputs(&mut session).iter().filter(|output| output.starts_with("closed")).count();
        prop_assert!(closed <= 1);
    }
}
