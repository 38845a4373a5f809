//! The key to the vendor's API. `api` redacts responses with it, [`GivenKeys`] redacts files and messages.
//!
//! [`GivenKeys`]: super::GivenKeys

use super::SecretText;

/// The secret that authenticates requests.
#[derive(Clone)]
pub struct ApiKey(SecretText);

impl ApiKey {
    /// Checks the text from a variable, a file or a command. White space around the key is removed; inside, only visible
    /// ASCII is allowed, because the key is sent in a header.
    ///
    /// The error never contains the text.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            Err("the API key is empty")
        } else if text.lines().count() > 1 {
            Err("the API key has a line break in the middle")
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Err("the API key contains a space or a character that cannot be part of a key")
        } else {
            Ok(Self(SecretText::new(text, "(the API key)")))
        }
    }

    /// Redacts the key from a server's response, see [`SecretText::redact`].
    pub fn redact(&self, text: Vec<u8>) -> Vec<u8> {
        self.0.redact(text)
    }

    /// The key's text, for the one header or query that carries it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The key as a secret like others.
    pub fn secret(&self) -> &SecretText {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_redacted_from_responses() {
        let key = ApiKey::new("abc+/12=x").unwrap_or_else(|why| unreachable!("{why}"));
        let text =
            b"\xff abc+/12=x, abc%2B%2F12%3Dx abc%2b%2f12%3dx \"abc+\\/12=x\"abc+/12=x abc+/12=".to_vec();
        let redacted = key.redact(text);
        let expected =
            b"\xff (the API key), (the API key) (the API key) \"(the API key)\"(the API key) abc+/12=";
        assert_eq!(redacted, expected.to_vec());
        let short = ApiKey::new("a").unwrap_or_else(|why| unreachable!("{why}"));
        assert_eq!(short.redact(b"a word".to_vec()), b"a word".to_vec());
    }

    #[test]
    fn key_is_redacted_from_escaped_json() {
        let key = ApiKey::new("abc+/12=x").unwrap_or_else(|why| unreachable!("{why}"));
        let whole: String = key.expose().bytes().map(|byte| format!("\\u{byte:04X}")).collect();
        let inner = whole.replace('\\', "\\\\");
        for (text, expected) in [
            (r#"{"a":["abc\u002B\/12\u003dx"]}"#.to_owned(), r#"{"a":["(the API key)"]}"#),
            (format!(r#"[[{{"x{whole}":1}}]]"#), r#"[[{"x(the API key)":1}]]"#),
            (format!(r#"{{"record":"{{\"k\":\"{inner}\"}}"}}"#), r#"{"record":"{\"k\":\"(the API key)\"}"}"#),
            (format!(r#"{{"broken":"{whole}"#), r#"{"broken":"(the API key)"#),
            (r#"{"a":"abc\u002b\/12\u003d", "b": 1}"#.to_owned(), r#"{"a":"abc\u002b\/12\u003d", "b": 1}"#),
        ] {
            let redacted = key.redact(text.clone().into_bytes());
            assert_eq!(String::from_utf8_lossy(&redacted), expected, "{text}");
        }
    }

    #[test]
    fn white_space_is_trimmed_and_rejected_inside() {
        assert_eq!(
            ApiKey::new(" ti_live_1\r\n").map(|key| key.expose().to_owned()),
            Ok("ti_live_1".to_owned())
        );
        for bad in ["", " \n", "one\ntwo", "one two", "ключ", "a\u{7}b"] {
            assert!(ApiKey::new(bad).is_err(), "{bad:?}");
        }
    }
}
