use std::process::Command;

use serde_json::json;

use crate::listener::http;
use crate::program::{Place, Serving, within};

/// So much may a file have, in blocks of 512 bytes, that a few reservations fit into the write-ahead log and no more.
const LIMIT: &str = "trap '' XFSZ; ulimit -S -f 300; exec \"$0\" \"$@\"";

async fn post(gateway: &Serving, key: &str) -> u16 {
    let form = json!({
        "relationship": "본인", "name": "김크리스", "phone": "010-1111-1111", "reservationdate": "2026-11-23",
        "reservationtime": "10:30 ~ 11:00",
    });
    let request = http().post(gateway.url("/v1/reservations")).bearer_auth(key);
    request.json(&form).send().await.unwrap().status().as_u16()
}

async fn ready(gateway: &Serving) -> u16 {
    let request = http().get(gateway.url("/readyz"));
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_full_disk_is_answered_503_and_a_disk_with_room_again_201() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    let key = place.add_hospital("haneul", "하늘병원");
    let command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    let gateway = Serving::start(within("sh", &["-c", LIMIT], &command));

    let mut stored = 0;
    while post(&gateway, &key).await == 201 {
        stored += 1;
        assert!(stored < 1_000, "the disk is never full");
    }
    assert!(stored > 0, "the disk was full from the start");
    for _ in 0..5 {
        assert_eq!(post(&gateway, &key).await, 503);
    }
    assert_eq!(ready(&gateway).await, 503, "a load balancer sends no more");
    let pid = gateway.pid().to_string();
    let lifted = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited"])
        .status();
    assert!(lifted.unwrap().success());
    for _ in 0..3 {
        assert_eq!(post(&gateway, &key).await, 201);
    }
    assert_eq!(ready(&gateway).await, 200);
    let listed = place.json(&["hospital", "list"]);
    assert_eq!(listed[0]["position"]["seq"], stored + 3, "{listed}");
}
