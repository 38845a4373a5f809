//! A plan for people: the verdict first and last, and in between what would be done, template by template.

use serde_json::Value;

use super::command_text::shell_word;
use super::fold::{Folded, Shown};
use super::review::{Group, describe, group};
use super::{Style, change_text, fold, review, safe_lines, safe_text, summary_line, value_text};
use crate::model::Attributes;
use crate::plan::{Action, Entry, Plan, Submission};
use crate::state::Deed;

/// Of templates that change alike, so many are named.
const NAMED: usize = 6;

/// The human form of a plan (contract section 5), for the terminal's width.
pub fn plan_text(plan: &Plan, style: Style) -> String {
    let verdict = style.bold(&summary_line(plan));
    let mut text = format!("{verdict}\n");
    if plan.entries.is_empty() && plan.protect.is_empty() && plan.warnings.is_empty() {
        // Nothing stands between the first line and the last, so one line is both.
        return text;
    }
    warnings(plan, style, &mut text);
    if !plan.entries.is_empty() || !plan.protect.is_empty() {
        text.push('\n');
    }
    if style.is_compact() {
        plan.entries.iter().for_each(|entry| head(entry, &gist(plan, entry), style, &mut text));
    } else {
        groups(plan, style, &mut text);
    }
    protection(plan, style, &mut text);
    text.push_str(&format!("\n{verdict}\n"));
    style.laid_out(text)
}

/// Before the templates: a warning can be the reason for what is said of them.
fn warnings(plan: &Plan, style: Style, text: &mut String) {
    let shown = if style.is_verbose() { plan.warnings.len() } else { fold::MOST.min(plan.warnings.len()) };
    for warning in &plan.warnings[..shown] {
        text.push_str(&format!("\nWarning: {}\n", indented(&safe_lines(warning))));
    }
    if plan.warnings.len() > shown {
        text.push_str(&format!("\nWarning: there are {} more (-v shows all)\n", plan.warnings.len() - shown));
    }
}

/// Template by template; of a plan that nobody would read to its end, what needs a person and a part of the rest.
fn groups(plan: &Plan, style: Style, text: &mut String) {
    let groups = group(&plan.entries);
    let folded = if style.is_verbose() { Folded::nothing() } else { fold::fold(&groups) };
    for (group, shown) in groups.iter().zip(folded.shown(groups.len())) {
        match shown {
            Shown::Whole => {
                entry(plan, group.first, style, text);
                alike(group, style, text);
            }
            Shown::OneLine => head(group.first, &gist(plan, group.first), style, text),
            Shown::Counted => {}
        }
    }
    text.push_str(&folded.told());
}

fn protection(plan: &Plan, style: Style, text: &mut String) {
    let shown = if style.is_verbose() { usize::MAX } else { fold::MOST };
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
        text.push_str(&format!(
            "  = {on} more will be protected and {} more will no longer be (-v names all)\n",
            more.len() - on
        ));
    }
}

/// The other templates of which the entry above is told, too.
fn alike(group: &Group<'_>, style: Style, text: &mut String) {
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

fn indented(text: &str) -> String {
    text.replace('\n', "\n  ")
}

/// The line with which a template begins: sign, key, what is done, and where it is written.
fn head(entry: &Entry, gist: &str, style: Style, text: &mut String) {
    let sign = entry.action.sign();
    let key = safe_text(entry.key.as_str());
    let place = entry.source.as_ref().map(|source| match source.line {
        0 => format!("  ({})", safe_text(&source.file)),
        line => format!("  ({}:{line})", safe_text(&source.file)),
    });
    let held = entry.action.submission().is_some_and(|submission| submission.held.is_some());
    let word = match &entry.action {
        Action::Create(_) => "create",
        Action::Update(_) => "update",
        Action::Orphan { .. } => "orphan: in the state, not in the configuration",
        Action::Pending { .. } => "pending",
        Action::InDoubt { .. } => "in doubt",
        Action::Move { .. } => "move",
    };
    let held = if held { ", held back (see the warning above)" } else { "" };
    let head = style.signed(sign, &format!("{sign} {key}"));
    text.push_str(&format!("  {head}  {word}{held}{gist}{}\n", place.unwrap_or_default()));
}

/// What a template's change is about, on the same line.
fn gist(plan: &Plan, entry: &Entry) -> String {
    match &entry.action {
        Action::Create(submission) => {
            let title = submission.after.get("title");
            title.map(|title| format!(": {}", value_text::short(Some(title)))).unwrap_or_default()
        }
        Action::Update(submission) => {
            let path = |shown: &review::Shown| {
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
        Action::Move { from } => format!(": was {}", safe_text(from.as_str())),
        Action::InDoubt { reason, .. } => format!(": {}", value_text::short(Some(&reason.as_str().into()))),
        Action::Orphan { before, .. } => {
            let title = before.as_ref().and_then(Attributes::title);
            title.map(|title| format!(": {}", value_text::short(Some(&title.into())))).unwrap_or_default()
        }
        Action::Pending { .. } => String::new(),
    }
}

fn entry(plan: &Plan, entry: &Entry, style: Style, text: &mut String) {
    head(entry, "", style, text);
    let key = shell_word(entry.key.as_str());
    match &entry.action {
        Action::Create(submission) => created(&submission.after, style, text),
        Action::Update(submission) => updated(plan, submission, style, text),
        Action::Orphan { before, protect } => orphan(entry, before.as_ref(), *protect, text),
        Action::Pending { job, .. } => {
            text.push_str(&format!(
                "      the server's job {} has not ended; the next apply asks for it\n",
                safe_text(job)
            ));
        }
        Action::InDoubt { reason, .. } => {
            text.push_str(&format!("      {}\n", safe_text(reason)));
            text.push_str(&format!(
                "      it is not sent again until you settle it: certctl recover {key}\n"
            ));
        }
        Action::Move { from } => {
            text.push_str(&format!("      was {}; nothing is sent\n", safe_text(from.as_str())));
        }
    }
}

/// A new template in short: what it is called, what it is for, and how much there is of the rest.
fn created(after: &Attributes, style: Style, text: &mut String) {
    let names: Vec<&str> = after.names().filter(|name| !matches!(*name, "title" | "labels")).collect();
    if let Some(title) = after.get("title") {
        text.push_str(&format!("      title: {}\n", value_text::short(Some(title))));
    }
    for name in names {
        let is_main =
            matches!(name, "resourceType" | "resourceId" | "userCustomFieldSlug" | "userCustomFieldValue");
        if is_main || style.is_verbose() {
            text.push_str(&format!("      {}: {}\n", safe_text(name), value_text::short(after.get(name))));
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
    for shown in describe(&submission.changes, &plan.fields) {
        change_text::change(&shown, style, text);
    }
    if submission.resend {
        text.push_str("      (everything is sent again: what became of an earlier attempt is not known)\n");
    }
    if submission.deed == Deed::Create {
        text.push_str("      (the server gets a second template for this: see the warning above)\n");
    }
}

fn orphan(entry: &Entry, before: Option<&Attributes>, protect: bool, text: &mut String) {
    let title = before.and_then(Attributes::title).map(|title| value_text::short(Some(&title.into())));
    let named = match (title, &entry.id) {
        (Some(title), Some(id)) => format!("{title} (id {})", safe_text(id.as_str())),
        (Some(title), None) => title,
        (None, Some(id)) => format!("the template with the id {}", safe_text(id.as_str())),
        (None, None) => "it".to_owned(),
    };
    text.push_str(&format!(
        "      the API cannot delete: delete {named} in the admin page, then run: certctl state rm {}\n",
        shell_word(entry.key.as_str())
    ));
    if protect {
        text.push_str("      it is protected\n");
    }
}

#[cfg(test)]
mod tests;
