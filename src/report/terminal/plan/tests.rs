use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::Key;
use crate::plan::{Action, Entry, Plan, Summary, Warned};
use crate::report::columns::columns;
use crate::view::specimens::{
    HOSTILE, SpecimenCommands, doubtful, empty, entry, five_thousand, hostile, huge, one_of_each, plan_of,
    retitled, submission, update,
};

fn plan_text(plan: &Plan, style: Style) -> String {
    super::plan(&PlanView::new(plan, Vec::new()), style, &SpecimenCommands)
}

const WIDTHS: [usize; 4] = [40, 61, 80, 200];

/// Checks what must hold for every plan on every terminal, and returns the text.
fn checked(plan: &Plan, style: Style) -> String {
    let text = plan_text(plan, style);
    let hidden = |c: char| c != '\n' && crate::report::safe_text::is_unsafe(c);
    assert!(!text.chars().any(hidden), "{text:?}");
    let begins_like_a_verdict = |line: &&str| {
        ["Plan:", "No changes.", "Applied:", "Warning:"].iter().any(|word| line.starts_with(word))
    };
    let warnings = text.lines().filter(|line| line.starts_with("Warning:")).count();
    let verdicts = text.lines().filter(begins_like_a_verdict).count() - warnings;
    assert!(verdicts <= 2 && warnings <= plan.warnings.len().min(101), "{verdicts} {warnings}\n{text}");
    text
}

/// Commands are never wrapped, so that they can be copied.
fn is_command(line: &str) -> bool {
    line.trim_start().starts_with("certctl ")
}

/// The keys of templates that have their own line.
fn keys(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(' '));
    lines
        .filter(|(sign, _)| ["+", "~", "!", "?"].contains(sign))
        .filter_map(|(_, rest)| rest.split(' ').next())
        .collect()
}

#[test]
fn every_action_is_shown() {
    insta::assert_snapshot!(checked(&one_of_each(), Style::default()));
}

#[test]
fn every_action_is_shown_on_one_line_each() {
    insta::assert_snapshot!(checked(&one_of_each(), Style::default().compact(true)));
}

#[test]
fn every_action_is_shown_on_forty_columns() {
    insta::assert_snapshot!(checked(&one_of_each(), Style::default().columns(Some(40))));
}

#[test]
fn huge_texts_are_cut_around_what_differs() {
    insta::assert_snapshot!(checked(&huge(), Style::default().columns(Some(110))));
}

#[test]
fn nothing_in_a_template_can_forge_output() {
    let text = checked(&hostile(), Style::default());
    assert!(text.lines().all(|line| line.len() < 5000));
    insta::assert_snapshot!(text);
    checked(&hostile(), Style::default().compact(true));
}

#[test]
fn no_changes_is_one_line() {
    assert_eq!(plan_text(&empty(), Style::default()), "No changes. Environment: test.\n");
}

#[test]
fn five_thousand_changes_are_read_at_their_end() {
    let text = checked(&five_thousand(), Style::default().columns(Some(80)));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() < 400, "{} lines", lines.len());
    for number in [500, 1500, 2500, 3500, 4500] {
        assert!(text.contains(&format!("certctl recover t-{number:04}")), "{text}");
    }
    let (head, tail) = (lines[..12].join("\n"), lines[lines.len() - 24..].join("\n"));
    insta::assert_snapshot!(format!("{head}\n[…]\n{tail}"));
    let verbose = plan_text(&five_thousand(), Style::new(false, true));
    let compact = plan_text(&five_thousand(), Style::default().compact(true));
    assert_eq!((keys(&verbose).len(), keys(&compact).len()), (5000, 5000));
    assert_eq!(compact.lines().count(), 5004);
}

#[test]
fn thousands_that_need_a_person_are_all_named() {
    let mut plan = plan_of((0..3000).map(doubtful).collect(), vec!["a warning".to_owned(); 250]);
    plan.protect =
        (0..250).map(|number| (Key::new(format!("p-{number:03}")).unwrap(), number % 2 == 0)).collect();
    let text = checked(&plan, Style::default());
    assert_eq!(keys(&text).len(), 3000);
    assert!(text.contains("there are 230 more (-v shows them all)"), "{text}");
    assert!(text.contains("75 more will be protected and 75 more will no longer be protected"), "{text}");
    plan.protect.values_mut().for_each(|protect| *protect = true);
    let text = checked(&plan, Style::default());
    assert!(text.contains("  = 150 more will be protected (-v names all)"), "{text}");
}

#[test]
fn the_same_change_is_shown_once() {
    let many = |count: usize| {
        let alike = |number| {
            update(&format!("t-{number:04}"), json!({"expirationDays": 365}), json!({"expirationDays": 730}))
        };
        let mut entries: Vec<Entry> = (1..=count).map(alike).collect();
        entries.insert(2, update("t-0002b", json!({"title": "Cloud 2025"}), json!({"title": "Cloud 2026"})));
        plan_of(entries, Vec::new())
    };
    insta::assert_snapshot!(plan_text(&many(5000), Style::default()));
    let all = plan_text(&many(5000), Style::new(false, true));
    assert!((1..=5000).all(|number| all.contains(&format!("t-{number:04}"))));
    // Two with the same change are listed one by one.
    assert_eq!(plan_text(&many(2), Style::default()).matches("1 year → 2 years").count(), 2);
}

#[test]
fn what_cannot_be_seen_is_named_and_shown() {
    let of = |before: &str, after: &str| {
        let plan = plan_of(vec![update("a", json!({"title": before}), json!({"title": after}))], Vec::new());
        plan_text(&plan, Style::default()).lines().nth(3).unwrap().trim().to_owned()
    };
    assert_eq!(
        of("Cloud 101", "Cloud 101 "),
        "~ title: \"Cloud 101\" → \"Cloud 101·\" (only white space differs)"
    );
    assert_eq!(
        of("Cloud 101", "Cloud\u{a0}101"),
        "~ title: \"Cloud·101\" → \"Cloud\\u{a0}101\" (only white space differs: space (U+0020) → no-break space \
         (U+00A0))"
    );
    assert_eq!(
        of("Cloud", "Cl\u{200b}oud"),
        "~ title: \"Cloud\" → \"Cl\\u{200b}oud\" (only invisible characters differ: nothing → zero-width space (U+200B))"
    );
    assert_eq!(
        of("❤ x", "❤\u{fe0f} x"),
        "~ title: \"❤ x\" → \"❤\\u{fe0f} x\" (only invisible characters differ: nothing → U+FE0F)"
    );
}

#[test]
fn right_to_left_texts_are_on_separate_lines() {
    // A number after such letters would change places with them, too.
    for (before, after) in [("שלום 1", "שלום 2"), ("שלום 1", "2 words"), ("2 words", "שלום 1")]
    {
        let plan = plan_of(vec![update("a", json!({"title": before}), json!({"title": after}))], Vec::new());
        let text = plan_text(&plan, Style::default());
        let expected = format!("~ title:\n          - \"{before}\"\n          + \"{after}\"\n");
        assert!(text.contains(&expected), "{text}");
    }
}

#[test]
fn an_orphan_is_deleted_or_renamed() {
    let orphan = || entry("old, key", Action::Orphan { before: None, protect: false, renamed_to: None });
    let text = plan_text(&plan_of(vec![orphan()], Vec::new()), Style::default());
    assert!(text.contains("in the admin page, then run: certctl state rm 'old, key' -e test\n"), "{text}");
    // Nothing else is said where the cause is known.
    let mut new = submission(None, json!({"title": "T"}));
    new.held = Some(crate::plan::Held::Renamed { from: Key::new("old, key").unwrap(), has_row: false });
    let mut plan = plan_of(vec![entry("new", Action::Create(new)), orphan()], Vec::new());
    plan.warnings.extend(Warned::renamed(&plan.entries));
    let text = plan_text(&plan, Style::default());
    assert!(!text.contains("admin page"), "{text}");
    assert_eq!(text.matches("moved:\n").count(), 1, "{text}");
    assert!(text.contains("\nmoved:\n  - { from: \"old, key\", to: new }\n"), "{text}");
}

#[test]
fn what_failed_last_time_says_why() {
    let mut failed = entry("a", Action::Create(submission(None, json!({"title": "T"}))));
    failed.last_error = Some("Resource not found\nPlan: 9 to add".to_owned());
    let text = checked(&plan_of(vec![failed], Vec::new()), Style::default());
    assert!(text.contains("      failed last time: Resource not found\n        Plan: 9 to add\n"), "{text}");
}

#[test]
fn a_consent_in_the_plan_is_shown() {
    let plan = Plan { max_changes: Some(99), ..plan_of(vec![retitled(1)], Vec::new()) };
    let text = plan_text(&plan, Style::default());
    assert!(
        text.contains("\nUp to 99 changes are allowed (--max-changes, when this was planned).\n"),
        "{text}"
    );
}

#[test]
fn no_meaning_is_carried_by_colour_alone() {
    let coloured = plan_text(&one_of_each(), Style::new(true, false));
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    for part in coloured.split('\u{1b}') {
        plain.push_str(
            part.split_once('m').filter(|(colour, _)| colour.starts_with('[')).map_or(part, |(_, rest)| rest),
        );
    }
    assert_eq!(plain, plan_text(&one_of_each(), Style::default()));
    // No red beside green, which one man in twelve cannot distinguish.
    assert!(!coloured.contains("\u{1b}[32m") && !coloured.contains("\u{1b}[92m"), "{coloured:?}");
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
        ".{0,60}",
        any::<String>(),
        (1..300_usize, prop::sample::select(HOSTILE.to_vec())).prop_map(|(times, text)| text.repeat(times)),
        (1..30_usize, ".{0,9}").prop_map(|(lines, text)| format!("{text}\n").repeat(lines)),
    ]
}

proptest! {
    #[test]
    fn any_text_is_safe_and_fits_the_terminal(
        texts in prop::collection::vec((any_text(), any_text()), 1..6), width in 40_usize..200, compact: bool,
        verbose: bool,
    ) {
        let mut entries = Vec::new();
        for (number, (one, two)) in texts.iter().enumerate() {
            let key: String = one.chars().filter(|c| !c.is_control()).take(150).collect();
            let key = format!("{number}{}x", key.trim());
            let all = |text: &str| json!({"title": text, "customCss": format!("{text}\n{text}"), (one.as_str()): {"x": text},
                "labels": [{"certificateFieldId": one, "x": text.len(), "more": text}]});
            let mut one_entry = match number % 4 {
                0 => entry(&key, Action::Create(submission(None, all(two)))),
                1 => entry(&key, Action::InDoubt { reason: two.clone(), being_sent: false, before: None, after: submission(None, all(two)).after, job: None }),
                2 => entry(&key, Action::Orphan { before: Some(submission(None, all(two)).after), protect: true, renamed_to: None }),
                _ => update(&key, all(one), all(two)),
            };
            if let Some(source) = &mut one_entry.source {
                source.file.clone_from(two);
            }
            entries.push(one_entry);
        }
        let plan = plan_of(entries, texts.iter().map(|(one, _)| one.clone()).collect());
        let style = Style::new(false, verbose).compact(compact);
        checked(&plan, style);
        let text = checked(&plan, style.columns(Some(width)));
        prop_assert!(text.lines().all(|line| columns(line) <= width || is_command(line)), "{text}");
    }
}

#[test]
fn every_specimen_fits_every_width() {
    for plan in [empty(), one_of_each(), huge(), hostile(), five_thousand()] {
        for width in WIDTHS {
            let text = checked(&plan, Style::default().columns(Some(width)));
            let wide = text.lines().find(|line| columns(line) > width && !is_command(line));
            assert_eq!(wide, None, "at {width}");
        }
    }
    let one = plan_of(vec![retitled(1)], Vec::new());
    assert_eq!(one.summary, Summary { update: 1, unchanged: 4, ..Summary::default() });
}
