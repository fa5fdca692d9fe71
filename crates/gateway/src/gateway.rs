use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use deskbell_clock::{Clock, Entropy};
use deskbell_protocol::http::ShortReservation;
use deskbell_protocol::{DeskId, Hospital, HospitalId, NewReservation, Reservation, ReservationId};
use deskbell_store::{Access, ChangeError, Digest, Idempotency, Recorded, Store, StoreError, Wish};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use url::Url;

use crate::edge::{Edge, Tls};
use crate::keys::Keys;
use crate::known_keys::KnownKeys;
use crate::limit::{Limit, Network};
use crate::metrics::Metrics;
use crate::push::Push;
use crate::readiness::Readiness;

/// For how long a repeated request is recognised.
const REPEATS: Duration = Duration::from_secs(24 * 60 * 60);

/// How many requests a second a hospital's booking site may send, if nothing else is said: far more than patients book.
pub(crate) const INTAKE_RATE: NonZeroU32 = NonZeroU32::new(100).unwrap();

/// How a gateway is to behave.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where desks reach this gateway. Without it a desk is told the address by which it came.
    pub public_url: Option<Url>,
    /// Whether patients may book on a page of the gateway's own.
    pub booking_page: bool,
    /// How many requests a second each hospital's booking site may send; twice as many at once.
    pub intake_rate: NonZeroU32,
    /// What stands between the listener and the endpoints.
    pub edge: Edge,
    /// For how long changes and reservations are kept; for ever without it.
    pub retain: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            public_url: None,
            booking_page: false,
            intake_rate: INTAKE_RATE,
            edge: Edge::default(),
            retain: None,
        }
    }
}

/// What every request and every socket of a gateway shares. Clones are the same gateway.
#[derive(Clone)]
pub struct Gateway(Arc<Parts>);

struct Parts {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    options: Options,
    keys: RwLock<Keys>,
    known_keys: KnownKeys,
    push: Push,
    guesses: Limit<Network>,
    bookings: Limit<Network>,
    wrong_tokens: Limit<Network>,
    sites: Limit<HospitalId>,
    desks: Limit<DeskId>,
    metrics: Metrics,
    readiness: Readiness,
    started: Timestamp,
}

/// Names a request, so that its repeat is recognised.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RequestName<'a> {
    /// The booking site's `Idempotency-Key`.
    Site(&'a [u8]),
    /// What the booking page hid in its form.
    Page(&'a [u8]),
}

impl Gateway {
    /// A gateway on `store`, with nobody connected.
    ///
    /// # Errors
    /// When the store's secrets cannot be read or made.
    pub async fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        options: Options,
    ) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(Parts {
            known_keys: KnownKeys::default(),
            keys: RwLock::new(Keys::of(&*store, &*entropy).await?),
            push: Push::new(Arc::clone(&store), Arc::clone(&clock)),
            // 40 random bits that live for 10 minutes: 10 guesses, then 6 in an hour, is no attack.
            guesses: Limit::new(10, Duration::from_secs(10 * 60)),
            // A family, or a waiting room behind one address, may well book one after the other.
            bookings: Limit::new(20, Duration::from_secs(30)),
            // One PC with an old token asks again and again; its hospital has others behind the same address.
            wrong_tokens: Limit::new(100, Duration::from_secs(1)),
            sites: Limit::per_second(options.intake_rate),
            // A desk fetches two lists when it starts, and a click is one request.
            desks: Limit::new(100, Duration::from_millis(50)),
            metrics: Metrics::new(),
            readiness: Readiness::default(),
            started: clock.now(),
            store,
            clock,
            entropy,
            options,
        })))
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    pub(crate) fn entropy(&self) -> &Arc<dyn Entropy> {
        &self.0.entropy
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn push(&self) -> &Push {
        &self.0.push
    }

    /// Guesses of pairing codes.
    pub(crate) fn guesses(&self) -> &Limit<Network> {
        &self.0.guesses
    }

    /// Forms sent from the booking page.
    pub(crate) fn bookings(&self) -> &Limit<Network> {
        &self.0.bookings
    }

    /// Requests with a token that nobody has.
    pub(crate) fn wrong_tokens(&self) -> &Limit<Network> {
        &self.0.wrong_tokens
    }

    /// The intake keys that were good when they were looked up last.
    pub(crate) fn known_keys(&self) -> &KnownKeys {
        &self.0.known_keys
    }

    /// Requests of a hospital's booking site.
    pub(crate) fn sites(&self) -> &Limit<HospitalId> {
        &self.0.sites
    }

    /// Requests of a desk.
    pub(crate) fn desks(&self) -> &Limit<DeskId> {
        &self.0.desks
    }

    /// What is counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Everything counted, as Prometheus reads it.
    pub(crate) fn metrics_text(&self) -> Result<String, fmt::Error> {
        let tls = self.options().edge.tls.as_ref();
        let not_after = tls.and_then(Tls::not_after);
        self.metrics()
            .text(self.0.started, not_after, self.push().census())
    }

    /// Whether reservations can be taken in, as far as is known.
    pub(crate) fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    fn keys(&self) -> Keys {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the database's secrets again; true when they stay what they are now.
    pub(crate) async fn read_keys(&self) -> Result<bool, StoreError> {
        // A backup, which has secrets of its own, is restored only where there is no hospital yet. Looked at first.
        let settled = !self.store().hospitals().await?.is_empty();
        let keys = Keys::of(self.store(), &*self.0.entropy).await?;
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(settled)
    }

    /// 10 random bytes, as many as an id wants.
    pub(crate) fn random(&self) -> [u8; 10] {
        let mut random = [0; 10];
        self.0.entropy.fill(&mut random);
        random
    }

    /// Takes a checked form in; with `key`, only if that is the hospital's. It is on the disk when this returns, and on its
    /// way to the desks.
    pub(crate) async fn take_in(
        &self,
        hospital: HospitalId,
        key: Option<Digest>,
        new: &NewReservation,
        name: Option<RequestName<'_>>,
    ) -> Result<Recorded, StoreError> {
        let Parts {
            store,
            clock,
            push,
            metrics,
            ..
        } = &*self.0;
        let keys = self.keys();
        let (now, begun) = (clock.now(), clock.instant());
        let idempotency = name.map(|name| Idempotency {
            key: match name {
                RequestName::Site(name) => keys.request(hospital, "site", name),
                RequestName::Page(name) => keys.request(hospital, "page", name),
            },
            fields: keys.fields(new),
            until: now + REPEATS,
        });
        let id = ReservationId::new(now, &self.random());
        let recorded = store
            .record(hospital, key, id, new, idempotency.as_ref(), now)
            .await;
        self.wrote(recorded.as_ref().err());
        let recorded = recorded?;
        if let Recorded::New(reservation) = &recorded {
            metrics.taken_in(clock.instant().saturating_since(begun));
            tracing::info!(%hospital, reservation = %reservation.id, seq = %reservation.seq, "reservation taken in");
            push.wake(hospital);
        }
        Ok(recorded)
    }

    /// The reservation that a watch token opens, whether or not there is one; `None` for a forged token.
    pub(crate) fn watched(&self, token: &str) -> Option<ReservationId> {
        self.keys().watched(token)
    }

    /// The date at the hospital.
    ///
    /// # Errors
    /// When its time zone is not known.
    pub(crate) fn today(&self, hospital: &Hospital) -> Result<Date, jiff::Error> {
        let zone = TimeZone::get(&hospital.timezone)?;
        Ok(self.0.clock.now().to_zoned(zone).date())
    }

    /// Changes a reservation. It is on the disk when this returns, and on its way to the desks.
    pub(crate) async fn change(
        &self,
        hospital: HospitalId,
        id: ReservationId,
        wish: &Wish,
    ) -> Result<Reservation, ChangeError> {
        let changed = self.store().change(hospital, id, wish, self.clock().now()).await;
        self.wrote(match &changed {
            Err(ChangeError::Store(error)) => Some(error),
            Ok(_) | Err(ChangeError::Refused(..)) => None,
        });
        // Refused or not: a claim that had run out has ended.
        self.push().wake(hospital);
        changed
    }

    /// Signs a desk out for good.
    pub(crate) async fn sign_out(&self, hospital: HospitalId, desk: DeskId) -> Result<(), StoreError> {
        let signed_out = self.store().revoke_desk(hospital, desk, self.clock().now()).await;
        self.wrote(signed_out.as_ref().err());
        signed_out?;
        let push = self.push();
        // Its claims have ended, too.
        push.wake(hospital);
        push.sign_out(hospital, desk);
        tracing::info!(%hospital, %desk, "desk signed out");
        Ok(())
    }

    /// Notes who is at whose data. It is in the access record when this returns.
    pub(crate) async fn note_access(&self, access: Access) -> Result<(), StoreError> {
        let noted = self.store().note_access(access).await;
        self.wrote(noted.as_ref().err());
        noted
    }

    fn wrote(&self, failure: Option<&StoreError>) {
        self.readiness().wrote(failure, self.clock().instant());
    }

    /// What a booking site is told of a reservation.
    pub(crate) fn short(&self, reservation: &Reservation) -> ShortReservation {
        ShortReservation {
            id: reservation.id,
            seq: reservation.seq,
            version: reservation.version,
            status: reservation.status,
            watch_token: self.keys().watch_token(reservation.id),
        }
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}
