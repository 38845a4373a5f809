//! The password of the observer: the learner whose certificates show the templates of an academy.

use super::SecretText;

/// The secret that logs the observer in.
#[derive(Clone)]
pub struct ObserverPassword(SecretText);

impl ObserverPassword {
    /// Checks the text from a variable, a file or a command. A line break at its end is removed; blanks count.
    ///
    /// The error never contains the text.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            Err("the observer's password is empty")
        } else if text.contains(char::is_control) {
            Err("the observer's password contains a line break or another control character")
        } else {
            Ok(Self(SecretText::new(text, "(the observer's password)")))
        }
    }

    /// The password as a secret like others.
    pub fn secret(&self) -> &SecretText {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_belong_to_a_password() {
        let read =
            |text: &str| ObserverPassword::new(text).map(|password| password.secret().expose().to_owned());
        assert_eq!(read(" pä ss\r\n"), Ok(" pä ss".to_owned()));
        for bad in ["", "\n", "one\ntwo", "a\u{7}b"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
