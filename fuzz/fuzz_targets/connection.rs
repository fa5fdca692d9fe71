//! Any bytes on a TCP connection to the server, HTTP and WebSocket: no panic, and the connection comes to its end.
//!
//! The first byte says how many bytes arrive at a time.
#![no_main]

use deskbell_fuzz::{Served, in_bounds, run};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncWriteExt, sink};

/// Bytes on the way in one direction.
const BUFFER: usize = 16 * 1024;

async fn send(bytes: &[u8], at_once: usize) {
    let served = Served::new();
    let (peer, ours) = tokio::io::duplex(BUFFER);
    let service = TowerToHyperService::new(served.router());
    let connection = http1::Builder::new()
        .serve_connection(TokioIo::new(ours), service)
        .with_upgrades();
    let connection = tokio::spawn(connection);
    let (mut from, mut to) = tokio::io::split(peer);
    let reading = tokio::spawn(async move { tokio::io::copy(&mut from, &mut sink()).await });
    for part in bytes.chunks(at_once) {
        if to.write_all(part).await.is_err() {
            break;
        }
        tokio::task::yield_now().await;
    }
    served.be_forgotten().await;
    let _ = to.shutdown().await;
    drop(to);
    let _ = reading.await;
    let _ = connection.await.unwrap();
}

fuzz_target!(|input: &[u8]| {
    if let [at_once, bytes @ ..] = input {
        in_bounds(input.len(), || run(send(bytes, usize::from(*at_once) + 1)));
    }
});
