//! Prints a plan: the verdict first and last, and the operations between, template by template.

use serde_json::Value;

use super::truncation::{self, ItemDisplay, Truncation};
use super::{INDENT, NAMED, between_verdicts, change, notices, others, said};
use crate::model::{Attributes, Commands, RunOption};
use crate::report::prose::words_text;
use crate::report::{Style, safe_text, value_text};
use crate::view::{DescribedChange, ItemContents, PlanView, ProtectionChange, ReportItem};

/// A plan for people (contract section 5), wrapped to the terminal's width.
pub fn plan(view: &PlanView<'_>, style: Style, commands: &dyn Commands) -> String {
    if view.is_empty() {
        // There is nothing between the first and the last line, so one line serves as both.
        return format!("{}\n", style.bold(&words_text(&view.verdict, commands)));
    }
    between_verdicts(&view.verdict, &view.remarks, style, commands, |text| {
        let printer = PlanPrinter { style, commands };
        // The compact form has no space beside the templates for the reasons why they are held back.
        let warnings = view.warnings(style.is_compact(), !style.is_verbose());
        notices(&warnings, "\n", style, commands, text);
        let mut body = String::new();
        if style.is_compact() {
            view.one_by_one().for_each(|item| printer.one_line(&item, &mut body));
        } else {
            printer.items(view, &mut body);
        }
        printer.protection(view, &mut body);
        if !body.is_empty() {
            text.push_str(&format!("\n{body}"));
        }
    })
}

/// Prints the items of a plan.
struct PlanPrinter<'c> {
    style: Style,
    commands: &'c dyn Commands,
}

impl PlanPrinter<'_> {
    /// Prints the items. If the plan is long, it prints those that need attention and a part of the rest.
    fn items(&self, view: &PlanView<'_>, text: &mut String) {
        let mut truncation = Truncation::new(self.style.is_verbose());
        for item in view.items() {
            match truncation.display(&item) {
                ItemDisplay::Whole => self.whole(&item, text),
                ItemDisplay::OneLine => self.one_line(&item, text),
                ItemDisplay::Counted => {}
            }
        }
        text.push_str(&truncation.summary(self.commands));
    }

    fn whole(&self, item: &ReportItem<'_>, text: &mut String) {
        let about = match item.section.about {
            "" => String::new(),
            about if words_text(&item.operation, self.commands).contains(": ") => format!("; {about}"),
            about => format!(": {about}"),
        };
        self.head(item, &about, text);
        said(&item.notes, self.commands, text);
        match item.contents() {
            ItemContents::Changes(changes) => {
                for one in &changes {
                    change::change(one, self.style, text);
                }
            }
            ItemContents::Attributes(attributes) if item.is_submission() => {
                self.attributes(attributes, text);
            }
            ItemContents::Attributes(_) | ItemContents::Nothing => {}
        }
        others(item, self.style, self.commands, text);
    }

    fn one_line(&self, item: &ReportItem<'_>, text: &mut String) {
        let hint = if item.is_held() { " (see the warning above)" } else { "" };
        let summary = match item.in_short() {
            Some(words) => first_line(&words_text(&words, self.commands)),
            None => match item.contents() {
                ItemContents::Changes(changes) => paths(&changes),
                ItemContents::Attributes(_) | ItemContents::Nothing => String::new(),
            },
        };
        let colon = if summary.is_empty() { "" } else { ": " };
        self.head(item, &format!("{hint}{colon}{summary}"), text);
    }

    /// Prints the first line of an item: sign, key, operation, and place.
    fn head(&self, item: &ReportItem<'_>, more: &str, text: &mut String) {
        let head = format!("{} {}", item.sign, safe_text(item.key.as_str()));
        let place = item.place.as_deref().map(|place| format!("  ({})", safe_text(place)));
        text.push_str(&format!(
            "  {}  {}{more}{}\n",
            self.style.signed(item.sign, &head),
            words_text(&item.operation, self.commands),
            place.unwrap_or_default()
        ));
    }

    /// Prints attributes in short: the title, the resource, and the number of labels.
    fn attributes(&self, attributes: &Attributes, text: &mut String) {
        let is_verbose = self.style.is_verbose();
        let mut line = |words: &str| text.push_str(&format!("{INDENT}{words}\n"));
        if let Some(title) = attributes.title() {
            line(&format!("title: {}", value_text::short_text(title)));
        }
        let names = attributes.names().filter(|name| !matches!(*name, "title" | Attributes::LABELS));
        for name in names.filter(|name| is_verbose || NATURAL_KEY.contains(name)) {
            line(&format!("{}: {}", safe_text(name), value_text::of_attribute(name, attributes.get(name))));
        }
        if let Some(Value::Array(labels)) = attributes.get(Attributes::LABELS) {
            line(&value_text::of_attribute(Attributes::LABELS, attributes.get(Attributes::LABELS)));
            for label in labels.iter().filter(|_| is_verbose) {
                line(&format!("  {}", safe_text(&label.to_string())));
            }
        }
    }

    fn protection(&self, view: &PlanView<'_>, text: &mut String) {
        let changes: Vec<ProtectionChange> = view.protection().collect();
        let shown =
            if self.style.is_verbose() { changes.len() } else { truncation::MAX_SHOWN.min(changes.len()) };
        for change in &changes[..shown] {
            text.push_str(&format!("  = {}\n", words_text(&change.words, self.commands)));
        }
        let mut parts: Vec<(usize, &str)> = Vec::new();
        for change in &changes[shown..] {
            match parts.iter_mut().find(|(_, words)| *words == change.counted) {
                Some((count, _)) => *count += 1,
                None => parts.push((1, change.counted)),
            }
        }
        if !parts.is_empty() {
            let parts: Vec<String> =
                parts.iter().map(|(count, words)| format!("{count} more {words}")).collect();
            let verbose = self.commands.option(&RunOption::Verbose);
            text.push_str(&format!("  = {} ({verbose} names all)\n", parts.join(" and ")));
        }
    }
}

/// The attributes that identify a template, which are always shown.
const NATURAL_KEY: [&str; 4] = ["resourceType", "resourceId", "userCustomFieldSlug", "userCustomFieldValue"];

/// The names of what changes, with a reason where it cannot be seen.
fn paths(changes: &[DescribedChange]) -> String {
    let path = |change: &DescribedChange| {
        let note = change.note.as_deref().map(|note| format!(" ({})", safe_text(note)));
        safe_text(&change.path) + &note.unwrap_or_default()
    };
    let paths: Vec<String> = changes.iter().take(NAMED).map(path).collect();
    match changes.len() {
        0..=NAMED => paths.join(", "),
        count => format!("{} and {} more", paths.join(", "), count - NAMED),
    }
}

fn first_line(text: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if rest.is_empty() { first.to_owned() } else { format!("{first} …") }
}

#[cfg(test)]
mod tests;
