//! The server's HTTP endpoint under any sequence of requests: each is answered, and no connection stays for ever.
//!
//! A script's lines of text are requests: method, query and body, parted by single blanks.
#![no_main]

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use deskbell_fuzz::{Served, Step, in_bounds, run};
use deskbell_socketio::server::Frame;
use libfuzzer_sys::fuzz_target;
use tower::ServiceExt;

/// The name of the first connection, as `Served` gives it.
const FIRST: &str = "EIO=4&transport=polling&sid=wVwCiewtCpFn7I5loY3r";

/// The longest wait of a script.
const LONGEST: Duration = Duration::from_secs(60);

fn request(method: &str, query: &str, body: &[u8]) -> Option<Request<Body>> {
    Request::builder()
        .method(method)
        .uri(format!("/socket.io/?{query}"))
        .body(Body::from(body.to_owned()))
        .ok()
}

fn read(line: &str) -> Option<Request<Body>> {
    let (method, rest) = line.split_once(' ')?;
    let (query, body) = rest.split_once(' ').unwrap_or((rest, ""));
    request(method, query, body.as_bytes())
}

async fn play(script: &[u8]) {
    let served = Served::new();
    let mut requests = Vec::new();
    let mut send = |request: Option<Request<Body>>| {
        requests.extend(request.map(|request| tokio::spawn(served.router().oneshot(request))));
    };
    for step in Step::all(script) {
        match step {
            Step::Text(line) => send(read(line)),
            Step::Binary(body) => send(request("POST", FIRST, body)),
            Step::Own(name) => served.room().broadcast(&Frame::event("/", name, &1).unwrap()),
            Step::Wait(time) => tokio::time::sleep(time.min(LONGEST)).await,
        }
        // Until nothing is left to be done.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    served.be_forgotten().await;
    for request in requests {
        assert!(request.is_finished(), "a request is never answered");
        let answer: Response = request.await.unwrap().unwrap();
        assert!(!answer.status().is_server_error() || answer.status() == 503);
    }
}

fuzz_target!(|script: &[u8]| {
    in_bounds(script.len(), || run(play(script)));
});
