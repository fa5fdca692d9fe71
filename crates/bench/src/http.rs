//! A booking site, as light as it can be: a connection that is kept, and HTTP/1.1 by hand.

use std::fmt::Write as _;
use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Where a header ends.
const END: &[u8] = b"\r\n\r\n";

/// A connection that posts, one request after the other.
pub(crate) struct Site {
    stream: TcpStream,
    request: String,
    answer: Vec<u8>,
}

/// A reservation on its way in.
pub(crate) struct Booking<'a> {
    /// The hospital's key.
    pub(crate) token: &'a str,
    /// Its `Idempotency-Key`.
    pub(crate) key: &'a str,
    /// What the patient's name field says: letters, digits, blanks.
    pub(crate) name: &'a str,
}

impl Site {
    /// Connects to `address`.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            request: String::new(),
            answer: Vec::new(),
        })
    }

    /// Posts a reservation and gives the body of the 201.
    ///
    /// # Errors
    /// When the connection breaks, or the answer is another.
    pub(crate) async fn book(&mut self, booking: &Booking<'_>) -> Result<&[u8]> {
        let Booking { token, key, name } = booking;
        let body = format!(
            r#"{{"relationship":"본인","name":"{name}","phone":"010-1111-1111","reservationdate":"2026-11-23","reservationtime":"10:30 ~ 11:00"}}"#
        );
        self.request.clear();
        write!(
            self.request,
            "POST /v1/reservations HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        self.stream.write_all(self.request.as_bytes()).await?;
        let body = self.read().await?;
        let head = &self.answer[..body];
        ensure!(
            head.starts_with(b"HTTP/1.1 201 "),
            "answered {}",
            String::from_utf8_lossy(&self.answer)
        );
        Ok(&self.answer[body..])
    }

    /// Reads one answer; gives where its body begins.
    async fn read(&mut self) -> Result<usize> {
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "the server closed the connection");
            let Some(end) = self.answer.windows(END.len()).position(|bytes| bytes == END) else {
                continue;
            };
            let body = end + END.len();
            let length = content_length(&self.answer[..end]).context("an answer without Content-Length")?;
            while self.answer.len() < body + length {
                let read = self.stream.read_buf(&mut self.answer).await?;
                ensure!(read > 0, "the server closed the connection");
            }
            return Ok(body);
        }
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let length = name.eq_ignore_ascii_case("content-length").then_some(value)?;
        length.trim().parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    const BOOKING: Booking<'_> = Booking {
        token: "room-1",
        key: "key",
        name: "1",
    };

    /// What a server's answer is taken for, when it comes in these pieces.
    async fn answered(pieces: &'static [&'static str]) -> Result<Vec<u8>> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            for piece in pieces {
                stream.write_all(piece.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
            }
            stream
        });
        let mut site = Site::open(address).await.unwrap();
        let body = site.book(&BOOKING).await.map(<[u8]>::to_vec);
        server.await.unwrap();
        body
    }

    #[tokio::test]
    async fn an_answer_is_read_whole_in_whatever_pieces_it_comes() {
        let pieces = &["HTTP/1.1 201 Created\r\ncontent-LENGTH: 4\r", "\n\r\n12", "34"];
        assert_eq!(answered(pieces).await.unwrap(), b"1234");
    }

    #[tokio::test]
    async fn any_other_answer_is_an_error() {
        for pieces in [
            &["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"],
            &["HTTP/1.1 201 Created\r\n\r\n{}"],
        ] {
            assert!(answered(pieces).await.is_err(), "{pieces:?}");
        }
    }
}
