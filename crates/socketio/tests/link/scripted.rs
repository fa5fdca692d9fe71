use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::PATIENCE;

/// A server that does what its test says, request by request.
pub(crate) struct Script {
    pub(crate) url: String,
    asked: mpsc::UnboundedReceiver<Asked>,
    /// Asked, but not yet looked for.
    waiting: VecDeque<Asked>,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    Packets,
    Posting,
    WebSocket,
}

/// A request that wants an answer.
pub(crate) struct Asked {
    pub(crate) what: For,
    head: String,
    body: String,
    stream: TcpStream,
}

impl Script {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                tokio::spawn(async move {
                    if let Some(asked) = Asked::read(stream).await {
                        // The test may be over.
                        let _ = sender.send(asked);
                    }
                });
            }
        });
        Self {
            url,
            asked,
            waiting: VecDeque::new(),
        }
    }

    /// The next request, whatever it is for.
    pub(crate) async fn next(&mut self) -> Asked {
        match self.waiting.pop_front() {
            Some(asked) => asked,
            None => self.receive().await,
        }
    }

    /// The next request for this. Others wait.
    pub(crate) async fn asked(&mut self, what: For) -> Asked {
        if let Some(place) = self.waiting.iter().position(|asked| asked.what == what) {
            return self.waiting.remove(place).unwrap();
        }
        loop {
            let asked = self.receive().await;
            if asked.what == what {
                return asked;
            }
            self.waiting.push_back(asked);
        }
    }

    async fn receive(&mut self) -> Asked {
        let asked = tokio::time::timeout(PATIENCE, self.asked.recv()).await;
        asked.expect("a request in time").unwrap()
    }

    /// Opens a WebSocket with `handshake` and lets the client in.
    pub(crate) async fn enter(&mut self, handshake: &Value) -> Socket {
        let mut socket = self.asked(For::WebSocket).await.upgrade().await;
        socket.say(&format!("0{handshake}")).await;
        socket.hear().await;
        socket.say(r#"40/desk,{"sid":"x"}"#).await;
        socket
    }

    /// Begins a session by polling with `handshake` and lets the client in.
    pub(crate) async fn enter_by_polling(&mut self, handshake: &Value) {
        self.asked(For::Packets)
            .await
            .packets(&[&format!("0{handshake}")])
            .await;
        self.asked(For::Posting).await.answer("200 OK", "ok").await;
        self.asked(For::Packets)
            .await
            .packets(&[r#"40/desk,{"sid":"x"}"#])
            .await;
    }
}

impl Asked {
    async fn read(stream: TcpStream) -> Option<Self> {
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).await.ok()? == 0 {
                return None;
            }
        }
        let mut body = vec![0; header(&head, "content-length").map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body).await.ok()?;
        let what = if head.contains("transport=websocket") {
            For::WebSocket
        } else if head.starts_with("POST") {
            For::Posting
        } else {
            For::Packets
        };
        Some(Self {
            what,
            head,
            body: String::from_utf8(body).unwrap(),
            stream: stream.into_inner(),
        })
    }

    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// Waits until nobody wants the answer any more.
    pub(crate) async fn until_let_go(self) {
        Answered(self.stream).until_let_go().await;
    }

    pub(crate) async fn packets(self, packets: &[&str]) -> Answered {
        self.answer("200 OK", &packets.join("\u{1e}")).await
    }

    pub(crate) async fn answer(self, status: &str, body: &str) -> Answered {
        self.answer_with(status, "", body).await
    }

    /// Answers with further headers, each with its line's end.
    pub(crate) async fn answer_with(mut self, status: &str, headers: &str, body: &str) -> Answered {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n");
        self.stream.write_all((head + body).as_bytes()).await.unwrap();
        Answered(self.stream)
    }

    pub(crate) async fn upgrade(mut self) -> Socket {
        assert_eq!(self.what, For::WebSocket);
        let accept = derive_accept_key(header(&self.head, "sec-websocket-key").unwrap().as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
        );
        self.stream.write_all(answer.as_bytes()).await.unwrap();
        Socket(WebSocketStream::from_raw_socket(self.stream, Role::Server, None).await)
    }
}

/// A connection whose request has its answer.
pub(crate) struct Answered(TcpStream);

impl Answered {
    /// Waits until the client has taken it.
    pub(crate) async fn until_let_go(mut self) {
        let ended = tokio::time::timeout(PATIENCE, self.0.read_u8()).await;
        assert!(ended.expect("an end in time").is_err());
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find_map(|(other, value)| other.eq_ignore_ascii_case(name).then_some(value))
}

/// The server's end of a WebSocket.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub(crate) async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// Says all of it at once.
    pub(crate) async fn say_all(&mut self, texts: impl IntoIterator<Item = String>) {
        for text in texts {
            self.0.feed(Message::text(text)).await.unwrap();
        }
        self.0.flush().await.unwrap();
    }

    pub(crate) async fn say_goodbye(&mut self) {
        self.0.send(Message::Close(None)).await.unwrap();
    }

    /// Waits until the client has let go.
    pub(crate) async fn until_gone(mut self) {
        let gone = async { while let Some(Ok(_)) = self.0.next().await {} };
        tokio::time::timeout(PATIENCE, gone)
            .await
            .expect("an end in time");
    }

    pub(crate) async fn hear(&mut self) -> String {
        match tokio::time::timeout(PATIENCE, self.0.next())
            .await
            .expect("a frame in time")
        {
            Some(Ok(Message::Text(text))) => text.as_str().to_owned(),
            other => panic!("{other:?}"),
        }
    }
}

/// A handshake of a server that does not ping in any test's time.
pub(crate) fn quiet() -> Value {
    handshake(25_000, 20_000)
}

/// With these times in milliseconds.
pub(crate) fn handshake(ping_interval: u64, ping_timeout: u64) -> Value {
    json!({ "sid": "s", "upgrades": ["websocket"], "pingInterval": ping_interval, "pingTimeout": ping_timeout })
}

/// The packet of an event with a number.
pub(crate) fn number(number: u32) -> String {
    format!(r#"42/desk,["number",{number}]"#)
}
