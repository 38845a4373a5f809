//! The address of an environment's server: checks `url`, and gives the root that states and plans record. It opens no
//! connection.

use std::fmt;

use url::Url;

use crate::model::{is_loopback, is_on_this_machine};

use super::secrecy::{has_random, is_secret};

/// The server of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerAddress {
    /// The embedded server.
    Sandbox,
    /// An instance of the vendor.
    Remote(InstanceUrl),
}

impl ServerAddress {
    /// Returns what states and plans record: `sandbox`, or the root of the instance.
    pub fn identity(&self) -> String {
        match self {
            Self::Sandbox => "sandbox".to_owned(),
            Self::Remote(url) => url.to_string(),
        }
    }

    /// Parses `url`. The error says what to write instead, and never repeats a possible secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim() == "sandbox" {
            return Ok(Self::Sandbox);
        }
        if text.trim().eq_ignore_ascii_case("sandbox") {
            return Err("the embedded server is called \"sandbox\", in small letters".to_owned());
        }
        InstanceUrl::parse(text).map(Self::Remote).map_err(|message| {
            // Messages repeat the text, but must not repeat a password or a key.
            if text.contains('@') {
                InstanceUrl::NO_PASSWORD.to_owned()
            } else if text.contains(['?', '#']) {
                InstanceUrl::NO_QUERY.to_owned()
            } else if text.contains([';', '=']) {
                InstanceUrl::NO_KEY.to_owned()
            } else {
                message
            }
        })
    }
}

/// The root URL of an instance, without a slash at the end and without `/incoming/v2`: https, or http on loopback only,
/// because a key must never travel unencrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceUrl(String);

/// Replaces an address that may hold a secret in messages.
const THIS: &str = "this";

impl InstanceUrl {
    const EXAMPLE: &'static str = "https://academy.example.com";
    const NO_PASSWORD: &'static str = "a user name or password has no place in the address: write something like \
                                       https://academy.example.com, and give the key with CERTCTL_API_KEY";

    const NO_QUERY: &'static str = "the address must end before `?` and `#`: write something like \
                                    https://academy.example.com, and give the key with CERTCTL_API_KEY";
    const NO_KEY: &'static str = "a key has no place in the address: write something like https://academy.example.com, and \
                                  give the key with CERTCTL_API_KEY; one that was here may have been seen, so have it \
                                  replaced";
    const MAX_SHOWN_LENGTH: usize = 200;

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // The URL standard skips tabs and line breaks, so that the address could lead to another host than the one that
        // people see.
        if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(format!(
                "a blank or a control character has no place in an address: write something like {}",
                Self::EXAMPLE
            ));
        }
        // A key pasted into the address must not be repeated.
        let is_long = text.len() > Self::MAX_SHOWN_LENGTH;
        let quoted = if is_secret(text) || is_long { THIS.to_owned() } else { format!("{text:?}") };
        let url = Url::parse(text).map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase if !text.is_empty() => {
                let example = Self::EXAMPLE.trim_start_matches("https://");
                let address = if quoted == THIS { example } else { text.trim_start_matches('/') };
                format!("{quoted} has no scheme: write https://{address}")
            }
            _ => format!("{quoted} is not an address: write something like {}", Self::EXAMPLE),
        })?;
        if !text.contains("://") {
            return Err(format!("{quoted} is not an address: write something like {}", Self::EXAMPLE));
        }
        let Some(host) = url.host() else {
            return Err(format!("{quoted} names no server: write something like {}", Self::EXAMPLE));
        };
        let shown = host.to_string();
        let shown = if has_random(&shown) { Self::EXAMPLE.trim_start_matches("https://") } else { &shown };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => {
                return Err(format!(
                    "the key would travel in the clear: write https://{shown} instead of http://"
                ));
            }
            other => return Err(format!("{other}:// is not how the API is reached: write https://{shown}")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Self::NO_PASSWORD.to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Self::NO_QUERY.to_owned());
        }
        // `;name=value` is another form of a query.
        if has_random(url.path()) || has_random(&decoded(url.path())) || url.path().contains([';', '=']) {
            return Err(Self::NO_KEY.to_owned());
        }
        let root = url.as_str().trim_end_matches('/');
        Ok(Self(root.strip_suffix("/incoming/v2").unwrap_or(root).trim_end_matches('/').to_owned()))
    }
}

impl InstanceUrl {
    /// Returns whether the server is on this machine, where another one may have the same address tomorrow.
    pub fn is_on_this_machine(&self) -> bool {
        is_on_this_machine(&self.0)
    }
}

impl fmt::Display for InstanceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Decodes the percent-encoding of a path.
fn decoded(path: &str) -> String {
    // Without `=`, the whole text is the name of a query pair.
    url::form_urlencoded::parse(path.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_identity() {
        for text in [
            "https://Academy.example.com",
            " https://academy.example.com/ ",
            "https://academy.example.com/incoming/v2/",
            "https://academy.example.com:443//",
        ] {
            assert_eq!(
                ServerAddress::parse(text).unwrap().identity(),
                "https://academy.example.com",
                "{text}"
            );
        }
        assert_eq!(ServerAddress::parse("sandbox"), Ok(ServerAddress::Sandbox));
        assert_eq!(
            ServerAddress::parse("http://127.0.0.1:8080").unwrap().identity(),
            "http://127.0.0.1:8080"
        );
        assert_eq!(ServerAddress::parse("http://[::1]:80/x").unwrap().identity(), "http://[::1]/x");
    }

    #[test]
    fn sandbox_is_lower_case_only() {
        let message = ServerAddress::parse("Sandbox").unwrap_err();
        assert!(message.contains("\"sandbox\"") && !message.contains("https"), "{message}");
    }

    #[test]
    fn no_message_repeats_a_password() {
        for text in [
            "https://me:topsecret@a.example",
            "https://me:top/secret@a.example",
            "http://me:topsecret@a.example",
            "me:topsecret@a.example/x/y",
            "//me:topsecret@",
            "https://topsecret@",
        ] {
            let message = ServerAddress::parse(text).unwrap_err();
            assert!(!message.contains("secret") && message.contains("https://"), "{text}: {message}");
        }
        assert!(ServerAddress::parse("https://a.example/@team").is_ok());
    }

    #[test]
    fn no_message_repeats_a_key() {
        for text in [
            "https://academy.example.com/?key=ti_live_abc",
            "http://academy.example.com/#ti_live_abc",
            "academy.example.com?auth=ti_live_abc",
            "ti_live_abcdef0123456789",
            "ftp://a.example/key=ti_live_abc",
            "https://a.example/incoming/v2/ti_live_abcdef0123456789",
            "ti_live_abc/token",
            "http://ti-live-abcdef0123456789",
            "https://a.example/ ?x=ti_live_abc",
            "https://a.example/ti_live_FOOBAR",
            "https://a.example/%74i_live_FOOBAR",
            "https://a.example/;apikey=ti_live_FOOBAR",
            "https://a.example/;x=foobar",
            "https://a.example/x=foobar/v2",
            "ftp://a.example/;x=foobar",
            "a.example/;x=foobar",
        ] {
            let message = ServerAddress::parse(text).unwrap_err();
            let shown = ["ti_live", "ti-live", "foobar"].iter().any(|key| message.contains(key));
            assert!(!shown && message.contains("https://"), "{text}: {message}");
        }
    }

    #[test]
    fn invisible_characters_are_refused() {
        for text in
            ["https://acad\temy.example.com", "https://academy.example.com/a b", "https://a\u{a0}b.example"]
        {
            assert!(ServerAddress::parse(text).unwrap_err().contains("control character"), "{text}");
        }
    }

    #[test]
    fn keys_require_https() {
        for text in [
            "http://academy.example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "ftp://127.0.0.1",
        ] {
            assert!(ServerAddress::parse(text).is_err(), "{text}");
        }
        let plain = ServerAddress::parse("http://monkey.example.com").unwrap_err();
        assert!(plain.contains("https://monkey.example.com"), "{plain}");
        for text in [
            "https://",
            "",
            "https:academy",
            "academy.example.com",
            "https://a:b@c.example",
            "https://a.example?x=1",
        ] {
            assert!(ServerAddress::parse(text).is_err(), "{text}");
        }
    }
}
