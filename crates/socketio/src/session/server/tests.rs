use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::session::describe;

const TIMING: Timing = Timing {
    ping_interval: Duration::from_secs(25),
    ping_timeout: Duration::from_secs(20),
    connect_timeout: Duration::from_secs(45),
};

fn at(seconds: u64) -> Instant {
    Instant::from_origin(Duration::from_secs(seconds))
}

fn new() -> ServerSession {
    let mut session = ServerSession::new("x".to_owned(), Vec::new(), 1_000, TIMING, at(0));
    let open =
        r#"send 0{"maxPayload":1000,"pingInterval":25000,"pingTimeout":20000,"sid":"x","upgrades":[]}"#;
    assert_eq!(outputs(&mut session), [open]);
    session
}

fn connected() -> ServerSession {
    let mut session = new();
    session.handle_frame(Frame::Text(r#"40/desk,{"token":"t"}"#), at(0));
    assert!(session.accept("/desk", "y"));
    assert_eq!(
        outputs(&mut session),
        [r#"connect /desk {"token":"t"}"#, r#"send 40/desk,{"sid":"y"}"#]
    );
    session
}

fn outputs(session: &mut ServerSession) -> Vec<String> {
    let describe = |output| match output {
        Output::Send(frame) => describe::sent(&frame),
        Output::Connect { namespace, auth } => format!("connect {namespace} {auth}"),
        Output::Event {
            namespace,
            name,
            args,
            ack,
        } => {
            format!("event {namespace} {name} {} {ack:?}", describe::args(&args))
        }
        Output::Acked { id, args } => format!("acked {id} {}", describe::args(&args)),
        Output::AckExpired { id } => format!("expired {id}"),
        Output::Left { namespace } => format!("left {namespace}"),
        Output::Closed(reason) => format!("closed {reason:?}"),
    };
    std::iter::from_fn(|| session.poll_output().map(describe)).collect()
}

#[test]
fn a_frame_has_its_answer() {
    for (frames, expected) in [
        (
            &[r#"42/desk,["a",1,{"b":2}]"#][..],
            &[r#"event /desk a [1,{"b":2}] None"#][..],
        ),
        (&[r#"42/desk,12["a"]"#], &["event /desk a [] Some(12)"]),
        (&["40"], &["connect / null"]),
        (&["3", "6"], &[]),
        (&["43/desk,1[]"], &[]),
        (&["41/desk,"], &["left /desk"]),
        (&["41/desk,", "40/desk,"], &["left /desk", "connect /desk null"]),
        (&["1"], &["closed PeerClosed"]),
        (&["1", r#"42/desk,["a"]"#], &["closed PeerClosed"]),
        (&["40/desk,"], &["closed Violation(OutOfPlace)"]),
        (&["40", "40"], &["connect / null", "closed Violation(OutOfPlace)"]),
        (&["40", "41"], &["connect / null", "closed Violation(OutOfPlace)"]),
        (
            &["40", r#"42["a"]"#],
            &["connect / null", "closed Violation(OutOfPlace)"],
        ),
        (&[r#"42["a"]"#], &["closed Violation(OutOfPlace)"]),
        (
            &[r#"44/desk,{"message":"no"}"#],
            &["closed Violation(OutOfPlace)"],
        ),
        (&["2"], &["closed Violation(OutOfPlace)"]),
        (&["5"], &["closed Violation(OutOfPlace)"]),
        (&["abc"], &["closed Violation(Engine(UnknownType))"]),
        (&["4abc"], &["closed Violation(Socket(UnknownType))"]),
        (&["42{}"], &["closed Violation(Socket(Payload))"]),
        (
            &[r#"42abc["message-with-ack",1]"#],
            &["closed Violation(Socket(Payload))"],
        ),
        (&[r#"4599-["a"]"#], &["closed Violation(Socket(Attachments))"]),
        (
            &[
                r#"451-/desk,["a",{"_placeholder":true,"num":0}]"#,
                r#"42/desk,["b"]"#,
            ],
            &["closed Violation(Attachment)"],
        ),
    ] {
        let mut session = connected();
        for frame in frames {
            session.handle_frame(Frame::Text(frame), at(1));
        }
        assert_eq!(outputs(&mut session), expected, "{frames:?}");
    }
}

#[test]
fn a_binary_frame_ends_it() {
    let mut session = connected();
    session.handle_frame(Frame::Binary(&[1][..].into()), at(1));
    assert_eq!(outputs(&mut session), ["closed Violation(Attachment)"]);
}

#[test]
fn a_refusal_carries_its_data_and_leaves_the_connection() {
    let mut session = new();
    session.handle_frame(Frame::Text("40/desk,"), at(0));
    session.refuse("/desk", "no".to_owned(), Some(json!({ "code": "x" })));
    session.handle_frame(Frame::Text("40/other,"), at(0));
    assert_eq!(
        outputs(&mut session)[1..],
        [
            r#"send 44/desk,{"data":{"code":"x"},"message":"no"}"#,
            "connect /other null"
        ]
    );
}

#[test]
fn namespaces_are_counted() {
    let mut session = new();
    for number in 0..=MAX_NAMESPACES {
        session.handle_frame(Frame::Text(&format!("40/{number},")), at(0));
    }
    assert_eq!(
        outputs(&mut session).pop().as_deref(),
        Some("closed Violation(TooManyNamespaces)")
    );
}

#[test]
fn a_connection_in_no_namespace_is_closed_in_time() {
    let mut never = new();
    let mut refused = new();
    refused.handle_frame(Frame::Text("40/desk,"), at(1));
    refused.refuse("/desk", "no".to_owned(), None);
    let mut flooding = new();
    for second in 0..=45 {
        flooding.handle_frame(Frame::Text("6"), at(second));
    }
    for session in [&mut never, &mut refused, &mut flooding] {
        session.handle_timeout(at(45));
        assert_eq!(outputs(session).pop().as_deref(), Some("closed ConnectTimeout"));
    }

    let mut left = connected();
    left.handle_frame(Frame::Text("41/desk,"), at(100));
    left.handle_frame(Frame::Text("3"), at(144));
    assert_eq!(outputs(&mut left), ["left /desk", "send 2"]);
    left.handle_timeout(at(145));
    assert_eq!(outputs(&mut left), ["closed ConnectTimeout"]);
}

#[test]
fn a_ping_goes_out_after_the_interval_and_must_be_answered() {
    let mut session = connected();
    assert_eq!(session.poll_timeout(), Some(at(25)));
    session.handle_timeout(at(24));
    session.handle_timeout(at(25));
    assert_eq!(outputs(&mut session), ["send 2"]);
    assert_eq!(session.poll_timeout(), Some(at(45)));
    session.handle_frame(Frame::Text("3"), at(26));
    assert_eq!(session.poll_timeout(), Some(at(51)));
    session.handle_timeout(at(51));
    session.handle_timeout(at(70));
    assert_eq!(outputs(&mut session), ["send 2"]);
    session.handle_timeout(at(71));
    assert_eq!(outputs(&mut session), ["closed PingTimeout"]);
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn a_late_ping_shortens_the_answers_time_only_if_it_is_hardly_late() {
    for (pinged_at, deadline) in [(25, 45), (27, 45), (28, 48), (3_600, 3_620)] {
        let mut session = connected();
        session.handle_timeout(at(pinged_at));
        assert_eq!(outputs(&mut session), ["send 2"]);
        assert_eq!(session.poll_timeout(), Some(at(deadline)), "{pinged_at}");
    }
}

#[test]
fn a_connection_says_what_it_may_go_over_to() {
    let upgrades = vec!["websocket".to_owned()];
    let mut session = ServerSession::new("x".to_owned(), upgrades, 1_000, TIMING, at(0));
    let open = outputs(&mut session).remove(0);
    assert!(open.contains(r#""upgrades":["websocket"]"#), "{open}");
}

#[test]
fn only_who_is_in_gets_an_ack_and_is_put_out() {
    let mut session = connected();
    session.ack("/desk", 3, &Args::of(&json!({})).unwrap());
    session.ack("/other", 4, &Args::none());
    session.leave("/other", at(1));
    session.leave("/desk", at(1));
    session.ack("/desk", 5, &Args::none());
    assert_eq!(outputs(&mut session), ["send 43/desk,3[{}]", "send 41/desk,"]);
    assert!(!session.accept("/desk", "z"), "nobody asked");
}

#[test]
fn attachments_are_put_together_and_counted() {
    let announced = |count| format!(r#"45{count}-/desk,["a"]"#);
    for (count, sizes, expected) in [
        (1, &[1_000][..], "event /desk a [] + 1000 bytes"),
        (2, &[500, 500], "event /desk a [] + 500 bytes + 500 bytes"),
        (1, &[1_001], "closed Violation(Attachment)"),
        (2, &[500, 501], "closed Violation(Attachment)"),
        (
            1,
            &[1, 1],
            "event /desk a [] + 1 bytes, closed Violation(Attachment)",
        ),
        (2, &[1], ""),
    ] {
        let mut session = connected();
        session.handle_frame(Frame::Text(&announced(count)), at(1));
        for size in sizes {
            session.handle_frame(Frame::Binary(&vec![0; *size].into()), at(1));
        }
        let mut said = Vec::new();
        while let Some(output) = session.poll_output() {
            said.push(match output {
                Output::Event {
                    namespace,
                    name,
                    args,
                    ..
                } => {
                    let sizes = args
                        .attachments
                        .iter()
                        .map(|bytes| format!(" + {} bytes", bytes.len()));
                    format!("event {namespace} {name} []{}", sizes.collect::<String>())
                }
                Output::Closed(reason) => format!("closed {reason:?}"),
                _ => "something else".to_owned(),
            });
        }
        assert_eq!(said.join(", "), expected);
    }
}

#[test]
fn an_ack_is_waited_for_until_its_time_or_until_the_client_leaves() {
    let mut session = connected();
    let args = Args::of(&1).unwrap();
    let emit =
        |session: &mut ServerSession, deadline| session.emit_with_ack("/desk", "a", &args, at(deadline));
    assert_eq!(session.emit_with_ack("/other", "a", &args, at(5)), None);
    assert_eq!(emit(&mut session, 5), Some(0));
    assert_eq!(emit(&mut session, 6), Some(1));
    assert_eq!(emit(&mut session, 7), Some(2));
    assert_eq!(session.poll_timeout(), Some(at(5)));
    for frame in ["43/desk,1[2]", "43/desk,1[2]", "43/desk,99[]"] {
        session.handle_frame(Frame::Text(frame), at(1));
    }
    session.handle_timeout(at(5));
    session.handle_frame(Frame::Text("43/desk,0[]"), at(5));
    assert_eq!(outputs(&mut session)[3..], ["acked 1 [2]", "expired 0"]);
    session.leave("/desk", at(6));
    assert_eq!(outputs(&mut session), ["send 41/desk,", "expired 2"]);
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
