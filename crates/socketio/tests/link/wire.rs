use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A cable between a client and a server, which can be pulled or kinked.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Whole,
    /// Connections stay, and nothing passes.
    Kinked,
    /// Connections there are end; new ones pass.
    Cut(u32),
}

impl Wire {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = watch::Sender::new(State::Whole);
        let watching = state.subscribe();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, watching.clone()));
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn kink(&self) {
        self.state.send_replace(State::Kinked);
    }

    /// Ends the connections there are.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| {
            *state = State::Cut(if let State::Cut(times) = state {
                *times + 1
            } else {
                1
            });
        });
    }
}

async fn carry(client: TcpStream, server: SocketAddr, mut state: watch::Receiver<State>) {
    let began = *state.borrow_and_update();
    let server = TcpStream::connect(server).await.unwrap();
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let (mut up, mut down) = ([0; 4096], [0; 4096]);
    loop {
        let now = *state.borrow_and_update();
        if matches!(now, State::Cut(_)) && now != began {
            return;
        }
        let flowing = now != State::Kinked;
        let passed = tokio::select! {
            read = from_client.read(&mut up), if flowing => pass(read, &up, &mut to_server).await,
            read = from_server.read(&mut down), if flowing => pass(read, &down, &mut to_client).await,
            changed = state.changed() => changed.is_ok(),
        };
        if !passed {
            return;
        }
    }
}

/// Whether the connection goes on.
async fn pass(read: std::io::Result<usize>, buffer: &[u8], to: &mut (impl AsyncWriteExt + Unpin)) -> bool {
    match read {
        Ok(count @ 1..) => to.write_all(&buffer[..count]).await.is_ok(),
        _ => false,
    }
}
