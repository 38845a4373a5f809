//! Prints a plan on the terminal: the verdict first and last, and the operations between, template by template.

use serde_json::Value;

use super::names::InWords;
use super::review::{Group, describe, group};
use super::shared_warning::{self, SharedWarning};
use super::truncation::{GroupDisplay, Truncation};
use super::{
    Style, beside_changes, change_text, in_doubt, orphan, review, safe_lines, safe_text, summary_line,
    truncation, value_text,
};
use crate::model::{Attributes, Commands, Help, Key};
use crate::plan::{Action, Entry, Held, Plan, Submission, Warned};
use crate::state::Operation;

/// The limit of names listed for templates with the same change.
const NAMED: usize = 6;
/// The limit of different warnings.
const WARNINGS: usize = 20;

/// A plan for people (contract section 5), wrapped to the terminal's width.
pub fn plan_text(plan: &Plan, style: Style, commands: &dyn Commands) -> String {
    let verdict = style.bold(&summary_line(plan));
    let mut text = format!("{verdict}\n");
    if plan.entries.is_empty() && plan.protect.is_empty() && plan.warnings.is_empty() {
        // There is nothing between the first and the last line, so one line serves as both.
        return text;
    }
    let printer = PlanPrinter { plan, style, commands };
    let mut notes: Vec<Warned> = plan.other_warnings().cloned().collect();
    if style.is_compact() {
        // The compact form has no space for it beside the templates.
        notes.extend(
            plan.held()
                .map(|(entry, held)| Warned { text: printer.held(entry), ..Warned::held(entry, held) }),
        );
    }
    warnings(&notes, style, &mut text);
    if !plan.entries.is_empty() || !plan.protect.is_empty() {
        text.push('\n');
    }
    if style.is_compact() {
        plan.entries.iter().for_each(|entry| printer.head(entry, &summary(plan, entry), &mut text));
    } else {
        printer.groups(&mut text);
    }
    protection(plan, style, &mut text);
    if let Some(allowed) = plan.max_changes {
        text.push_str(&format!(
            "\nUp to {allowed} changes are allowed (--max-changes, when this was planned).\n"
        ));
    }
    text.push_str(&format!("\n{verdict}\n"));
    style.laid_out(text)
}

/// Warnings come before the templates, because one can be the reason for what is said about them. They are limited,
/// so that the plan stays visible.
fn warnings(warnings: &[Warned], style: Style, text: &mut String) {
    let word = style.warning();
    let (shown, most) = if style.is_verbose() {
        (warnings.iter().map(SharedWarning::alone).collect(), usize::MAX)
    } else {
        (shared_warning::warnings(warnings, " (-v shows them all)"), WARNINGS)
    };
    for warning in shown.iter().take(most) {
        text.push_str(&format!("\n{word} {}\n", safe_lines(&warning.words).replace('\n', "\n  ")));
        // Lines to paste are indented as in the file.
        text.extend(warning.paste.map(|paste| safe_lines(paste) + "\n"));
    }
    if shown.len() > most {
        text.push_str(&format!("\n{word} there are {} more (-v shows them all)\n", shown.len() - most));
    }
}

/// Prints the entries of a plan.
struct PlanPrinter<'p> {
    plan: &'p Plan,
    style: Style,
    commands: &'p dyn Commands,
}

impl PlanPrinter<'_> {
    /// Prints the entries. If the plan is long, it prints those that need a person and a part of the rest.
    fn groups(&self, text: &mut String) {
        let groups = group(&self.plan.entries);
        let truncated =
            if self.style.is_verbose() { Truncation::all_shown() } else { truncation::truncate(&groups) };
        for (group, shown) in groups.iter().zip(truncated.shown(groups.len())) {
            match shown {
                GroupDisplay::Whole => {
                    self.entry(group.first, text);
                    push_others(group, self.style, text);
                }
                GroupDisplay::OneLine => self.head(group.first, &summary(self.plan, group.first), text),
                GroupDisplay::Counted => {}
            }
        }
        text.push_str(&truncated.summary());
    }

    /// Prints the first line of an entry: sign, key, operation, and place.
    fn head(&self, entry: &Entry, summary: &str, text: &mut String) {
        let sign = entry.action.sign();
        let key = safe_text(entry.key.as_str());
        let place = entry.source.as_ref().map(|source| match source.line {
            0 => format!("  ({})", safe_text(&source.file)),
            line => format!("  ({}:{line})", safe_text(&source.file)),
        });
        let moved = |from: &Key| beside_changes::moved(&safe_text(from.as_str()));
        let word = match &entry.action {
            Action::Create(_) => "create",
            Action::Update(_) if entry.action.replaces() => "replace",
            Action::Update(_) => "update",
            Action::Orphan { renamed_to: Some(_), .. } => "perhaps renamed: do not delete it",
            Action::Orphan { renamed_to: None, .. } => "orphan: in the state, not in the configuration",
            Action::Pending { .. } => "pending",
            Action::InDoubt { .. } => "in doubt",
            Action::Move { from } => &moved(from),
        };
        let held = match (entry.action.is_held(), self.style.is_compact()) {
            (true, true) => ", held back (see the warning above)",
            (true, false) => ", held back",
            (false, _) => "",
        };
        let head = self.style.signed(sign.chars().last().unwrap_or_default(), &format!("{sign} {key}"));
        text.push_str(&format!("  {head}  {word}{held}{summary}{}\n", place.unwrap_or_default()));
    }

    fn entry(&self, entry: &Entry, text: &mut String) {
        self.head(entry, "", text);
        match &entry.action {
            Action::Create(submission) => created(&submission.after, self.style, text),
            Action::Update(submission) => updated(self.plan, submission, self.style, text),
            Action::Orphan { .. } => self.steps(&orphan::help(entry, &InWords), text),
            Action::Pending { job, .. } => {
                text.push_str(&format!("      {}\n", safe_text(&beside_changes::pending(job))));
            }
            Action::InDoubt { reason, .. } => {
                let help = in_doubt::help(self.plan, entry, "it is not sent again until you settle it");
                text.push_str(&format!("      {}\n", safe_text(reason)));
                self.steps(&help, text);
            }
            Action::Move { .. } => text.push_str("      nothing is sent for this\n"),
        }
        if let Some(error) = &entry.last_error {
            let error = safe_lines(error).replace('\n', "\n        ");
            text.push_str(&format!("      {}\n", beside_changes::failed(&error)));
        }
        if entry.action.is_held() {
            text.push_str(&format!("      {}\n", self.held(entry).replace('\n', "\n      ")));
        }
    }

    /// The reason for holding back, and the advice.
    fn held(&self, entry: &Entry) -> String {
        let below = |held: &Held| {
            self.plan.help_of_held(entry, held).below(&safe_lines(&held.why(entry)), self.commands)
        };
        entry.action.held().map(below).unwrap_or_default()
    }

    /// Prints the advice, one line for each step.
    fn steps(&self, help: &Help, text: &mut String) {
        for (words, command) in help.steps() {
            let command = command.map(|command| format!(": {}", self.commands.command(command)));
            text.push_str(&format!("      {}{}\n", safe_text(words), command.unwrap_or_default()));
        }
    }
}

fn protection(plan: &Plan, style: Style, text: &mut String) {
    let shown = if style.is_verbose() { usize::MAX } else { truncation::MAX_SHOWN };
    for (key, protect) in plan.protect.iter().take(shown) {
        let words = if *protect { "will be protected" } else { "will no longer be protected" };
        text.push_str(&format!(
            "  = {} {words} (recorded in the state, nothing is sent)\n",
            safe_text(key.as_str())
        ));
    }
    if plan.protect.len() > shown {
        let more: Vec<bool> = plan.protect.values().copied().skip(shown).collect();
        let on = more.iter().filter(|protect| **protect).count();
        let parts = [(on, "will be protected"), (more.len() - on, "will no longer be protected")];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} more {words}"))
            .collect();
        text.push_str(&format!("  = {} (-v names all)\n", parts.join(" and ")));
    }
}

/// Prints the other templates with the same change.
fn push_others(group: &Group<'_>, style: Style, text: &mut String) {
    if group.others.is_empty() {
        return;
    }
    let shown = if style.is_verbose() { group.others.len() } else { NAMED.min(group.others.len()) };
    let names: Vec<String> =
        group.others.iter().take(shown).map(|entry| safe_text(entry.key.as_str())).collect();
    let more = match group.others.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more (-v names all)"),
    };
    let noun = if group.others.len() == 1 { "template" } else { "templates" };
    let head = style.signed('~', &format!("~ the same on {} other {noun}", group.others.len()));
    text.push_str(&format!("  {head}: {}{more}\n", names.join(", ")));
}

/// A summary of the change, for the first line.
fn summary(plan: &Plan, entry: &Entry) -> String {
    match &entry.action {
        Action::Create(submission) => {
            let title = submission.after.get("title");
            title.map(|title| format!(": {}", value_text::short(Some(title)))).unwrap_or_default()
        }
        Action::Update(submission) if submission.before.is_none() => {
            format!(": {}", beside_changes::not_known(&submission.after))
        }
        Action::Update(submission) => {
            let path = |shown: &review::ShownText| {
                let unseen = shown.unseen().map(|unseen| format!(" ({})", unseen.words()));
                safe_text(&shown.path) + &unseen.unwrap_or_default()
            };
            let paths: Vec<String> = describe(&submission.changes, &plan.fields).iter().map(path).collect();
            match paths.len() {
                0 => String::new(),
                1..=NAMED => format!(": {}", paths.join(", ")),
                count => format!(": {} and {} more", paths[..NAMED].join(", "), count - NAMED),
            }
        }
        Action::InDoubt { reason, .. } => format!(": {}", value_text::short(Some(&reason.as_str().into()))),
        Action::Orphan { before, .. } => {
            let title = before.as_ref().and_then(Attributes::title);
            title.map(|title| format!(": {}", value_text::short(Some(&title.into())))).unwrap_or_default()
        }
        Action::Move { .. } | Action::Pending { .. } => String::new(),
    }
}

/// Prints a new template in short: its title, its resource, and the number of its other attributes.
fn created(after: &Attributes, style: Style, text: &mut String) {
    let names: Vec<&str> = after.names().filter(|name| !matches!(*name, "title" | "labels")).collect();
    if let Some(title) = after.get("title") {
        text.push_str(&format!("      title: {}\n", value_text::short(Some(title))));
    }
    for name in names {
        let is_main =
            matches!(name, "resourceType" | "resourceId" | "userCustomFieldSlug" | "userCustomFieldValue");
        if is_main || style.is_verbose() {
            text.push_str(&format!(
                "      {}: {}\n",
                safe_text(name),
                value_text::of_attribute(name, after.get(name))
            ));
        }
    }
    if let Some(Value::Array(labels)) = after.get(Attributes::LABELS) {
        let noun = if labels.len() == 1 { "label" } else { "labels" };
        text.push_str(&format!("      {} {noun}\n", labels.len()));
        for label in labels.iter().filter(|_| style.is_verbose()) {
            text.push_str(&format!("        {}\n", safe_text(&label.to_string())));
        }
    }
}

fn updated(plan: &Plan, submission: &Submission, style: Style, text: &mut String) {
    if submission.before.is_none() {
        text.push_str(&format!("      {}\n", beside_changes::not_known(&submission.after)));
        created(&submission.after, style, text);
    } else {
        for shown in describe(&submission.changes, &plan.fields) {
            change_text::change(&shown, style, text);
        }
    }
    if submission.resend {
        text.push_str(&format!("      ({})\n", beside_changes::SENT_AGAIN));
    }
    if submission.operation == Operation::Create && submission.held.is_none() {
        text.push_str(
            "      (the server keeps the template it has and gets a new one: see the warning above)\n",
        );
    }
}

#[cfg(test)]
mod tests;
