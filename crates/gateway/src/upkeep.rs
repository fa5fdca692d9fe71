//! What a gateway does without being asked: leases that ran out end, and what works no more, or is older than is to be
//! kept, goes.

use std::time::Duration;

use deskbell_store::StoreError;
use tokio::time::MissedTickBehavior;

use crate::Gateway;
use crate::logging::chain;

/// How late a claim may end.
const EXPIRE: Duration = Duration::from_secs(1);

/// How often what is too old is looked for.
const FORGET: Duration = Duration::from_secs(60 * 60);

/// Keeps the gateway's database for as long as it is polled. What fails is tried again.
pub(crate) async fn run(gateway: &Gateway) {
    // Beside each other: a year that goes at once takes longer than a claim may wait.
    tokio::join!(expire(gateway), forget(gateway));
}

async fn expire(gateway: &Gateway) {
    let (mut tick, mut said) = (every(EXPIRE), Said::default());
    loop {
        tick.tick().await;
        let expired = gateway.store().expire_claims(gateway.clock().now()).await;
        let expired = said.heed(gateway, "claims that ran out cannot be ended", expired);
        for hospital in expired.into_iter().flatten() {
            gateway.push().wake(hospital);
        }
    }
}

async fn forget(gateway: &Gateway) {
    let (mut tick, mut said) = (every(FORGET), Said::default());
    loop {
        tick.tick().await;
        let forgotten = forget_once(gateway).await;
        said.heed(gateway, "what is too old cannot be taken away", forgotten);
    }
}

async fn forget_once(gateway: &Gateway) -> Result<(), StoreError> {
    let now = gateway.clock().now();
    gateway.store().forget_expired(now).await?;
    let retain = gateway.options().retain;
    // An age beyond the calendar keeps everything.
    match retain.and_then(|age| now.checked_sub(age).ok()) {
        Some(before) => gateway.store().prune(before).await,
        None => Ok(()),
    }
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut tick = tokio::time::interval(period);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick
}

/// Says a failure once, not every time.
#[derive(Default)]
struct Said(bool);

impl Said {
    fn heed<T>(&mut self, gateway: &Gateway, what: &str, result: Result<T, StoreError>) -> Option<T> {
        match result {
            Ok(value) => {
                self.0 = false;
                Some(value)
            }
            Err(error) => {
                gateway.metrics().store_failed();
                if !std::mem::replace(&mut self.0, true) {
                    tracing::error!(error = chain(&error), "{what}");
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use deskbell_store::Filter;
    use tokio::net::TcpListener;

    use super::*;
    use crate::Options;
    use crate::http::testing::Site;

    /// Serves the site's gateway until `done`; a minute is far more than it may take.
    async fn serve_until(site: &Site, done: impl AsyncFn() -> bool) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let served = crate::serve(site.gateway.clone(), listener, async {
            while !done().await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        tokio::time::timeout(Duration::from_secs(60), served)
            .await
            .unwrap()
            .unwrap();
    }

    #[tokio::test]
    async fn a_gateway_that_serves_ends_claims_that_ran_out() {
        let site = Site::new().await;
        let (location, desk) = (site.booked().await, site.pair().await);
        desk.ask("POST", &format!("{location}/claim"), "{}").await;
        site.clock.advance(Duration::from_secs(300));
        serve_until(&site, async || {
            let list = site.store.reservations(site.hospital.id, Filter::Pending).await;
            let list = list.unwrap();
            list.reservations[0].claim.is_none() && list.position.seq.0 == 3
        })
        .await;
    }

    #[tokio::test]
    async fn a_gateway_that_serves_forgets_what_is_too_old_and_tells_old_cursors() {
        let retain = Some(Duration::from_secs(24 * 60 * 60));
        let site = Site::with(Options {
            retain,
            ..Options::default()
        })
        .await;
        site.booked().await;
        site.clock.advance(Duration::from_secs(3 * 24 * 60 * 60));
        serve_until(&site, async || {
            let log = site.store.log_state(site.hospital.id).await.unwrap();
            log.pruned == log.position.seq && site.recorded().await == 0
        })
        .await;
    }
}
