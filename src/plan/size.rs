//! How much a plan's document would be. A text that thousands of templates share is stored once here, and written out for
//! each of them there.

use super::{Action, Plan};
use crate::model::Attributes;

/// The most bytes of texts that a document may hold: twice ten thousand templates with a large style sheet each.
const MOST: usize = 2 << 30;

/// That a plan's document can be held in memory; else why not.
pub(super) fn check(plan: &Plan) -> Result<(), String> {
    check_within(MOST, plan)
}

fn check_within(most: usize, plan: &Plan) -> Result<(), String> {
    let mut sum = 0_usize;
    for entry in &plan.entries {
        let (before, after) = match &entry.action {
            Action::Create(submission) | Action::Update(submission) => {
                (submission.before.as_ref(), Some(&submission.after))
            }
            Action::Orphan { before, .. } => (before.as_ref(), None),
            Action::InDoubt { before, after, .. } => (before.as_ref(), Some(after)),
            Action::Pending { after, .. } => (None, Some(after)),
            Action::Move { .. } => (None, None),
        };
        sum = sum.saturating_add(before.map_or(0, texts)).saturating_add(after.map_or(0, texts));
    }
    if sum <= most {
        return Ok(());
    }
    Err(format!(
        "the texts of its templates come to {} MB, and a plan's document holds at most {} MB. Make texts shorter that many \
         templates have, or plan a part of them with --target",
        sum >> 20,
        most >> 20
    ))
}

fn texts(attributes: &Attributes) -> usize {
    attributes.iter().filter_map(|(_, value)| value.as_str()).map(str::len).sum()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::desired::{Desired, Template};
    use crate::model::{Addressing, Key};
    use crate::plan::{Inputs, Scope, build};
    use crate::state::Owner;

    #[test]
    fn what_all_templates_come_to_has_a_limit() {
        let css: Attributes = [("customCss".to_owned(), "x".repeat(1 << 20).into())].into_iter().collect();
        let file: Arc<Path> = Arc::from(Path::new("a.yaml"));
        let template = Template { attributes: css, protect: false, canvas: None, file };
        let templates = ["a", "b", "c"].map(|key| (Key::new(key).unwrap(), template.clone()));
        let owner = Owner { environment: "test".to_owned(), url: "sandbox".to_owned() };
        let plan = build(&Inputs {
            desired: &Desired::from_templates(templates, Vec::new()),
            state: None,
            owner: &owner,
            addressing: Addressing::Resource,
            trust_upsert: false,
            scope: &Scope::default(),
        })
        .unwrap();
        assert_eq!(check_within(3 << 20, &plan), Ok(()));
        let why = check_within((3 << 20) - 1, &plan).unwrap_err();
        assert!(why.contains("come to 3 MB") && why.contains("at most 2 MB"), "{why}");
    }
}
