//! Words of commands that are to be pasted into a shell.

/// A text as one word of a POSIX shell's command line.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_can_be_pasted_into_a_shell() {
        assert_eq!(shell_word("cloud-101"), "cloud-101");
        assert_eq!(shell_word("Cloud 101's"), r"'Cloud 101'\''s'");
        assert_eq!(shell_word("$(rm -rf ~)"), "'$(rm -rf ~)'");
        assert_eq!(shell_word("a\nb"), "'a\nb'");
        assert_eq!(shell_word(""), "''");
    }
}
