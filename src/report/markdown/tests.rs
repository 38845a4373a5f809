//! For any plan and any limit, the comment is valid and balanced, keeps to the limit, and has texts of others only
//! as code.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::json;

use super::*;
use crate::apply::{RowOutcome, RowReport, RunReport, RunSummary};
use crate::model::{Exit, Finding, Help, Key, TemplateId};
use crate::plan::{Action, Plan};
use crate::view::specimens::{
    HOSTILE, SpecimenCommands, attributes, empty, entry, findings, five_thousand, hostile, huge, one_of_each,
    plan_of, run_of, submission, update,
};
use crate::view::{FailureView, Note, PlanView, RunView, Words};

fn plan_comment(plan: &Plan, refusals: &[&str], limit: usize) -> String {
    let refusals = refusals.iter().map(|text| Note::of(Words::text(*text))).collect();
    super::plan(&PlanView::new(plan, refusals), &SpecimenCommands, limit)
}

fn run_comment(report: &RunReport, limit: usize) -> String {
    super::run(&RunView::new(report, "state/test.json"), &SpecimenCommands, limit)
}

fn failure_comment(environment: Option<&str>, message: &str, findings: &[Finding], limit: usize) -> String {
    let reason = (message, &Help::none());
    super::failure(
        &FailureView::new("plan", environment, Exit::Error, reason, findings),
        &SpecimenCommands,
        limit,
    )
}

/// Checks the structure, and returns the text outside of code.
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
    assert!(!markdown.chars().any(|c| c != '\n' && crate::report::safe_text::is_unsafe(c)), "{markdown:?}");
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
            1 => Action::Orphan { before: Some(attributes(css(&before))), protect: false, renamed_to: None },
            2 => Action::InDoubt { reason: before, being_sent: false, before: None, after: attributes(css(&after)), job: None },
            3 => Action::Pending { job: before, after: attributes(css(&after)) },
            4 => Action::Move { from: Key::new("old").unwrap() },
            _ => Action::Update(submission(Some(css(&before)), css(&after))),
        }
    })
}

proptest! {
    #[test]
    fn any_plan_is_a_balanced_comment(
        actions in prop::collection::vec((any_action(), prop::sample::select(HOSTILE.to_vec())), 0..25),
        warnings in prop::collection::vec(any_text(), 0..3),
        limit in MIN_BYTES..20_000,
    ) {
        let keyed = |(number, (action, key)): (usize, (Action, &str))| {
            let key: String = key.chars().filter(|c| !c.is_control()).collect();
            entry(&format!("{number}{}x", key.trim()), action)
        };
        let plan = plan_of(actions.into_iter().enumerate().map(keyed).collect(), warnings);
        checked(&plan_comment(&plan, &["too many"], limit), limit);
    }

    #[test]
    fn any_result_is_a_balanced_comment(
        rows in prop::collection::vec((any_text(), 0..7_usize), 0..60),
        limit in MIN_BYTES..20_000,
    ) {
        let outcomes = [RowOutcome::Created, RowOutcome::Updated, RowOutcome::Failed, RowOutcome::Pending,
            RowOutcome::InDoubt, RowOutcome::NotSent, RowOutcome::Moved];
        let row = |(number, (error, which)): (usize, (String, usize))| RowReport {
            key: Key::new(format!("@all`{number}")).unwrap(),
            action: "create",
            outcome: outcomes[which],
            title: Some("<b>@everyone".to_owned()),
            from: Key::new("<i>").ok(),
            id: Some(TemplateId::from("<b>".to_owned())),
            error: Some(error),
            help: Help::default(),
        };
        let report = report(rows.into_iter().enumerate().map(row).collect());
        checked(&run_comment(&report, limit), limit);
    }
}

fn report(results: Vec<RowReport>) -> RunReport {
    RunReport {
        environment: "-->".to_owned(),
        summary: RunSummary::of(&results),
        results,
        left_behind: Vec::new(),
        warnings: vec!["</details>\nand more".to_owned()],
        stopped: Some("@everyone".to_owned()),
        ..run_of(&[])
    }
}

#[test]
fn a_plan_as_a_comment() {
    let text = plan_comment(&one_of_each(), &["this plan submits 5 templates and the limit is 1"], MAX_BYTES);
    checked(&text, MAX_BYTES);
    insta::assert_snapshot!(text);
}

#[test]
fn a_plan_without_changes_as_a_comment() {
    insta::assert_snapshot!(plan_comment(&empty(), &[], MAX_BYTES));
}

#[test]
fn huge_texts_as_a_comment() {
    let text = plan_comment(&huge(), &[], MAX_BYTES);
    checked(&text, MAX_BYTES);
    insta::assert_snapshot!(text);
}

#[test]
fn hostile_texts_as_a_comment() {
    let text = plan_comment(&hostile(), &HOSTILE, MAX_BYTES);
    checked(&text, MAX_BYTES);
    insta::assert_snapshot!(text);
}

#[test]
fn five_thousand_changes_as_a_comment() {
    let text = plan_comment(&five_thousand(), &[], MAX_BYTES);
    checked(&text, MAX_BYTES);
    let lines: Vec<&str> = text.lines().collect();
    let (head, tail) = (lines[..50].join("\n"), lines[lines.len() - 12..].join("\n"));
    insta::assert_snapshot!(format!("{head}\n[…]\n{tail}"));
}

#[test]
fn a_result_as_a_comment() {
    let mut report = run_of(&[
        ("a", RowOutcome::Created, None),
        ("b", RowOutcome::Failed, Some("Resource not found")),
        ("c", RowOutcome::InDoubt, Some("no answer")),
        ("d", RowOutcome::NotSent, Some("it is held back.\nmoved:\n  - { from: a, to: d }")),
        (
            "e",
            RowOutcome::Updated,
            Some("not recorded; once the state can be written: certctl recover e --applied"),
        ),
    ]);
    report.stopped = Some("@everyone".to_owned());
    report.warnings = vec!["</details>\nand more".to_owned()];
    let text = run_comment(&report, MAX_BYTES);
    checked(&text, MAX_BYTES);
    insta::assert_snapshot!(text);
}

#[test]
fn problems_as_a_comment() {
    let findings = findings();
    let text = failure_comment(None, "", &findings, MAX_BYTES);
    checked(&text, MAX_BYTES);
    insta::assert_snapshot!(text);
    // A tenth of the space drops the source lines, but no problem.
    let text = failure_comment(None, "", &findings, 5_000);
    checked(&text, 5_000);
    assert_eq!(text.matches("\n- `").count(), findings.len(), "{text}");
}

#[test]
fn any_failure_keeps_to_the_limit() {
    let many: Vec<_> = (0..60).flat_map(|_| findings()).collect();
    for limit in [MIN_BYTES, 3_000, 10_000, MAX_BYTES] {
        checked(&failure_comment(None, "", &many, limit), limit);
        for message in HOSTILE {
            checked(&failure_comment(None, message, &[], limit), limit);
            let long = format!("{message}\n").repeat(500);
            checked(&failure_comment(Some(&long), &long, &[], limit), limit);
        }
    }
}

#[test]
fn the_least_important_is_left_out_first() {
    let create = |number: usize| {
        let title = format!("Title {number}");
        entry(&format!("new-{number:04}"), Action::Create(submission(None, json!({ "title": title }))))
    };
    let doubtful = |number: usize| crate::view::specimens::doubtful(number);
    let mut plan = one_of_each();
    plan.entries.extend((1..=3000).map(create));
    plan.entries.extend((1..=40).map(doubtful));
    let text = plan_comment(&plan, &[], 10_000);
    checked(&text, 10_000);
    assert!((1..=40).all(|number| text.contains(&format!("t-{number:04}"))), "{text}");
    assert!(text.contains("`orphan`") && text.contains("expires after 1 year → 2 years"), "{text}");
    let left_out = text.split("Left out, because a comment has a limit: ").nth(1).unwrap();
    let left_out: usize = left_out.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(left_out + text.matches("`new-").count(), 3000, "{text}");
}

#[test]
fn what_needs_a_person_is_at_least_counted() {
    let mut plan = five_thousand();
    plan.entries.extend((0..4000).map(|number| {
        let mut held = submission(None, json!({"title": "T"}));
        held.held = Some(crate::plan::Held::NoExactId);
        entry(&format!("held-{number:04}"), Action::Create(held))
    }));
    plan.entries.extend((0..4000).map(|number| {
        entry(&format!("gone-{number}"), Action::Orphan { before: None, protect: false, renamed_to: None })
    }));
    for limit in [MIN_BYTES, 5_000, MAX_BYTES] {
        let text = plan_comment(&plan, &["too many"], limit);
        checked(&text, limit);
        let counted = |title: &str| -> usize {
            let section =
                text.split(&format!("#### {title}\n\n")).nth(1).unwrap().split("\n\n").next().unwrap();
            let more = section
                .split("**")
                .find_map(|bold| bold.trim_start_matches("and ").split(' ').next()?.parse::<usize>().ok());
            ["`gone-", "`held-", "`t-"].map(|name| section.matches(name).count()).iter().sum::<usize>()
                + more.unwrap_or(0)
        };
        assert_eq!(counted("Held back"), 4000, "{text}");
        assert_eq!(counted("Orphaned"), 4005, "{text}");
        assert!(text.contains("In doubt") && text.contains("too many"), "{text}");
    }
}

#[test]
fn fences_in_texts_do_not_end_blocks() {
    let css = |word: &str| json!({"customCss": format!("```\n{word}\n@everyone <b>\n")});
    let plan = plan_of(vec![update("a", css("x"), css("y"))], Vec::new());
    let prose = checked(&plan_comment(&plan, &[], MAX_BYTES), MAX_BYTES);
    assert!(!prose.contains("everyone"), "{prose}");
}
