//! Where the reservations come from, and how the desk stands with it.

use deskbell_desk::{Abilities, Link, PairOffer, Place, Transport};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What the source of the reservations can do; the page offers and claims nothing else.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Type)]
pub(super) struct AbilitiesView {
    /// A reservation has a status, and is somebody's who looks after it.
    status: bool,
    /// It can be told how a reservation came to stand as it does.
    history: bool,
    /// What came in while the desk was away is told when it is back.
    replay: bool,
    /// A desk is paired by a code, and signed out.
    pairing: bool,
}

impl AbilitiesView {
    pub(super) const fn of(abilities: Abilities) -> Self {
        let Abilities {
            status,
            history,
            replay,
            pairing,
        } = abilities;
        Self {
            status,
            history,
            replay,
            pairing,
        }
    }
}

/// How events travel.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(super) enum TransportView {
    WebSocket,
    Polling,
}

impl TransportView {
    pub(super) const fn of(transport: Transport) -> Self {
        match transport {
            Transport::WebSocket => Self::WebSocket,
            Transport::Polling => Self::Polling,
        }
    }
}

/// How the desk stands with its server.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
pub(super) struct LinkView {
    state: LinkState,
    /// RFC 3339.
    since: Option<String>,
    /// A sentence in the user's language.
    reason: Option<String>,
}

impl LinkView {
    pub(super) fn of(link: &Link) -> Self {
        let (state, since, reason) = match link {
            Link::Unpaired => (LinkState::Unpaired, None, None),
            Link::Connecting { since } => (LinkState::Connecting, Some(since), None),
            Link::Live => (LinkState::Live, None, None),
            Link::Offline { since, reason } => (LinkState::Offline, Some(since), Some(reason)),
            Link::Refused { reason } => (LinkState::Refused, None, Some(reason)),
        };
        Self {
            state,
            since: since.map(ToString::to_string),
            reason: reason.cloned(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub(super) enum LinkState {
    Unpaired,
    #[default]
    Connecting,
    Live,
    Offline,
    Refused,
}

/// Where this desk stands.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct PlaceView {
    /// `None` where the server knows of no desks.
    hospital: Option<String>,
    timezone: String,
    /// `None` where the server knows of no desks.
    desk: Option<String>,
    server: String,
}

impl PlaceView {
    pub(super) fn of(place: &Place) -> Self {
        Self {
            hospital: place.paired.as_ref().map(|paired| paired.hospital.clone()),
            timezone: place.timezone.clone(),
            desk: place.paired.as_ref().map(|paired| paired.desk.clone()),
            server: place.server.to_string(),
        }
    }
}

/// A pairing that a link has asked for and somebody has to agree to.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(super) struct PairOfferView {
    server: String,
    /// The hospital that this desk would leave.
    replaces: Option<String>,
}

impl PairOfferView {
    pub(super) fn of(offer: &PairOffer) -> Self {
        Self {
            server: offer.server.to_string(),
            replaces: offer.replaces.clone(),
        }
    }
}
