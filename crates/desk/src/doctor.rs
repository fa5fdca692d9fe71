//! `deskbell doctor`: how far this PC gets on its way to its reservations, and what a person can do where it stops.
//!
//! It connects once, exactly as the app does, and the reason for which that ends says how far it came. It asks for
//! nothing, tells the server of no decision and keeps nothing: an app that runs is not disturbed.

mod here;
mod probes;
mod report;
mod step;
#[cfg(test)]
mod tests;

use std::time::Duration;

use deskbell_protocol::API;
use deskbell_protocol::event::{ConnectAuth, NAMESPACE};
use deskbell_socketio::Backoff;
use deskbell_socketio::client::{Client, ClientConfig, ClientEvent, Transports, connect};
use serde_json::Value;
use tokio::sync::mpsc;
use url::Url;

use crate::credentials::{TokenFile, Unread, Vault};
use crate::http::{CONNECT_TIMEOUT, Http};
use crate::managed::{Decided, decided};
use crate::pairing::PlaceFile;
use crate::settings::Settings;
use crate::source::Source;
use crate::subscription::refusal;
use crate::update::{LinkFault, Refusal};
use crate::warning::Warning;
use crate::{DeskConfig, Language, Transport};

pub use crate::doctor::probes::{AutostartProbe, NotificationsProbe, Probes, TrayProbe, Unasked};
pub use crate::doctor::report::{DoctorReport, Finding, Outcome};
pub use crate::doctor::step::Step;

/// The longest the whole way to the server may take: a WebSocket that does not come about, and polling after it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What an attempt to connect came to.
enum Attempt {
    Connected(Transport),
    Refused(Refusal),
    Failed(LinkFault),
}

/// Where the app would connect to.
struct Goal {
    url: Url,
    shown: Url,
    namespace: String,
    auth: Value,
}

/// Looks at settings and credentials and tries to connect, as the app described by `config` would; and says what `probes`
/// of this machine come to.
///
/// Needs a tokio runtime with I/O and time, and a rustls provider installed for the process. Takes half a minute at most.
pub async fn doctor(config: &DeskConfig, probes: &Probes) -> DoctorReport {
    let Decided {
        settings,
        fault,
        policy,
        wrong,
        is_unreadable,
    } = decided(&config.folders);
    let settings = policy.over(match &fault {
        Some(_) => PlaceFile::new(&config.folders).stand_in(settings),
        None => settings,
    });
    let language = settings
        .language
        .unwrap_or_else(|| Language::of_locale(config.locale.as_deref()));
    let mut report = DoctorReport::new(&config.version, language);
    let file = config.folders.config.join("settings.toml").display().to_string();
    let policy_fault = if is_unreadable {
        Some(language.warning(Warning::PolicyUnreadable))
    } else {
        wrong.first().map(|key| language.policy_mistake(*key))
    };
    match (&fault, policy_fault) {
        (Some(error), _) => {
            let mistake = language.mistake(error.mistake());
            report.fail(Step::Settings, "settings", &format!("{file}: {mistake}"));
        }
        (None, Some(fault)) => report.fail(Step::Settings, "policy", fault),
        (None, None) => report.pass(Step::Settings, &file),
    }
    if let Some(goal) = goal(config, &settings, &mut report).await {
        go(config, &settings, goal, &mut report).await;
    }
    report.here(probes);
    report.credentials(TokenFile::new(&config.folders).read().as_ref());
    report
}

/// The way to the server.
async fn go(config: &DeskConfig, settings: &Settings, goal: Goal, report: &mut DoctorReport) {
    let language = report.language();
    report.pass(Step::Server, goal.shown.as_str());
    let is_encrypted = goal.url.scheme() == "https";
    match attempt(config, settings, goal).await {
        Attempt::Connected(transport) => report.arrived(is_encrypted, transport),
        Attempt::Refused(refusal) => {
            let step = Step::of_refusal(refusal);
            report.reached(step, is_encrypted);
            report.fail(step, refusal.code(), language.refusal(refusal));
        }
        Attempt::Failed(fault) => {
            let step = Step::of(fault);
            report.reached(step, is_encrypted);
            report.fail(step, fault.code(), language.link_fault(fault));
        }
    }
}

async fn goal(config: &DeskConfig, settings: &Settings, report: &mut DoctorReport) -> Option<Goal> {
    match &settings.source {
        // The settings' step has said why.
        Source::Wrong(_) => None,
        Source::SocketIo(source) => Some(Goal {
            url: source.url.clone(),
            shown: source.shown_url(),
            namespace: source.namespace.clone(),
            auth: source.auth.clone(),
        }),
        Source::Gateway => {
            let vault = Vault::new(
                &config.folders,
                config.credentials.clone(),
                config.entropy.clone(),
            );
            let token = vault.token().await;
            let language = report.language();
            let (Ok(Some(token)), Some(server)) = (&token, settings.servers.first()) else {
                let (code, message) = match token {
                    Ok(_) => ("not_paired", language.not_paired(false)),
                    Err(Unread::File) => ("token_unreadable", language.not_paired(true)),
                    Err(Unread::Store) => {
                        let shut = Refusal::StoreShut;
                        (shut.code(), language.refusal(shut))
                    }
                };
                report.fail(Step::Server, code, message);
                return None;
            };
            let auth = ConnectAuth {
                token: token.as_str().to_owned(),
                api: API,
                client: format!("deskbell/{}", config.version),
                cursor: None,
            };
            Some(Goal {
                url: server.clone(),
                shown: server.clone(),
                namespace: NAMESPACE.to_owned(),
                auth: serde_json::to_value(auth).unwrap_or_default(),
            })
        }
    }
}

async fn attempt(config: &DeskConfig, settings: &Settings, goal: Goal) -> Attempt {
    let http = match Http::new(
        &config.version,
        &settings.network,
        std::slice::from_ref(&goal.url),
    ) {
        Ok(http) => http,
        Err(error) => {
            return error
                .mistake()
                .map_or(Attempt::Failed(LinkFault::Internal), |mistake| {
                    Attempt::Refused(Refusal::Setting(mistake))
                });
        }
    };
    let client = ClientConfig {
        http: http.to(&goal.url).clone(),
        url: goal.url,
        namespace: goal.namespace,
        connect_timeout: CONNECT_TIMEOUT,
        backoff: Backoff::default(),
        transports: Transports::default(),
    };
    let is_gateway = settings.source == Source::Gateway;
    let (clock, entropy) = (config.clock.clone(), config.entropy.clone());
    let auth = goal.auth;
    let (client, events) = connect(client, move || auth.clone(), clock, entropy);
    tokio::time::timeout(PATIENCE, first_word(client, events, is_gateway))
        .await
        .unwrap_or(Attempt::Failed(LinkFault::Silent))
}

async fn first_word(_client: Client, mut events: mpsc::Receiver<ClientEvent>, is_gateway: bool) -> Attempt {
    match events.recv().await {
        Some(ClientEvent::Connected { transport }) => Attempt::Connected(transport.into()),
        Some(ClientEvent::Disconnected { reason, .. }) => Attempt::Failed(LinkFault::from(&reason)),
        Some(ClientEvent::Refused { data, .. }) if is_gateway => match refusal(data) {
            Some(refusal) => Attempt::Refused(refusal),
            None => Attempt::Failed(LinkFault::OtherProgram),
        },
        Some(ClientEvent::Refused { .. }) => Attempt::Refused(Refusal::AuthRefused),
        // Nothing comes before these, and the client's task does not end without one.
        Some(_) | None => Attempt::Failed(LinkFault::Internal),
    }
}
