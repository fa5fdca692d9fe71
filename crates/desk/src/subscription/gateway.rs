//! The line to a Deskbell gateway, which has a log.

use std::time::Duration;

use deskbell_protocol::event::{
    CaughtUp, Change, ConnectAuth, ConnectRefused, Head, NAMESPACE, RefusalCode, Shown, Shutdown, Welcome,
};
use deskbell_protocol::{API, Position};
use deskbell_socketio::client::{Client, ClientConfig, ClientEvent, Transports, connect};
use deskbell_socketio::{Args, Backoff};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::watch;
use url::Url;

use crate::Transport;
use crate::credentials::Token;
use crate::http::CONNECT_TIMEOUT;
use crate::subscription::{Dropped, Outlet, SubscriptionConfig, Wish};
use crate::update::{LinkFault, LinkUpdate, Refusal, Update};

/// How long a gateway may take to acknowledge `shown`.
const ACK_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the gateways are, and who this desk is to them.
#[derive(Clone, Debug)]
pub(crate) struct GatewayLine {
    /// In the order in which they are tried; at least one.
    pub servers: Vec<Url>,
    /// The desk's secret.
    pub token: Token,
}

/// Talks to the gateways until the desk wants no more.
pub(super) async fn run(
    config: SubscriptionConfig,
    line: GatewayLine,
    cursor: watch::Receiver<Option<Position>>,
    outlet: Outlet,
) {
    let line = Line {
        config,
        line,
        cursor,
        outlet,
        failures: 0,
    };
    let (Ok(()) | Err(Dropped)) = line.run().await;
}

struct Line {
    config: SubscriptionConfig,
    line: GatewayLine,
    cursor: watch::Receiver<Option<Position>>,
    outlet: Outlet,
    /// Attempts in a row that did not catch up.
    failures: u32,
}

/// What ends the talk with one gateway.
enum End {
    /// The gateway does not want the desk.
    Refused(Refusal),
    /// The gateway will be back after this.
    Stopping(Duration),
    /// The desk wants a new connection.
    StartOver,
    /// The gateway is of no use now.
    Away(LinkFault),
}

impl Line {
    async fn run(mut self) -> Result<(), Dropped> {
        for turn in 0_usize.. {
            let count = self.line.servers.len();
            let Some(server) = self.line.servers.get(turn % count.max(1)).cloned() else {
                break;
            };
            let ended = self.talk(server).await?;
            let wait = self.pause_after(ended, (turn + 1) % count == 0).await?;
            if !wait.is_zero() {
                self.outlet.sleep(wait, &*self.config.clock).await?;
            }
        }
        Ok(())
    }

    /// How long to wait before the next attempt. After a refusal, only a person ends the wait.
    async fn pause_after(&mut self, ended: End, all_tried: bool) -> Result<Duration, Dropped> {
        Ok(match ended {
            End::Refused(refusal) => {
                self.outlet.link(LinkUpdate::Refused(refusal)).await?;
                self.failures = 0;
                self.outlet.hurry().await?;
                Duration::ZERO
            }
            End::Stopping(retry_after) => {
                self.outlet.link(LinkUpdate::Lost(LinkFault::Stopping)).await?;
                retry_after.min(Backoff::default().cap)
            }
            End::StartOver => self.backoff(),
            End::Away(fault) => {
                self.outlet.link(LinkUpdate::Lost(fault)).await?;
                // The next gateway of the list is tried at once.
                if all_tried { self.backoff() } else { Duration::ZERO }
            }
        })
    }

    fn backoff(&mut self) -> Duration {
        let wait = Backoff::default().delay(self.failures, &*self.config.entropy);
        self.failures = self.failures.saturating_add(1);
        wait
    }

    async fn talk(&mut self, server: Url) -> Result<End, Dropped> {
        self.outlet.link(LinkUpdate::Trying(server.clone())).await?;
        let config = ClientConfig {
            http: self.config.http.to(&server).clone(),
            url: server,
            namespace: NAMESPACE.to_owned(),
            connect_timeout: CONNECT_TIMEOUT,
            backoff: Backoff::default(),
            transports: Transports::default(),
        };
        let (clock, entropy) = (self.config.clock.clone(), self.config.entropy.clone());
        let (client, mut events) = connect(config, self.auth(), clock, entropy);
        loop {
            tokio::select! {
                event = events.recv() => {
                    // Without a last word the client's own task has failed.
                    let Some(event) = event else { return Ok(End::Away(LinkFault::Internal)) };
                    if let Some(end) = self.hear(event).await? {
                        return Ok(end);
                    }
                }
                wish = self.outlet.wishes.recv() => match wish.ok_or(Dropped)? {
                    Wish::StartOver => return Ok(End::StartOver),
                    Wish::Hurry => client.reconnect_now(),
                    Wish::TellShown(position) => tell_shown(&client, position),
                },
            }
        }
    }

    fn auth(&self) -> impl FnMut() -> Value + Send + 'static + use<> {
        let (token, version, cursor) = (
            self.line.token.clone(),
            self.config.version.clone(),
            self.cursor.clone(),
        );
        move || {
            let auth = ConnectAuth {
                token: token.as_str().to_owned(),
                api: API,
                client: format!("deskbell/{version}"),
                cursor: cursor.borrow().clone(),
            };
            serde_json::to_value(auth).unwrap_or_default()
        }
    }

    async fn hear(&mut self, event: ClientEvent) -> Result<Option<End>, Dropped> {
        match event {
            ClientEvent::Connected { transport } => {
                self.outlet.link(LinkUpdate::Over(transport.into())).await?;
                Ok(None)
            }
            ClientEvent::Upgraded => {
                self.outlet.link(LinkUpdate::Over(Transport::WebSocket)).await?;
                Ok(None)
            }
            ClientEvent::Event { name, args, .. } => self.event(&name, args.first()).await,
            ClientEvent::Refused { data, .. } => {
                tracing::warn!("the gateway refuses this desk");
                Ok(Some(match refusal(data) {
                    Some(refusal) => End::Refused(refusal),
                    None => End::Away(LinkFault::OtherProgram),
                }))
            }
            ClientEvent::Disconnected { reason, retry_in, .. } => {
                tracing::info!(%reason, ?retry_in, "the link is lost");
                let fault = LinkFault::from(&reason);
                if self.line.servers.len() > 1 {
                    return Ok(Some(End::Away(fault)));
                }
                // With one gateway the client tries again by itself.
                self.outlet.link(LinkUpdate::Lost(fault)).await?;
                Ok(None)
            }
        }
    }

    async fn event(&mut self, name: &str, data: &RawValue) -> Result<Option<End>, Dropped> {
        let update = match name {
            Change::NAME => read(data).map(|change| Update::Changed(Box::new(change))),
            Welcome::NAME => read(data).map(|welcome| Update::Link(LinkUpdate::Welcomed(Box::new(welcome)))),
            CaughtUp::NAME => {
                self.failures = 0;
                read(data).map(|caught_up| Update::Link(LinkUpdate::CaughtUp(caught_up)))
            }
            Head::NAME => read(data).map(|head| Update::Link(LinkUpdate::Head(head))),
            Shutdown::NAME => {
                let shutdown: Option<Shutdown> = read(data);
                return Ok(
                    shutdown.map(|shutdown| End::Stopping(Duration::from_millis(shutdown.retry_after_ms)))
                );
            }
            // A later gateway may say more than this desk understands.
            _ => return Ok(None),
        };
        match update {
            Some(update) => {
                self.outlet.send(update).await?;
                Ok(None)
            }
            None => {
                // Neither the payload nor serde's complaint, which quotes it, may reach the log.
                tracing::error!(event = name, "an event cannot be read");
                Ok(Some(End::Away(LinkFault::OtherProgram)))
            }
        }
    }
}

fn read<T: DeserializeOwned>(data: &RawValue) -> Option<T> {
    serde_json::from_str(data.get()).ok()
}

/// The next `shown` counts for this one too, and `welcome` says what has arrived: a lost one needs no repeat.
fn tell_shown(client: &Client, position: Position) {
    let Ok(shown) = Args::of(&Shown { position }) else {
        return;
    };
    let told = client.emit_with_ack(Shown::NAME, &shown, ACK_TIMEOUT);
    tokio::spawn(async move {
        if let Err(error) = told.await {
            tracing::debug!(%error, "`shown` was not acknowledged");
        }
    });
}

/// What a gateway means by the data of its refusal; `None` where no gateway speaks so.
pub(crate) fn refusal(data: Option<Value>) -> Option<Refusal> {
    let data = data?;
    data.get("code")?;
    Some(serde_json::from_value(data).map_or(
        Refusal::Unknown,
        |refused: ConnectRefused| match refused.code {
            RefusalCode::InvalidToken | RefusalCode::DeskRevoked => Refusal::SignedOut,
            RefusalCode::UpgradeRequired => Refusal::UpgradeRequired,
        },
    ))
}
