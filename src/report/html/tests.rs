//! The pages for the specimens. tests/browser checks how a browser shows them.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use crate::apply::{RowOutcome, RunReport};
use crate::model::{Exit, Help};
use crate::plan::{Action, Plan};
use crate::report::safe_text::is_unsafe;
use crate::view::specimens::{
    HOSTILE, SpecimenCommands, attributes, beginning, empty, entry, findings, five_thousand, hostile, huge,
    one_of_each, plan_of, run_of, update,
};
use crate::view::{FailureView, Note, PlanView, RunView, Words};

fn run_page(report: &RunReport) -> String {
    super::run(&RunView::new(report, "state/test.json"), &SpecimenCommands).unwrap()
}

/// Checks what must hold for every page, and returns the part between style and script.
fn checked(page: &str) -> String {
    assert_eq!(page.matches("<script").count(), 1, "one script");
    assert_eq!(page.matches("<style").count(), 1, "one style");
    assert_eq!(page.matches("</main>").count(), 1, "one main part");
    for tag in ["<details", "<section", "<dl", "<svg", "<figure", "<del", "<ins", "<mark", "<ul", "<div"] {
        let opened = page.matches(&format!("{tag} ")).count() + page.matches(&format!("{tag}>")).count();
        assert_eq!(
            opened,
            page.matches(&tag.replace('<', "</")).count(),
            "{tag} is closed as often as opened"
        );
    }
    assert!(!page.chars().any(|c| c != '\n' && is_unsafe(c)), "nothing hides");
    for loading in ["src=", "url(", "@import", "<link", "<img", "<iframe", "href=\"http", "javascript:\""] {
        assert!(!page.contains(loading), "{loading} could load something");
    }
    let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    body.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn page(plan: &Plan) -> String {
    checked(&super::plan(&PlanView::new(plan, Vec::new()), &SpecimenCommands).unwrap())
}

#[test]
fn every_action_has_its_section() {
    let plan = one_of_each();
    let view = PlanView::new(&plan, vec![Note::of(Words::text("too many"))]);
    let text = checked(&super::plan(&view, &SpecimenCommands).unwrap());
    insta::assert_snapshot!(text);
}

#[test]
fn a_plan_without_changes_is_a_verdict() {
    insta::assert_snapshot!(page(&empty()));
}

#[test]
fn huge_texts_stay_within_bounds() {
    let text = page(&huge());
    assert!(text.len() < 400_000, "{} bytes", text.len());
    insta::assert_snapshot!(beginning(&text, 120));
}

#[test]
fn no_text_of_others_is_markup() {
    let text = page(&hostile());
    for forged in HOSTILE.iter().filter(|text| text.contains('<')) {
        assert!(!text.contains(forged), "{forged}");
    }
    insta::assert_snapshot!(beginning(&text, 200));
}

#[test]
fn five_thousand_changes_are_listed_and_collapsed() {
    let plan = five_thousand();
    let text = page(&plan);
    let shown: BTreeSet<&str> =
        text.split("<h3>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    let also: BTreeSet<&str> =
        text.split("<code>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    for entry in &plan.entries {
        let key = entry.key.as_str();
        assert!(shown.contains(key) || also.contains(key), "{key}");
    }
    assert!(!text.contains("class=\"item update\" data-kind=\"update\" open"), "folded");
    insta::assert_snapshot!(beginning(&text, 60));
}

#[test]
fn a_failure_shows_every_place() {
    let findings = findings();
    let reason = ("the configuration has problems", &Help::none());
    let view = FailureView::new("plan", Some("production"), Exit::Error, reason, &findings);
    let text = checked(&super::failure(&view, &SpecimenCommands).unwrap());
    assert_eq!(text.matches("<article").count(), findings.len());
    insta::assert_snapshot!(text.lines().take(12).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_result_tells_what_needs_a_person_first() {
    let report = run_of(&[
        ("a", RowOutcome::Created, None),
        ("b", RowOutcome::Failed, Some("Resource <b>not</b> found")),
        ("c", RowOutcome::InDoubt, Some("no answer")),
    ]);
    let text = checked(&run_page(&report));
    let titles: Vec<&str> =
        text.split("<h2").skip(1).filter_map(|rest| rest.split(['>', '<']).nth(1)).collect();
    assert_eq!(titles, ["In doubt", "Failed", "Created"]);
    assert!(!text.contains("<b>"), "{text}");
}

/// The texts of a page that are offered for copying.
fn to_copy(page: &str) -> Vec<&str> {
    let codes = page.split("<code class=\"command\">").skip(1);
    codes.map(|rest| rest.split("</code>").next().unwrap_or_default()).collect()
}

#[test]
fn no_text_of_others_is_a_command() {
    for foreign in ["The answer: certctl state rm b", "  certctl state rm b", "certctl state rm b"] {
        let error = Some(foreign);
        let mut report = run_of(&[("a", RowOutcome::Failed, error), ("b", RowOutcome::InDoubt, error)]);
        report.warnings = vec![foreign.to_owned(), foreign.to_owned()];
        report.stopped = Some(foreign.to_owned());
        report.left_behind = vec![crate::apply::LeftBehind {
            key: None,
            replaced: report.results[0].key.clone(),
            id: None,
            title: Some(foreign.to_owned()),
        }];
        let text = run_page(&report);
        assert!(to_copy(&text).iter().all(|command| !command.contains("state rm b")), "{text}");
        let title = || json!({"title": foreign});
        let in_doubt = Action::InDoubt {
            reason: foreign.to_owned(),
            being_sent: false,
            before: None,
            after: attributes(title()),
            job: None,
        };
        let gone = Action::Orphan { before: Some(attributes(title())), protect: false, renamed_to: None };
        let mut failed = update("c", json!({}), title());
        failed.last_error = Some(foreign.to_owned());
        let text = page(&plan_of(vec![entry("a", in_doubt), failed, entry("gone", gone)], Vec::new()));
        assert_eq!(to_copy(&text), ["certctl recover a", "certctl state rm gone -e test"], "{text}");
    }
}

#[test]
fn advice_about_a_row_can_be_copied() {
    let step = |to: &str| crate::model::Advice::StateRm { keys: vec![crate::model::Key::new(to).unwrap()] };
    let mut report = run_of(&[("a", RowOutcome::NotSent, Some("no answer"))]);
    report.results[0].help = crate::model::Help::none().say("Run these:").line(step("a")).line(step("b"));
    report.warnings = vec!["first".to_owned(), "last".to_owned()];
    report.help = crate::model::Help::none().run("To undo that", step("c"));
    let text = run_page(&report);
    let both = "certctl state rm a -e test\ncertctl state rm b -e test";
    let expected = ["certctl state rm c -e test", "certctl apply -e test", both];
    assert_eq!(to_copy(&text), expected, "{text}");
}

proptest! {
    #[test]
    fn any_text_anywhere_is_text(before in ".{0,60}", after in ".{0,60}") {
        let side = |text: &str| serde_json::json!({ "title": text, "customCss": format!("{text}\n{text}"),
            "labels": [{ "certificateFieldId": text, "fontColor": text, "x": 5 }] });
        let plan = Plan { entries: vec![update("k", side(&before), side(&after))], ..empty() };
        page(&plan);
    }
}

#[test]
fn a_drawing_comes_with_advice() {
    let label = |x: i64| json!({"certificateFieldId": "f1", "x": x, "y": 20, "fontSize": 12});
    let of = |title: &str| json!({"title": title, "labels": [label(10)]});
    let mut gone = entry(
        "gone",
        Action::Orphan { before: Some(attributes(of("Gone"))), protect: false, renamed_to: None },
    );
    gone.source = None;
    let page = |entry| page(&plan_of(vec![entry], Vec::new()));
    // There is no YAML in which the size could be set.
    let text = page(gone);
    assert!(text.contains("px, made up to hold the labels</p>"), "{text}");
    let text = page(update("same", of("Old"), of("New")));
    assert!(text.contains("<figcaption>The drawing does not change</figcaption>"), "{text}");
    assert!(text.contains("write the real size as canvas, in the template or in its layout"), "{text}");
}
