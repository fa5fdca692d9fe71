use std::path::{Path, PathBuf};
use std::sync::Arc;

use deskbell_gateway::{Tls, TlsError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore};
use tempfile::TempDir;
use tokio_rustls::TlsConnector;

use super::*;
use crate::program::Place;

/// An authority of the hospital's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// The files that IT gives the gateway.
struct Files(TempDir);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Puts a new certificate for 127.0.0.1 into `files`.
    fn issue(&self, files: &Files) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        std::fs::write(files.key(), key.serialize_pem()).unwrap();
        std::fs::write(files.certificate(), certificate.pem()).unwrap();
        certificate.der().clone()
    }

    fn connector(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Arc::new(config).into()
    }

    fn http(&self) -> reqwest::Client {
        let trusted = reqwest::Certificate::from_der(self.0.der()).unwrap();
        http_builder().tls_certs_only([trusted]).build().unwrap()
    }

    /// The certificate that the gateway at `address` shows.
    async fn shown(&self, address: &str) -> CertificateDer<'static> {
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let stream = connect(1, address).await;
        let stream = self.connector().connect(name, stream).await.unwrap();
        let session = stream.get_ref().1;
        assert_eq!(session.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        session.peer_certificates().unwrap()[0].clone().into_owned()
    }
}

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn certificate(&self) -> PathBuf {
        self.0.path().join("chain.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.path().join("key.pem")
    }

    fn read(&self) -> Result<Tls, TlsError> {
        Tls::read(self.certificate(), self.key())
    }
}

async fn house_with(files: &Files, limits: Limits) -> House {
    let edge = Edge {
        tls: Some(files.read().unwrap()),
        limits,
        ..Edge::default()
    };
    let options = Options {
        edge,
        ..Options::default()
    };
    House::open_with(options).await
}

#[tokio::test]
async fn a_site_and_a_desk_speak_tls_by_either_transport() {
    let (authority, files) = (Authority::new(), Files::new());
    authority.issue(&files);
    let house = house_with(&files, Limits::default()).await;
    let url = format!("https://{}", house.address);
    let token = house.pair().await.reveal();
    let mut desks = Vec::new();
    for transports in [Transports::WebSocketOnly, Transports::PollingOnly] {
        let auth = json!({ "token": token, "api": 1, "client": "test/1" });
        let mut desk = Listener::connect_over(transports, &url, authority.http(), None, auth);
        desk.catch_up().await;
        desks.push(desk);
    }
    let form = json!({
        "relationship": "본인", "name": "김크리스", "phone": "010-1111-1111", "reservationdate": "2026-11-23",
        "reservationtime": "10:30 ~ 11:00",
    });
    let request = authority.http().post(format!("{url}/v1/reservations"));
    let answer = request.bearer_auth(&house.key).json(&form).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    for desk in &mut desks {
        assert_eq!(desk.change().await.reservation.name.as_str(), "김크리스");
    }
    house.stop().await;
}

#[tokio::test]
async fn a_new_certificate_is_shown_without_a_restart_and_sockets_go_on() {
    let (authority, files) = (Authority::new(), Files::new());
    let first = authority.issue(&files);
    let limits = Limits {
        certificate: SOON / 20,
        ..Limits::default()
    };
    let house = house_with(&files, limits).await;
    assert_eq!(authority.shown(&house.address).await, first);
    let token = house.pair().await.reveal();
    let auth = json!({ "token": token, "api": 1, "client": "test/1" });
    let url = format!("https://{}", house.address);
    let mut desk = Listener::connect_over(Transports::WebSocketOnly, &url, authority.http(), None, auth);
    desk.catch_up().await;

    let second = authority.issue(&files);
    let renewed = async { while authority.shown(&house.address).await != second {} };
    tokio::time::timeout(PATIENCE, renewed)
        .await
        .expect("the old one is still shown");
    let form = json!({
        "relationship": "본인", "name": "김크리스", "phone": "010-1111-1111", "reservationdate": "2026-11-23",
        "reservationtime": "10:30 ~ 11:00",
    });
    let request = authority.http().post(format!("{url}/v1/reservations"));
    let answer = request.bearer_auth(&house.key).json(&form).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    // The next that it hears: it was not disconnected.
    desk.change().await;
    let metrics = authority
        .http()
        .get(format!("{url}/metrics"))
        .send()
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    // The last moment of those made here.
    let last = "\ndeskbell_tls_certificate_not_after_seconds 67090118400\n";
    assert!(metrics.contains(last), "{metrics}");
    house.stop().await;
}

#[tokio::test]
async fn whoever_does_not_begin_with_tls_is_cut() {
    let (authority, files) = (Authority::new(), Files::new());
    authority.issue(&files);
    let limits = Limits {
        handshake: SOON,
        ..Limits::default()
    };
    let house = house_with(&files, limits).await;
    assert_eq!(rest(&mut connect(1, &house.address).await).await, "");
    let mut plain = connect(1, &house.address).await;
    plain
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, plain.read_to_end(&mut bytes)).await;
    let _ = read.expect("it is not cut");
    // A TLS alert, at most.
    assert!(bytes.first().is_none_or(|first| *first == 21), "{bytes:?}");
    house.stop().await;
}

/// What the program says when it is to serve with these files.
fn complaint(certificate: &Path, key: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let args = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        &certificate,
        "--tls-key",
        &key,
    ];
    let output = Place::new(folder.path()).run(&args);
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn files_that_cannot_be_used_are_named_and_not_quoted() {
    let (authority, files, others) = (Authority::new(), Files::new(), Files::new());
    authority.issue(&files);
    authority.issue(&others);
    let (certificate, key) = (files.certificate(), files.key());
    let nothing = files.0.path().join("nothing.pem");
    let says = |said: String, path: &Path, what: &str| {
        assert!(
            said.contains(&path.display().to_string()) && said.contains(what),
            "{said}"
        );
    };
    says(complaint(&nothing, &key), &nothing, "cannot be read");
    says(complaint(&key, &key), &key, "holds no certificate");
    says(
        complaint(&certificate, &certificate),
        &certificate,
        "holds no private key",
    );
    says(
        complaint(&certificate, &others.key()),
        &others.key(),
        "is not that of the first certificate",
    );

    let damaged = std::fs::read_to_string(&key)
        .unwrap()
        .replacen("-----\n", "-----\n!canary!", 1);
    std::fs::write(&key, damaged).unwrap();
    let said = complaint(&certificate, &key);
    assert!(
        said.contains("a damaged one") && !said.contains("canary"),
        "{said}"
    );
}

#[test]
fn a_certificate_without_a_key_is_no_tls() {
    let folder = tempfile::tempdir().unwrap();
    for (flag, missing) in [("--tls-cert", "--tls-key"), ("--tls-key", "--tls-cert")] {
        let output = Place::new(folder.path()).run(&["serve", flag, "file.pem"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(missing), "{said}");
    }
}
