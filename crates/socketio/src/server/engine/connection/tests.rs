use axum::body::{Body, to_bytes};
use deskbell_clock::{FakeClock, SeededEntropy, Timestamp};
use futures_util::FutureExt;

use super::super::polling::{Polling, Polls};
use super::super::transport::MAX_UNSENT;
use super::super::{Connections, Engine, EngineConfig};
use super::*;

const PING_INTERVAL: Duration = Duration::from_secs(25);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

struct Nobody;

impl Connections for Nobody {
    async fn serve(&self, _: Connection) {}
}

/// A polled connection and its requests' end.
struct Polled {
    clock: FakeClock,
    polls: Arc<Polls>,
    connection: Connection,
}

impl Polled {
    /// One whose client has the terms.
    async fn open() -> Self {
        let clock = FakeClock::at(Timestamp::UNIX_EPOCH);
        let config = EngineConfig {
            ping_interval: PING_INTERVAL,
            ping_timeout: PING_TIMEOUT,
            upgrade_timeout: PING_TIMEOUT,
            max_payload: 1_000,
            max_connections: 1,
        };
        let engine = Engine::new(
            config,
            Nobody,
            Arc::new(clock.clone()),
            Arc::new(SeededEntropy::new(1)),
        );
        let (polls, polling) = Polling::new();
        let peer = Peer { address: None };
        let transport = Transport::Polling(Box::new(polling));
        let connection = Connection::new(&engine.shared, "x".to_owned(), peer, transport);
        let mut polled = Self {
            clock,
            polls: Arc::new(polls),
            connection,
        };
        assert!(polled.get().await.starts_with(r#"0{"#));
        polled
    }

    /// Takes what waits, while the connection is kept.
    async fn get(&mut self) -> String {
        let asked = async {
            let answer = self.polls.get().await.unwrap();
            to_bytes(Body::new(answer), usize::MAX).await.unwrap()
        };
        let kept = async { while let Ok(None) = self.connection.step(true, None).await {} };
        let body = tokio::select! { biased;
            body = asked => body,
            () = kept => panic!("it is over"),
        };
        self.settle();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// How the connection is over; it must be by now.
    fn end(&mut self) -> End {
        loop {
            match self.connection.step(true, None).now_or_never() {
                Some(Ok(_)) => {}
                Some(Err(end)) => return end,
                None => panic!("it is not over"),
            }
        }
    }

    /// Does what can be done at once.
    fn settle(&mut self) {
        while let Some(stepped) = self.connection.step(true, None).now_or_never() {
            assert!(stepped.is_ok_and(|message| message.is_none()));
        }
    }
}

#[tokio::test]
async fn who_comes_for_a_ping_after_its_time_gets_nothing() {
    let mut polled = Polled::open().await;
    polled.clock.advance(PING_INTERVAL);
    assert_eq!(polled.get().await, "2");
    polled.clock.advance(PING_TIMEOUT);
    let polls = Arc::clone(&polled.polls);
    let mut late = std::pin::pin!(polls.get());
    assert!(late.as_mut().now_or_never().is_none());
    assert_eq!(polled.end(), End::PingTimeout);
    drop(polled);
    assert!(late.await.is_err());
}

#[tokio::test]
async fn an_answer_that_its_client_did_not_wait_for_ends_the_connection() {
    let mut polled = Polled::open().await;
    polled.connection.send(Message::text("a")).unwrap();
    let answer = {
        let mut asked = std::pin::pin!(polled.polls.get());
        assert!(asked.as_mut().now_or_never().is_none());
        assert!(polled.connection.step(true, None).now_or_never().is_none());
        asked.now_or_never().unwrap().unwrap()
    };
    polled.connection.send(Message::text("b")).unwrap();
    // As hyper drops the body of an answer whose client has gone.
    drop(answer);
    assert_eq!(polled.end(), End::Lost);
}

#[tokio::test]
async fn what_nobody_comes_for_is_kept_for_a_while_and_up_to_a_size() {
    let mut polled = Polled::open().await;
    polled.connection.send(Message::text("a")).unwrap();
    polled.settle();
    polled.clock.advance(PING_TIMEOUT - Duration::from_millis(1));
    polled.settle();
    polled.clock.advance(Duration::from_millis(1));
    assert_eq!(polled.end(), End::Stalled);

    let mut polled = Polled::open().await;
    let all = vec![0; MAX_UNSENT];
    // In base64 it is more than what it may be.
    assert_eq!(polled.connection.send(Message::binary(all)), Err(End::Overflow));
}

#[tokio::test]
async fn an_idle_connection_is_left_at_the_time_agreed_and_not_before() {
    let mut polled = Polled::open().await;
    let until = Some(polled.clock.instant() + Duration::from_secs(1));
    assert!(polled.connection.step(true, until).now_or_never().is_none());
    polled.clock.advance(Duration::from_secs(1));
    let left = polled.connection.step(true, until).now_or_never();
    assert!(matches!(left, Some(Ok(None))));
}

#[tokio::test]
async fn who_comes_again_and_again_is_not_stalled_though_it_is_never_done() {
    let mut polled = Polled::open().await;
    let text = || Message::text("a");
    for _ in 0..64 {
        polled.connection.send(text()).unwrap();
    }
    for _ in 0..3 {
        polled.settle();
        polled.clock.advance(PING_TIMEOUT * 2 / 5);
        let heard = polled.get().await;
        for _ in heard.split('\x1e') {
            polled.connection.send(text()).unwrap();
        }
    }
    polled.settle();
    polled.clock.advance(PING_TIMEOUT);
    assert_eq!(polled.end(), End::Stalled);
}

#[tokio::test(start_paused = true)]
async fn who_polls_slowly_hears_all_at_the_end() {
    let mut polled = Polled::open().await;
    for _ in 0..20 {
        polled.connection.send(Message::text("a")).unwrap();
    }
    let Polled {
        polls, connection, ..
    } = polled;
    let hear = async {
        let mut heard = Vec::new();
        while let Ok(answer) = polls.get().await {
            let body = to_bytes(Body::new(answer), usize::MAX).await.unwrap();
            heard.push(body.split(|byte| *byte == 0x1e).count());
            tokio::time::sleep(PING_TIMEOUT / 4).await;
        }
        heard
    };
    let ((), heard) = tokio::join!(connection.close(Goodbye::Away), hear);
    // Who comes for nothing but the goodbye is not waited for as long.
    assert_eq!(heard, [16, 4]);
}
