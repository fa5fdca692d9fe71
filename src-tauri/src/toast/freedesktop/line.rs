use std::collections::VecDeque;
use std::time::Duration;

use futures_util::StreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;
use zbus::message::Type;
use zbus::zvariant::DynamicType;
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::board::Slot;
use super::notification::Arguments;

/// The daemon's name on the bus, which is its interface's too.
const DAEMON: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// KDE's answer to a toast that looks like one of the last second.
const TOO_ALIKE: &str = "org.freedesktop.Notifications.Error.ExcessNotificationGeneration";
/// After so long it looks like that no more.
const APART: Duration = Duration::from_millis(1_100);
/// How often a toast is shown to such a daemon.
const TRIES: u32 = 3;

/// What the daemon tells, or the bus of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// With this the window that a click opens may come to the front. Comes before the click itself.
    Token(Slot, String),
    /// Somebody has clicked the toast, or one of its buttons.
    Chosen(Slot, String),
    /// The toast is off the screen, for this reason.
    Closed(Slot, u32),
    /// Another daemon runs now, or none.
    Daemon(Option<String>),
}

/// The one connection to the session bus, and all that is heard on it, in the order of the wire.
pub(super) struct Line {
    connection: Connection,
    messages: MessageStream,
    /// What was heard while an answer was waited for.
    early: VecDeque<News>,
}

impl Line {
    /// A connection that listens already.
    pub(super) async fn connect() -> zbus::Result<Self> {
        let connection = Connection::session().await?;
        let messages = MessageStream::from(&connection);
        let bus = zbus::fdo::DBusProxy::new(&connection).await?;
        let signal = || MatchRule::builder().msg_type(Type::Signal);
        for rule in [
            signal().sender(DAEMON)?.interface(DAEMON)?,
            signal()
                .sender("org.freedesktop.DBus")?
                .member("NameOwnerChanged")?
                .add_arg(DAEMON)?,
        ] {
            bus.add_match_rule(rule.build()).await?;
        }
        Ok(Self {
            connection,
            messages,
            early: VecDeque::new(),
        })
    }

    /// What is heard next; `None` once the bus is gone.
    pub(super) async fn next(&mut self) -> Option<News> {
        loop {
            if let Some(news) = self.early.pop_front() {
                return Some(news);
            }
            // An error is the connection's end: a message that was only malformed has none.
            let message = self.messages.next().await?.ok()?;
            if let Some(news) = news(&message) {
                return Some(news);
            }
        }
    }

    /// What the daemon can do.
    pub(super) async fn capabilities(&mut self) -> zbus::Result<Vec<String>> {
        self.call("GetCapabilities", ())
            .await
            .map(|(_, capabilities)| capabilities)
    }

    /// Shows a toast. One whose showing is given up, because it takes too long, is taken back when it comes after all.
    pub(super) async fn notify(&mut self, arguments: Arguments) -> zbus::Result<Slot> {
        let mut tries = 1;
        loop {
            // The arguments are few and short.
            let shown = self.call::<_, u32>("Notify", arguments.clone()).await;
            match shown {
                Ok((daemon, id)) => return Ok(Slot { daemon, id }),
                Err(zbus::Error::MethodError(name, ..)) if name == TOO_ALIKE && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(APART).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes a toast off the screen.
    pub(super) async fn close(&mut self, id: u32) -> zbus::Result<()> {
        self.call("CloseNotification", id).await.map(|(_, ())| ())
    }
}

impl Line {
    /// Calls the daemon, and listens meanwhile; who has answered, and what.
    async fn call<B, R>(&mut self, method: &'static str, body: B) -> zbus::Result<(String, R)>
    where
        B: Serialize + DynamicType + Send + Sync + 'static,
        R: DeserializeOwned + zbus::zvariant::Type,
    {
        let (answer, mut answered) = oneshot::channel();
        tokio::spawn(call(self.connection.clone(), method, body, answer));
        let reply = loop {
            tokio::select! {
                reply = &mut answered => break reply.map_err(|_| zbus::Error::InvalidReply)??,
                message = self.messages.next() => match message {
                    Some(Ok(message)) => self.early.extend(news(&message)),
                    Some(Err(error)) => return Err(error),
                    None => return Err(zbus::Error::InvalidReply),
                },
            }
        };
        let sender = reply.header().sender().map(ToString::to_string);
        let result = reply.body().deserialize()?;
        Ok((sender.unwrap_or_default(), result))
    }
}

/// Calls the daemon. A toast that nobody waits for any more counts as not shown, so it is taken back.
async fn call<B: Serialize + DynamicType + Sync>(
    connection: Connection,
    method: &'static str,
    body: B,
    answer: oneshot::Sender<zbus::Result<Message>>,
) {
    let reply = connection
        .call_method(Some(DAEMON), PATH, Some(DAEMON), method, &body)
        .await;
    if let Err(Ok(late)) = answer.send(reply)
        && method == "Notify"
        && let Ok(id) = late.body().deserialize::<u32>()
    {
        // It may have left by itself.
        let _ = connection
            .call_method(Some(DAEMON), PATH, Some(DAEMON), "CloseNotification", &id)
            .await;
    }
}

/// What a message tells. A signal says who has sent it; only the daemon that shows a toast has anything to tell of it.
fn news(message: &Message) -> Option<News> {
    let header = message.header();
    if message.message_type() != Type::Signal {
        return None;
    }
    let sender = header.sender()?.to_string();
    let body = message.body();
    let slot = |id| Slot {
        daemon: sender.clone(),
        id,
    };
    match header.member()?.as_str() {
        "ActivationToken" => {
            let (id, token): (u32, String) = body.deserialize().ok()?;
            Some(News::Token(slot(id), token))
        }
        "ActionInvoked" => {
            let (id, action): (u32, String) = body.deserialize().ok()?;
            Some(News::Chosen(slot(id), action))
        }
        "NotificationClosed" => {
            let (id, reason): (u32, u32) = body.deserialize().ok()?;
            Some(News::Closed(slot(id), reason))
        }
        "NameOwnerChanged" if sender == "org.freedesktop.DBus" => {
            let (name, _, owner): (String, String, String) = body.deserialize().ok()?;
            (name == DAEMON).then(|| News::Daemon((!owner.is_empty()).then_some(owner)))
        }
        _ => None,
    }
}

/// Why a call failed, for the log. A daemon's own words stay out: they may quote the toast.
pub(super) fn why(error: &zbus::Error) -> String {
    match error {
        zbus::Error::MethodError(name, ..) => name.to_string(),
        other => other.to_string(),
    }
}
