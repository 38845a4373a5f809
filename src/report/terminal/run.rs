//! Prints the result of an apply: what was done, what was not, and what to do now.

use super::{notices, others};
use crate::model::Commands;
use crate::report::prose::{note_text, words_text};
use crate::report::{Style, safe_text};
use crate::view::{ReportItem, RunView};

/// Up to this many successful rows are listed one by one.
const LISTED: usize = 20;

/// A result for people, wrapped to the terminal's width.
pub fn run(view: &RunView<'_>, style: Style, commands: &dyn Commands) -> String {
    // Separates the result from the plan above.
    let mut text = String::from("\n");
    let items: Vec<ReportItem<'_>> =
        if style.is_verbose() { view.items().collect() } else { view.grouped().collect() };
    let (open, good): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.section.needs_attention);
    let good = if good.len() <= LISTED || style.is_verbose() { good } else { Vec::new() };
    for one in good.iter().chain(&open) {
        item(one, style, commands, &mut text);
    }
    notices(&view.warnings, "", style, commands, &mut text);
    notices(view.stopped.as_slice(), "", style, commands, &mut text);
    if text.len() > 1 {
        text.push('\n');
    }
    text.push_str(&format!("{}\n", style.bold(&words_text(&view.verdict, commands))));
    for remark in &view.remarks {
        text.push_str(&format!("{}\n", note_text(remark, commands)));
    }
    notices(view.left_behind.as_slice(), "", style, commands, &mut text);
    style.laid_out(text)
}

fn item(item: &ReportItem<'_>, style: Style, commands: &dyn Commands, text: &mut String) {
    let head = style.signed(item.sign, &format!("{} {}", item.sign, safe_text(item.key.as_str())));
    let id = item.id.filter(|_| !item.section.needs_attention);
    let id = id.map(|id| format!("  {}", safe_text(id.as_str()))).unwrap_or_default();
    let why = |note| format!(": {}", note_text(note, commands).replace('\n', "\n      "));
    let why: String = item.notes.iter().map(why).collect();
    text.push_str(&format!("  {head}  {}{id}{why}\n", words_text(&item.operation, commands)));
    others(item, style, commands, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::{RowOutcome, RunReport};
    use crate::view::specimens::{HOSTILE, SpecimenCommands, run_of};

    fn text(report: &RunReport, style: Style) -> String {
        run(&RunView::new(report, "state/test.json"), style, &SpecimenCommands)
    }

    #[test]
    fn the_same_reason_is_given_once() {
        let keys: Vec<String> = (0..300).map(|number| format!("t-{number:03}")).collect();
        let mut rows = vec![
            ("a", RowOutcome::Created, None),
            ("b", RowOutcome::Failed, Some("Resource not found\nand more")),
            ("c", RowOutcome::InDoubt, Some("no answer")),
        ];
        rows.extend(keys.iter().map(|key| (key.as_str(), RowOutcome::NotSent, Some("stopped"))));
        let report = run_of(&rows);
        insta::assert_snapshot!(text(&report, Style::default().columns(Some(80))));
        let verbose = text(&report, Style::new(false, true));
        assert!(keys.iter().all(|key| verbose.contains(key.as_str())));
    }

    #[test]
    fn nothing_that_a_server_says_forges_the_result() {
        let rows: Vec<_> = HOSTILE.iter().map(|text| ("a", RowOutcome::Failed, Some(*text))).collect();
        let mut report = run_of(&rows);
        report.warnings = HOSTILE.map(str::to_owned).to_vec();
        let text = text(&report, Style::default());
        assert!(!text.chars().any(|c| c != '\n' && crate::report::safe_text::is_unsafe(c)), "{text:?}");
        let verdicts = |word: &str| text.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!((verdicts("Applied:"), verdicts("Plan:"), verdicts("No changes.")), (1, 0, 0), "{text}");
    }
}
