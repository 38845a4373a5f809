//! Finds secrets in addresses. Everyone who reads the repository, or receives a certificate, sees them.

use serde_json::Value;
use url::Url;

use crate::config::secret_address::has_key_in_address;

/// Whether the address contains a user name or a password, or something that looks like one.
pub(super) fn has_user(text: &str) -> bool {
    // An at sign ends them, so that most addresses need not be parsed.
    if !text.contains('@') {
        return false;
    }
    let text = text.trim();
    let whole = if text.starts_with("www.") { format!("https://{text}") } else { text.to_owned() };
    Url::parse(&whole).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

/// Whether any address in the value seems to contain a key: signed URLs have one in their query.
pub(super) fn has_key(value: &Value) -> bool {
    value.as_str().is_some_and(has_key_in_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_at_sign_is_not_a_user_name() {
        for text in ["https://me:pw@a.example/x", "https://me@a.example", "www.me:pw@a.example"] {
            assert!(has_user(text), "{text}");
        }
        for text in ["https://a.example/@team/x@2.png", "www.a.example", "https://a.example?x=a@b"] {
            assert!(!has_user(text), "{text}");
        }
    }
}
