//! The words about attempts whose outcome is unknown: when they were sent, and how their contents differ.

use std::collections::BTreeSet;

use super::{safe_text, value_text};
use crate::state::{Attempt, Operation, Row};

/// When an attempt was sent, as a create if it was one, in which request, and by whom. An update may have been sent as a
/// create, of a template that turned out to exist.
pub(super) fn sent(attempt: &Attempt) -> String {
    let operation = match attempt.operation {
        Operation::Create => " as a create",
        Operation::Update => "",
    };
    if attempt.is_of_a_state() {
        let comma = if operation.is_empty() { "" } else { "," };
        return format!("{} by one version of the state{comma}{operation}", attempt.at);
    }
    if attempt.is_of_a_lost_record() {
        return format!("perhaps{operation}, before {}, in a request whose record is lost", attempt.at);
    }
    let by = attempt.sent_by.as_ref().and_then(|by| by.actor().or(by.run_url()));
    let by = by.map(|by| format!(", by {}", safe_text(by))).unwrap_or_default();
    format!("{}{operation}, in request {}{by}", attempt.at, safe_text(&attempt.batch))
}

/// The attempts before the newest, latest first, each with the attributes in which it differs from the newest.
pub(super) fn earlier(row: &Row) -> impl Iterator<Item = (&Attempt, Vec<&str>)> {
    let newest = row.attempt();
    row.attempts
        .earlier()
        .iter()
        .rev()
        .map(move |attempt| (attempt, newest.map(|newest| differing(attempt, newest)).unwrap_or_default()))
}

/// The names of attributes that differ between two attempts.
fn differing<'a>(one: &'a Attempt, other: &'a Attempt) -> Vec<&'a str> {
    let names: BTreeSet<&str> = one.attributes.names().chain(other.attributes.names()).collect();
    names.into_iter().filter(|name| one.attributes.get(name) != other.attributes.get(name)).collect()
}

/// The result of [`differing`] in a few words.
pub(super) fn difference(names: &[&str]) -> String {
    if names.is_empty() {
        return "with the same contents".to_owned();
    }
    let names: Vec<String> = names.iter().map(|name| safe_text(name)).collect();
    format!("with another {}", names.join(", "))
}

/// Appends the values of these attributes, one on a line.
pub(super) fn values(attempt: &Attempt, names: &[&str], text: &mut String) {
    for name in names {
        let value = value_text::of_attribute(name, attempt.attributes.get(name));
        text.push_str(&format!("    {}: {value}\n", safe_text(name)));
    }
}

/// Whether the attempts, if they arrived, would have left different contents.
pub(super) fn differ(row: &Row) -> bool {
    earlier(row).any(|(_, names)| !names.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Timestamp;
    use crate::view::specimens::attributes;

    #[test]
    fn an_update_may_have_been_a_create() {
        let attributes = attributes(json!({"title": "T"}));
        let attempt = |operation, batch: &str| Attempt {
            possibly_set_fields: BTreeSet::new(),
            at: Timestamp::parse("2026-11-23T10:00:00Z").unwrap(),
            digest: attributes.digest(),
            attributes: attributes.clone(),
            batch: batch.to_owned(),
            candidate_ids: Vec::new(),
            operation,
            job: None,
            requested_by_user: false,
            sent_by: None,
        };
        let at = "2026-11-23T10:00:00Z";
        assert_eq!(sent(&attempt(Operation::Create, "1-1")), format!("{at} as a create, in request 1-1"));
        // A create counts as an update as soon as the template is known to exist.
        assert_eq!(sent(&attempt(Operation::Update, "1-1")), format!("{at}, in request 1-1"));
        assert_eq!(
            sent(&attempt(Operation::Create, "state accept")),
            format!("{at} by one version of the state, as a create")
        );
        assert_eq!(
            sent(&attempt(Operation::Update, "state accept")),
            format!("{at} by one version of the state")
        );
    }
}
