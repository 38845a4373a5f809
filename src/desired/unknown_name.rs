//! The words about a name that is not allowed at its place.

use super::redact::is_secret_name;
use super::suspects::in_line;
use crate::config::secrecy::THIS_NAME;
use crate::model::{did_you_mean, is_odd_blank, spelled};

/// A name in a form that fits into a message.
pub(super) fn shown_name(name: &str) -> &str {
    if is_secret_name(name) { THIS_NAME } else { name }
}

/// The message and the help.
pub(super) fn unknown_name(name: &str, allowed: &[&str]) -> (String, String) {
    let odd = name.chars().find(|c| is_odd_blank(*c));
    let plain: String = name.chars().filter(|c| !is_odd_blank(*c)).collect();
    let hint = did_you_mean(plain.trim(), allowed.iter().copied());
    let shown = if name.is_empty() { "a field without a name" } else { shown_name(name) };
    let message = format!("{shown} is not allowed here{hint}");
    let help = match (odd, in_line(name)) {
        (Some(odd), _) => {
            format!("there is a {} in this name: delete it, or replace it by a blank", spelled(odd))
        }
        (None, Some(suspect)) => format!("{}: {}", suspect.message, suspect.help),
        (None, None) if name.starts_with('-') => "write a blank behind the dash of a list".to_owned(),
        (None, None) => format!("allowed are {}", allowed.join(", ")),
    };
    (message, help)
}
