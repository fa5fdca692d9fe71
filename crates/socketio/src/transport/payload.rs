//! Several packets in the body of one HTTP request or answer.

use data_encoding::BASE64;
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

use super::Data;
use crate::session::Violation;

/// Stands between two packets, and in none.
const SEPARATOR: u8 = 0x1e;

/// Begins a packet that is no text.
const BINARY: u8 = b'b';

/// How many packets the body of a request may hold.
#[cfg(any(feature = "server", test))]
const MAX_PACKETS: usize = 4_096;

/// The packets of a body, split off one by one, so that many small ones take no more memory than the body.
pub(crate) struct Payload {
    rest: Option<Bytes>,
    left: usize,
}

impl Payload {
    /// The packets of a request, whose `body` has been read to its end.
    #[cfg(any(feature = "server", test))]
    pub(crate) fn new(body: Bytes) -> Self {
        Self {
            rest: Some(body),
            left: MAX_PACKETS,
        }
    }

    /// The packets of an answer, however many a server has gathered.
    #[cfg(feature = "client")]
    pub(crate) fn of_answer(body: Bytes) -> Self {
        Self {
            rest: Some(body),
            left: usize::MAX,
        }
    }

    fn read(&mut self, packet: Bytes) -> Result<Data, Violation> {
        self.left = self.left.checked_sub(1).ok_or(Violation::Frame)?;
        if let Some((&BINARY, encoded)) = packet.split_first() {
            let bytes = BASE64.decode(encoded).map_err(|_| Violation::Frame)?;
            return Ok(Data::Binary(bytes.into()));
        }
        Utf8Bytes::try_from(packet)
            .map(Data::Text)
            .map_err(|_| Violation::Frame)
    }
}

impl Iterator for Payload {
    type Item = Result<Data, Violation>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut packet = self.rest.take()?;
        if let Some(end) = packet.iter().position(|byte| *byte == SEPARATOR) {
            self.rest = Some(packet.split_off(end).slice(1..));
        }
        Some(self.read(packet))
    }
}

/// The body that holds `packets`. A single one of text is not copied.
pub(crate) fn join(mut packets: Vec<Data>) -> Bytes {
    if let [Data::Text(_)] = packets[..]
        && let Some(Data::Text(packet)) = packets.pop()
    {
        return packet.into();
    }
    let mut body = Vec::with_capacity(packets.iter().map(encoded_len).sum());
    for (index, packet) in packets.iter().enumerate() {
        if index > 0 {
            body.push(SEPARATOR);
        }
        match packet {
            Data::Text(text) => body.extend_from_slice(text.as_bytes()),
            Data::Binary(bytes) => {
                body.push(BINARY);
                let begin = body.len();
                body.resize(begin + BASE64.encode_len(bytes.len()), 0);
                BASE64.encode_mut(bytes, &mut body[begin..]);
            }
        }
    }
    body.into()
}

/// What a packet takes in a body, with a separator.
pub(crate) fn encoded_len(packet: &Data) -> usize {
    1 + match packet {
        Data::Text(text) => text.len(),
        Data::Binary(bytes) => 1 + BASE64.encode_len(bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(body: impl Into<Bytes>) -> Vec<Result<String, Violation>> {
        let describe = |incoming| match incoming {
            Data::Text(text) => text.as_str().to_owned(),
            Data::Binary(bytes) => format!("{bytes:?}"),
        };
        Payload::new(body.into())
            .map(|packet| packet.map(describe))
            .collect()
    }

    #[test]
    fn a_body_is_its_packets() {
        for (body, packets) in [
            (&b"4a"[..], &[Ok("4a")][..]),
            (b"4a\x1e4\xea\xb9\x80\x1e3", &[Ok("4a"), Ok("4김"), Ok("3")]),
            (b"4a\x1ebAQIDBA==", &[Ok("4a"), Ok("b\"\\x01\\x02\\x03\\x04\"")]),
            (b"", &[Ok("")]),
            (b"4a\x1e", &[Ok("4a"), Ok("")]),
            (b"bA", &[Err(Violation::Frame)]),
            (b"4\xea\x1e4", &[Err(Violation::Frame), Ok("4")]),
        ] {
            let packets: Vec<_> = packets.iter().map(|packet| packet.map(str::to_owned)).collect();
            assert_eq!(split(body), packets, "{body:?}");
        }
    }

    #[test]
    fn packets_are_counted() {
        let last = |count| split("6\x1e".repeat(count - 1) + "6").pop();
        assert_eq!(last(MAX_PACKETS), Some(Ok("6".to_owned())));
        assert_eq!(last(MAX_PACKETS + 1), Some(Err(Violation::Frame)));
    }

    #[test]
    fn a_single_packet_is_not_copied() {
        let packet = Utf8Bytes::from("42[\"a\"]".to_owned());
        let body = join(vec![Data::Text(packet.clone())]);
        assert_eq!(body.as_ptr(), packet.as_bytes().as_ptr());
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(body: Vec<u8>) {
            prop_assert!(split(body).len() <= MAX_PACKETS + 1);
        }

        #[test]
        fn packets_survive_the_wire(packets in proptest::collection::vec("[0-6][^\u{1e}]{0,9}", 1..9)) {
            let body = join(packets.iter().cloned().map(Data::from).collect());
            prop_assert_eq!(split(body), packets.into_iter().map(Ok).collect::<Vec<_>>());
        }

        #[test]
        fn binary_packets_survive_the_wire(packets in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..9), 1..9)) {
            let packets: Vec<Bytes> = packets.into_iter().map(Bytes::from).collect();
            let body = join(packets.iter().cloned().map(Data::Binary).collect());
            let expected: Vec<_> = packets.iter().map(|packet| Ok(format!("{packet:?}"))).collect();
            prop_assert_eq!(split(body), expected);
        }
    }
}
