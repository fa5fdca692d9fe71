//! Reading and writing packets: `cargo bench -p deskbell-socketio --all-features --bench codec`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up ends there")]

use std::borrow::Cow;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deskbell_socketio::packet::engine::{self, Handshake};
use deskbell_socketio::packet::socket::{self, Body};
use serde_json::value::{RawValue, to_raw_value};

/// A reservation, in size and shape.
fn reservation() -> Box<RawValue> {
    let reservation = serde_json::json!({
        "id": "01a200c4-6280-7857-8c6f-ae6d9b6f3b4a",
        "version": 1,
        "seq": 42,
        "relationship": "본인",
        "name": "김크리스",
        "phone": "010-1111-1111",
        "reservationdate": "2026-11-23",
        "reservationtime": "10:30 ~ 11:00",
        "status": "pending",
        "received_at": "2026-11-22T01:00:00.25Z",
        "updated_at": "2026-11-22T01:00:00.25Z",
        "claim": null,
        "handled_by": null,
        "kind": "created",
    });
    to_raw_value(&reservation).unwrap()
}

fn event(args: Vec<Cow<'_, RawValue>>) -> socket::Packet<'_> {
    let (name, ack) = ("reservation".into(), Some(7));
    socket::Packet::new("/desk", Body::Event { name, args, ack })
}

/// The packets of Socket.IO that a desk's day consists of.
fn socket_packets(criterion: &mut Criterion) {
    let reservation = reservation();
    let attached = event(vec![Cow::Borrowed(&*reservation)]).with_attachments(2);
    let ack = socket::Packet::new(
        "/desk",
        Body::Ack {
            id: 7,
            args: vec![Cow::Borrowed(&*reservation)],
        },
    );
    let connect = Body::Connect(Some(serde_json::json!({ "token": "a".repeat(64), "seq": 42 })));
    for (name, packet) in [
        ("event", event(vec![Cow::Borrowed(&*reservation)])),
        ("event with attachments", attached),
        ("ack", ack),
        ("connect", socket::Packet::new("/desk", connect)),
    ] {
        let text = packet.encode();
        let mut group = criterion.benchmark_group("socket");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("encode {name}"), |bencher| {
            bencher.iter(|| black_box(&packet).encode());
        });
        group.bench_function(format!("decode {name}"), |bencher| {
            bencher.iter(|| socket::Packet::decode(black_box(&text)).is_ok());
        });
        group.finish();
    }
}

/// The packets of Engine.IO around them.
fn engine_packets(criterion: &mut Criterion) {
    let handshake = Handshake {
        sid: "lv_VI97HAXpY6yYWAAAC".to_owned(),
        upgrades: vec!["websocket".to_owned()],
        ping_interval: Duration::from_secs(25),
        ping_timeout: Duration::from_secs(20),
        max_payload: Some(64 * 1024),
    };
    let reservation = reservation();
    let message = event(vec![Cow::Owned(reservation)]).encode();
    for (name, packet) in [
        ("open", engine::Packet::Open(handshake)),
        ("ping", engine::Packet::Ping("")),
        ("message", engine::Packet::Message(&message)),
    ] {
        let text = packet.encode();
        let mut group = criterion.benchmark_group("engine");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("encode {name}"), |bencher| {
            bencher.iter(|| black_box(&packet).encode());
        });
        group.bench_function(format!("decode {name}"), |bencher| {
            bencher.iter(|| engine::Packet::decode(black_box(&text)).is_ok());
        });
        group.finish();
    }
}

criterion_group!(codec, socket_packets, engine_packets);
criterion_main!(codec);
