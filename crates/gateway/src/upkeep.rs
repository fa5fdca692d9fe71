//! What a gateway does without being asked: leases that ran out end, what works no more, or is older than is to be kept,
//! goes, and the secrets of a backup that is restored under it are taken over.

use std::time::Duration;

use deskbell_store::StoreError;
use tokio::time::MissedTickBehavior;

use crate::Gateway;
use crate::logging::chain;

/// How late a claim may end.
const EXPIRE: Duration = Duration::from_secs(1);

/// How often what is too old is looked for.
const FORGET: Duration = Duration::from_secs(60 * 60);

/// How late the secrets of a backup are taken over.
const RESTORED: Duration = Duration::from_secs(1);

/// Keeps the gateway's database for as long as it is polled. What fails is tried again.
pub(crate) async fn run(gateway: &Gateway) {
    // Beside each other: a year that goes at once takes longer than a claim may wait.
    tokio::join!(expire(gateway), forget(gateway), settle(gateway));
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

/// Reads the secrets until they are settled.
async fn settle(gateway: &Gateway) {
    let (mut tick, mut said) = (every(RESTORED), Said::default());
    loop {
        tick.tick().await;
        let read = gateway.read_keys().await;
        if said.heed(gateway, "the secrets cannot be read", read) == Some(true) {
            return;
        }
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
    use std::sync::Arc;

    use deskbell_clock::OsEntropy;
    use deskbell_protocol::Epoch;
    use deskbell_store::{Address, Filter};
    use tokio::net::TcpListener;

    use super::*;
    use crate::Options;
    use crate::http::testing::{SEED, Site, URLENCODED};

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

    #[tokio::test]
    async fn a_backup_that_is_restored_under_a_gateway_brings_its_secrets() {
        let site = Site::new().await;
        let short = site.post(&[URLENCODED], SEED).await.json();
        let token = short["watch_token"].as_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let backup = folder.path().join("backup");
        site.store.backup(&backup).await.unwrap();

        // A new machine's gateway serves already.
        let address = Address::Sqlite(folder.path().join("gateway.sqlite"));
        let store = deskbell_store::open(&address).await.unwrap();
        let gateway = Gateway::new(
            Arc::clone(&store),
            Arc::new(site.clock.clone()),
            Arc::new(OsEntropy),
            Options::default(),
        );
        let gateway = gateway.await.unwrap();
        assert_eq!(gateway.watched(token), None);
        let restored = async {
            store
                .restore(&backup, &|| Epoch("next".to_owned()))
                .await
                .unwrap();
            while gateway.watched(token).is_none() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            () = run(&gateway) => panic!("it ended"),
            () = restored => {}
            () = tokio::time::sleep(Duration::from_secs(60)) => panic!("it keeps its own secrets"),
        }
    }
}
