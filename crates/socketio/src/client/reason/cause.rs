use std::error::Error;
use std::io;
use std::iter::successors;

use rustls::CertificateError;

use super::{CertificateFault, DisconnectReason, ProxyFault};

/// How the errors of hyper-util begin that a CONNECT or SOCKS proxy is the cause of. It does not export their types.
const PROXY_ERRORS: [&str; 2] = ["tunnel error: ", "SOCKS error: "];

/// How those of them end where the proxy wants a login, or another.
const PROXY_WANTS_LOGIN: [&str; 2] = ["proxy authorization required", "credentials not accepted"];

/// How those of them end where the proxy gave no answer.
const PROXY_AWAY: [&str; 4] = [
    "failed to create underlying connection",
    "io error establishing tunnel",
    "unexpected end of file",
    "io error during SOCKS handshake",
];

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

    if let Some(fault) = texts.iter().find_map(|text| proxy_fault(text)) {
        return DisconnectReason::Proxy { fault, detail };
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

/// What a proxy did, if it is the cause of an error with this text.
fn proxy_fault(text: &str) -> Option<ProxyFault> {
    let ends = |endings: &[&str]| endings.iter().any(|ending| text.ends_with(ending));
    let is_proxy = PROXY_ERRORS.iter().any(|error| text.starts_with(error));
    is_proxy.then(|| {
        if ends(&PROXY_WANTS_LOGIN) {
            ProxyFault::WantsLogin
        } else if ends(&PROXY_AWAY) {
            ProxyFault::Away
        } else {
            ProxyFault::Refuses
        }
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
