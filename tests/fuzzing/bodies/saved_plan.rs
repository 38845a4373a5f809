//! Saved plans: any text, and any JSON with a correct digest, as only certctl writes it.

use certctl::apply::OutgoingRow;
use certctl::model::{Advice, Digest, Key, canonical_json};
use certctl::plan::{Action, Plan, SavedPlanError, Submission};
use certctl::report::{Style, terminal};
use certctl::view::PlanView;
use serde_json::Value;

pub(crate) fn saved_plan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(plan) = Plan::from_text(text) {
        survives(&plan);
    }
    let Ok(mut value) = serde_json::from_str::<Value>(text) else { return };
    if !value.is_object() {
        return;
    }
    value["digest"] = Value::Null;
    value["digest"] = Value::from(Digest::of(canonical_json(&value).as_bytes()).as_str());
    let signed = value.to_string();
    match Plan::from_text(&signed) {
        Ok(plan) => {
            survives(&plan);
            changed(&signed, &value, bytes);
        }
        Err(error) => {
            assert!(!matches!(error, SavedPlanError::Tampered), "its digest fits: {signed}");
            assert!(!error.to_string().is_empty());
        }
    }
}

fn commands(advice: &Advice) -> String {
    format!("{advice:?}")
}

/// A plan that can be read can be written and stays the same, and it sends what it shows.
fn survives(plan: &Plan) {
    let text = plan.to_text().unwrap();
    let again = Plan::from_text(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(again, *plan);
    assert_eq!(again.to_text().unwrap(), text, "writing is a fixpoint");
    let view = PlanView::new(plan, Vec::new());
    assert!(
        !terminal::plan(&view, Style::default(), &commands).is_empty() && !view.verdict.parts().is_empty()
    );

    let rows = OutgoingRow::of_plan(plan);
    assert!(rows.len() <= plan.submissions());
    let submissions = plan.entries.iter().filter_map(|entry| match &entry.action {
        Action::Create(submission) | Action::Update(submission) if submission.held.is_none() => {
            Some((&entry.key, submission))
        }
        _ => None,
    });
    let submissions: Vec<_> = submissions.collect();
    for row in &rows {
        let of_plan = |(key, submission): &(&Key, &Submission)| {
            **key == row.key && submission.after == row.after && submission.operation == row.operation
        };
        assert!(submissions.iter().any(of_plan), "{} is sent, and the plan has it not", row.key);
        assert_eq!(row.digest, row.after.digest());
    }
}

/// A changed plan is refused, unless the change is only another spelling.
fn changed(text: &str, value: &Value, bytes: &[u8]) {
    for (number, &byte) in bytes.iter().rev().take(6).enumerate() {
        let mut other = text.as_bytes().to_vec();
        let at = (usize::from(byte) * 31 + number * 977) % other.len();
        other[at] = match other[at] {
            digit @ b'0'..=b'8' => digit + 1,
            b'a' => b'b',
            _ => b'a',
        };
        let Ok(other) = String::from_utf8(other) else { continue };
        if serde_json::from_str::<Value>(&other).is_ok_and(|other| other == *value) {
            continue;
        }
        assert!(Plan::from_text(&other).is_err(), "changed at {at} and accepted: {other}");
    }
}
