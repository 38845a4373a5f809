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

    /// The key's text, for the one header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
