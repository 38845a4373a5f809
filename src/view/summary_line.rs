//! The summary of a plan: how many templates become what, and the sentence that says so first and last.

use super::Words;
use super::section::{
    CREATE, FORGET, HELD_BACK, IN_DOUBT, MOVE, ORPHAN, PENDING, RENAMED, REPLACE, Section, UPDATE,
};
use crate::model::RunOption;
use crate::plan::{Plan, Selection, Summary};

/// How many templates are in a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionCount {
    /// The sign.
    pub sign: &'static str,
    /// The number.
    pub number: usize,
    /// What follows the number: `to add`.
    pub what: String,
    /// What it means; empty where nothing needs to be explained.
    pub about: &'static str,
}

/// The templates by what becomes of them; sections without templates are left out.
pub(super) fn counts(plan: &Plan) -> Vec<SectionCount> {
    let summary = &plan.summary;
    // A replacement counts as an addition; a person must delete the old template on the server.
    let add = summary.create + summary.replace;
    let of = |section: &Section, number| SectionCount {
        sign: section.sign,
        number,
        what: section.counted.to_owned(),
        about: section.about,
    };
    let plain = |sign, number, what: &str| SectionCount { sign, number, what: what.to_owned(), about: "" };
    let replace = of(&REPLACE, summary.replace);
    let all = [
        of(&CREATE, add),
        of(&UPDATE, summary.update),
        SectionCount { what: format!("{} (of the {add} to add)", replace.what), ..replace },
        of(&ORPHAN, summary.to_delete()),
        of(&RENAMED, summary.renamed),
        of(&IN_DOUBT, summary.in_doubt),
        of(&PENDING, summary.pending),
        of(&MOVE, summary.r#move),
        of(&FORGET, summary.forget),
        of(&HELD_BACK, summary.held),
        plain("=", summary.unchanged, UNCHANGED),
    ];
    all.into_iter().filter(|count| count.number > 0).collect()
}

const UNCHANGED: &str = "unchanged";

/// The summary in one sentence, which pipelines also read (contract section 5).
pub(super) fn summary_line(plan: &Plan, counts: &[SectionCount]) -> Words {
    let line = Words::own(changes(plan, counts)).with(selection(plan));
    line.and(". Environment: ").name(plan.environment.as_str()).and(".")
}

fn changes(plan: &Plan, counts: &[SectionCount]) -> String {
    let Summary { create, replace, update, .. } = plan.summary;
    let add = create + replace;
    let is_aside =
        |count: &&SectionCount| ![CREATE.counted, UPDATE.counted, UNCHANGED].contains(&count.what.as_str());
    let aside: Vec<&SectionCount> = counts.iter().filter(is_aside).collect();
    if !plan.has_changes() && aside.is_empty() {
        return "No changes".to_owned();
    }
    let mut text = format!("Plan: {add} to add, {update} to change, 0 to destroy");
    for count in &aside {
        text.push_str(&format!(", {} {}", count.number, count.what));
    }
    if add + update == 0 && aside.is_empty() {
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

/// How many templates are selected, if not all.
fn selection(plan: &Plan) -> Words {
    let Some(selection) = &plan.selection else { return Words::default() };
    let selected = plan.selected();
    let templates = if selected == 1 { "template" } else { "templates" };
    let left_out = match plan.left_out {
        0 => "; none was left out".to_owned(),
        1 => "; 1 other was left out".to_owned(),
        others => format!("; {others} others were left out"),
    };
    let verb = match (selection.target.is_empty(), selection.exclude.is_empty()) {
        (false, true) => " selects",
        (true, _) => " leaves",
        (false, false) => " leave",
    };
    let words = Words::own(format!(" in the {selected} {templates} that ")).with(selected_by(selection));
    words.and(verb).and(left_out)
}

/// The options of a selection.
pub(super) fn selected_by(selection: &Selection) -> Words {
    let (target, exclude) = (RunOption::Target, RunOption::Exclude);
    match (selection.target.is_empty(), selection.exclude.is_empty()) {
        (false, true) => Words::default().option(target),
        (true, _) => Words::default().option(exclude),
        (false, false) => Words::default().option(target).and(" and ").option(exclude),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::specimens::SpecimenCommands;

    fn summary_line(plan: &Plan) -> String {
        crate::report::words_text(&super::summary_line(plan, &counts(plan)), &SpecimenCommands)
    }

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
