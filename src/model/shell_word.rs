//! Words of commands that are to be pasted into a shell.

use std::ffi::OsStr;

/// A text as one word of a POSIX shell's command line, which the shell reads as the text itself. What cannot be seen,
/// or would command the terminal, is written by its bytes.
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

/// Whether a character shows as what it is on every terminal, and alone.
fn is_seen(c: char) -> bool {
    const FILLERS: [char; 4] = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];
    c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() && !FILLERS.contains(&c)
}

/// `printf` is the one way to write any byte that every POSIX shell has.
fn by_bytes(bytes: &[u8]) -> String {
    let mut word = String::from("\"$(printf '");
    for (place, byte) in bytes.iter().enumerate() {
        match byte {
            b'%' => word.push_str("%%"),
            // At the beginning, it would be an option.
            b'-' if place == 0 => word.push_str("\\055"),
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
    fn a_key_can_be_copied_into_a_shell() {
        assert_eq!(shell_word("cloud-101"), "cloud-101");
        assert_eq!(shell_word("Cloud 101's"), r"'Cloud 101'\''s'");
        assert_eq!(shell_word("$(rm -rf ~)"), "'$(rm -rf ~)'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("a\u{202e}%"), "\"$(printf 'a\\342\\200\\256%%')\"");
    }
}
