//! The key to the vendor's API.

/// The secret that authenticates requests. It has no `Debug`, no `Display` and no `Serialize`, so that it cannot end
/// up in an output, a log, a plan or a state (design.md, "Secrets stay inside").
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
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
    /// is, percent-encoded, and as JSON that escapes slashes. A key shorter than any real one is left alone, because
    /// its text may be part of ordinary words.
    pub fn conceal(&self, said: Vec<u8>) -> Vec<u8> {
        const SHORTEST: usize = 8;
        if self.0.len() < SHORTEST {
            return said;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        let escaped = self.0.replace('/', "\\/");
        let lower = encoded.to_lowercase();
        [self.0.as_str(), &encoded, &lower, &escaped]
            .iter()
            .fold(said, |said, form| replaced(said, form.as_bytes(), CONCEALED.as_bytes()))
    }

    /// The key's text, for the one header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What stands where the key stood.
const CONCEALED: &str = "(the API key)";

fn replaced(text: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let next = |text: &[u8]| text.windows(from.len()).position(|window| window == from);
    let Some(mut found) = next(&text) else { return text };
    let (mut whole, mut rest) = (Vec::with_capacity(text.len()), text.as_slice());
    loop {
        whole.extend_from_slice(&rest[..found]);
        whole.extend_from_slice(to);
        rest = &rest[found + from.len()..];
        match next(rest) {
            Some(further) => found = further,
            None => break,
        }
    }
    whole.extend_from_slice(rest);
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
