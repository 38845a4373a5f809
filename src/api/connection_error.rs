//! Translates the HTTP library's errors into reasons that an administrator can act on. [`Client`](super::Client) calls
//! it; it never decides whether to retry.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::proxy::Proxy;

/// The server that a connection was meant for, and the proxy on the way to it.
pub(super) struct ConnectionTarget<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) proxy: Option<&'a Proxy>,
}

/// Why a connection failed before the first byte of a request was sent.
pub(super) enum ConnectFailure {
    /// The server's certificate is not trusted.
    Untrusted(String),
    /// The proxy refused the connection. Only the proxy knows why.
    Tunnel,
    /// Any other reason, in words.
    Other(String),
}

impl ConnectionTarget<'_> {
    /// Why the connection failed. With a proxy, the first hop is the proxy.
    pub(super) fn failure(&self, error: &reqwest::Error) -> ConnectFailure {
        if let Some(certificate) = untrusted(error) {
            return ConnectFailure::Untrusted(certificate);
        }
        let words = chain(error);
        if let Some(proxy) = self.proxy
            && words.contains("tunnel error")
            && !words.contains("failed to create underlying connection")
        {
            return if words.contains("proxy authorization required") {
                ConnectFailure::Other(format!(
                    "{proxy} requires a user name and a password (407). Write them into its address: \
                     http://USER:PASSWORD@HOST:PORT"
                ))
            } else {
                ConnectFailure::Tunnel
            };
        }
        ConnectFailure::Other(match self.proxy {
            Some(proxy) => format!("{proxy} cannot be reached: {}", self.first_hop(error, &words)),
            None => self.first_hop(error, &words),
        })
    }

    fn first_hop(&self, error: &reqwest::Error, words: &str) -> String {
        let place = match self.proxy {
            Some(_) => "it".to_owned(),
            None => format!("{}:{}", self.host, self.port),
        };
        if words.contains("dns error") {
            return match self.proxy {
                Some(_) => "its name cannot be looked up (DNS)".to_owned(),
                None => format!(
                    "the name {} cannot be looked up (DNS). Check `url` in certctl.toml, and whether this machine has \
                     a network",
                    self.host
                ),
            };
        }
        if error.is_timeout() {
            return format!("{place} does not answer in time");
        }
        match io_error(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => {
                format!("no program answers at {} (connection refused)", self.first_address())
            }
            Some(io::ErrorKind::TimedOut) => format!("{place} does not answer in time"),
            Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
                format!("this machine's network has no route to {place}")
            }
            Some(io::ErrorKind::PermissionDenied) => {
                format!("this machine does not allow a connection to {place}")
            }
            _ if is_handshake(error) => format!(
                "{place} does not speak TLS (https) as expected. Check host and port of `url` in certctl.toml"
            ),
            Some(
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::UnexpectedEof,
            ) => format!("{place} ended the connection before a request was sent"),
            _ => format!("the connection to {place} could not be made ({})", last(error)),
        }
    }

    fn first_address(&self) -> String {
        match self.proxy {
            Some(_) => "its address".to_owned(),
            None => format!("{}:{}", self.host, self.port),
        }
    }
}

/// Why no answer came after the request was sent, or partly sent.
pub(super) fn lost(error: &reqwest::Error) -> String {
    let http = causes(error).find_map(|cause| cause.downcast_ref::<hyper::Error>());
    if http.is_some_and(hyper::Error::is_incomplete_message) {
        return "the server closed the connection".to_owned();
    }
    if http.is_some_and(hyper::Error::is_parse) {
        return "the response is not HTTP".to_owned();
    }
    match io_error(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionReset) => "the connection was reset".to_owned(),
        Some(io::ErrorKind::UnexpectedEof) => "the connection was closed".to_owned(),
        Some(io::ErrorKind::BrokenPipe) => {
            "the server closed the connection while the request was being sent".to_owned()
        }
        _ => format!("the connection broke ({})", last(error)),
    }
}

/// Every error in the chain, including those that an I/O error wraps: its `source` skips the wrapped error itself.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'e (dyn Error + 'static) = *error;
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// The innermost I/O error, which is the operating system's.
fn io_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e io::Error> {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last()
}

/// Whether the TLS handshake failed.
fn is_handshake(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(<dyn Error>::is::<rustls::Error>)
        || io_error(error).is_some_and(|error| error.to_string().contains("handshake"))
}

/// What is wrong with the server's certificate, if that ended the handshake. No request was sent then.
fn untrusted(error: &(dyn Error + 'static)) -> Option<String> {
    let wrong = causes(error).find_map(|cause| match cause.downcast_ref() {
        Some(rustls::Error::InvalidCertificate(wrong)) => Some(wrong),
        _ => None,
    })?;
    Some(match wrong {
        CertificateError::UnknownIssuer => {
            "it was issued by an authority that this machine does not trust".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet (check this machine's clock)".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another host name".to_owned()
        }
        CertificateError::Revoked => "it was revoked".to_owned(),
        other => format!("it cannot be verified ({other})"),
    })
}

/// The message of the innermost error.
fn last(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// The messages of an error and its causes, for the log and for searching.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in causes(error) {
        let words = cause.to_string();
        if !text.contains(&words) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&words);
        }
    }
    text
}
