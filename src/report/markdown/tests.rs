//! Any plan at any limit is valid, balanced, within the limit, and says nothing in the name of a template.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};

use super::*;
use crate::apply::{Exit, RowOutcome, RowReport, RunReport, RunSummary};
use crate::model::{Addressing, Attributes, Key, TemplateId};
use crate::plan::{Action, Base, Entry, Plan, SourceLine, Submission, Summary, diff};
use crate::state::Deed;

const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "</details></summary><h1>",
    "```\n# out of the fence\n~~~",
    "@everyone #1 owner/repo#2 https://evil.example",
    "[link](https://evil.example) ![x](https://evil.example/y.png)",
    "| a | b |\n|---|---|",
    "\u{1b}[2J\u{202e}\r\nPlan: 0 to add",
    "`````` ` `` ",
    "-->\n<!-- certctl plan other -->",
    " ",
    "&lt;&#64;&amp;",
    "\\`\\<b>",
];

fn attributes(value: Value) -> Attributes {
    serde_json::from_value(value).unwrap()
}

fn entry(key: &str, action: Action) -> Entry {
    let source = Some(SourceLine { file: "templates/a.yaml".to_owned(), line: 7 });
    let id = TemplateId::from_server("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01");
    Entry { key: Key::new(key).unwrap(), id, source, canvas: None, action }
}

fn submission(before: Option<Value>, after: Value) -> Submission {
    let (before, after) = (before.map(attributes), attributes(after));
    let changes = before.as_ref().map(|before| diff(before, &after)).unwrap_or_default();
    Submission { before, after, changes, clear: Vec::new(), deed: Deed::Update, resend: false, held: None }
}

fn plan_of(entries: Vec<Entry>, warnings: Vec<String>) -> Plan {
    let count = |wanted: fn(&Action) -> bool| entries.iter().filter(|entry| wanted(&entry.action)).count();
    let summary = Summary {
        create: count(|action| matches!(action, Action::Create(_))),
        update: count(|action| matches!(action, Action::Update(_))),
        orphan: count(|action| matches!(action, Action::Orphan { .. })),
        pending: count(|action| matches!(action, Action::Pending { .. })),
        in_doubt: count(|action| matches!(action, Action::InDoubt { .. })),
        r#move: count(|action| matches!(action, Action::Move { .. })),
        unchanged: 4,
    };
    Plan {
        environment: "test".to_owned(),
        url: "sandbox".to_owned(),
        addressing: Addressing::Resource,
        base: Base { lineage: None, serial: 0 },
        summary,
        entries,
        protect: std::collections::BTreeMap::new(),
        fields: std::collections::BTreeMap::new(),
        warnings,
    }
}

/// Checks the structure, and answers what stands outside code.
fn checked(markdown: &str, limit: usize) -> String {
    assert!(markdown.len() <= limit, "{} bytes of {limit}", markdown.len());
    let (mut open, mut html, mut prose, mut in_code) = (0_i32, String::new(), String::new(), false);
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Html(text) | Event::InlineHtml(text) => html.push_str(&text),
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                panic!("leads to {dest_url}")
            }
            Event::Text(text) if !in_code => prose.push_str(&text),
            _ => {}
        }
    }
    for tag in html.split('<').skip(1) {
        match tag.split(['>', ' ']).next().unwrap_or_default() {
            "details" => open += 1,
            "/details" => open -= 1,
            "summary" | "/summary" | "!--" => {}
            other => panic!("somebody wrote <{other}>:\n{markdown}"),
        }
        assert!((0..=1).contains(&open), "<details> is not balanced");
    }
    assert_eq!(open, 0, "<details> is not closed:\n{markdown}");
    assert_eq!(html.matches("<!--").count(), 1, "one marker");
    assert!(!prose.contains(['@', '#']) && !prose.contains("http"), "{prose}");
    assert!(!markdown.chars().any(|c| c.is_control() && c != '\n'));
    prose
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
        ".{0,30}",
        "[`<>|@#\\[\\]()\\\\*_~ -]{1,20}",
        (1..3000_usize, "[a`]").prop_map(|(times, text)| text.repeat(times)),
        (1..80_usize).prop_map(|lines| (0..lines).map(|line| format!("line {line}\n")).collect()),
    ]
}

fn any_action() -> impl Strategy<Value = Action> {
    (any_text(), any_text(), 0..6_u8).prop_map(|(before, after, which)| {
        let css = |text: &str| json!({"title": text, "customCss": format!("{text}\n{{}}\n"), "expirationDays": text.len()});
        match which {
            0 => Action::Create(submission(None, css(&after))),
            1 => Action::Orphan { before: Some(attributes(css(&before))), protect: false },
            2 => Action::InDoubt { reason: before, before: None, after: attributes(css(&after)) },
            3 => Action::Pending { job: before, after: attributes(css(&after)) },
            4 => Action::Move { from: Key::new("old").unwrap() },
            _ => Action::Update(submission(Some(css(&before)), css(&after))),
        }
    })
}

proptest! {
    #[test]
    fn any_plan_at_any_limit_is_one_balanced_comment(
        actions in prop::collection::vec((any_action(), prop::sample::select(HOSTILE.to_vec())), 0..25),
        warnings in prop::collection::vec(any_text(), 0..3),
        limit in MIN_BYTES..20_000,
    ) {
        let keyed = |(number, (action, key)): (usize, (Action, &str))| {
            let key: String = key.chars().filter(|c| !c.is_control()).collect();
            entry(&format!("{number}{}x", key.trim()), action)
        };
        let plan = plan_of(actions.into_iter().enumerate().map(keyed).collect(), warnings);
        checked(&super::plan(&plan, &["too many".to_owned()], limit), limit);
    }

    #[test]
    fn any_result_at_any_limit_is_one_balanced_comment(
        rows in prop::collection::vec((any_text(), 0..7_usize), 0..60),
        limit in MIN_BYTES..20_000,
    ) {
        let outcomes = [RowOutcome::Created, RowOutcome::Updated, RowOutcome::Failed, RowOutcome::Pending,
            RowOutcome::InDoubt, RowOutcome::NotSent, RowOutcome::Moved];
        let row = |(number, (error, which)): (usize, (String, usize))| RowReport {
            key: Key::new(format!("@all`{number}")).unwrap(),
            action: "create",
            outcome: outcomes[which],
            id: TemplateId::from_server("<b>"),
            error: Some(error),
        };
        let report = report(rows.into_iter().enumerate().map(row).collect());
        checked(&super::run(&report, limit), limit);
    }
}

fn report(results: Vec<RowReport>) -> RunReport {
    RunReport {
        format: RunReport::FORMAT,
        environment: "-->".to_owned(),
        url: "sandbox".to_owned(),
        summary: RunSummary::of(&results),
        results,
        warnings: vec!["</details>".to_owned()],
        requests: 3,
        outcome: Exit::Partial,
        state_is_whole: true,
        stopped: Some("@everyone".to_owned()),
    }
}

fn one_of_each() -> Plan {
    let css: String = (1..=30).map(|line| format!(".l{line} {{ margin: {line}px }}\n")).collect();
    let before = json!({"title": "Cloud 2025", "expirationDays": 365, "customCss": css,
        "labels": [{"certificateFieldId": "f1", "x": 120}]});
    let after = json!({"title": "Cloud 2026", "expirationDays": 730, "customCss": css.replace("15px", "16px"),
        "labels": [{"certificateFieldId": "f1", "x": 140}]});
    let alike = || submission(Some(json!({"expirationDays": 365})), json!({"expirationDays": 730}));
    let gone = attributes(json!({"title": "Gone"}));
    let mut entries = vec![
        entry("created", Action::Create(submission(None, json!({"title": "New", "resourceType": "course"})))),
        entry(
            "doubtful",
            Action::InDoubt { reason: "no answer".to_owned(), before: None, after: gone.clone() },
        ),
        entry("moved", Action::Move { from: Key::new("old").unwrap() }),
        entry("orphan", Action::Orphan { before: Some(gone.clone()), protect: false }),
        entry("pending", Action::Pending { job: "j1".to_owned(), after: gone }),
        entry("updated", Action::Update(submission(Some(before), after))),
    ];
    entries.extend((1..=4).map(|number| entry(&format!("year-{number}"), Action::Update(alike()))));
    plan_of(entries, vec!["something to know".to_owned()])
}

#[test]
fn a_plan_as_a_comment() {
    let text = super::plan(
        &one_of_each(),
        &["this plan submits 5 templates and the limit is 1".to_owned()],
        MAX_BYTES,
    );
    checked(&text, MAX_BYTES);
    insta::assert_snapshot!(text);
}

#[test]
fn a_result_as_a_comment() {
    let row = |key: &str, outcome, error: Option<&str>| RowReport {
        key: Key::new(key).unwrap(),
        action: "create",
        outcome,
        id: None,
        error: error.map(str::to_owned),
    };
    let text = super::run(
        &report(vec![
            row("a", RowOutcome::Created, None),
            row("b", RowOutcome::Failed, Some("Resource not found")),
            row("c", RowOutcome::InDoubt, Some("no answer")),
        ]),
        MAX_BYTES,
    );
    insta::assert_snapshot!(text);
}

#[test]
fn what_matters_least_is_left_out_first_and_counted() {
    let create = |number: usize| {
        let title = format!("Title {number}");
        entry(&format!("new-{number:04}"), Action::Create(submission(None, json!({ "title": title }))))
    };
    let doubtful = |number: usize| {
        let after = attributes(json!({"title": "T"}));
        entry(
            &format!("doubt-{number:02}"),
            Action::InDoubt { reason: "no answer".to_owned(), before: None, after },
        )
    };
    let mut plan = one_of_each();
    plan.entries.extend((1..=3000).map(create));
    plan.entries.extend((1..=40).map(doubtful));
    let text = super::plan(&plan, &[], 10_000);
    checked(&text, 10_000);
    assert!((1..=40).all(|number| text.contains(&format!("doubt-{number:02}"))), "{text}");
    assert!(text.contains("`orphan`") && text.contains("expires after 2 years"), "{text}");
    let left_out: usize = text
        .split("Left out, because a comment has a limit: ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let listed = text.matches("`new-").count();
    assert_eq!(left_out + listed, 3000, "{text}");
}

#[test]
fn a_fence_in_a_text_does_not_end_the_block() {
    let css = |word: &str| json!({"customCss": format!("```\n{word}\n@everyone <b>\n")});
    let plan = plan_of(vec![entry("a", Action::Update(submission(Some(css("x")), css("y"))))], Vec::new());
    let prose = checked(&super::plan(&plan, &[], MAX_BYTES), MAX_BYTES);
    assert!(!prose.contains("everyone"), "{prose}");
}
