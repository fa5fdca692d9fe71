use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A hospital's proxy, which knows no name but this one.
pub(crate) const INSIDE: &str = "bell.example";

/// A proxy under test: carries what is meant for [`INSIDE`] to its server, and counts.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    carried: Arc<AtomicUsize>,
}

impl Proxy {
    /// How many connections it has carried.
    pub(crate) fn carried(&self) -> usize {
        self.carried.load(Ordering::SeqCst)
    }

    /// Carries by `CONNECT` for whoever shows `login` (as Basic), or else by forwarding requests.
    pub(crate) async fn http(server: SocketAddr, login: Option<&'static str>) -> Self {
        Self::start(move |client| async move {
            let mut client = BufReader::new(client);
            let head = read_head(&mut client).await?;
            let shown = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("proxy-authorization").then_some(value)
            });
            if shown != login {
                let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
                client.write_all(answer).await.ok()?;
                return None;
            }
            let mut server = TcpStream::connect(server).await.ok()?;
            if head.starts_with(&format!("CONNECT {INSIDE}:443 ")) {
                client
                    .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    .await
                    .ok()?;
            } else if head.starts_with(&format!("GET http://{INSIDE}/")) {
                let forwarded = head.replacen(&format!("http://{INSIDE}"), "", 1);
                server.write_all(forwarded.as_bytes()).await.ok()?;
            } else {
                return None;
            }
            Some((client, server))
        })
        .await
    }

    /// Speaks SOCKS 5, and resolves names itself.
    pub(crate) async fn socks(server: SocketAddr) -> Self {
        Self::start(move |client| async move {
            let mut client = BufReader::new(client);
            let (_version, methods) = (client.read_u8().await.ok()?, client.read_u8().await.ok()?);
            client.read_exact(&mut vec![0; methods.into()]).await.ok()?;
            client.write_all(&[5, 0]).await.ok()?;
            let mut request = [0; 4];
            client.read_exact(&mut request).await.ok()?;
            assert_eq!(request, [5, 1, 0, 3], "to connect to a name");
            let mut name = vec![0; client.read_u8().await.ok()?.into()];
            client.read_exact(&mut name).await.ok()?;
            let _port = client.read_u16().await.ok()?;
            if name != INSIDE.as_bytes() {
                client.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
                return None;
            }
            client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
            Some((client, TcpStream::connect(server).await.ok()?))
        })
        .await
    }

    async fn start<F>(greet: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<(BufReader<TcpStream>, TcpStream)>> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let carried = Arc::new(AtomicUsize::new(0));
        let (greet, count) = (Arc::new(greet), Arc::clone(&carried));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (greet, count) = (Arc::clone(&greet), Arc::clone(&count));
                tokio::spawn(async move {
                    if let Some((mut client, mut server)) = greet(client).await {
                        count.fetch_add(1, Ordering::SeqCst);
                        // Whoever ends it, ends it.
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Self { address, carried }
    }
}

/// A request up to its empty line.
async fn read_head(client: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if client.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    Some(head)
}
