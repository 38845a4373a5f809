//! Checks that a plan's document, and the state that apply would write, stay below the size that can be read again. A
//! text that thousands of templates share is stored once in memory but written for each of them.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::Value;

use super::{Action, Plan};
use crate::model::Attributes;
use crate::state::Document;

/// The most bytes of text in a document: twice ten thousand templates with a style sheet of 50 KB each. Documents of up
/// to 1 GB can be read.
const MAX_TEXT_BYTES: usize = 1_000_000_000;
/// The most bytes that the templates of a state may take. A state of more than 1 GB could not be read.
const MAX_RECORDED_BYTES: usize = 900_000_000;
/// The most bytes that a template takes in the state in addition to its attributes.
const BESIDE: usize = 1_000;
/// The most additional indentation of a value in the state, in spaces: that of an earlier attempt.
const MARGIN: usize = 12;

/// Checks that whatever an apply of the plan writes can be read again; the error says why not. Until a row has an
/// outcome, the state has both what was sent and what is confirmed.
pub fn check_recordable(plan: &Plan, state: Option<&Document>) -> Result<(), String> {
    check_recordable_within(MAX_RECORDED_BYTES, plan, state)
}

fn check_recordable_within(most: usize, plan: &Plan, state: Option<&Document>) -> Result<(), String> {
    let mut written = WrittenValues::default();
    let rows = state.into_iter().flat_map(|state| state.templates.values());
    let recorded = rows.flat_map(|row| {
        let known = row.confirmed.iter().map(|known| &known.attributes);
        known.chain(row.attempts.iter().map(|attempt| &attempt.attributes))
    });
    let sent = plan.entries.iter().filter_map(|entry| Some(&entry.action.submission()?.after));
    let sum =
        recorded.chain(sent).fold(0_usize, |sum, attributes| sum.saturating_add(written.size(attributes)));
    if sum <= most {
        return Ok(());
    }
    Err(format!(
        "the state would come to {} MB while this is applied, and a state holds at most {} MB, so nothing was sent. Make texts \
         shorter that many templates have, or apply fewer templates at a time",
        sum / 1_000_000,
        most / 1_000_000
    ))
}

/// The sizes of values in a file; that of a shared value is computed once.
#[derive(Default)]
struct WrittenValues(HashMap<*const Value, usize>);

impl WrittenValues {
    fn size(&mut self, attributes: &Attributes) -> usize {
        let values = attributes.iter().map(|(name, value)| {
            let size = *self.0.entry(std::ptr::from_ref(value)).or_insert_with(|| json_size(value));
            size.saturating_add(name.len())
        });
        values.fold(BESIDE, usize::saturating_add)
    }
}

fn json_size(value: &Value) -> usize {
    struct ByteCount(usize);
    impl Write for ByteCount {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let lines = bytes.split(|byte| *byte == b'\n').skip(1).count();
            self.0 = self.0.saturating_add(bytes.len()).saturating_add(lines * MARGIN);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = ByteCount(0);
    // Counting cannot fail, and a value has only keys that are strings.
    let _ = serde_json::to_writer_pretty(&mut count, value);
    count.0
}

/// Checks that a plan's document fits in memory; the error says why not.
pub(super) fn check(plan: &Plan) -> Result<(), String> {
    check_within(MAX_TEXT_BYTES, plan)
}

/// Checks that a plan's document can be read again; the error says why not.
pub(super) fn check_text(text: &str) -> Result<(), String> {
    if text.len() <= MAX_TEXT_BYTES { Ok(()) } else { Err(too_much(text.len(), MAX_TEXT_BYTES)) }
}

fn check_within(most: usize, plan: &Plan) -> Result<(), String> {
    let mut sum = 0_usize;
    for entry in &plan.entries {
        let (before, after) = match &entry.action {
            Action::Create(submission) | Action::Update(submission) => {
                (submission.before.as_ref(), Some(&submission.after))
            }
            Action::Orphan { before, .. } | Action::Forget { before, .. } => (before.as_ref(), None),
            Action::InDoubt { before, after, .. } => (before.as_ref(), Some(after)),
            Action::Pending { after, .. } => (None, Some(after)),
            Action::Move { .. } => (None, None),
        };
        sum = sum.saturating_add(before.map_or(0, texts)).saturating_add(after.map_or(0, texts));
    }
    if sum <= most { Ok(()) } else { Err(too_much(sum, most)) }
}

fn too_much(sum: usize, most: usize) -> String {
    format!(
        "the texts of its templates come to {} MB, and a plan's document holds at most {} MB. Make texts shorter that many \
         templates have, or plan fewer templates at a time",
        sum / 1_000_000,
        most / 1_000_000
    )
}

fn texts(attributes: &Attributes) -> usize {
    attributes.iter().filter_map(|(_, value)| value.as_str()).map(str::len).sum()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::desired::{Desired, Template, WrittenPlaces};
    use crate::model::{Addressing, Key};
    use crate::plan::{Inputs, Scope, build};
    use crate::state::StateIdentity;

    /// Uses values at the depth that they have in a state.
    #[test]
    fn labels_count_with_their_indentation() {
        let label = json!({"certificateFieldId": "f", "x": 1, "y": 1});
        let attributes: Attributes =
            serde_json::from_value(json!({"title": "T", "labels": vec![label; 1_000]})).unwrap();
        let at = "2026-11-23T10:00:00Z";
        let attempt = |batch: &str| json!({"at": at, "attributes": attributes, "batch": batch, "deed": "create", "digest": attributes.digest()});
        let row = json!({"status": "in_doubt", "error": {"at": at, "message": "no answer"},
            "attempt": attempt("1-2"), "earlierAttempts": [attempt("1-1")]});
        let state: Document = serde_json::from_value(json!({
            "format": "certctl.state/v1", "environment": "test", "url": "sandbox", "lineage": "L", "serial": 7,
            "templates": {"a": row},
        }))
        .unwrap();
        assert_eq!(state.templates.values().map(|row| row.attempts.iter().count()).sum::<usize>(), 2);
        let length = state.to_text().unwrap().len();
        let plan = Plan::default();
        assert!(check_recordable_within(length - 1, &plan, Some(&state)).is_err());
        assert_eq!(check_recordable_within(length + length / 5, &plan, Some(&state)), Ok(()));
    }

    #[test]
    fn size_of_all_templates_is_limited() {
        let css: Attributes = [("customCss".to_owned(), "x".repeat(1_000_000).into())].into_iter().collect();
        let file: Arc<Path> = Arc::from(Path::new("a.yaml"));
        let template = Template {
            attributes: css,
            protect: false,
            written: WrittenPlaces::default(),
            canvas: None,
            file,
        };
        let templates = ["a", "b", "c"].map(|key| (Key::new(key).unwrap(), template.clone()));
        let identity = StateIdentity { environment: "test".to_owned(), url: "sandbox".to_owned() };
        let plan = build(&Inputs {
            desired: &Desired::from_templates(templates, Vec::new()),
            state: None,
            identity: &identity,
            addressing: Addressing::Resource,
            trust_upsert: false,
            scope: &Scope::default(),
        })
        .unwrap();
        assert_eq!(check_recordable_within(3_010_000, &plan, None), Ok(()));
        let why = check_recordable_within(3_000_000, &plan, None).unwrap_err();
        assert!(why.contains("come to 3 MB") && why.contains("nothing was sent"), "{why}");
        assert_eq!(check_within(3_000_000, &plan), Ok(()));
        let why = check_within(3_000_000 - 1, &plan).unwrap_err();
        assert!(why.contains("come to 3 MB") && why.contains("at most 2 MB"), "{why}");
    }
}
