//! The comment for a plan.

use super::budget::{BudgetItem, BudgetSection, fill};
use super::code::InCode;
use super::note::{notes, warnings};
use super::steps::in_a_line;
use super::{MIN_BYTES, change, code, collapsible, counted};
use crate::model::{Attributes, Commands, Key};
use crate::plan::{Action, Entry, Held, Plan};
use crate::report::review::{Group, describe, group};
use crate::report::sentence::capitalised;
use crate::report::summary_line::{summary_line_for, to_replace};
use crate::report::{beside_changes, in_doubt, orphan, shared_warning, value_text};

/// A plan as a comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]). `refusals` are the reasons why it
/// would not be applied.
pub fn plan(plan: &Plan, refusals: &[String], commands: &dyn Commands, max_bytes: usize) -> String {
    let end = format!("**{}**\n", verdict(plan));
    fill(&begin(plan), &must(plan, refusals, commands), &may(plan), &end, max_bytes.max(MIN_BYTES))
}

/// The sections that are never left out, the most important first: errors, then what waits for a person or for the
/// server.
fn must(plan: &Plan, refusals: &[String], commands: &dyn Commands) -> [BudgetSection; 7] {
    let open = |name, title: &str, wanted: IsOfSection| BudgetSection {
        name,
        open: format!("#### {title}\n\n"),
        close: "\n",
        items: plan
            .entries
            .iter()
            .filter(|entry| wanted(&entry.action))
            .map(|entry| open_item(plan, entry, commands))
            .collect(),
    };
    [
        notes("refusals", "Refused", refusals.iter().map(String::as_str)),
        // Warnings come before the templates, because one can be the reason for what is said about them.
        warnings(&shared_warning::warnings(plan.other_warnings(), "")),
        BudgetSection {
            name: "held back",
            open: "#### Held back\n\n".to_owned(),
            close: "\n",
            items: plan.held().map(|(entry, held)| held_item(plan, entry, held, commands)).collect(),
        },
        open("in doubt", "In doubt", |action| matches!(action, Action::InDoubt { .. })),
        open("pending", "Pending", |action| matches!(action, Action::Pending { .. })),
        open("perhaps renamed", "Perhaps renamed: do not delete", |action| {
            matches!(action, Action::Orphan { renamed_to: Some(_), .. })
        }),
        open("orphaned", "Orphaned", |action| matches!(action, Action::Orphan { renamed_to: None, .. })),
    ]
}

/// The collapsed sections, left out if they do not fit, the most important first.
fn may(plan: &Plan) -> Vec<BudgetSection> {
    let groups = group(&plan.entries);
    let mut sections: Vec<BudgetSection> = COLLAPSED
        .iter()
        .map(|(name, wanted)| {
            let items: Vec<BudgetItem> = groups
                .iter()
                .filter(|group| wanted(&group.first.action))
                .map(|group| item(plan, group))
                .collect();
            section(name, items)
        })
        .collect();
    sections.push(section("changes of protection", plan.protect.iter().map(protection).collect()));
    sections
}

fn section(name: &'static str, items: Vec<BudgetItem>) -> BudgetSection {
    let count = items.iter().map(|item| item.templates).sum();
    let (open, close) = match name.split_once(' ') {
        Some((noun, of)) => collapsible(&format!("{} {of}", counted(count, noun.trim_end_matches('s')))),
        None => collapsible(&counted(count, name.trim_end_matches('s'))),
    };
    BudgetSection { name, open, close, items }
}

/// The limit of names listed for templates with the same change.
const NAMED: usize = 50;

/// Whether an action belongs to a section.
type IsOfSection = fn(&Action) -> bool;

const COLLAPSED: [(&str, IsOfSection); 5] = [
    ("replacements", |action| action.replaces() && !action.is_held()),
    ("updates", |action| matches!(action, Action::Update(_)) && !action.replaces() && !action.is_held()),
    ("creates", |action| matches!(action, Action::Create(_)) && !action.is_held()),
    ("templates held back", Action::is_held),
    ("moves", |action| matches!(action, Action::Move { .. })),
];

/// The same sentence as on the terminal.
fn verdict(plan: &Plan) -> String {
    summary_line_for(plan, &code::name(&plan.environment))
}

fn begin(plan: &Plan) -> String {
    let summary = plan.summary;
    let replace = to_replace(plan);
    let mut text = format!("<!-- certctl plan {} -->\n", code::marker(&plan.environment));
    text.push_str(&format!(
        "### certctl plan for {}\n\n**{}**\n\n",
        code::name(&plan.environment),
        verdict(plan)
    ));
    text.push_str("| | templates | |\n|---|--:|---|\n");
    for (sign, count, what) in [
        ("+", summary.create + summary.replace, "to add"),
        (
            "-/+",
            summary.replace,
            &format!(
                "{replace}: for another resource or audience now; the old one stays, and a new one is made"
            ),
        ),
        ("~", summary.update, "to change"),
        ("!", summary.held, "held back: different, and not sent before a person decides"),
        ("?", summary.in_doubt, "in doubt: sent, outcome not known"),
        ("?", summary.pending, "pending: the server is still at work"),
        ("!", summary.renamed, "perhaps renamed: do not delete"),
        ("!", summary.to_delete(), "orphaned: on the server, no longer in the configuration"),
        (">", summary.r#move, "to move: renamed, nothing is sent"),
        ("=", summary.unchanged, "unchanged"),
    ] {
        if count > 0 {
            text.push_str(&format!("| `{sign}` | {count} | {what} |\n"));
        }
    }
    text.push('\n');
    if let Some(allowed) = plan.max_changes {
        text.push_str(&format!(
            "Up to {allowed} changes are allowed (`--max-changes`, when this was planned).\n\n"
        ));
    }
    text
}

fn held_item(plan: &Plan, entry: &Entry, held: &Held, commands: &dyn Commands) -> BudgetItem {
    let name = code::span(entry.key.as_str());
    let why = held.why(entry);
    let first = why.lines().next().unwrap_or_default();
    let whole = plan.help_of_held(entry, held).below(&why, commands);
    BudgetItem {
        full: format!("{name}{}\n\n{}\n", place(entry), code::sentences(&whole)),
        short: format!("- {name}: {}\n", code::span(first)),
        name,
        templates: 1,
    }
}

/// An item about a template that needs a person.
fn open_item(plan: &Plan, entry: &Entry, commands: &dyn Commands) -> BudgetItem {
    let name = code::span(entry.key.as_str());
    let what = match &entry.action {
        Action::InDoubt { reason, .. } => {
            let help = in_a_line(&in_doubt::help(plan, entry, "to settle it"), commands);
            format!("{}. {}", code::span(reason), capitalised(&help))
        }
        Action::Orphan { .. } => in_a_line(&orphan::help(entry, &InCode), commands),
        Action::Pending { job, .. } => beside_changes::pending(&code::span(job)),
        Action::Create(_) | Action::Update(_) | Action::Move { .. } => String::new(),
    };
    BudgetItem { full: format!("- {name}: {what}\n"), short: format!("- {name}\n"), name, templates: 1 }
}

fn protection((key, protect): (&Key, &bool)) -> BudgetItem {
    let name = code::span(key.as_str());
    let words = if *protect { "will be protected" } else { "will no longer be protected" };
    let line = format!("- {name} {words}\n");
    BudgetItem { full: line.clone(), short: line, name, templates: 1 }
}

fn place(entry: &Entry) -> String {
    let place = entry.source.as_ref().map(|source| match source.line {
        0 => code::span(&source.file),
        line => code::span(&format!("{}:{line}", source.file)),
    });
    place.map(|place| format!(" · {place}")).unwrap_or_default()
}

/// An item about one change, of one template or of several.
fn item(plan: &Plan, group: &Group<'_>) -> BudgetItem {
    let entry = group.first;
    let key = code::span(entry.key.as_str());
    let alike = match group.others.len() {
        0 => String::new(),
        others => format!(" and {}, all alike", counted(others, "other template")),
    };
    let held = if entry.action.is_held() { " · **held back**" } else { "" };
    let head = format!("{key}{alike}{held}{}", place(entry));
    let full = match &entry.action {
        Action::Update(submission) => {
            let mut lines: Vec<String> = if submission.before.is_none() {
                let mut lines = vec![format!("! {}", beside_changes::not_known(&submission.after))];
                lines.extend(values(&submission.after, ' '));
                lines
            } else {
                describe(&submission.changes, &plan.fields).iter().flat_map(change::lines).collect()
            };
            if submission.resend {
                lines.push(format!("! {}", beside_changes::SENT_AGAIN));
            }
            lines.extend(last_error(entry));
            format!("{head}\n\n{}{}\n", code::block("diff", &lines), names(group))
        }
        Action::Create(submission) => {
            let mut lines: Vec<String> = values(&submission.after, '+').collect();
            lines.extend(last_error(entry));
            format!("{head}\n\n{}\n", code::block("diff", &lines))
        }
        Action::Move { from } => format!("- {key} {}\n", beside_changes::moved(&code::span(from.as_str()))),
        Action::Orphan { .. } | Action::Pending { .. } | Action::InDoubt { .. } => String::new(),
    };
    BudgetItem { full, short: format!("- {head}\n"), name: key, templates: group.others.len() + 1 }
}

/// One line for each attribute.
fn values(attributes: &Attributes, sign: char) -> impl Iterator<Item = String> {
    attributes.iter().map(move |(name, value)| {
        format!("{sign} {}: {}", code::shortened(name), value_text::of_attribute(name, Some(value)))
    })
}

fn last_error(entry: &Entry) -> Option<String> {
    let error = value_text::short(Some(&entry.last_error.as_deref()?.into()));
    Some(format!("! {}", beside_changes::failed(&error)))
}

/// The keys of the templates with the same change.
fn names(group: &Group<'_>) -> String {
    if group.others.is_empty() {
        return String::new();
    }
    let names: Vec<String> =
        group.others.iter().take(NAMED).map(|entry| code::span(entry.key.as_str())).collect();
    let more = match group.others.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("\nAlso: {}{more}\n", names.join(", "))
}
