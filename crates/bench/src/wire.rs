//! What the servers under test and the generator agree on. The generator reads and writes the protocol by hand, not by
//! the codec it helps to judge.

use serde::Deserialize;

/// The one namespace.
pub(crate) const NAMESPACE: &str = "/bench";

/// Rooms there are at most; a run may use fewer.
pub(crate) const ROOMS: usize = 200;

/// Where a Socket.IO server answers.
pub(crate) const SOCKET_IO: &str = "/socket.io/";

/// What it is asked for a WebSocket.
pub(crate) const QUERY: &str = "?EIO=4&transport=websocket";

/// Where [`crate::bare`] has a WebSocket with nothing on it.
pub(crate) const ECHO: &str = "/echo";

/// A reservation as far as it is looked at.
#[derive(Deserialize, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// The room it was sent to.
    pub(crate) room: usize,
    /// Its number in that room, from 0, without a gap.
    pub(crate) seq: u64,
}

/// What a server says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Its handshake.
    Open,
    /// It wants to hear that somebody is there.
    Ping,
    /// The namespace is granted.
    Connected,
    /// The room is joined.
    Joined,
    /// An event to the room.
    Reservation(Delivery),
    /// Anything else.
    Nonsense,
}

/// What lets a client into a room.
pub(crate) fn connect_to(room: usize) -> String {
    format!(r#"40{NAMESPACE},{{"token":"room-{room}"}}"#)
}

/// The room that a token opens.
pub(crate) fn room_of(token: &str) -> Option<usize> {
    token.strip_prefix("room-")?.parse().ok()
}

/// The answer to a ping.
pub(crate) const PONG: &str = "3";

/// Reads what a server says.
pub(crate) fn read(text: &str) -> Said {
    match text.as_bytes() {
        [b'0', b'{', ..] => return Said::Open,
        b"2" => return Said::Ping,
        _ => {}
    }
    let parts = text
        .split_once(',')
        .filter(|(head, _)| head.get(2..) == Some(NAMESPACE));
    match parts.map(|(head, body)| (&head[..2], body)) {
        Some(("40", _)) => Said::Connected,
        Some(("42", r#"["joined",null]"#)) => Said::Joined,
        Some(("42", event)) => event
            .strip_prefix(r#"["reservation","#)
            .and_then(|event| event.strip_suffix(']'))
            .and_then(|data| serde_json::from_str(data).ok())
            .map_or(Said::Nonsense, Said::Reservation),
        _ => Said::Nonsense,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_say_is_understood() {
        for (text, said) in [
            (r#"0{"sid":"a"}"#, Said::Open),
            ("2", Said::Ping),
            (r#"40/bench,{"sid":"a"}"#, Said::Connected),
            (r#"42/bench,["joined",null]"#, Said::Joined),
            (
                r#"42/bench,["reservation",{"id":"x,y","room":3,"seq":7}]"#,
                Said::Reservation(Delivery { room: 3, seq: 7 }),
            ),
            (r#"42/other,["joined",null]"#, Said::Nonsense),
            (r#"42/bench,["reservation",{"room":3}]"#, Said::Nonsense),
            (r#"44/bench,{"message":"Not admitted"}"#, Said::Nonsense),
            ("김,", Said::Nonsense),
            ("", Said::Nonsense),
        ] {
            assert_eq!(read(text), said, "{text}");
        }
    }

    #[test]
    fn a_token_opens_its_room() {
        assert_eq!(room_of("room-17"), Some(17));
        assert_eq!(room_of("17"), None);
        assert!(connect_to(17).ends_with(r#"{"token":"room-17"}"#));
    }
}
