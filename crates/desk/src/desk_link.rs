use std::fmt;

use deskbell_protocol::ReservationId;
use url::form_urlencoded;

use crate::{Nonce, ToastAct, address};

/// The longest link that is read, in bytes.
const LONGEST: usize = 2_048;

/// The longest pairing code or enrolment key in a link, in bytes.
const LONGEST_CODE: usize = 200;

/// A `deskbell://` link, from a toast, a web page, an e-mail: anybody may have written it.
#[derive(Clone, PartialEq, Eq)]
pub enum DeskLink {
    /// `deskbell://reservation/ID`: opens it.
    Reservation(ReservationId),
    /// `deskbell://reservation/ID/confirm?n=NONCE` and `…/claim?n=NONCE`: acts with a nonce that is good, opens without.
    Act {
        /// Which.
        id: ReservationId,
        /// What is to be done.
        act: ToastAct,
        /// What gives the right to; `None` where there is none that could be one.
        nonce: Option<Nonce>,
    },
    /// `deskbell://pair?server=URL&code=CODE`: asks, then pairs.
    Pair {
        /// The gateway's address, as it stands in the link.
        server: String,
        /// The code, as it stands in the link.
        code: String,
    },
}

impl DeskLink {
    /// Reads a link to the letter; `None` for everything that is not exactly one of ours.
    ///
    /// Only what systems do to a link on its way is forgiven: the scheme in any case, one `/` at the end of the path.
    #[must_use]
    pub fn parse(link: &str) -> Option<Self> {
        if link.len() > LONGEST {
            return None;
        }
        let (scheme, rest) = link.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("deskbell") || rest.contains('#') {
            return None;
        }
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let path = path.strip_suffix('/').unwrap_or(path);
        let parts: Vec<_> = path.split('/').collect();
        match (&parts[..], query) {
            (["reservation", id], None) => Some(Self::Reservation(id.parse().ok()?)),
            (["reservation", id, act], query) => Some(Self::Act {
                id: id.parse().ok()?,
                act: act_of(act)?,
                nonce: query.and_then(|query| query.strip_prefix("n=")?.parse().ok()),
            }),
            (["pair"], Some(query)) => Self::pair(query),
            _ => None,
        }
    }

    fn pair(query: &str) -> Option<Self> {
        let (mut server, mut code) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "server" => &mut server,
                "code" => &mut code,
                _ => return None,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        let code = code.filter(|code| {
            (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic())
        })?;
        // It is asked about before it is used: by then it must be one.
        let server = server.filter(|server| address::read(server).is_ok())?;
        Some(Self::Pair { server, code })
    }
}

fn act_of(part: &str) -> Option<ToastAct> {
    [ToastAct::Confirm, ToastAct::Claim]
        .into_iter()
        .find(|act| act.as_str() == part)
}

impl fmt::Display for DeskLink {
    /// The link itself, with the secret that is in it: for a toast, not for a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reservation(id) => write!(f, "deskbell://reservation/{id}"),
            Self::Act { id, act, nonce } => {
                write!(f, "deskbell://reservation/{id}/{}", act.as_str())?;
                match nonce {
                    Some(nonce) => write!(f, "?n={nonce}"),
                    None => Ok(()),
                }
            }
            Self::Pair { server, code } => {
                let query = form_urlencoded::Serializer::new(String::new())
                    .append_pair("server", server)
                    .append_pair("code", code)
                    .finish();
                write!(f, "deskbell://pair?{query}")
            }
        }
    }
}

/// The code stays out of it, as does a nonce.
impl fmt::Debug for DeskLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reservation(id) => f.debug_tuple("Reservation").field(id).finish(),
            Self::Act { id, act, nonce } => f
                .debug_struct("Act")
                .field("id", id)
                .field("act", act)
                .field("nonce", nonce)
                .finish(),
            Self::Pair { server, .. } => f
                .debug_struct("Pair")
                .field("server", server)
                .finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use deskbell_clock::SeededEntropy;
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "018731a4-7c00-7000-8000-00000000002a";

    fn id() -> ReservationId {
        ID.parse().unwrap()
    }

    fn act(act: ToastAct, nonce: Option<Nonce>) -> Option<DeskLink> {
        Some(DeskLink::Act { id: id(), act, nonce })
    }

    #[test]
    fn our_own_links_are_read_back() {
        let nonce = Nonce::mint(&SeededEntropy::new(1));
        let links = [
            DeskLink::Reservation(id()),
            act(ToastAct::Confirm, Some(nonce.clone())).unwrap(),
            act(ToastAct::Claim, Some(nonce.clone())).unwrap(),
            act(ToastAct::Claim, None).unwrap(),
            DeskLink::Pair {
                server: "https://bell.example.kr:8443/".to_owned(),
                code: "K7QM-2F9P".to_owned(),
            },
        ];
        for link in links {
            assert_eq!(DeskLink::parse(&link.to_string()), Some(link.clone()));
        }
        assert_eq!(
            act(ToastAct::Confirm, Some(nonce.clone())).unwrap().to_string(),
            format!("deskbell://reservation/{ID}/confirm?n={nonce}")
        );
    }

    #[test]
    fn what_systems_do_to_a_link_is_forgiven() {
        let opens = Some(DeskLink::Reservation(id()));
        assert_eq!(DeskLink::parse(&format!("DESKBELL://reservation/{ID}")), opens);
        assert_eq!(DeskLink::parse(&format!("deskbell://reservation/{ID}/")), opens);
        let pair = DeskLink::parse("deskbell://pair/?server=https%3A%2F%2Fa.example%2F&code=1");
        assert!(matches!(pair, Some(DeskLink::Pair { code, .. }) if code == "1"));
    }

    #[test]
    fn what_is_no_nonce_gives_no_right() {
        for query in [
            "",
            "?n=",
            "?n=00",
            "?N=00000000000000000000000000000000",
            "?n=0000000000000000000000000000000G",
            "?n=00000000000000000000000000000000&n=00000000000000000000000000000000",
            "?x=1&n=00000000000000000000000000000000",
        ] {
            let link = format!("deskbell://reservation/{ID}/confirm{query}");
            assert_eq!(DeskLink::parse(&link), act(ToastAct::Confirm, None), "{query}");
        }
    }

    #[test]
    fn everything_else_is_no_link() {
        let upper = ID.to_uppercase();
        let long = "1".repeat(LONGEST);
        for link in [
            "",
            "deskbell:",
            "deskbell://",
            "deskbell://reservation",
            "deskbell://reservation/",
            "deskbell://reservation/7",
            "deskbell://elsewhere",
            &format!("https://reservation/{ID}"),
            &format!(" deskbell://reservation/{ID}"),
            &format!("deskbell://reservation/{ID}#x"),
            &format!("deskbell://reservation/{ID}?n=1"),
            &format!("deskbell://reservation/{ID}//"),
            &format!("deskbell://reservation/{ID}/cancel"),
            &format!("deskbell://reservation/{ID}/confirm/now"),
            &format!("deskbell://reservation/{upper}"),
            &format!("deskbell://user@reservation/{ID}"),
            &format!("deskbell://reservation/../reservation/{ID}"),
            &format!("deskbell://reservation/%30{}", &ID[1..]),
            "deskbell://pair",
            "deskbell://pair?server=https://a.example",
            "deskbell://pair?code=1",
            "deskbell://pair?server=https://a.example&code=",
            "deskbell://pair?server=https://a.example&code=1&code=2",
            "deskbell://pair?server=https://a.example&code=1&more=1",
            "deskbell://pair?server=https://a.example&code=1%0A2",
            "deskbell://pair?server=http://a.example&code=1",
            "deskbell://pair?server=https://user:pw@a.example&code=1",
            "deskbell://pair?server=javascript:alert(1)&code=1",
            &format!("deskbell://pair?server=https://a.example&code={long}"),
        ] {
            assert_eq!(DeskLink::parse(link), None, "{link}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_and_read_as_the_same(
            link in prop_oneof![
                ".*",
                "[dD]eskbell://(reservation|pair)(/[0-9a-f-]{0,40})?(/(confirm|claim|x))?/?(\\?[ -~]{0,60})?",
                "deskbell://pair\\?(server=[a-z:/.%0-9]{0,30}|code=[ -~]{0,20}|&|x=1){0,4}",
            ],
        ) {
            if let Some(read) = DeskLink::parse(&link) {
                prop_assert_eq!(DeskLink::parse(&read.to_string()), Some(read));
            }
        }
    }

    #[test]
    fn a_log_shows_no_code_and_no_nonce() {
        let nonce = Nonce::mint(&SeededEntropy::new(1));
        let acts = act(ToastAct::Claim, Some(nonce.clone())).unwrap();
        assert!(!format!("{acts:?}").contains(&nonce.to_string()));
        let pairs = DeskLink::parse("deskbell://pair?server=https://a.example&code=K7QM").unwrap();
        assert_eq!(
            format!("{pairs:?}"),
            r#"Pair { server: "https://a.example", .. }"#
        );
    }
}
