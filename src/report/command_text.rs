//! Names in commands that are to be copied into a shell.

use super::safe_text;
use crate::model;

/// A text as one word of a POSIX shell's command line, and as a terminal can show it.
pub(super) fn shell_word(text: &str) -> String {
    model::shell_word(&safe_text(text))
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
    }
}
