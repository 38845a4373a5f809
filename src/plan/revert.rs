//! Plans that bring back what an earlier version of the state held. Pure.
//!
//! Only the attributes of templates that exist are brought back, for the same course: nothing is created or deleted by
//! going back, and what is in doubt or pending stays as it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::build::decide;
use super::{Base, Inputs, Plan, Scope, Selection, Warned};
use crate::desired::{Desired, Template, WrittenPlaces, broken_rules};
use crate::model::{Addressing, Attributes, Key, NaturalKey};
use crate::state::{Document, Row, RowStatus, StateIdentity};

/// The inputs of a revert.
#[derive(Clone, Copy)]
pub struct RevertInputs<'a> {
    /// The state in place, with an unfinished journal included.
    pub now: &'a Document,
    /// The version to go back to.
    pub then: &'a Document,
    /// The template to bring back; all if `None`.
    pub key: Option<&'a Key>,
    /// The configured templates, for the places that the plan names.
    pub desired: &'a Desired,
    /// The environment and instance that the plan is for.
    pub identity: &'a StateIdentity,
    /// How rows are addressed.
    pub addressing: Addressing,
}

/// A plan that goes back, and what it does not bring back.
#[derive(Clone, Debug)]
pub struct Revert {
    /// The plan.
    pub plan: Plan,
    /// The attributes that the templates had, whether they differ now or not.
    pub attributes: BTreeMap<Key, Attributes>,
    /// What is left as it is, and why.
    pub left: BTreeMap<Key, NotReverted>,
}

/// Why a template is not brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReverted {
    /// That version does not have it.
    Newer,
    /// The state in place does not have it any more.
    Forgotten,
    /// The server is not known to hold it now.
    NotOnServer,
    /// What that version held of it is not known for certain.
    NotKnown,
    /// It was for another course or audience.
    Elsewhere,
    /// It is in doubt or pending now.
    Open(RowStatus),
    /// Template files do not allow its attributes any more, for these reasons.
    Invalid(Vec<String>),
}

/// Makes the plan that brings back what a version held.
pub fn revert(inputs: &RevertInputs<'_>) -> Revert {
    let RevertInputs { now, then, key, desired, .. } = *inputs;
    let is_chosen = |other: &&Key| key.is_none_or(|key| key == *other);
    let mut left = BTreeMap::new();
    let mut attributes = BTreeMap::new();
    let gone = then.templates.keys().filter(|key| !now.templates.contains_key(*key));
    left.extend(gone.filter(is_chosen).map(|key| (key.clone(), NotReverted::Forgotten)));
    for (key, row) in now.templates.iter().filter(|(key, _)| is_chosen(key)) {
        match earlier(key, row, then.templates.get(key)) {
            Ok(wanted) => drop(attributes.insert(key.clone(), wanted)),
            Err(why) => drop(left.insert(key.clone(), why)),
        }
    }
    let template = |(key, wanted): (&Key, &Attributes)| {
        let written = desired.templates.get(key);
        let template = Template {
            attributes: wanted.clone(),
            protect: now.templates.get(key).is_some_and(|row| row.protect),
            canvas: written.and_then(|template| template.canvas.clone()),
            file: written.map_or_else(|| Arc::from(Path::new("")), |template| Arc::clone(&template.file)),
            written: written.map_or_else(WrittenPlaces::default, |template| template.written.clone()),
        };
        (key.clone(), template)
    };
    let keys: Vec<Key> = attributes.keys().cloned().collect();
    let decided = decide(&Inputs {
        desired: &Desired::from_templates(attributes.iter().map(template), Vec::new()),
        state: Some(now),
        identity: inputs.identity,
        addressing: inputs.addressing,
        trust_upsert: false,
        scope: &Scope::of_keys(&keys),
    });
    let selection =
        key.map(|key| Selection { exclude: Vec::new(), target: vec![glob::Pattern::escape(key.as_str())] });
    let mut plan = Plan {
        base: Base::of(Some(now)),
        left_out: if key.is_some() { decided.left_out } else { 0 },
        selection,
        reverts_to: Some(then.serial),
        ..decided
    };
    for entry in &mut plan.entries {
        entry.source = entry.source.take().filter(|source| !source.file.is_empty());
    }
    if !plan.entries.is_empty() {
        plan.warnings.insert(0, Warned::reverts(then.serial));
    }
    Revert { plan, attributes, left }
}

/// The attributes of a template in an earlier version.
fn earlier(key: &Key, now: &Row, then: Option<&Row>) -> Result<Attributes, NotReverted> {
    let then = then.ok_or(NotReverted::Newer)?;
    match now.status() {
        status @ (RowStatus::Pending | RowStatus::InDoubt) => return Err(NotReverted::Open(status)),
        RowStatus::Applied | RowStatus::Failed => {}
    }
    let Some(held) = now.confirmed.as_ref().filter(|_| now.exists()) else {
        return Err(if now.exists() { NotReverted::NotKnown } else { NotReverted::NotOnServer });
    };
    let known = then.confirmed.as_ref().filter(|known| known.digest == known.attributes.digest());
    let Some(known) = known.filter(|_| then.attempts.is_empty()) else { return Err(NotReverted::NotKnown) };
    if NaturalKey::of(&known.attributes) != NaturalKey::of(&held.attributes) {
        return Err(NotReverted::Elsewhere);
    }
    // What was not known then stays as it is.
    let kept = held.attributes.shared().filter(|(name, _)| then.unknown.contains(name.as_str()));
    let wanted: Attributes =
        known.attributes.shared().chain(kept).map(|(name, value)| (name.clone(), value.clone())).collect();
    match broken_rules(key, &wanted) {
        broken if broken.is_empty() => Ok(wanted),
        broken => Err(NotReverted::Invalid(broken)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::{Action, check_applicable};
    use crate::state::{Attempt, Attempts, Confirmed, Operation, RowState};

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    fn identity() -> StateIdentity {
        StateIdentity { environment: "test".to_owned(), url: "https://academy.example.com".to_owned() }
    }

    fn row(title: &str, course: u8) -> Row {
        let attributes: Attributes = serde_json::from_value(json!({
            "title": title,
            "resourceType": "course",
            "resourceId": format!("00000000-0000-4000-8000-{course:012}"),
        }))
        .unwrap();
        let confirmed = Confirmed {
            digest: attributes.digest(),
            attributes,
            applied_at: None,
            applied_by: None,
            seen_in: None,
        };
        Row { confirmed: Some(confirmed), ..Row::default() }
    }

    fn in_doubt(row: Row) -> Row {
        let attributes = row.confirmed.clone().unwrap().attributes;
        let attempt: Attempt = Attempt {
            possibly_set_fields: std::collections::BTreeSet::new(),
            at: crate::model::Timestamp::from_unix_seconds(0),
            digest: attributes.digest(),
            attributes,
            batch: "1-1".to_owned(),
            candidate_ids: Vec::new(),
            operation: Operation::Update,
            job: None,
            requested_by_user: false,
            sent_by: None,
        };
        let at = attempt.at;
        let error = crate::state::RowFailure { at, message: "lost".to_owned(), record: None };
        Row { attempts: Attempts::of(vec![attempt]), state: RowState::InDoubt { error }, ..row }
    }

    fn document(serial: u64, rows: &[(&str, Row)]) -> Document {
        let mut document = Document::empty(&identity(), "l".to_owned());
        document.serial = serial;
        document.templates = rows.iter().map(|(name, row)| (key(name), row.clone())).collect();
        document
    }

    fn reverted(now: &Document, then: &Document, key: Option<&Key>) -> Revert {
        let (desired, identity) = (Desired::default(), identity());
        let addressing = Addressing::Resource;
        revert(&RevertInputs { now, then, key, desired: &desired, identity: &identity, addressing })
    }

    fn then() -> Document {
        document(
            3,
            &[
                ("a", row("Old", 1)),
                ("b", row("B", 2)),
                ("c", row("C", 3)),
                ("d", row("D", 4)),
                ("e", row("E", 5)),
            ],
        )
    }

    fn now() -> Document {
        document(
            7,
            &[
                ("a", row("New", 1)),
                ("b", in_doubt(row("B2", 2))),
                ("c", row("C2", 33)),
                ("d", row("D", 4)),
                ("f", row("F", 6)),
            ],
        )
    }

    #[test]
    fn only_what_exists_is_brought_back() {
        let made = reverted(&now(), &then(), None);
        let entries: Vec<(&str, &str)> =
            made.plan.entries.iter().map(|entry| (entry.key.as_str(), entry.action.name())).collect();
        assert_eq!(entries, [("a", "update")]);
        let Action::Update(sent) = &made.plan.entries[0].action else { panic!() };
        assert_eq!(sent.after.title(), Some("Old"));
        let left: Vec<(&str, &NotReverted)> =
            made.left.iter().map(|(key, why)| (key.as_str(), why)).collect();
        assert_eq!(
            left,
            [
                ("b", &NotReverted::Open(RowStatus::InDoubt)),
                ("c", &NotReverted::Elsewhere),
                ("e", &NotReverted::Forgotten),
                ("f", &NotReverted::Newer)
            ]
        );
        assert_eq!((made.plan.reverts_to, made.plan.left_out), (Some(3), 0));
    }

    #[test]
    fn one_key_leaves_the_others_out() {
        let made = reverted(&now(), &then(), Some(&key("d")));
        assert!(made.plan.entries.is_empty() && made.left.is_empty());
        assert_eq!((made.plan.left_out, made.attributes.len()), (4, 1));
    }

    #[test]
    fn doubtful_contents_are_not_brought_back() {
        let mut then = then();
        let forged = then.templates.get_mut(&key("a")).unwrap();
        forged.confirmed.as_mut().unwrap().digest = crate::model::Digest::of(b"other");
        assert_eq!(reverted(&now(), &then, Some(&key("a"))).left[&key("a")], NotReverted::NotKnown);
        let then = document(3, &[("a", in_doubt(row("Old", 1)))]);
        assert_eq!(reverted(&now(), &then, Some(&key("a"))).left[&key("a")], NotReverted::NotKnown);
    }

    #[test]
    fn plan_is_applicable_as_it_is_read() {
        let made = reverted(&now(), &then(), None);
        let read = Plan::from_text(&made.plan.to_text().unwrap()).unwrap();
        assert_eq!(read, made.plan);
        assert_eq!(check_applicable(&read, &identity(), Some(&now()), false), Ok(()));
        let later = document(8, &[("a", row("Newest", 1))]);
        assert!(check_applicable(&read, &identity(), Some(&later), false).is_err());
    }
}
