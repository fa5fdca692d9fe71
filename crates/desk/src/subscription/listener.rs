//! The line to a hospital's own Socket.IO server, which has no log: what is missed is missed.

use deskbell_protocol::Form;
use deskbell_socketio::client::{Client, ClientConfig, ClientEvent, Transports, connect};
use deskbell_socketio::{Args, Backoff};
use serde_json::value::RawValue;

use crate::Transport;
use crate::heard::{Heard, HeardKey};
use crate::http::CONNECT_TIMEOUT;
use crate::source::SocketIoSource;
use crate::subscription::{Dropped, Outlet, REFUSED_PAUSE, SubscriptionConfig, Wish};
use crate::update::{LinkFault, LinkUpdate, Listening, Refusal, Update};

/// Where the server is, and how its reservations are recognised.
#[derive(Clone)]
pub(crate) struct Listener {
    /// The server.
    pub source: SocketIoSource,
    /// Makes ids.
    pub key: HeardKey,
}

/// Listens until the desk wants no more.
pub(super) async fn run(config: SubscriptionConfig, listener: Listener, outlet: Outlet) {
    let line = Line {
        config,
        listener,
        outlet,
    };
    let (Ok(()) | Err(Dropped)) = line.run().await;
}

struct Line {
    config: SubscriptionConfig,
    listener: Listener,
    outlet: Outlet,
}

/// What ends the talk for now.
enum End {
    /// The server does not want this desk.
    Refused,
    /// The client's own task has failed.
    Failed,
}

impl Line {
    async fn run(mut self) -> Result<(), Dropped> {
        loop {
            let (last_word, pause) = match self.talk().await? {
                End::Refused => (LinkUpdate::Refused(Refusal::AuthRefused), REFUSED_PAUSE),
                End::Failed => (LinkUpdate::Lost(LinkFault::Internal), Backoff::default().cap),
            };
            self.outlet.link(last_word).await?;
            self.outlet.sleep(pause, &*self.config.clock).await?;
        }
    }

    async fn talk(&mut self) -> Result<End, Dropped> {
        let source = &self.listener.source;
        self.outlet.link(LinkUpdate::Trying(source.shown_url())).await?;
        let config = ClientConfig {
            http: self.config.http.to(&source.url).clone(),
            url: source.url.clone(),
            namespace: source.namespace.clone(),
            connect_timeout: CONNECT_TIMEOUT,
            backoff: Backoff::default(),
            transports: Transports::default(),
        };
        let auth = source.auth.clone();
        let (clock, entropy) = (self.config.clock.clone(), self.config.entropy.clone());
        let (client, mut events) = connect(config, move || auth.clone(), clock, entropy);
        loop {
            tokio::select! {
                event = events.recv() => {
                    let Some(event) = event else { return Ok(End::Failed) };
                    if let Some(end) = self.hear(&client, event).await? {
                        return Ok(end);
                    }
                }
                wish = self.outlet.wishes.recv() => match wish.ok_or(Dropped)? {
                    Wish::Hurry => client.reconnect_now(),
                    // Of a log, which there is none of.
                    Wish::StartOver | Wish::TellShown(_) => {}
                },
            }
        }
    }

    async fn hear(&self, client: &Client, event: ClientEvent) -> Result<Option<End>, Dropped> {
        match event {
            ClientEvent::Connected { transport } => {
                self.outlet.link(LinkUpdate::Over(transport.into())).await?;
                self.join(client);
                let listening = Listening {
                    source: self.listener.key.source(&self.listener.source),
                    timezone: self.listener.source.timezone.clone(),
                };
                self.outlet.link(LinkUpdate::Listening(listening)).await?;
            }
            ClientEvent::Upgraded => self.outlet.link(LinkUpdate::Over(Transport::WebSocket)).await?,
            ClientEvent::Event { name, args, ack } if name == self.listener.source.event => {
                self.outlet.send(self.read(args.first())).await?;
                if let Some(ack) = ack {
                    // A server that asks whether it came learns just that, or will ask again.
                    let _ = ack.send(Args::none());
                }
            }
            // What else the server says is for others.
            ClientEvent::Event { .. } => {}
            ClientEvent::Refused { .. } => {
                // Its words may quote what it was told of us.
                tracing::warn!("the server refuses this desk");
                return Ok(Some(End::Refused));
            }
            ClientEvent::Disconnected {
                reason,
                retry_in,
                silent_for,
            } => {
                tracing::info!(%reason, ?retry_in, ?silent_for, "the link is lost");
                self.outlet.link(LinkUpdate::Unheard(silent_for)).await?;
                self.outlet
                    .link(LinkUpdate::Lost(LinkFault::from(&reason)))
                    .await?;
            }
        }
        Ok(None)
    }

    /// A server puts a desk out of its rooms whenever the connection breaks: asked for after each connection.
    fn join(&self, client: &Client) {
        let Some(join) = &self.listener.source.join else {
            return;
        };
        let payload = join.payload.as_ref().map_or_else(|| Ok(Args::none()), Args::of);
        let Ok(payload) = payload else { return };
        let joined = client.emit(&join.event, &payload);
        tokio::spawn(async move {
            if let Err(error) = joined.await {
                tracing::warn!(%error, "the room could not be asked for");
            }
        });
    }

    /// The same check as a gateway's intake has. Neither the values nor serde's complaint, which quotes them, are
    /// passed on.
    fn read(&self, data: &RawValue) -> Update {
        let Ok(form) = serde_json::from_str::<Form>(data.get()) else {
            return Update::Unfit(Vec::new());
        };
        match form.check() {
            Ok(fields) => Update::Heard(Box::new(Heard {
                id: self.listener.key.id(&fields),
                fields,
            })),
            Err(errors) => Update::Unfit(errors.into_iter().map(|error| error.field).collect()),
        }
    }
}
