//! The key to the vendor's API.

use serde_json::Value;

/// The secret that authenticates requests. It has no `Debug`, no `Display` and no `Serialize`, so that it cannot end
/// up in an output, a log, a plan or a state (design.md, "Secrets stay inside").
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// A key shorter than any real one is left alone, because its text may be part of ordinary words.
    pub(super) const SHORTEST_FOUND: usize = 8;
    /// What stands where the key stood.
    pub(super) const CONCEALED: &str = "(the API key)";

    /// A key from the text that a variable, a file or a command held. Line breaks and spaces around it are not part
    /// of it; inside it, nothing but visible ASCII can be sent in a header.
    ///
    /// The error never repeats the text.
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

    /// Takes the key out of what a server said: some echo the request, its headers included, in their errors. Found as it
    /// is, percent-encoded, and with any of the escapes of JSON, also in JSON that stands as text inside JSON.
    pub fn conceal(&self, said: Vec<u8>) -> Vec<u8> {
        if self.0.len() < Self::SHORTEST_FOUND {
            return said;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        let lower = encoded.to_lowercase();
        let said = [self.0.as_str(), &encoded, &lower].iter().fold(said, |said, form| {
            let form = form.as_bytes();
            replaced(said, |text| text.starts_with(form).then_some(form.len()))
        });
        if !said.contains(&b'\\') {
            return said;
        }
        let said = replaced(said, |text| escaped_length(text, self.0.as_bytes()));
        // Once read, a text may show what its escapes hid.
        let Ok(mut value) = serde_json::from_slice(&said) else { return said };
        if self.conceal_in(&mut value) { value.to_string().into_bytes() } else { said }
    }

    /// Takes the key out of every string and every name, and says whether it was in one.
    fn conceal_in(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => self.conceal_text(text),
            Value::Array(items) => {
                let mut found = false;
                for item in items {
                    found |= self.conceal_in(item);
                }
                found
            }
            Value::Object(members) => {
                let mut found = false;
                for (mut name, mut member) in std::mem::take(members) {
                    found |= self.conceal_text(&mut name);
                    found |= self.conceal_in(&mut member);
                    members.insert(name, member);
                }
                found
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn conceal_text(&self, text: &mut String) -> bool {
        let concealed = self.concealed(text);
        let found = concealed.is_some();
        if let Some(concealed) = concealed {
            *text = concealed;
        }
        found
    }

    /// A text without the key; nothing where the key is not in it.
    pub(super) fn concealed(&self, text: &str) -> Option<String> {
        let concealed = self.conceal(text.as_bytes().to_owned());
        (concealed != text.as_bytes()).then(|| String::from_utf8_lossy(&concealed).into_owned())
    }

    /// The key's text, for the one header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// How many bytes at the beginning of a text are the key, each of its characters as it is or as JSON may write it.
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

/// The text with what is found (so many bytes at the beginning of a rest of it) replaced everywhere.
fn replaced(text: Vec<u8>, find: impl Fn(&[u8]) -> Option<usize>) -> Vec<u8> {
    let next = |from: usize| (from..text.len()).find_map(|start| Some((start, find(&text[start..])?)));
    let Some(mut found) = next(0) else { return text };
    let (mut whole, mut end) = (Vec::with_capacity(text.len()), 0);
    loop {
        let (start, length) = found;
        whole.extend_from_slice(&text[end..start]);
        whole.extend_from_slice(ApiKey::CONCEALED.as_bytes());
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
    fn the_key_is_taken_out_of_what_a_server_said() {
        let key = ApiKey::new("abc+/12=x").unwrap_or_else(|why| unreachable!("{why}"));
        let said =
            b"\xff abc+/12=x, abc%2B%2F12%3Dx abc%2b%2f12%3dx \"abc+\\/12=x\"abc+/12=x abc+/12=".to_vec();
        let concealed = key.conceal(said);
        let expected =
            b"\xff (the API key), (the API key) (the API key) \"(the API key)\"(the API key) abc+/12=";
        assert_eq!(concealed, expected.to_vec());
        let short = ApiKey::new("a").unwrap_or_else(|why| unreachable!("{why}"));
        assert_eq!(short.conceal(b"a word".to_vec()), b"a word".to_vec());
    }

    #[test]
    fn the_key_is_taken_out_of_json_however_it_is_escaped() {
        let key = ApiKey::new("abc+/12=x").unwrap_or_else(|why| unreachable!("{why}"));
        let whole: String = key.expose().bytes().map(|byte| format!("\\u{byte:04X}")).collect();
        let inner = whole.replace('\\', "\\\\");
        for (said, expected) in [
            (r#"{"a":["abc\u002B\/12\u003dx"]}"#.to_owned(), r#"{"a":["(the API key)"]}"#),
            (format!(r#"[[{{"x{whole}":1}}]]"#), r#"[[{"x(the API key)":1}]]"#),
            (format!(r#"{{"record":"{{\"k\":\"{inner}\"}}"}}"#), r#"{"record":"{\"k\":\"(the API key)\"}"}"#),
            (format!(r#"{{"broken":"{whole}"#), r#"{"broken":"(the API key)"#),
            (r#"{"a":"abc\u002b\/12\u003d", "b": 1}"#.to_owned(), r#"{"a":"abc\u002b\/12\u003d", "b": 1}"#),
        ] {
            let concealed = key.conceal(said.clone().into_bytes());
            assert_eq!(String::from_utf8_lossy(&concealed), expected, "{said}");
        }
    }

    #[test]
    fn white_space_around_is_dropped_and_inside_refused() {
        assert_eq!(
            ApiKey::new(" ti_live_1\r\n").map(|key| key.expose().to_owned()),
            Ok("ti_live_1".to_owned())
        );
        for bad in ["", " \n", "one\ntwo", "one two", "ключ", "a\u{7}b"] {
            assert!(ApiKey::new(bad).is_err(), "{bad:?}");
        }
    }
}
