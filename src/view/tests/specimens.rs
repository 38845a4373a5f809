//! Plans, results and findings of every kind, shared by the tests of all formats.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub(crate) use super::specimen_commands::SpecimenCommands;
use crate::apply::{RowOutcome, RowReport, RunOutcome, RunReport, RunSummary};
use crate::model::{Addressing, Attributes, Finding, Help, Key, SourceText, TemplateId, Timestamp};
use crate::plan::{Action, Base, Entry, Held, Plan, SourceLine, Submission, Warned, diff};
use crate::state::Operation;
use crate::view::{ChangedPiece, Note};

/// Texts that could break a format, or imitate certctl's own output.
pub(crate) const HOSTILE: [&str; 22] = [
    "<script>alert(1)</script>",
    "</details></summary><h1>",
    "```\n# out of the fence\n~~~",
    "@everyone #1 owner/repo#2 https://evil.example",
    "[link](https://evil.example) ![x](https://evil.example/y.png)",
    "| a | b |\n|---|---|",
    "\u{1b}[2J\u{1b}]8;;https://evil.example\u{7}\u{202e}\r\nPlan: 0 to add",
    "No changes.\nPlan: 0 to add, 0 to change, 0 to destroy.",
    "`````` ` `` ",
    "-->\n<!-- certctl plan other -->",
    " ",
    "&lt;&#64;&amp;",
    "\\`\\<b>",
    "$`x`$ $$y$$",
    "a\u{200b}b\u{feff}c\u{ad}d\u{e0041}",
    "\u{301}\u{301}\u{301}e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "שלום 2025 עולם",
    "資格証明書 第一種",
    "👩\u{200d}💻❤\u{fe0f}🏴\u{e0067}\u{e0062}\u{e007f}",
    "\u{9b}31m\u{85}\u{2028}\u{2029}",
    "*bold* _it_ ~~s~~ <b>&copy;</b>",
    "+ a\n- b\n! c",
];

/// The parts of two short texts, compared.
pub(crate) fn pieces_of(before: &str, after: &str) -> (Vec<ChangedPiece>, Vec<ChangedPiece>) {
    crate::view::change::words(before, after)
}

/// A note as plain text.
pub(crate) fn plain(note: &Note) -> String {
    crate::report::note_text(note, &SpecimenCommands)
}

pub(crate) fn attributes(value: Value) -> Attributes {
    serde_json::from_value(value).unwrap()
}

pub(crate) fn entry(key: &str, action: Action) -> Entry {
    let source = Some(SourceLine { file: "templates/a.yaml".to_owned(), line: 7 });
    let id = TemplateId::from_server("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01");
    Entry {
        key: Key::new(key).unwrap(),
        id,
        source,
        canvas: None,
        last_error: None,
        deleted_at: None,
        action,
    }
}

pub(crate) fn submission(before: Option<Value>, after: Value) -> Submission {
    let (before, after) = (before.map(attributes), attributes(after));
    let changes = before.as_ref().map(|before| diff(before, &after)).unwrap_or_default();
    let operation = if before.is_some() { Operation::Update } else { Operation::Create };
    Submission {
        before,
        after,
        changes,
        clear: Vec::new(),
        unknown: BTreeSet::new(),
        operation,
        resend: false,
        held: None,
    }
}

pub(crate) fn update(key: &str, before: Value, after: Value) -> Entry {
    entry(key, Action::Update(submission(Some(before), after)))
}

/// A plan with these entries and their counts.
pub(crate) fn plan_of(mut entries: Vec<Entry>, warnings: Vec<String>) -> Plan {
    Plan::explain_orphans(&mut entries);
    Plan {
        environment: "test".to_owned(),
        url: "sandbox".to_owned(),
        addressing: Addressing::Resource,
        base: Base::default(),
        summary: Plan::count(&entries, 4),
        entries,
        protect: BTreeMap::new(),
        fields: BTreeMap::new(),
        warnings: warnings.into_iter().map(Warned::from).collect(),
        selection: None,
        left_out: 0,
        max_changes: None,
        reverts_to: None,
    }
}

/// A plan without changes.
pub(crate) fn empty() -> Plan {
    plan_of(Vec::new(), Vec::new())
}

/// One of many warnings with the same text, each about another template.
pub(crate) fn warning(number: usize) -> Warned {
    let key = Key::new(format!("k{number:03}")).unwrap();
    let text = format!("a.yaml:{number}:5: never shown ({key})");
    Warned::of("unseen", "never shown", vec![key], text)
}

/// Every action, every kind of change, a template that is held back, a protected one, a warning, and a change of
/// several templates.
pub(crate) fn one_of_each() -> Plan {
    let css: String = (1..=30).map(|line| format!(".l{line} {{ margin: {line}px }}\n")).collect();
    let label = |field: &str, x: i64| json!({"certificateFieldId": field, "x": x, "fontSize": 12});
    let before = json!({"title": "Cloud 2025", "expirationDate": "2026-12-31", "customCss": css,
        "recertificationAfterDays": 30, "labels": [label("f1", 120), label("f2", 1)]});
    let after = json!({"title": "Cloud 2026", "expirationDate": "2027-12-31", "asset": "https://a.example/x.png",
        "customCss": css.replace(".l15 ", ".l15:hover "), "labels": [label("f1", 140), label("f3", 1)]});
    let created = json!({"title": "資格", "resourceType": "course", "resourceId": "u", "customCss": css, "labels": [{}]});
    let from = Key::new("old").unwrap();
    let mut held = submission(None, json!({"title": "Held", "resourceType": "course", "resourceId": "u"}));
    let reason = Held::Renamed { from, has_row: false };
    held.held = Some(reason.clone());
    let held = entry("held", Action::Create(held));
    let explained = Warned::held(&held, &reason);
    let ring = || ["swapped-1", "swapped-2"].map(|key| Key::new(key).unwrap()).to_vec();
    let swapped = |from: &str, to: &str| {
        let course = |id: &str| json!({"title": "Swapped", "resourceType": "course", "resourceId": id});
        let held = Some(Held::Exchanged { ring: ring() });
        Action::Update(Submission {
            operation: Operation::Create,
            held,
            ..submission(Some(course(from)), course(to))
        })
    };
    let imported = || {
        let submission = submission(None, json!({"title": "Imported", "expirationDays": 365}));
        let changes = diff(&Attributes::default(), &submission.after);
        Action::Update(Submission { operation: Operation::Update, changes, ..submission })
    };
    let course = |id: &str| json!({"title": "Replaced", "resourceType": "course", "resourceId": id});
    let replaced =
        Submission { operation: Operation::Create, ..submission(Some(course("u1")), course("u2")) };
    let gone = || attributes(json!({"title": "Gone"}));
    let alike = || submission(Some(json!({"expirationDays": 365})), json!({"expirationDays": 730}));
    let mut entries = vec![
        entry("created", Action::Create(submission(None, created))),
        entry(
            "doubtful",
            Action::InDoubt {
                reason: "no answer".to_owned(),
                being_sent: false,
                before: None,
                after: gone(),
                job: None,
            },
        ),
        held,
        entry("imported", imported()),
        entry("moved", Action::Move { from: Key::new("gamma").unwrap() }),
        entry("old", Action::Orphan { before: Some(gone()), protect: false, renamed_to: None }),
        entry("forgotten", Action::Forget { before: Some(gone()), known_at: None, seen_in: None }),
        entry(
            "forgotten-2",
            Action::Forget {
                before: Some(gone()),
                known_at: Some(Timestamp::from_unix_seconds(1_800_000_000)),
                seen_in: Some("templates.csv".to_owned()),
            },
        ),
        entry("forgotten-3", Action::Forget { before: None, known_at: None, seen_in: None }),
        entry("orphan", Action::Orphan { before: Some(gone()), protect: true, renamed_to: None }),
        entry("pending", Action::Pending { job: "j1".to_owned(), after: gone() }),
        entry("replaced", Action::Update(replaced)),
        entry("swapped-1", swapped("s1", "s2")),
        entry("swapped-2", swapped("s2", "s1")),
        update(
            "spaced",
            json!({"title": "Cloud 101", "customCss": "a\nb\n"}),
            json!({"title": "Cloud  101 ", "customCss": "a\r\nb\r\n"}),
        ),
        update("updated", before, after),
    ];
    entries.extend((1..=4).map(|number| entry(&format!("year-{number}"), Action::Update(alike()))));
    let renamed = Warned::renamed(&entries);
    let mut plan = plan_of(entries, vec!["something to know".to_owned()]);
    plan.warnings.splice(..0, renamed.into_iter().chain([explained]));
    plan.warnings.extend((0..8).map(warning));
    plan.protect.insert(Key::new("updated").unwrap(), true);
    plan.protect.insert(Key::new("year-1").unwrap(), false);
    plan
}

/// Texts too long to read: a long line, a style sheet on one line, more lines than are compared.
pub(crate) fn huge() -> Plan {
    let prose = |word: &str| format!("first\n{}{word} {}{word}\n", "a b ".repeat(100), "c d ".repeat(100));
    let css = |size: u32| format!("{}.z{{font-size:{size}px}}", ".a{color:#123;top:0}".repeat(200));
    let lines = |word: &str| (0..40_000).map(|line| format!("{word} {line}\n")).collect::<String>();
    let urls = |count: usize| {
        (1..=count).map(|number| format!("https://a.example/{number}.png")).collect::<Vec<_>>()
    };
    let title = |end: &str| format!("{}{end}", "long ".repeat(20_000));
    plan_of(
        vec![
            update(
                "line",
                json!({"recertificationInstructions": prose("left")}),
                json!({"recertificationInstructions": prose("right")}),
            ),
            update(
                "many-lines",
                json!({"recertificationInstructions": lines("a")}),
                json!({"recertificationInstructions": lines("b")}),
            ),
            update("one-line-css", json!({"customCss": css(12)}), json!({"customCss": css(14)})),
            update(
                "pictures",
                json!({"supplementalAssets": urls(6)}),
                json!({"supplementalAssets": urls(7)}),
            ),
            update("title", json!({"title": title("x")}), json!({"title": title("y")})),
            entry("title-new", Action::Create(submission(None, json!({"title": title("z")})))),
        ],
        Vec::new(),
    )
}

/// Hostile texts in every place that can hold a text.
pub(crate) fn hostile() -> Plan {
    let mut entries = Vec::new();
    for (number, text) in HOSTILE.iter().enumerate() {
        let key: String = text.chars().filter(|c| !c.is_control()).collect();
        let key = format!("{number:02}{}x", key.trim());
        let css = |more: &str| {
            json!({"title": format!("{text}{more}"), (*text): more, "customCss": format!("{text}{more}\n{text}\n"),
            "labels": [{"certificateFieldId": text, "fontColor": format!("{text}{more}")}]})
        };
        let action = match number % 5 {
            0 => Action::Create(submission(None, css("1"))),
            1 => Action::Orphan { before: Some(attributes(css("1"))), protect: false, renamed_to: None },
            2 => Action::InDoubt {
                reason: (*text).to_owned(),
                being_sent: false,
                before: None,
                after: attributes(css("1")),
                job: None,
            },
            _ => Action::Update(submission(Some(css("1")), css("2"))),
        };
        let mut entry = entry(&key, action);
        entry.source = Some(SourceLine { file: format!("templates/{text}.yaml"), line: number });
        entries.push(entry);
    }
    entries.push(update("title", json!({"title": "x"}), json!({"title": "@everyone ".repeat(10_000)})));
    let mut plan = plan_of(entries, HOSTILE.map(str::to_owned).to_vec());
    plan.environment = HOSTILE[9].to_owned();
    plan
}

/// 5,000 templates with different changes, some of which need a person.
pub(crate) fn five_thousand() -> Plan {
    let action = |number: usize| match number % 1000 {
        500 => doubtful(number),
        501 => entry(
            &format!("t-{number:04}"),
            Action::Orphan { before: None, protect: false, renamed_to: None },
        ),
        0..20 => {
            let title = format!("New {number}");
            entry(&format!("t-{number:04}"), Action::Create(submission(None, json!({"title": title}))))
        }
        _ => retitled(number),
    };
    let mut entries: Vec<Entry> = (0..5000).map(action).collect();
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    plan_of(entries, Vec::new())
}

/// An update with a unique change.
pub(crate) fn retitled(number: usize) -> Entry {
    let title = |year: u32| json!({"title": format!("Cloud {number}, {year}")});
    update(&format!("t-{number:04}"), title(2025), title(2026))
}

/// A template in doubt.
pub(crate) fn doubtful(number: usize) -> Entry {
    let after = attributes(json!({"title": "T"}));
    entry(
        &format!("t-{number:04}"),
        Action::InDoubt { reason: "no answer".to_owned(), being_sent: false, before: None, after, job: None },
    )
}

/// The result of an apply of several templates.
pub(crate) fn run_of(rows: &[(&str, RowOutcome, Option<&str>)]) -> RunReport {
    let row = |(key, outcome, error): &(&str, RowOutcome, Option<&str>)| RowReport {
        key: Key::new(*key).unwrap(),
        action: "create",
        title: None,
        from: None,
        outcome: *outcome,
        id: None,
        error: error.map(str::to_owned),
        help: Help::none(),
    };
    let results: Vec<RowReport> = rows.iter().map(row).collect();
    RunReport {
        format: RunReport::FORMAT,
        environment: "test".to_owned(),
        url: "sandbox".to_owned(),
        summary: RunSummary::of(&results),
        results,
        left_behind: Vec::new(),
        warnings: Vec::new(),
        help: Help::none(),
        selection: None,
        left_out: 0,
        requests: 3,
        outcome: RunOutcome::Partial,
        state_is_whole: true,
        state_has_changed: true,
        rest: crate::apply::Rest::default(),
        stopped: None,
    }
}

/// Problems in the configuration, the hostile ones last.
pub(crate) fn findings() -> Vec<Finding> {
    let good = SourceText::new("templates/cloud.yaml", "templates:\n  a:\n    resourceId: nonsense\n");
    let double = SourceText::new("templates/b.yaml", "templates:\n  a: {}\n");
    let finding = |text: &str| {
        let source = SourceText::new(format!("templates/{text}.yaml"), text);
        Finding {
            place: source.place(0..1),
            rule: "hostile",
            message: text.to_owned(),
            help: Some(text.to_owned()),
            related: vec![(source.place(0..1), text.to_owned())],
            option: None,
        }
    };
    let mut findings = vec![
        Finding {
            place: good.place(33..41),
            rule: "uuid",
            message: "resourceId must be an id".to_owned(),
            help: Some("look it up".to_owned()),
            related: Vec::new(),
            option: None,
        },
        Finding {
            place: double.place(13..14),
            rule: "duplicate-key",
            message: "a is defined twice".to_owned(),
            help: None,
            related: vec![(good.place(13..14), "the first one is here".to_owned())],
            option: None,
        },
    ];
    findings.extend(HOSTILE.iter().map(|text| finding(text)));
    findings
}

/// The beginning of a text that is too long for a snapshot, with long lines cut.
pub(crate) fn beginning(text: &str, lines: usize) -> String {
    let cut = |line: &str| match line.char_indices().nth(160) {
        Some((end, _)) => format!("{}… ({} bytes)", &line[..end], line.len()),
        None => line.to_owned(),
    };
    text.lines().take(lines).map(cut).collect::<Vec<_>>().join("\n")
}
