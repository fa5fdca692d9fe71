use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "The hospital's own");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its own certificate, for a client that is to trust it.
    pub(crate) fn certificate(&self) -> reqwest::Certificate {
        reqwest::Certificate::from_der(self.0.der()).unwrap()
    }

    /// What a server needs that shows a certificate with `params`.
    pub(crate) fn acceptor(&self, params: &CertificateParams) -> TlsAcceptor {
        acceptor(params, Some(self))
    }

    /// An address that speaks TLS for the plain `server`, with a certificate for `localhost` that is good.
    pub(crate) async fn before(&self, server: SocketAddr) -> SocketAddr {
        terminate(self.acceptor_for("localhost"), server).await
    }

    /// What a server needs that shows a good certificate for `host`.
    pub(crate) fn acceptor_for(&self, host: &str) -> TlsAcceptor {
        self.acceptor(&CertificateParams::new(vec![host.to_owned()]).unwrap())
    }
}

/// What a server needs that shows a certificate with `params`, signed by `issuer`, or else by itself.
pub(crate) fn acceptor(params: &CertificateParams, issuer: Option<&Authority>) -> TlsAcceptor {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = KeyPair::generate().unwrap();
    let certificate = match issuer {
        Some(issuer) => params.signed_by(&key, &issuer.0),
        None => params.self_signed(&key),
    };
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.unwrap().der().clone()], key.into())
        .unwrap();
    Arc::new(config).into()
}

/// An address that speaks TLS for the plain `server`.
pub(crate) async fn terminate(acceptor: TlsAcceptor, server: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust the certificate leaves here.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut server = TcpStream::connect(server).await.unwrap();
                // Whoever ends it, ends it.
                let _ = copy_bidirectional(&mut stream, &mut server).await;
            });
        }
    });
    address
}
