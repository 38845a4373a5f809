//! Attempts without an outcome: what was sent when, and in what they differ.

use std::collections::BTreeSet;

use super::{safe_text, value_text};
use crate::state::{Attempt, Deed, Row};

/// When an attempt was sent, as what, and in which request.
pub(super) fn sent(attempt: &Attempt) -> String {
    let deed = match attempt.deed {
        Deed::Create => "a create",
        Deed::Update => "an update",
    };
    if attempt.is_of_a_state() {
        return format!("{} by one version of the state, as {deed}", attempt.at);
    }
    format!("{} as {deed}, in request {}", attempt.at, safe_text(&attempt.batch))
}

/// The attempts before the newest, the last one first, and in what each differs from the newest.
pub(super) fn earlier(row: &Row) -> impl Iterator<Item = (&Attempt, Vec<&str>)> {
    let newest = row.attempt();
    row.attempts
        .earlier()
        .iter()
        .rev()
        .map(move |attempt| (attempt, newest.map(|newest| differing(attempt, newest)).unwrap_or_default()))
}

/// The attributes that are not the same in both.
fn differing<'a>(one: &'a Attempt, other: &'a Attempt) -> Vec<&'a str> {
    let names: BTreeSet<&str> = one.attributes.names().chain(other.attributes.names()).collect();
    names.into_iter().filter(|name| one.attributes.get(name) != other.attributes.get(name)).collect()
}

/// In a few words, what [`differing`] found.
pub(super) fn difference(names: &[&str]) -> String {
    if names.is_empty() {
        return "with the same contents".to_owned();
    }
    let names: Vec<String> = names.iter().map(|name| safe_text(name)).collect();
    format!("with another {}", names.join(", "))
}

/// The values of these attributes, one a line.
pub(super) fn values(attempt: &Attempt, names: &[&str], text: &mut String) {
    for name in names {
        let value = value_text::of_attribute(name, attempt.attributes.get(name));
        text.push_str(&format!("    {}: {value}\n", safe_text(name)));
    }
}

/// Whether attempts that may all have arrived would have left different contents.
pub(super) fn differ(row: &Row) -> bool {
    earlier(row).any(|(_, names)| !names.is_empty())
}
