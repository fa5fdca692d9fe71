//! What `GET /metrics` tells whoever watches the gateway. Counts and durations by route, never by hospital or person: no
//! label and no value comes from what somebody sent.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::push::Census;

/// The text format that Prometheus reads.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds in seconds: from a read that the memory answers to the longest that a body may take.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 20.0,
];

/// The counters of one gateway. Clones count into the same.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    taken_in: Counter,
    intake: Histogram,
    store_failures: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
    method: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            taken_in: Counter::default(),
            intake: Histogram::new(BUCKETS),
            store_failures: Counter::default(),
        }
    }

    /// A request was answered. `route` is a route's pattern, never an address, and `method` one of the [`known`].
    pub(crate) fn answered(&self, route: &str, method: &'static str, status: StatusCode, took: Duration) {
        let route = route.to_owned();
        let request = Request {
            route: route.clone(),
            method,
            status: status.as_u16(),
        };
        self.requests.get_or_create(&request).inc();
        let durations = self.durations.get_or_create(&Route { route, method });
        durations.observe(took.as_secs_f64());
    }

    /// A reservation is on the disk, `took` after the store was asked to put it there.
    pub(crate) fn taken_in(&self, took: Duration) {
        self.taken_in.inc();
        self.intake.observe(took.as_secs_f64());
    }

    /// The store could not be used.
    pub(crate) fn store_failed(&self) {
        self.store_failures.inc();
    }

    /// Everything, as Prometheus reads it: what was counted, who is there, since when the gateway runs, and until when its
    /// certificate is valid.
    pub(crate) fn text(
        &self,
        started: Timestamp,
        not_after: Option<Timestamp>,
        census: Census,
    ) -> Result<String, std::fmt::Error> {
        let mut registry = Registry::with_prefix("deskbell");
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "From a request's head to its answer's",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register("reservations", "Reservations taken in", self.taken_in.clone());
        registry.register_with_unit(
            "intake_duration",
            "Until a reservation is on the disk",
            Unit::Seconds,
            self.intake.clone(),
        );
        registry.register(
            "store_failures",
            "Times that the database could not be used",
            self.store_failures.clone(),
        );
        registry.register("desks", "Sockets of desks", gauge(census.desks));
        registry.register("watchers", "Patients' pages", gauge(census.watchers));
        registry.register(
            "changes_pushed",
            "Changes sent to a hospital's desks",
            ConstCounter::new(census.pushed),
        );
        registry.register(
            "hospitals_behind",
            "Hospitals whose desks cannot be told of its changes",
            gauge(census.behind),
        );
        registry.register_with_unit(
            "start_time",
            "When the gateway was started",
            Unit::Seconds,
            ConstGauge::new(started.as_second()),
        );
        if let Some(not_after) = not_after {
            registry.register_with_unit(
                "tls_certificate_not_after",
                "When the gateway's certificate expires",
                Unit::Seconds,
                ConstGauge::new(not_after.as_second()),
            );
        }
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "What runs", Info::new(version.to_vec()));
        let mut text = String::new();
        encode(&mut text, &registry)?;
        Ok(text)
    }
}

fn gauge(count: usize) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The methods there are; whatever else a client may make up is one.
pub(crate) fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
