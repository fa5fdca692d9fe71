use deskbell_clock::Timestamp;
use jiff::SignedDuration;

use crate::update::{LinkFault, LinkUpdate, Refusal};
use crate::{Language, Link};

/// How it stands with the server, without words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkState {
    /// There is no server to talk to.
    Unpaired,
    /// First attempt, or catching up.
    Connecting { since: Timestamp },
    /// In step with the gateway's log, or listening.
    Live { since: Timestamp },
    /// The server is away.
    Offline { since: Timestamp, fault: LinkFault },
    /// The server does not want this desk, or the settings keep it from connecting.
    Refused(Refusal),
}

impl LinkState {
    /// What the state is after `update`, at the PC's time `now`.
    pub(crate) const fn after(self, update: &LinkUpdate, now: Timestamp) -> Self {
        match update {
            LinkUpdate::Trying(_) => match self {
                // Another attempt of the same outage.
                Self::Connecting { .. } | Self::Offline { .. } => self,
                Self::Unpaired | Self::Live { .. } | Self::Refused(_) => Self::Connecting { since: now },
            },
            LinkUpdate::Welcomed(_) => match self {
                Self::Connecting { .. } => self,
                Self::Unpaired | Self::Live { .. } | Self::Offline { .. } | Self::Refused(_) => {
                    Self::Connecting { since: now }
                }
            },
            LinkUpdate::CaughtUp(_) | LinkUpdate::Listening(_) => Self::Live { since: now },
            LinkUpdate::Head(_) | LinkUpdate::Over(_) | LinkUpdate::Unheard(_) => self,
            LinkUpdate::Lost(fault) => Self::Offline {
                since: match self {
                    Self::Connecting { since } | Self::Offline { since, .. } => since,
                    Self::Unpaired | Self::Live { .. } | Self::Refused(_) => now,
                },
                fault: *fault,
            },
            LinkUpdate::Refused(refusal) => Self::Refused(*refusal),
        }
    }

    /// The same state on a PC whose clock has been set forward by `by`, or back.
    pub(crate) fn moved(self, by: SignedDuration) -> Self {
        let moved = |since: Timestamp| since.saturating_add(by).unwrap_or(since);
        match self {
            Self::Connecting { since } => Self::Connecting { since: moved(since) },
            Self::Live { since } => Self::Live { since: moved(since) },
            Self::Offline { since, fault } => Self::Offline {
                since: moved(since),
                fault,
            },
            Self::Unpaired | Self::Refused(_) => self,
        }
    }

    /// The state in the user's language.
    pub(crate) fn told_in(self, language: Language) -> Link {
        match self {
            Self::Unpaired => Link::Unpaired,
            Self::Connecting { since } => Link::Connecting { since },
            Self::Live { .. } => Link::Live,
            Self::Offline { since, fault } => Link::Offline {
                since,
                reason: language.link_fault(fault).to_owned(),
            },
            Self::Refused(refusal) => Link::Refused {
                reason: language.refusal(refusal).to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_counts_from_its_beginning() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let lost = LinkUpdate::Lost(LinkFault::Unreachable);
        let url = || url::Url::parse("https://a.example").unwrap();
        let state = LinkState::Live { since: at(1) }.after(&lost, at(10));
        let state = state.after(&LinkUpdate::Trying(url()), at(20));
        let state = state.after(&lost, at(30));
        assert_eq!(
            state,
            LinkState::Offline {
                since: at(10),
                fault: LinkFault::Unreachable
            }
        );
    }

    #[test]
    fn a_gateway_away_at_start_is_an_outage_since_the_start() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let lost = LinkUpdate::Lost(LinkFault::Unreachable);
        let state = LinkState::Connecting { since: at(1) }.after(&lost, at(9));
        assert!(matches!(state, LinkState::Offline { since, .. } if since == at(1)));
    }
}
