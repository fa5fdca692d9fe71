use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::session::describe;

fn at(seconds: u64) -> Instant {
    Instant::from_origin(Duration::from_secs(seconds))
}

fn new() -> ServerSession {
    ServerSession::new(1_000, Duration::from_secs(45), at(0))
}

fn connected() -> ServerSession {
    let mut session = new();
    session.handle_message(Frame::Text(r#"0/desk,{"token":"t"}"#), at(0));
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
            &[r#"2/desk,["a",1,{"b":2}]"#][..],
            &[r#"event /desk a [1,{"b":2}] None"#][..],
        ),
        (&[r#"2/desk,12["a"]"#], &["event /desk a [] Some(12)"]),
        (&["0"], &["connect / null"]),
        (&["3/desk,1[]"], &[]),
        (&["1/desk,"], &["left /desk"]),
        (&["1/desk,", "0/desk,"], &["left /desk", "connect /desk null"]),
        (&["0/desk,"], &["closed Violation(OutOfPlace)"]),
        (&["0", "0"], &["connect / null", "closed Violation(OutOfPlace)"]),
        (&["0", "1"], &["connect / null", "closed Violation(OutOfPlace)"]),
        (
            &["0", r#"2["a"]"#],
            &["connect / null", "closed Violation(OutOfPlace)"],
        ),
        (&[r#"2["a"]"#], &["closed Violation(OutOfPlace)"]),
        (&[r#"4/desk,{"message":"no"}"#], &["closed Violation(OutOfPlace)"]),
        (&["abc"], &["closed Violation(Socket(UnknownType))"]),
        (&["2{}"], &["closed Violation(Socket(Payload))"]),
        (
            &[r#"2abc["message-with-ack",1]"#],
            &["closed Violation(Socket(Payload))"],
        ),
        (&[r#"599-["a"]"#], &["closed Violation(Socket(Attachments))"]),
        (
            &[
                r#"51-/desk,["a",{"_placeholder":true,"num":0}]"#,
                r#"2/desk,["b"]"#,
            ],
            &["closed Violation(Attachment)"],
        ),
    ] {
        let mut session = connected();
        for frame in frames {
            session.handle_message(Frame::Text(frame), at(1));
        }
        assert_eq!(outputs(&mut session), expected, "{frames:?}");
    }
}

#[test]
fn a_binary_frame_ends_it() {
    let mut session = connected();
    session.handle_message(Frame::Binary(&[1][..].into()), at(1));
    assert_eq!(outputs(&mut session), ["closed Violation(Attachment)"]);
}

#[test]
fn a_refusal_carries_its_data_and_leaves_the_connection() {
    let mut session = new();
    session.handle_message(Frame::Text("0/desk,"), at(0));
    session.refuse("/desk", "no".to_owned(), Some(json!({ "code": "x" })));
    session.handle_message(Frame::Text("0/other,"), at(0));
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
        session.handle_message(Frame::Text(&format!("0/{number},")), at(0));
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
    refused.handle_message(Frame::Text("0/desk,"), at(1));
    refused.refuse("/desk", "no".to_owned(), None);
    for session in [&mut never, &mut refused] {
        assert_eq!(session.poll_timeout(), Some(at(45)));
        session.handle_timeout(at(45));
        assert_eq!(outputs(session).pop().as_deref(), Some("closed ConnectTimeout"));
    }

    let mut left = connected();
    left.handle_message(Frame::Text("1/desk,"), at(100));
    left.handle_timeout(at(144));
    assert_eq!(outputs(&mut left), ["left /desk"]);
    left.handle_timeout(at(145));
    assert_eq!(outputs(&mut left), ["closed ConnectTimeout"]);
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
    let announced = |count| format!(r#"5{count}-/desk,["a"]"#);
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
        session.handle_message(Frame::Text(&announced(count)), at(1));
        for size in sizes {
            session.handle_message(Frame::Binary(&vec![0; *size].into()), at(1));
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
    for frame in ["3/desk,1[2]", "3/desk,1[2]", "3/desk,99[]"] {
        session.handle_message(Frame::Text(frame), at(1));
    }
    session.handle_timeout(at(5));
    session.handle_message(Frame::Text("3/desk,0[]"), at(5));
    assert_eq!(outputs(&mut session)[3..], ["acked 1 [2]", "expired 0"]);
    session.leave("/desk", at(6));
    assert_eq!(outputs(&mut session), ["send 41/desk,", "expired 2"]);
}

#[test]
fn acks_that_came_in_time_are_taken_however_late_they_are_looked_at() {
    let mut session = connected();
    for _ in 0..2 {
        session.emit_with_ack("/desk", "a", &Args::none(), at(5)).unwrap();
    }
    for frame in ["3/desk,1[]", "3/desk,0[]"] {
        session.handle_message(Frame::Text(frame), at(6));
    }
    session.handle_timeout(at(6));
    assert_eq!(outputs(&mut session)[2..], ["acked 1 []", "acked 0 []"]);
}

#[test]
fn who_talks_and_enters_no_namespace_is_closed_in_time() {
    let mut session = new();
    session.handle_message(Frame::Text("0/desk,"), at(45));
    assert_eq!(
        outputs(&mut session),
        ["connect /desk null", "closed ConnectTimeout"]
    );
}

proptest! {
    #[test]
    fn any_frames_are_survived(frames in vec("([0-6](/desk,)?[0-9]?)?.{0,12}", 0..8), connected_first: bool) {
        let mut session = if connected_first { connected() } else { new() };
        for frame in &frames {
            session.handle_message(Frame::Text(frame), at(1));
        }
        let closed = outputs(&mut session).iter().filter(|output| output.starts_with("closed")).count();
        prop_assert!(closed <= 1);
    }
}
