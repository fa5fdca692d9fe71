use std::error::Error;
use std::io;
use std::iter::successors;

use rustls::CertificateError;

use super::{CertificateFault, DisconnectReason};

/// How the errors of hyper-util begin that a CONNECT or SOCKS proxy is the cause of. It does not export their types.
const PROXY_ERRORS: [&str; 2] = ["tunnel error: ", "SOCKS error: "];

/// How the error ends that stands for a CONNECT answered 407.
const PROXY_WANTS_LOGIN: &str = "proxy authorization required";

/// webpki's error for an authority's certificate shown as a server's: what `openssl req -x509` makes.
const SIGNED_ITSELF: &str = "CaUsedAsEndEntity";

/// Why a request got no answer.
pub(crate) fn of_error(error: reqwest::Error) -> DisconnectReason {
    // The address may carry a password.
    let error = error.without_url();
    let causes: Vec<&dyn Error> = causes(&error).collect();
    let texts: Vec<String> = causes.iter().map(ToString::to_string).collect();
    let detail = texts.join(": ");
    tracing::debug!(error = detail, "no answer");

    let proxy = |text: &&String| PROXY_ERRORS.iter().any(|error| text.starts_with(error));
    if let Some(text) = texts.iter().find(proxy) {
        return DisconnectReason::Proxy {
            status: text.ends_with(PROXY_WANTS_LOGIN).then_some(407),
            detail,
        };
    }
    if error.is_dns() {
        return DisconnectReason::NameNotFound;
    }
    match causes.iter().find_map(|cause| cause.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(certificate)) => {
            DisconnectReason::Certificate(certificate_fault(certificate))
        }
        Some(rustls::Error::NoCertificatesPresented) => {
            DisconnectReason::Certificate(CertificateFault::Other)
        }
        Some(_) => DisconnectReason::Tls { detail },
        None if error.is_timeout() && !error.is_connect() => DisconnectReason::ConnectTimeout,
        None if error.is_connect() && is_cut_short(&causes) => DisconnectReason::Tls { detail },
        None => DisconnectReason::Unreachable { detail },
    }
}

/// The error and what it came of, outermost first. What an [`io::Error`] wraps does not count as its source.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(io_error) => io_error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

/// Whether the connection ended in the middle of the TLS handshake.
fn is_cut_short(causes: &[&(dyn Error + 'static)]) -> bool {
    let mut io_errors = causes
        .iter()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    io_errors.any(|error| error.kind() == io::ErrorKind::UnexpectedEof)
}

fn certificate_fault(error: &CertificateError) -> CertificateFault {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateFault::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateFault::WrongHost
        }
        // A bad signature is an issuer of the right name with another key: made anew, or an impostor.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => CertificateFault::UnknownIssuer,
        CertificateError::Other(error) if error.to_string() == SIGNED_ITSELF => {
            CertificateFault::UnknownIssuer
        }
        CertificateError::Revoked => CertificateFault::Revoked,
        _ => CertificateFault::Other,
    }
}
