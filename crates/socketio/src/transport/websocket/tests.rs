use futures_util::FutureExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;

/// What a network holds each way.
const NETWORK: usize = 1024;

/// A server's WebSocket, and a client that speaks bytes.
async fn pair() -> (WebSocket<DuplexStream>, DuplexStream) {
    let (near, far) = duplex(NETWORK);
    (WebSocket::new(near, Role::Server, 64 * 1024).await, far)
}

/// A masked frame.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = 0x80 | u8::try_from(payload.len()).unwrap();
    [&[0x80 | opcode, length, 0, 0, 0, 0], payload].concat()
}

#[tokio::test(start_paused = true)]
async fn whoever_pings_and_takes_no_answers_is_not_read_any_further() {
    let (mut socket, mut client) = pair().await;
    let ping = frame(0x9, &[7; 125]);
    let flood = async {
        for _ in 0..1_000 {
            client.write_all(&ping).await.unwrap();
        }
    };
    tokio::select! { biased;
        _ = socket.step(true) => panic!("nothing was said"),
        () = flood => panic!("all of it was read"),
        // Time passes when nothing else does.
        () = tokio::time::sleep(CLOSE_TIMEOUT) => {}
    }
    assert!(!socket.is_drained(), "its patience with the client begins");
}

#[tokio::test]
async fn whoever_pings_in_the_middle_of_much_gets_all_of_it_and_is_heard() {
    let (mut socket, mut client) = pair().await;
    let much = "x".repeat(10 * NETWORK);
    socket.queue(much).unwrap();
    let frames = [frame(0x9, b"there?"), frame(0x1, b"hello")].concat();
    client.write_all(&frames).now_or_never().unwrap().unwrap();
    let (mut heard, mut piece) = (0, vec![0; NETWORK]);
    let mut said = None;
    while said.is_none() || !socket.is_drained() {
        match socket.step(true).now_or_never() {
            Some(Step::Drained) => {}
            Some(Step::Frame(Data::Text(text))) => said = Some(text),
            Some(_) => panic!("neither"),
            None => heard += client.read(&mut piece).now_or_never().unwrap().unwrap(),
        }
    }
    while let Some(read) = client.read(&mut piece).now_or_never() {
        heard += read.unwrap();
    }
    assert_eq!(said.unwrap().as_str(), "hello");
    let (header, pong) = (4, 2 + "there?".len());
    assert_eq!(heard, header + 10 * NETWORK + pong);
}

#[tokio::test]
async fn more_than_can_be_on_its_way_is_named_as_such() {
    let (mut socket, _client) = pair().await;
    let half = "x".repeat(MAX_WRITE_BUFFER / 2);
    socket.queue(half.clone()).unwrap();
    assert!(matches!(socket.queue(half), Err(Closed::Full)));
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_at_the_end_has_the_time_agreed() {
    let slowly = 2 * CLOSE_TIMEOUT;
    for (patience, whole) in [(2 * slowly, true), (slowly / 2, false)] {
        let (mut socket, mut client) = pair().await;
        socket.queue("x".repeat(2 * NETWORK)).unwrap();
        let hear = async {
            tokio::time::sleep(slowly).await;
            let (mut heard, mut piece) = (0, vec![0; NETWORK]);
            while let Ok(read @ 1..) = client.read(&mut piece).await {
                heard += read;
            }
            heard
        };
        let ((), heard) = tokio::join!(socket.close_after(patience, CloseCode::Away), hear);
        let (header, goodbye) = (4, 4);
        assert_eq!(heard == header + 2 * NETWORK + goodbye, whole, "{heard}");
    }
}
