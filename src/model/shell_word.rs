//! Quotes arguments of commands that users paste into a shell.

use std::ffi::OsStr;

/// Quotes a text as one word of a POSIX shell's command line. A text with invisible characters, or with characters that
/// control the terminal, is written by its bytes.
pub fn shell_word(text: impl AsRef<OsStr>) -> String {
    let text = text.as_ref();
    let Some(readable) = text.to_str().filter(|text| text.chars().all(is_seen)) else {
        return by_bytes(text.as_encoded_bytes());
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !readable.is_empty() && readable.chars().all(is_plain) {
        return readable.to_owned();
    }
    format!("'{}'", readable.replace('\'', "'\\''"))
}

/// Whether a character is visible and unambiguous on every terminal.
fn is_seen(c: char) -> bool {
    const FILLERS: [char; 4] = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];
    c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() && !FILLERS.contains(&c)
}

/// `printf` is the only way to write any byte that every POSIX shell has.
fn by_bytes(bytes: &[u8]) -> String {
    let mut word = String::from("\"$(printf '");
    for (position, byte) in bytes.iter().enumerate() {
        match byte {
            b'%' => word.push_str("%%"),
            // A leading hyphen would begin an option.
            b'-' if position == 0 => word.push_str("\\055"),
            byte if byte.is_ascii_alphanumeric() || b"-_./:@+=, ".contains(byte) => {
                word.push(char::from(*byte));
            }
            byte => word.push_str(&format!("\\{byte:03o}")),
        }
    }
    word + "')\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_can_be_pasted_into_a_shell() {
        assert_eq!(shell_word("cloud-101"), "cloud-101");
        assert_eq!(shell_word("Cloud 101's"), r"'Cloud 101'\''s'");
        assert_eq!(shell_word("$(rm -rf ~)"), "'$(rm -rf ~)'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("a\u{202e}%"), "\"$(printf 'a\\342\\200\\256%%')\"");
    }
}
