//! The first and last line of a plan.

use super::safe_text;
use crate::plan::{Plan, Selection};

/// The summary of a plan in one sentence, which pipelines also read (contract section 5).
pub fn summary_line(plan: &Plan) -> String {
    summary_line_for(plan, &safe_text(&plan.environment))
}

/// The same, with the environment's name as the format writes it.
pub(super) fn summary_line_for(plan: &Plan, environment: &str) -> String {
    format!("{}{}. Environment: {environment}.", changes(plan), selection(plan))
}

fn changes(plan: &Plan) -> String {
    let summary = plan.summary;
    // A replacement counts as an addition; a person must delete the old template on the server.
    let add = summary.create + summary.replace;
    let replace = to_replace(plan);
    let aside = [
        (summary.replace, replace.as_str()),
        (summary.to_delete(), "orphaned"),
        (summary.renamed, "perhaps renamed"),
        (summary.in_doubt, "in doubt"),
        (summary.pending, "pending"),
        (summary.r#move, "to move"),
        (summary.forget, "to forget"),
        (summary.held, "held back"),
    ];
    let is_more = aside.iter().any(|(count, _)| *count > 0);
    if !plan.has_changes() && !is_more {
        return "No changes".to_owned();
    }
    let mut text = format!("Plan: {add} to add, {} to change, 0 to destroy", summary.update);
    for (count, word) in aside.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!(", {count} {word}"));
    }
    if add + summary.update == 0 && !is_more {
        // Recorded in the state along with other operations; mentioned only if there are no others.
        let protect = plan.protect.values().filter(|protect| **protect).count();
        for (count, word) in [(protect, "to protect"), (plan.protect.len() - protect, "to unprotect")] {
            if count > 0 {
                text.push_str(&format!(", {count} {word}"));
            }
        }
    }
    text
}

/// Says how many of the additions are replacements.
pub(super) fn to_replace(plan: &Plan) -> String {
    format!("to replace (of the {} to add)", plan.summary.create + plan.summary.replace)
}

/// How many templates are selected, if not all.
fn selection(plan: &Plan) -> String {
    let Some(selection) = &plan.selection else { return String::new() };
    let selected = plan.selected();
    let templates = if selected == 1 { "template" } else { "templates" };
    let left_out = match plan.left_out {
        0 => "; none was left out".to_owned(),
        1 => "; 1 other was left out".to_owned(),
        others => format!("; {others} others were left out"),
    };
    format!(" in the {selected} {templates} that {}{left_out}", selecting(selection))
}

/// The flags that selected them.
pub(super) fn flags(selection: &Selection) -> &'static str {
    match (selection.target.is_empty(), selection.exclude.is_empty()) {
        (false, true) => "--target",
        (true, _) => "--exclude",
        (false, false) => "--target and --exclude",
    }
}

/// The flags, as the subject of a sentence.
fn selecting(selection: &Selection) -> &'static str {
    match (selection.target.is_empty(), selection.exclude.is_empty()) {
        (false, true) => "--target selects",
        (true, _) => "--exclude leaves",
        (false, false) => "--target and --exclude leave",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Summary;

    fn of(summary: Summary) -> String {
        summary_line(&Plan { environment: "production".to_owned(), summary, ..Plan::default() })
    }

    #[test]
    fn changes_come_before_the_environment() {
        assert_eq!(
            of(Summary { unchanged: 4, ..Summary::default() }),
            "No changes. Environment: production."
        );
        assert_eq!(
            of(Summary { create: 2, update: 1, ..Summary::default() }),
            "Plan: 2 to add, 1 to change, 0 to destroy. Environment: production."
        );
        let all = Summary {
            create: 1,
            forget: 3,
            held: 4,
            in_doubt: 5,
            r#move: 6,
            orphan: 7,
            pending: 8,
            renamed: 2,
            replace: 9,
            unchanged: 10,
            update: 11,
        };
        assert_eq!(
            of(all),
            "Plan: 10 to add, 11 to change, 0 to destroy, 9 to replace (of the 10 to add), 5 orphaned, 2 perhaps renamed, \
             5 in doubt, 8 pending, 6 to move, 3 to forget, 4 held back. Environment: production."
        );
    }

    #[test]
    fn what_only_the_state_records_is_not_nothing() {
        let moved = of(Summary { r#move: 1, ..Summary::default() });
        assert_eq!(moved, "Plan: 0 to add, 0 to change, 0 to destroy, 1 to move. Environment: production.");
        let held = of(Summary { held: 1, ..Summary::default() });
        assert_eq!(held, "Plan: 0 to add, 0 to change, 0 to destroy, 1 held back. Environment: production.");
        let protect = [(crate::model::Key::new("a").unwrap(), true)].into();
        let plan = Plan { environment: "production".to_owned(), protect, ..Plan::default() };
        assert!(summary_line(&plan).contains("0 to destroy, 1 to protect."), "{}", summary_line(&plan));
    }

    #[test]
    fn a_selection_says_what_it_leaves_out() {
        let of = |target: &[&str], exclude: &[&str], left_out| {
            let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
            let selection = Some(Selection { target: texts(target), exclude: texts(exclude) });
            let summary = Summary { unchanged: left_out % 3, ..Summary::default() };
            summary_line(&Plan {
                environment: "x".to_owned(),
                selection,
                left_out,
                summary,
                ..Plan::default()
            })
        };
        assert_eq!(
            of(&["a"], &[], 1),
            "No changes in the 1 template that --target selects; 1 other was left out. Environment: x."
        );
        assert_eq!(
            of(&["*"], &[], 0),
            "No changes in the 0 templates that --target selects; none was left out. Environment: x."
        );
        assert_eq!(
            of(&[], &["*"], 3),
            "No changes in the 0 templates that --exclude leaves; 3 others were left out. Environment: x."
        );
        assert!(
            of(&["a*"], &["ab"], 2).contains("the 2 templates that --target and --exclude leave; 2 others")
        );
    }
}
