//! The address of a state on a server of Terraform's HTTP state protocol.

use std::fmt;

use url::Url;

use super::is_loopback;
use super::state_address::InvalidStateAddress;

/// The address of a state's document: https, or http on this machine; without user, query and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAddress(Url);

impl HttpAddress {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidStateAddress> {
        const WHOLE: &str = "write the whole address, such as \
                             \"https://gitlab.example.com/api/v4/projects/1/terraform/state/production\"";
        const VARIABLES: &str =
            "leave that part out, and give the credentials with TF_HTTP_USERNAME and TF_HTTP_PASSWORD";
        let invalid = |message, help| Err(InvalidStateAddress { message, help });
        if text.chars().any(char::is_whitespace) {
            return invalid("is an address with a blank in it", WHOLE);
        }
        let Ok(url) = Url::parse(text) else {
            return invalid("is an address that no server can have", WHOLE);
        };
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return invalid("is an address with a user or a password in it", VARIABLES);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return invalid("is an address with a query or a fragment, which may hold a secret", VARIABLES);
        }
        let is_here = url.host().is_some_and(|host| is_loopback(&host));
        if url.scheme() != "https" && !is_here {
            return invalid(
                "is an address without TLS, and the credentials would travel in the clear",
                "write https:// instead of http://",
            );
        }
        Ok(Self(url))
    }

    /// The address.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether the server is this machine.
    pub fn is_on_this_machine(&self) -> bool {
        self.0.host().is_some_and(|host| is_loopback(&host))
    }

    /// The address of the lock, if this is the address of a state that GitLab manages.
    pub fn gitlab_lock(&self) -> Option<Url> {
        let path = self.0.path();
        let mut parts = path.rsplit('/');
        let name = parts.next().filter(|name| !name.is_empty())?;
        let is_gitlab = parts.next() == Some("state")
            && parts.next() == Some("terraform")
            && parts.next().is_some_and(|project| !project.is_empty())
            && parts.next() == Some("projects")
            && parts.next() == Some("v4")
            && parts.next() == Some("api");
        let mut lock = self.0.clone();
        lock.set_path(&format!("{path}/lock"));
        (is_gitlab && name != "lock").then_some(lock)
    }
}

impl fmt::Display for HttpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_and_plain_http_have_no_place() {
        for (text, why) in [
            ("https://me:pw@a.example/x", "a password"),
            ("https://a.example/x@y", "a password"),
            ("https://a.example/x?token=1", "a query"),
            ("https://a.example/x#y", "a fragment"),
            ("http://a.example/x", "without TLS"),
            ("https://", "no server"),
            ("https://a.example/a b", "a blank"),
        ] {
            let error = HttpAddress::parse(text).unwrap_err();
            assert!(error.message.contains(why), "{text}: {error:?}");
        }
        for text in ["http://127.0.0.1:8080/x", "http://localhost/x", "https://a.example/x"] {
            assert_eq!(HttpAddress::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn gitlab_is_known_by_its_path() {
        let lock = |text: &str| HttpAddress::parse(text).unwrap().gitlab_lock().map(String::from);
        let state = "https://git.example/gitlab/api/v4/projects/group%2Fx/terraform/state/production";
        assert_eq!(lock(state), Some(format!("{state}/lock")));
        for other in [
            "https://git.example/api/v4/projects/1/terraform/state/",
            "https://git.example/api/v4/projects/1/terraform/state/production/lock",
            "https://git.example/state/production",
        ] {
            assert_eq!(lock(other), None, "{other}");
        }
    }
}
