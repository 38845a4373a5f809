//! The key to the vendor's API, and how to redact it from texts. `api` redacts responses with it, [`GivenKeys`] redacts
//! files and messages.
//!
//! [`GivenKeys`]: super::GivenKeys

use serde_json::Value;

/// The secret that authenticates requests. It implements neither `Debug` nor `Display` nor `Serialize`, so that it cannot
/// end up in an output, a log, a plan or a state.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Shorter keys are not redacted, because their text may be part of ordinary words. Real keys are longer. In bytes.
    pub(super) const SHORTEST_REDACTED: usize = 8;
    /// The replacement for the key.
    pub(super) const REDACTED: &str = "(the API key)";

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
            Ok(Self(text.to_owned()))
        }
    }

    /// Redacts the key from a server's response: some servers echo the request with its headers in their errors. Finds the
    /// key in plain text, percent-encoded, and with JSON escapes, also in JSON that is a string inside JSON.
    pub fn redact(&self, text: Vec<u8>) -> Vec<u8> {
        if self.0.len() < Self::SHORTEST_REDACTED {
            return text;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        let lower = encoded.to_lowercase();
        let text = [self.0.as_str(), &encoded, &lower].iter().fold(text, |text, form| {
            let form = form.as_bytes();
            replaced(text, |rest| rest.starts_with(form).then_some(form.len()))
        });
        if !text.contains(&b'\\') {
            return text;
        }
        let text = replaced(text, |rest| escaped_length(rest, self.0.as_bytes()));
        // Parsing resolves escapes, which may reveal the key.
        let Ok(mut value) = serde_json::from_slice(&text) else { return text };
        if self.redact_value(&mut value) { value.to_string().into_bytes() } else { text }
    }

    /// Redacts every string and member name; returns whether any contained the key.
    fn redact_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => self.redact_text(text),
            Value::Array(items) => {
                let mut found = false;
                for item in items {
                    found |= self.redact_value(item);
                }
                found
            }
            Value::Object(members) => {
                let mut found = false;
                for (mut name, mut member) in std::mem::take(members) {
                    found |= self.redact_text(&mut name);
                    found |= self.redact_value(&mut member);
                    members.insert(name, member);
                }
                found
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn redact_text(&self, text: &mut String) -> bool {
        let redacted = self.redacted(text);
        let found = redacted.is_some();
        if let Some(redacted) = redacted {
            *text = redacted;
        }
        found
    }

    /// The text with the key redacted; `None` if it does not contain the key.
    pub(super) fn redacted(&self, text: &str) -> Option<String> {
        let redacted = self.redact(text.as_bytes().to_owned());
        (redacted != text.as_bytes()).then(|| String::from_utf8_lossy(&redacted).into_owned())
    }

    /// The key's text, for the one header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The length of the key at the beginning of a text, each character plain or JSON-escaped. `None` if the text does not
/// begin with the key.
fn escaped_length(text: &[u8], key: &[u8]) -> Option<usize> {
    key.iter().try_fold(0, |length, byte| Some(length + character_length(&text[length..], *byte)?))
}

fn character_length(text: &[u8], byte: u8) -> Option<usize> {
    const ESCAPED: usize = r"\u0000".len();
    match text {
        [b'\\', escaped @ (b'"' | b'\\' | b'/'), ..] if *escaped == byte => Some(2),
        [b'\\', b'u', ..] => {
            let digits = std::str::from_utf8(text.get(2..ESCAPED)?).ok()?;
            (u32::from_str_radix(digits, 16) == Ok(u32::from(byte))).then_some(ESCAPED)
        }
        [first, ..] if *first == byte => Some(1),
        _ => None,
    }
}

/// Replaces every match. `find` returns the length of a match at the beginning of the bytes it is given.
fn replaced(text: Vec<u8>, find: impl Fn(&[u8]) -> Option<usize>) -> Vec<u8> {
    let next = |from: usize| (from..text.len()).find_map(|start| Some((start, find(&text[start..])?)));
    let Some(mut found) = next(0) else { return text };
    let (mut whole, mut end) = (Vec::with_capacity(text.len()), 0);
    loop {
        let (start, length) = found;
        whole.extend_from_slice(&text[end..start]);
        whole.extend_from_slice(ApiKey::REDACTED.as_bytes());
        end = start + length;
        match next(end) {
            Some(further) => found = further,
            None => break,
        }
    }
    whole.extend_from_slice(&text[end..]);
    whole
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
