use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use serde_json::value::to_raw_value;

use super::*;

fn decode(text: &str) -> Result<String, DecodeError> {
    Packet::decode(text).map(|packet| {
        let attachments = packet.attachments.map(|count| format!(" + {count}"));
        format!(
            "{} {:?}{}",
            packet.namespace,
            packet.body,
            attachments.unwrap_or_default()
        )
    })
}

#[test]
fn reads_the_packets_of_the_protocol() {
    for (text, meaning) in [
        ("0", "/ Connect"),
        ("0/admin,{\"token\":\"123\"}", "/admin Connect"),
        ("0/admin", "/admin Connect"),
        ("0/admin?token=1,", "/admin Connect"),
        ("1/admin,", "/admin Disconnect"),
        ("2[\"hello\",1]", "/ Event(\"hello\", 1 arguments, ack None)"),
        (
            "2/admin,456[\"project:delete\",123]",
            "/admin Event(\"project:delete\", 1 arguments, ack Some(456))",
        ),
        ("2[7]", "/ Event(\"7\", 0 arguments, ack None)"),
        ("3/admin,456[]", "/admin Ack(456, 0 arguments)"),
        (
            "318446744073709551615[1,[2]]",
            "/ Ack(18446744073709551615, 2 arguments)",
        ),
        (
            "4/admin,{\"message\":\"Not authorized\"}",
            "/admin ConnectError(\"Not authorized\")",
        ),
        ("4\"no\"", "/ ConnectError(\"no\")"),
        (
            "51-[\"hello\",{\"_placeholder\":true,\"num\":0}]",
            "/ Event(\"hello\", 1 arguments, ack None) + 1",
        ),
        (
            "61-/admin,456[{\"_placeholder\":true,\"num\":0}]",
            "/admin Ack(456, 1 arguments) + 1",
        ),
        ("50-[\"hello\"]", "/ Event(\"hello\", 0 arguments, ack None) + 0"),
    ] {
        assert_eq!(decode(text).as_deref(), Ok(meaning), "{text}");
    }
}

/// Found by fuzzing: its last digits decide between two floating-point numbers.
#[test]
fn a_long_number_survives_the_wire() {
    let text = format!("0{{\"a\":7777{}7777770}}", "2".repeat(113));
    let written = Packet::decode(&text).unwrap().encode();
    assert_eq!(Packet::decode(&written).unwrap().encode(), written);
}

#[test]
fn refuses_what_is_no_packet() {
    for (text, error) in [
        ("", DecodeError::UnknownType),
        ("é", DecodeError::UnknownType),
        ("7[\"a\"]", DecodeError::UnknownType),
        ("0abc", DecodeError::Payload),
        ("0[]", DecodeError::Payload),
        ("012", DecodeError::AckId),
        ("1{}", DecodeError::Payload),
        ("2", DecodeError::Payload),
        ("2{}", DecodeError::Payload),
        ("2[]", DecodeError::Payload),
        ("2[null]", DecodeError::Payload),
        ("2[\"connect\"]", DecodeError::Payload),
        ("2abc[\"message-with-ack\"]", DecodeError::Payload),
        ("218446744073709551616[\"a\"]", DecodeError::AckId),
        ("2/é,[\"a\"", DecodeError::Payload),
        ("3[]", DecodeError::AckId),
        ("4", DecodeError::Payload),
        ("5[\"a\"]", DecodeError::Attachments),
        ("5-[\"a\"]", DecodeError::Attachments),
        ("5+1-[\"a\"]", DecodeError::Attachments),
        ("51-", DecodeError::Payload),
        ("51-{}", DecodeError::Payload),
        ("61-[]", DecodeError::AckId),
        ("511-[\"a\"]", DecodeError::Attachments),
        ("599999999999999999999-[\"a\"]", DecodeError::Attachments),
    ] {
        assert_eq!(decode(text), Err(error), "{text}");
    }
}

#[test]
fn a_payload_nested_a_million_deep_is_survived() {
    let text = format!("2[\"a\",{}", "[".repeat(1_000_000));
    assert_eq!(decode(&text), Err(DecodeError::Payload));
    let text = format!("0{}", "{\"a\":".repeat(1_000_000));
    assert_eq!(decode(&text), Err(DecodeError::Payload));
}

#[test]
fn debug_shows_no_payload() {
    let packet = Packet::decode("2[\"reservation\",{\"phone\":\"010-1111-1111\"}]").unwrap();
    assert!(!format!("{packet:?}").contains("010"));
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((".{0,8}", inner), 0..4).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn arguments() -> impl Strategy<Value = Vec<Cow<'static, RawValue>>> {
    vec(
        json_value().prop_map(|value| Cow::Owned(to_raw_value(&value).unwrap())),
        0..4,
    )
}

fn body() -> impl Strategy<Value = Body<'static>> {
    prop_oneof![
        Just(Body::Connect(None)),
        json_value().prop_map(|value| Body::Connect(Some(json!({ "token": value })))),
        Just(Body::Disconnect),
        ("x.*", arguments(), any::<Option<u64>>()).prop_map(|(name, args, ack)| Body::Event {
            name: name.into(),
            args,
            ack
        }),
        (any::<u64>(), arguments()).prop_map(|(id, args)| Body::Ack { id, args }),
        (
            ".*",
            json_value().prop_filter("null is no data", |data| !data.is_null())
        )
            .prop_map(|(message, data)| Body::ConnectError {
                message,
                data: Some(data)
            }),
    ]
}

proptest! {
    #[test]
    fn a_packet_survives_the_wire(
        namespace in "(/|/[a-z가-힣]{1,9})",
        body in body(),
        attachments in 0..=MAX_ATTACHMENTS,
    ) {
        let binary = matches!(body, Body::Event { .. } | Body::Ack { .. });
        let packet = Packet::new(namespace.clone(), body).with_attachments(if binary { attachments } else { 0 });
        let text = packet.encode();
        let again = Packet::decode(&text);
        prop_assert!(again.is_ok(), "{:?} from {}", again, text);
        let again = again.unwrap();
        prop_assert_eq!(again.namespace.as_ref(), namespace);
        prop_assert_eq!(&again.encode(), &text);
        prop_assert_eq!(again.attachments, packet.attachments);
        prop_assert_eq!(format!("{:?}", again.body), format!("{:?}", packet.body));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-7]?[0-9]{0,3}-?(/[a-z]*,?)?[0-9]{0,22}.*") {
        if let Ok(packet) = Packet::decode(&text) {
            prop_assert!(Packet::decode(&packet.encode()).is_ok());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..64)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = Packet::decode(&text);
    }
}
