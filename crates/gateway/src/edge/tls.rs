use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use deskbell_clock::{Clock, Instant};
use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_parser::parse_x509_certificate;

use crate::logging::chain;

/// A certificate that lasts no longer than this is warned of, if nobody has renewed it until then: two weeks are enough for
/// whoever has to ask for a new one.
const LAST_DAYS: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How often it is warned of.
const WARN_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// TLS 1.2 and 1.3 with a certificate from two files. They may be replaced while the gateway runs: new connections get
/// the new certificate, old ones go on. Clones share it.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    files: Arc<Files>,
    current: Arc<Current>,
}

/// Why a certificate is not used. No text of the files is in it.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file of the certificate holds none.
    #[error("{0} holds no certificate in PEM (-----BEGIN CERTIFICATE-----), or a damaged one")]
    NoCertificate(PathBuf),
    /// The file of the key holds none.
    #[error(
        "{0} holds no private key in PEM (-----BEGIN PRIVATE KEY-----) without a password, or a damaged one"
    )]
    NoKey(PathBuf),
    /// The two do not belong together.
    #[error("the key in {key} is not that of the first certificate in {certificate}")]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// Certificate or key is of a kind that TLS has no use for.
    #[error("{certificate} and {key} cannot be used for TLS")]
    Unusable {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// What shows that a file is another one than before; `None` while it cannot be looked at.
type Stamp = [Option<(SystemTime, u64)>; 2];

/// The certificate in use, and what its files looked like before they were read.
#[derive(Debug)]
struct Current(RwLock<(Arc<CertifiedKey>, Stamp)>);

impl Tls {
    /// Reads the chain of certificates, the gateway's own first, and the key to it, both in PEM.
    ///
    /// # Errors
    /// When one of the files cannot be used, or the two do not belong together.
    pub fn read(certificate: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let files = Files { certificate, key };
        let stamp = files.stamp();
        let current = Arc::new(Current(RwLock::new((Arc::new(files.read()?), stamp))));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|source| files.unusable(source))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as Arc<_>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            files: Arc::new(files),
            current,
        })
    }

    /// From when on the certificate is no longer valid: to every desk, the gateway is out of reach then.
    pub(crate) fn not_after(&self) -> Option<Timestamp> {
        let current = self.current.0.read().unwrap_or_else(PoisonError::into_inner);
        let (_, certificate) = parse_x509_certificate(current.0.cert.first()?).ok()?;
        Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
    }

    /// Warns of a certificate that ends soon, or has ended.
    fn warn(&self, now: Timestamp) {
        match self.not_after().and_then(|not_after| Ending::at(now, not_after)) {
            None => {}
            Some(Ending::Soon { not_after }) => {
                tracing::warn!(%not_after, "the certificate expires soon: put a new one into its file");
            }
            Some(Ending::Over { not_after }) => {
                tracing::error!(%not_after, "the certificate has expired: no desk trusts this gateway any more");
            }
        }
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }

    /// Looks at the files once in every `interval`, for ever. New ones that cannot be used are logged once, and the
    /// certificate stays what it was. One that ends soon is warned of once a day.
    pub(super) async fn renew(&self, interval: Duration, clock: &dyn Clock) {
        let mut warned: Option<Instant> = None;
        loop {
            if warned.is_none_or(|at| at + WARN_EVERY <= clock.instant()) {
                warned = Some(clock.instant());
                self.warn(clock.now());
            }
            tokio::time::sleep(interval).await;
            let tls = self.clone();
            match tokio::task::spawn_blocking(move || tls.look()).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => tracing::info!("new connections get the new certificate"),
                Ok(Err(error)) => {
                    let error = chain(&error);
                    tracing::error!(error, "the new certificate is not used, the old one stays");
                }
                Err(error) => tracing::error!(%error, "the files of the certificate cannot be looked at"),
            }
        }
    }

    /// Takes the files' certificate if they have changed; whether they had.
    fn look(&self) -> Result<bool, TlsError> {
        let stamp = self.files.stamp();
        if self.current.stamp() == stamp {
            return Ok(false);
        }
        let read = self.files.read();
        let mut current = self.current.0.write().unwrap_or_else(PoisonError::into_inner);
        // Kept in any case: the same bad files are not read, and not complained of, again.
        current.1 = stamp;
        current.0 = Arc::new(read?);
        Ok(true)
    }
}

/// What is to be said of a certificate.
#[derive(Debug, PartialEq, Eq)]
enum Ending {
    Soon { not_after: Timestamp },
    Over { not_after: Timestamp },
}

impl Ending {
    fn at(now: Timestamp, not_after: Timestamp) -> Option<Self> {
        if not_after <= now {
            Some(Self::Over { not_after })
        } else if not_after <= now + LAST_DAYS {
            Some(Self::Soon { not_after })
        } else {
            None
        }
    }
}

impl Files {
    fn stamp(&self) -> Stamp {
        [&self.certificate, &self.key].map(|path| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        })
    }

    fn read(&self) -> Result<CertifiedKey, TlsError> {
        let Self { certificate, key } = self;
        let pem = read(certificate)?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let chain = chain
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| TlsError::NoCertificate(certificate.clone()))?;
        // The error's own text may quote the key.
        let secret = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| TlsError::NoKey(key.clone()))?;
        CertifiedKey::from_der(chain, secret, &default_provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => TlsError::Mismatch {
                certificate: certificate.clone(),
                key: key.clone(),
            },
            source => self.unusable(source),
        })
    }

    fn unusable(&self, source: rustls::Error) -> TlsError {
        TlsError::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            source,
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::File {
        path: path.to_owned(),
        source,
    })
}

impl Current {
    fn stamp(&self) -> Stamp {
        self.0.read().unwrap_or_else(PoisonError::into_inner).1
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current.0))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};
    use tempfile::TempDir;

    use super::*;

    /// Puts a new certificate, signed by nobody else, into `folder`.
    fn issue(folder: &TempDir) -> CertificateDer<'static> {
        put(
            folder,
            CertificateParams::new(vec!["bell.example".to_owned()]).unwrap(),
        )
    }

    fn put(folder: &TempDir, params: CertificateParams) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
        std::fs::write(folder.path().join("chain.pem"), certificate.pem()).unwrap();
        certificate.der().clone()
    }

    fn shown(tls: &Tls) -> CertificateDer<'static> {
        tls.current.0.read().unwrap().0.cert[0].clone()
    }

    #[test]
    fn files_that_went_bad_are_complained_of_once_and_the_old_certificate_stays() {
        let folder = tempfile::tempdir().unwrap();
        let old = issue(&folder);
        let (certificate, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
        let tls = Tls::read(certificate.clone(), key.clone()).unwrap();
        assert!(!tls.look().unwrap(), "nothing has changed");

        std::fs::write(&certificate, "half of a").unwrap();
        assert!(matches!(tls.look(), Err(TlsError::NoCertificate(path)) if path == certificate));
        assert!(!tls.look().unwrap(), "it is said once");
        std::fs::remove_file(&key).unwrap();
        assert!(tls.look().is_err());
        assert!(!tls.look().unwrap(), "it is said once");
        assert_eq!(shown(&tls), old);

        let new = issue(&folder);
        assert!(tls.look().unwrap());
        assert_eq!(shown(&tls), new);
    }

    #[test]
    fn the_last_moment_of_the_certificate_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(vec!["bell.example".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2027, 1, 31);
        put(&folder, params);
        let tls = Tls::read(folder.path().join("chain.pem"), folder.path().join("key.pem")).unwrap();
        assert_eq!(tls.not_after(), Some("2027-01-31T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_certificate_is_warned_of_in_its_last_two_weeks() {
        let not_after: Timestamp = "2027-01-31T00:00:00Z".parse().unwrap();
        for (now, ending) in [
            ("2027-01-16T23:59:59Z", None),
            ("2027-01-17T00:00:00Z", Some(Ending::Soon { not_after })),
            ("2027-01-30T23:59:59Z", Some(Ending::Soon { not_after })),
            ("2027-01-31T00:00:00Z", Some(Ending::Over { not_after })),
        ] {
            assert_eq!(Ending::at(now.parse().unwrap(), not_after), ending, "{now}");
        }
    }

    #[test]
    fn a_key_that_has_not_come_yet_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let old = issue(&folder);
        let (certificate, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
        let tls = Tls::read(certificate, key.clone()).unwrap();
        let before = std::fs::read(&key).unwrap();
        let new = issue(&folder);
        let its_key = std::fs::read(&key).unwrap();
        std::fs::write(&key, before).unwrap();
        assert!(matches!(tls.look(), Err(TlsError::Mismatch { .. })));
        assert_eq!(shown(&tls), old);
        std::fs::write(&key, its_key).unwrap();
        assert!(tls.look().unwrap());
        assert_eq!(shown(&tls), new);
    }
}
