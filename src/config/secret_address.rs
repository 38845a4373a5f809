//! Recognises addresses that may contain a secret.

use super::secrecy::has_key_beginning;

/// Returns whether an address in the text has a user, a query or a fragment, which may hold secrets.
pub(crate) fn has_private_address(text: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || "\"'`<>,".contains(c);
    text.split(is_end).any(|word| match word.split_once("://") {
        Some((_, address)) => address.contains(['@', '?', '#']),
        None => word.split_once('@').is_some_and(|(user, _)| user.contains(':')),
    })
}

/// Returns whether an address in the text contains a key: under a name in its query or after a `;`, or by its own look.
pub(crate) fn has_key_in_address(text: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || "\"'`<>".contains(c);
    text.split(is_end).filter(|word| word.contains("://") || word.starts_with("www.")).any(|word| {
        let mut pieces = word.split(['?', '&', ';', '#']);
        has_key_beginning(word)
            || pieces.any(|piece| {
                piece.split_once('=').is_some_and(|(name, value)| !value.is_empty() && is_key_name(name))
            })
    })
}

/// Returns whether a parameter of this name holds a key. `keyword` and `author` do not.
fn is_key_name(name: &str) -> bool {
    const PARTS: [&str; 5] = ["token", "secret", "signature", "password", "credential"];
    const WHOLE: [&str; 13] = [
        "key",
        "apikey",
        "accesskey",
        "sig",
        "pass",
        "pwd",
        "pw",
        "auth",
        "authorization",
        "jwt",
        "sas",
        "session",
        "bearer",
    ];
    let name = name.to_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    PARTS.iter().any(|part| name.contains(part)) || words.any(|word| WHOLE.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_addresses_are_recognised_by_name() {
        for text in [
            "https://a.example/x.png?token=x",
            "asset: https://a.example/x.png?v=1&X-Amz-Signature=abc",
            "www.a.example/;apikey=x",
            "https://a.example/x#access_token=x",
            "https://a.example/x?Key-Pair-Id=x",
            "https://a.example/ti_live_x",
        ] {
            assert!(has_key_in_address(text), "{text}");
        }
        for text in [
            "https://a.example/x.png?v=8f3e2a1c9d&keyword=x&author=y",
            "https://a.example/x?token=",
            "token=x",
        ] {
            assert!(!has_key_in_address(text), "{text}");
        }
    }
}
