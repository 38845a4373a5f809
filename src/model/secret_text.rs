//! A text that must not be shown, and how to redact it from other texts: the key, the observer's password, a token.

use serde_json::Value;

mod percent;

/// A secret. It implements neither `Debug` nor `Display` nor `Serialize`, so that it cannot end up in an output, a log, a
/// plan or a state.
#[derive(Clone)]
pub struct SecretText {
    text: String,
    /// The replacement for it.
    shown_as: &'static str,
}

impl SecretText {
    /// Shorter secrets are not redacted, because their text may be part of ordinary words. Real ones are longer. In
    /// bytes.
    const SHORTEST_REDACTED: usize = 8;

    /// What is shown in the place of the password of the server that keeps the state.
    pub const STATE_PASSWORD: &str = "(the password of the state's server)";

    /// A secret that is replaced by `shown_as` where it would be shown.
    pub fn new(text: impl Into<String>, shown_as: &'static str) -> Self {
        Self { text: text.into(), shown_as }
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What it is, in brackets.
    pub(super) fn shown_as(&self) -> &'static str {
        self.shown_as
    }

    /// Whether it is long enough to be recognised in a text.
    pub(super) fn is_recognisable(&self) -> bool {
        self.text.len() >= Self::SHORTEST_REDACTED
    }

    /// Redacts the secret from a server's response: some servers echo the request with its headers in their errors. Finds
    /// it in plain text, percent-encoded, wholly or in part and up to three times, and with JSON escapes, also in JSON that
    /// is a string inside JSON.
    pub fn redact(&self, text: Vec<u8>) -> Vec<u8> {
        if !self.is_recognisable() {
            return text;
        }
        let secret = self.text.as_bytes();
        let mut text = self.replaced(text, |rest| rest.starts_with(secret).then_some(secret.len()));
        // With each round of encoding, a blank can have become a plus sign.
        let is_encoded = text.contains(&b'%') || secret.contains(&b' ');
        for rounds in (1..=percent::MAX_ROUNDS).filter(|_| is_encoded) {
            text = self.replaced(text, |rest| percent::length_of(secret, rest, rounds));
        }
        if !text.contains(&b'\\') {
            return text;
        }
        let text = self.replaced(text, |rest| escaped_length(rest, &self.text));
        // Parsing resolves escapes, which may reveal the secret.
        let Ok(mut value) = serde_json::from_slice(&text) else { return text };
        if self.redact_value(&mut value) { value.to_string().into_bytes() } else { text }
    }

    /// Redacts every string and member name; returns whether any contained the secret.
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

    /// The text with the secret redacted; `None` if it does not contain it.
    pub fn redacted(&self, text: &str) -> Option<String> {
        let redacted = self.redact(text.as_bytes().to_owned());
        (redacted != text.as_bytes()).then(|| String::from_utf8_lossy(&redacted).into_owned())
    }

    /// Replaces every match. `find` returns the length of a match at the beginning of the bytes it is given.
    fn replaced(&self, text: Vec<u8>, find: impl Fn(&[u8]) -> Option<usize>) -> Vec<u8> {
        let next = |from: usize| (from..text.len()).find_map(|start| Some((start, find(&text[start..])?)));
        let Some(mut found) = next(0) else { return text };
        let (mut whole, mut end) = (Vec::with_capacity(text.len()), 0);
        loop {
            let (start, length) = found;
            whole.extend_from_slice(&text[end..start]);
            whole.extend_from_slice(self.shown_as.as_bytes());
            end = start + length;
            match next(end) {
                Some(further) => found = further,
                None => break,
            }
        }
        whole.extend_from_slice(&text[end..]);
        whole
    }
}

/// The length of the secret at the beginning of a text, each character plain or JSON-escaped. `None` if the text does
/// not begin with it.
fn escaped_length(text: &[u8], secret: &str) -> Option<usize> {
    secret.chars().try_fold(0, |length, character| {
        let rest = text.get(length..)?;
        Some(length + plain_length(rest, character).or_else(|| escape_length(rest, character))?)
    })
}

fn plain_length(text: &[u8], character: char) -> Option<usize> {
    // In JSON a backslash is always escaped, and what follows it belongs to it.
    let mut buffer = [0; 4];
    let plain = character.encode_utf8(&mut buffer).as_bytes();
    (character != '\\' && text.starts_with(plain)).then_some(plain.len())
}

fn escape_length(text: &[u8], character: char) -> Option<usize> {
    const ESCAPED: usize = r"\u0000".len();
    if let [b'\\', escaped @ (b'"' | b'\\' | b'/'), ..] = text
        && u32::from(*escaped) == u32::from(character)
    {
        return Some(2);
    }
    let mut units = [0; 2];
    let units = character.encode_utf16(&mut units);
    units.iter().try_fold(0, |length, unit| {
        let rest = text.get(length..length + ESCAPED)?;
        let digits = std::str::from_utf8(rest.strip_prefix(br"\u")?).ok()?;
        (u16::from_str_radix(digits, 16) == Ok(*unit)).then_some(length + ESCAPED)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(secret: &str, text: &str) -> String {
        let secret = SecretText::new(secret, "(it)");
        String::from_utf8_lossy(&secret.redact(text.as_bytes().to_vec())).into_owned()
    }

    #[test]
    fn any_character_may_be_escaped() {
        let secret = "Pä\"s\\ 🔑wort";
        for text in [
            secret.to_owned(),
            serde_json::to_string(secret).unwrap_or_default().trim_matches('"').to_owned(),
            r#"P\u00e4\"s\\ \ud83d\uDD11wort"#.to_owned(),
            r"\u0050\u00E4\u0022s\u005c \ud83d\udd11wort".to_owned(),
        ] {
            assert_eq!(redacted(secret, &format!("<{text}>")), "<(it)>", "{text}");
        }
        assert_eq!(redacted(secret, "<P\u{e4}>"), "<P\u{e4}>");
    }

    #[test]
    fn percent_encoding_may_be_partial_and_repeated() {
        let secret = "key-abc/def+1%x";
        let once = "key-abc%2fdef%2B1%25x";
        let again = |text: &str| text.replace('%', "%25");
        let whole = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
        for text in [
            once.to_owned(),
            "key-abc/def%2B1%25x".to_owned(),
            "%6Bey%2Dabc%2Fdef+1%x".to_owned(),
            again(once),
            again(&again(once)),
            "key-abc%252Fdef%2b1%25x".to_owned(),
            whole(secret),
            whole(&whole(secret)),
            whole(&again(once)),
        ] {
            assert_eq!(redacted(secret, &format!("?k={text}&%2F")), "?k=(it)&%2F", "{text}");
        }
        for other in ["key-abc%2Gdef%2B1%25x", "key-abc%2fdef%2B1%2", "key-abc%2fdef%", "%", "%2", "%%%%25"] {
            assert_eq!(redacted(secret, other), other);
        }
        let spaced = "open sesame";
        for text in ["open+sesame", "open%20sesame", "open%2Bsesame", "open%2520sesame"] {
            assert_eq!(redacted(spaced, text), "(it)", "{text}");
        }
        // With escapes of JSON around those of the address.
        assert_eq!(
            redacted(secret, r#"{"at":"\/?k=key-abc%252F\u0064ef%252b1%2525x"}"#),
            r#"{"at":"/?k=(it)"}"#
        );
    }

    #[test]
    fn short_secrets_are_not_recognised() {
        assert_eq!(redacted("secret", "a secret"), "a secret");
    }
}
