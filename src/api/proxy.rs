//! The proxy between this machine and a server: which one is used, where it is configured, and how it answers. The HTTP
//! library follows the same rules but reports none of this; the messages need it. Credentials are never shown.

use std::time::Duration;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The proxy for requests to one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proxy {
    /// Host and port, without any credentials.
    address: String,
    /// The environment variable that names it; `None` for the system's settings.
    variable: Option<&'static str>,
    /// Whether the connection to the proxy itself is without TLS.
    is_plain: bool,
}

/// An environment variable should name a proxy but has an unusable value. The value may hold a password and is not
/// shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{variable} does not name a proxy that certctl can use: {why}. Write it as http://HOST:PORT, or unset it: unset \
     {variable}"
)]
pub struct ProxyError {
    variable: &'static str,
    why: &'static str,
}

/// The variables that name a proxy for https; the first one that is set counts.
const VARIABLES: [[&str; 2]; 2] = [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];

impl Proxy {
    /// The proxy for this server, if one is configured.
    pub(super) fn to(
        server: &Uri,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ProxyError> {
        let named = named(variable)?;
        let Some(intercept) = Matcher::from_system().intercept(server) else { return Ok(None) };
        let uri = intercept.uri();
        let is_plain = uri.scheme_str() != Some("https");
        let port = uri.port_u16().unwrap_or(if is_plain { 80 } else { 443 });
        let host = uri.host().unwrap_or_default();
        Ok(Some(Self { address: format!("{host}:{port}"), variable: named, is_plain }))
    }

    /// The status with which the proxy refuses a connection to `target` (`host:port`). Asks the proxy once more to find
    /// out, without credentials.
    pub(super) async fn refusal(&self, target: &str) -> Option<String> {
        const TIMEOUT: Duration = Duration::from_secs(5);
        if !self.is_plain {
            return None;
        }
        let ask = async {
            let mut stream = TcpStream::connect(&self.address).await.ok()?;
            let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.ok()?;
            let mut head = [0; 256];
            let length = stream.read(&mut head).await.ok()?;
            status(&head[..length])
        };
        tokio::time::timeout(TIMEOUT, ask).await.ok().flatten()
    }
}

impl std::fmt::Display for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the proxy {} ({})", self.address, self.variable.unwrap_or("from the system's settings"))
    }
}

/// The variable that names the proxy. An unusable value is an error: bypassing the proxy cannot be intended.
fn named(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<&'static str>, ProxyError> {
    for names in VARIABLES {
        let Some((name, value)) = names.into_iter().find_map(|name| Some((name, variable(name)?))) else {
            continue;
        };
        if value.is_empty() {
            continue;
        }
        let wrong = |why| ProxyError { variable: name, why };
        let uri: Uri = value.parse().map_err(|_| wrong("it is not an address"))?;
        match uri.scheme_str() {
            None | Some("http" | "https") => {}
            Some(_) => return Err(wrong("it is not an HTTP proxy")),
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(wrong("it has no host"));
        }
        return Ok(Some(name));
    }
    Ok(None)
}

/// The code and reason of an HTTP status line.
fn status(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let line = head.lines().next()?;
    let (version, status) = line.split_once(' ')?;
    let text: String = status.chars().filter(|c| !c.is_control()).take(80).collect();
    version.starts_with("HTTP/").then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named_in(variables: &[(&str, &str)]) -> Result<Option<&'static str>, ProxyError> {
        named(&|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn first_variable_set_names_the_proxy() {
        assert_eq!(named_in(&[]), Ok(None));
        assert_eq!(named_in(&[("HTTPS_PROXY", "")]), Ok(None));
        let all = ("ALL_PROXY", "http://all:1");
        assert_eq!(named_in(&[all, ("https_proxy", "proxy:3128")]), Ok(Some("https_proxy")));
        assert_eq!(named_in(&[all, ("HTTPS_PROXY", "")]), Ok(Some("ALL_PROXY")));
    }

    #[test]
    fn errors_never_show_the_value() {
        for value in ["socks5://me:secret@h:1", "http://", "http://me:secret@", "::secret::", "secret proxy"]
        {
            let error = named_in(&[("HTTPS_PROXY", value)]).unwrap_err().to_string();
            assert!(error.starts_with("HTTPS_PROXY does not name a proxy"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn status_lines_are_read() {
        assert_eq!(status(b"HTTP/1.1 403 Forbidden\r\nX: y\r\n").as_deref(), Some("403 Forbidden"));
        assert_eq!(status(b"SSH-2.0-x 1\r\n"), None);
        assert_eq!(status(b""), None);
    }
}
