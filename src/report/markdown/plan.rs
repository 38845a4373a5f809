//! A plan as Markdown.

use super::budget::{Budget, Item};
use super::{MIN_BYTES, change, code, counted, folded};
use crate::plan::{Action, Entry, Plan, verdict};
use crate::report::review::{Group, describe, group};
use crate::report::value_text;

/// A plan as one comment of at most `max_bytes` bytes (at least [`MIN_BYTES`]). `refusals` say why it would not be applied.
pub fn plan(plan: &Plan, refusals: &[String], max_bytes: usize) -> String {
    let end = format!("**{}**\n", verdict(plan));
    let mut budget = Budget::new(begin(plan), &end, max_bytes.max(MIN_BYTES));
    let warnings = plan.warnings.iter().map(|warning| note("Warning", warning));
    let notes: Vec<Item> = refusals.iter().map(|refusal| note("Refused", refusal)).chain(warnings).collect();
    budget.section("warnings", "", "\n", &notes);
    let listed = |wanted: Is| -> Vec<Item> {
        plan.entries.iter().filter(|entry| wanted(&entry.action)).map(open_item).collect()
    };
    budget.section(
        "in doubt",
        "#### In doubt\n\n",
        "\n",
        &listed(|action| matches!(action, Action::InDoubt { .. })),
    );
    budget.section(
        "orphans",
        "#### Orphaned\n\n",
        "\n",
        &listed(|action| matches!(action, Action::Orphan { .. })),
    );
    budget.section(
        "pending",
        "#### Pending\n\n",
        "\n",
        &listed(|action| matches!(action, Action::Pending { .. })),
    );

    let groups = group(&plan.entries);
    for (name, wanted) in FOLDED {
        let items: Vec<Item> =
            groups.iter().filter(|group| wanted(&group.first.action)).map(|group| item(group)).collect();
        let count = items.iter().map(|item| item.templates).sum();
        let (open, close) = folded(&counted(count, name.trim_end_matches('s')));
        budget.section(name, &open, close, &items);
    }
    budget.finish(&end)
}

/// Of templates that change alike, so many are named.
const NAMED: usize = 50;

/// Whether an action is of a kind.
type Is = fn(&Action) -> bool;

/// What is folded, the most important first.
const FOLDED: [(&str, Is); 3] = [
    ("updates", |action| matches!(action, Action::Update(_))),
    ("creates", |action| matches!(action, Action::Create(_))),
    ("moves", |action| matches!(action, Action::Move { .. })),
];

fn begin(plan: &Plan) -> String {
    let summary = plan.summary;
    let mut text = format!("<!-- certctl plan {} -->\n", code::marker(&plan.environment));
    text.push_str(&format!(
        "### certctl plan for {}\n\n**{}**\n\n",
        code::span(&plan.environment),
        verdict(plan)
    ));
    text.push_str("| | templates | |\n|---|--:|---|\n");
    for (sign, count, what) in [
        ("+", summary.create, "to add"),
        ("~", summary.update, "to change"),
        ("!", summary.orphan, "orphaned: on the server, no longer in the configuration"),
        ("?", summary.in_doubt, "in doubt: sent, outcome not known"),
        ("?", summary.pending, "pending: the server is still at work"),
        (">", summary.r#move, "to get another key; nothing is sent"),
        ("=", summary.unchanged, "unchanged"),
    ] {
        if count > 0 {
            text.push_str(&format!("| `{sign}` | {count} | {what} |\n"));
        }
    }
    text.push('\n');
    text
}

fn note(word: &str, text: &str) -> Item {
    let line = format!("> **{word}:** {}\n>\n", code::span(text));
    Item { full: line.clone(), short: line, templates: 1 }
}

/// A template that needs a person.
fn open_item(entry: &Entry) -> Item {
    let key = code::span(entry.key.as_str());
    let what = match &entry.action {
        Action::InDoubt { reason, .. } => {
            format!(
                "{}. To settle it: {}",
                code::span(reason),
                code::span(&format!("certctl recover {}", entry.key))
            )
        }
        Action::Orphan { before, .. } => {
            let title = before.as_ref().and_then(|before| before.title()).map(code::span).unwrap_or_default();
            let id = entry.id.as_ref().map(|id| format!(" with the id {}", code::span(id.as_str())));
            format!(
                "{title}{}: delete it in the admin page, then {}",
                id.unwrap_or_default(),
                code::span(&format!("certctl state rm {}", entry.key))
            )
        }
        Action::Pending { job, .. } => format!("the server's job {} has not ended", code::span(job)),
        Action::Create(_) | Action::Update(_) | Action::Move { .. } => String::new(),
    };
    Item { full: format!("- {key}: {what}\n"), short: format!("- {key}\n"), templates: 1 }
}

/// One change, of one template or of many alike.
fn item(group: &Group<'_>) -> Item {
    let entry = group.first;
    let key = code::span(entry.key.as_str());
    let alike = match group.others.len() {
        0 => String::new(),
        others => format!(" and {}, all alike", counted(others, "other template")),
    };
    let place = entry.source.as_ref().map(|source| match source.line {
        0 => code::span(&source.file),
        line => code::span(&format!("{}:{line}", source.file)),
    });
    let place = place.map(|place| format!(" · {place}")).unwrap_or_default();
    let held = entry.action.submission().is_some_and(|submission| submission.held.is_some());
    let held = if held { " · **held back**" } else { "" };
    let head = format!("{key}{alike}{held}{place}");
    let names = names(group);
    let full = match &entry.action {
        Action::Update(submission) => {
            let mut lines: Vec<String> =
                describe(&submission.changes).iter().flat_map(change::lines).collect();
            if submission.resend {
                lines.push(
                    "! everything is sent again: what became of an earlier attempt is not known".to_owned(),
                );
            }
            format!("{head}\n\n{}{names}\n", code::block("diff", &lines))
        }
        Action::Create(submission) => {
            let line = |name: &str| {
                let value = submission.after.get(name)?;
                Some(format!(
                    "+ {}: {}",
                    code::shortened(name),
                    code::shortened(&value_text::short(Some(value)))
                ))
            };
            let lines: Vec<String> = submission.after.names().filter_map(line).collect();
            format!("{head}\n\n{}\n", code::block("diff", &lines))
        }
        Action::Move { from } => format!("- {} → {key}\n", code::span(from.as_str())),
        Action::Orphan { .. } | Action::Pending { .. } | Action::InDoubt { .. } => String::new(),
    };
    Item { full, short: format!("- {head}\n"), templates: group.others.len() + 1 }
}

/// The keys of the templates that change alike.
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
