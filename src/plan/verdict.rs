//! The first and last line of a plan.

use super::Plan;

/// The sentence that says it all, which pipelines read too (contract section 5).
pub fn verdict(plan: &Plan) -> String {
    let summary = plan.summary;
    let aside = [(summary.orphan, "orphaned"), (summary.in_doubt, "in doubt"), (summary.pending, "pending")];
    if !plan.has_changes() && aside.iter().all(|(count, _)| *count == 0) {
        return "No changes.".to_owned();
    }
    let mut text = format!("Plan: {} to add, {} to change, 0 to destroy", summary.create, summary.update);
    for (count, word) in aside.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!(", {count} {word}"));
    }
    text.push('.');
    text
}
