use std::fmt;

use serde_json::Value;
use url::Url;

use crate::Abilities;
use crate::settings::Mistake;

/// Where this desk's reservations come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Source {
    /// A Deskbell gateway, which this desk is paired with.
    #[default]
    Gateway,
    /// Nobody knows: `[source]` is wrong, and it would not do to ring for another.
    Wrong(Mistake),
    /// A hospital's own Socket.IO server, which tells what comes in and keeps nothing for us.
    SocketIo(Box<SocketIoSource>),
}

/// A hospital's own Socket.IO server.
#[derive(Clone, PartialEq)]
pub(crate) struct SocketIoSource {
    /// Its address. The query, if any, is sent along and may hold a secret.
    pub url: Url,
    /// The namespace.
    pub namespace: String,
    /// The event whose first argument is a booking form.
    pub event: String,
    /// The hospital's IANA zone; it says what day it is.
    pub timezone: String,
    /// What the namespace is told at each connection. A secret.
    pub auth: Value,
    /// What is emitted after each connection: a server that puts desks into rooms forgets them when they leave.
    pub join: Option<Join>,
}

/// An event that asks a server to let this desk into a room.
#[derive(Clone, PartialEq)]
pub(crate) struct Join {
    /// The event.
    pub event: String,
    /// Its argument; none is sent for `None`.
    pub payload: Option<Value>,
}

impl Source {
    /// Whether what was heard of `other` is still true of this one.
    pub(crate) fn tells_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::SocketIo(one), Self::SocketIo(other)) => one.tells_the_same(other),
            (one, other) => one == other,
        }
    }

    /// Whether something that others must not read stands in its settings.
    pub(crate) fn has_secret(&self) -> bool {
        match self {
            Self::SocketIo(source) => {
                let payload = source.join.as_ref().and_then(|join| join.payload.as_ref());
                !source.auth.is_null() || payload.is_some() || source.url.query().is_some()
            }
            Self::Gateway | Self::Wrong(_) => false,
        }
    }

    /// What this source can do.
    pub(crate) const fn abilities(&self) -> Abilities {
        let (is_gateway, is_socket_io) = (matches!(self, Self::Gateway), matches!(self, Self::SocketIo(_)));
        Abilities {
            status: !is_socket_io,
            history: !is_socket_io,
            replay: !is_socket_io,
            pairing: is_gateway,
        }
    }
}

impl SocketIoSource {
    /// Whether `other` tells of the same reservations: however it is asked, and whatever zone its days are told in.
    pub(crate) fn tells_the_same(&self, other: &Self) -> bool {
        (&self.url, &self.namespace, &self.event) == (&other.url, &other.namespace, &other.event)
    }

    /// The address as it may be shown: without its query.
    pub(crate) fn shown_url(&self) -> Url {
        let mut url = self.url.clone();
        url.set_query(None);
        url
    }
}

/// Its secrets stay out of it.
impl fmt::Debug for SocketIoSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketIoSource")
            .field("url", &self.shown_url().as_str())
            .field("namespace", &self.namespace)
            .field("event", &self.event)
            .field("timezone", &self.timezone)
            .finish_non_exhaustive()
    }
}

/// A room's password may be in its payload.
impl fmt::Debug for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}
