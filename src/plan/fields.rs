//! Keeps in a plan what is known of the certificate fields it uses, so that it can be read and drawn anywhere.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Action, Entry, Plan};
use crate::model::{Attributes, CertificateField};

impl Plan {
    /// Adds the known certificate fields that the plan's templates use.
    #[must_use]
    pub fn with_fields(mut self, known: &BTreeMap<String, CertificateField>) -> Self {
        let attributes = self.entries.iter().flat_map(Entry::sides).flatten();
        for id in attributes.flat_map(label_fields) {
            let id = id.to_lowercase();
            if let Some(field) = known.get(&id) {
                self.fields.entry(id).or_insert_with(|| field.clone());
            }
        }
        self
    }
}

impl Entry {
    /// Returns the attributes on the server and those to be sent, as far as each is known.
    pub fn sides(&self) -> [Option<&Attributes>; 2] {
        match &self.action {
            Action::Create(submission) | Action::Update(submission) => {
                [submission.before.as_ref(), Some(&submission.after)]
            }
            Action::Orphan { before, .. } | Action::Forget { before, .. } => [before.as_ref(), None],
            Action::Pending { after, .. } => [None, Some(after)],
            Action::InDoubt { before, after, .. } => [before.as_ref(), Some(after)],
            Action::Move { .. } => [None, None],
        }
    }
}

fn label_fields(attributes: &Attributes) -> impl Iterator<Item = &str> {
    let labels = attributes.get(Attributes::LABELS).and_then(Value::as_array);
    labels.into_iter().flatten().filter_map(|label| label.get(Attributes::LABEL_FIELD)?.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Key;

    #[test]
    fn only_used_fields_are_kept() {
        let before = serde_json::from_value(json!({"labels": [{"certificateFieldId": "AB"}]})).unwrap();
        let entry = Entry {
            key: Key::new("a").unwrap(),
            id: None,
            source: None,
            canvas: None,
            last_error: None,
            deleted_at: None,
            action: Action::Orphan { before: Some(before), protect: false, renamed_to: None },
        };
        let field = CertificateField { name: Some("learner".to_owned()), prints: None };
        let known = BTreeMap::from([("ab".to_owned(), field.clone()), ("cd".to_owned(), field.clone())]);
        let plan = Plan { entries: vec![entry], ..Plan::default() }.with_fields(&known);
        assert_eq!(plan.fields, BTreeMap::from([("ab".to_owned(), field)]));
    }
}
