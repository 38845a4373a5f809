use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::model::{Addressing, Key, TemplateId};
use crate::plan::{Base, Held, SourceLine, Summary, diff};

fn attributes(value: Value) -> Attributes {
    serde_json::from_value(value).unwrap()
}

fn entry(key: &str, action: Action) -> Entry {
    let source = Some(SourceLine { file: "templates/a.yaml".to_owned(), line: 7 });
    Entry { key: Key::new(key).unwrap(), id: None, source, canvas: None, action }
}

fn submission(before: Option<Value>, after: Value) -> Submission {
    let (before, after) = (before.map(attributes), attributes(after));
    let changes = before.as_ref().map(|before| diff(before, &after)).unwrap_or_default();
    Submission { before, after, changes, clear: Vec::new(), deed: Deed::Update, resend: false, held: None }
}

fn plan(entries: Vec<Entry>, summary: Summary) -> Plan {
    Plan {
        environment: "test".to_owned(),
        url: "sandbox".to_owned(),
        addressing: Addressing::Resource,
        base: Base { lineage: None, serial: 0 },
        summary,
        entries,
        protect: BTreeMap::new(),
        fields: BTreeMap::new(),
        warnings: Vec::new(),
    }
}

#[test]
fn every_action_is_shown() {
    let css: String = (1..=30).map(|line| format!(".l{line} {{ margin: {line}px }}\n")).collect();
    let before = json!({"title": "Old", "expirationDays": 365, "customCss": css,
        "labels": [{"certificateFieldId": "f1", "x": 120}, {"certificateFieldId": "f2", "x": 1}]});
    let after = json!({"title": "New", "customCss": css.replace(".l15 ", ".l15:hover "), "asset": "https://a.example/x.png",
        "labels": [{"certificateFieldId": "f1", "x": 140}, {"certificateFieldId": "f3", "x": 1}]});
    let created = json!({"title": "資格", "resourceType": "course", "resourceId": "u", "customCss": css, "labels": [{}]});
    let mut held = submission(None, json!({"title": "Held", "resourceType": "course", "resourceId": "u"}));
    let from = Key::new("old").unwrap();
    held.held = Some(Held::Renamed { from: from.clone() });
    let mut orphan =
        entry("orphan", Action::Orphan { before: Some(attributes(json!({"title": "Gone"}))), protect: true });
    orphan.id = Some(TemplateId::parse_uuid("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01").unwrap());
    orphan.source = None;
    let nothing = || attributes(json!({}));
    let mut plan = plan(
        vec![
            entry("created", Action::Create(submission(None, created))),
            entry(
                "doubtful",
                Action::InDoubt { reason: "no answer".to_owned(), before: None, after: nothing() },
            ),
            entry("held", Action::Create(held)),
            entry("moved", Action::Move { from }),
            orphan,
            entry("pending", Action::Pending { job: "j1".to_owned(), after: nothing() }),
            entry("updated", Action::Update(submission(Some(before), after))),
        ],
        Summary { create: 2, update: 1, unchanged: 4, orphan: 1, pending: 1, in_doubt: 1, r#move: 1 },
    );
    plan.protect.insert(Key::new("updated").unwrap(), true);
    plan.warnings.push("something\nto know".to_owned());
    insta::assert_snapshot!(plan_text(&plan, Style::default()));
}

#[test]
fn nothing_in_a_template_can_forge_output() {
    let hostile = "x\u{1b}[2K\rNo changes.\nPlan: 0 to add\u{202e}";
    let after = json!({"title": hostile, "a\u{1b}b": hostile, "customCss": format!("{hostile}\nb")});
    let before = json!({"title": "y", "customCss": "a\nb"});
    let plan = plan(
        vec![entry("a", Action::Update(submission(Some(before), after)))],
        Summary { update: 1, ..Summary::default() },
    );
    let text = plan_text(&plan, Style::default());
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    assert_eq!(text.lines().filter(|line| line.starts_with("Plan: ")).count(), 2, "{text}");
    assert!(!text.lines().any(|line| line.starts_with("No changes.")));
}

#[test]
fn no_changes_is_one_line() {
    let empty = plan(Vec::new(), Summary { unchanged: 3, ..Summary::default() });
    assert_eq!(plan_text(&empty, Style::default()), "No changes.\n");
}

/// The same change on many, one that stands out, and a new one.
fn many(count: usize) -> Plan {
    let longer = || {
        submission(
            Some(json!({"title": "T", "expirationDays": 365})),
            json!({"title": "T", "expirationDays": 730}),
        )
    };
    let mut entries: Vec<Entry> =
        (1..=count).map(|number| entry(&format!("t-{number:04}"), Action::Update(longer()))).collect();
    let other = submission(Some(json!({"title": "Cloud 2025"})), json!({"title": "Cloud 2026"}));
    entries.insert(2, entry("t-0002b", Action::Update(other)));
    entries.push(entry("u", Action::Create(submission(None, json!({"title": "New"})))));
    plan(entries, Summary { create: 1, update: count + 1, ..Summary::default() })
}

#[test]
fn the_same_change_on_many_templates_is_told_once() {
    insta::assert_snapshot!(plan_text(&many(5000), Style::default()));
    let all = plan_text(&many(5000), Style::new(false, true));
    assert!((1..=5000).all(|number| all.contains(&format!("t-{number:04}"))));
    // Two alike are two.
    assert_eq!(plan_text(&many(2), Style::default()).matches("expires after 2 years").count(), 2);
}

#[test]
fn compact_is_one_line_a_template() {
    insta::assert_snapshot!(plan_text(&many(2), Style::default().compact(true)));
}

#[test]
fn a_long_line_is_cut_around_what_differs_in_it() {
    let text = |word: &str| format!("first\n{}{word} {}\n", "a b ".repeat(100), "c d ".repeat(100));
    let changed = submission(
        Some(json!({"recertificationInstructions": text("left")})),
        json!({"recertificationInstructions": text("right")}),
    );
    let plan = plan(vec![entry("a", Action::Update(changed))], Summary { update: 1, ..Summary::default() });
    insta::assert_snapshot!(plan_text(&plan, Style::default()));
}
