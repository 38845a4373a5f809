//! A fact reads the same in every format: each sentence, note and advice of a view is in what each printer prints, once
//! the format's own marks are removed.

use pulldown_cmark::{Event, Options, Parser, TagEnd};
use serde_json::json;

use super::{Style, html, markdown, note_text, terminal, words_text};
use crate::apply::{LeftBehind, RowOutcome, RunReport};
use crate::model::{Advice, Exit, Help, Key, TemplateId};
use crate::plan::{Action, Plan, Selection, Submission};
use crate::view::specimens::{
    SpecimenCommands, attributes, entry, findings, one_of_each, plan_of, run_of, submission, update,
};
use crate::view::{
    ChangeKind, FailureView, ItemContents, Note, PlanView, ReportItem, ReportNotice, RunView, Words,
};

/// The limit of a comment that has room for everything.
const ROOMY: usize = 1 << 20;

/// The text without line breaks, and without the backticks that only Markdown takes for marks.
fn squeezed(text: &str) -> String {
    text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn of_markdown(comment: &str) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(comment, Options::all().difference(Options::ENABLE_SMART_PUNCTUATION)) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::End(TagEnd::Strong | TagEnd::Emphasis) => {}
            _ => text.push('\n'),
        }
    }
    squeezed(&text)
}

fn of_html(page: &str) -> String {
    let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    let mut text = String::new();
    for part in body.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        text.push(' ');
    }
    let marks = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    squeezed(&marks.iter().fold(text, |text, (mark, character)| text.replace(mark, character)))
}

/// The facts that a text does not have.
fn missing<'f>(facts: &'f [String], text: &str) -> Vec<&'f str> {
    facts.iter().filter(|fact| !text.contains(fact.as_str())).map(String::as_str).collect()
}

#[track_caller]
fn all_say(facts: &[String], [terminal, markdown, html]: [String; 3]) {
    let texts =
        [("terminal", squeezed(&terminal)), ("Markdown", of_markdown(&markdown)), ("HTML", of_html(&html))];
    for (format, text) in texts {
        assert_eq!(missing(facts, &text), [""; 0], "{format} does not say this:\n{text}");
    }
}

fn words(words: &Words) -> String {
    squeezed(&words_text(words, &SpecimenCommands))
}

fn of_note(note: &Note) -> impl Iterator<Item = String> {
    let text = note_text(note, &SpecimenCommands);
    text.lines().map(squeezed).collect::<Vec<_>>().into_iter()
}

fn of_notices<'n>(notices: impl IntoIterator<Item = &'n ReportNotice>) -> Vec<String> {
    let of = |notice: &ReportNotice| {
        let first = of_note(&notice.note).next().map(|line| format!("{}: {line}", notice.label));
        let others = notice.others.as_ref().map(|others| others.words.clone());
        let paste = notice.paste.as_deref().map(squeezed);
        of_note(&notice.note).chain(first).chain(others).chain(paste).collect::<Vec<_>>()
    };
    notices.into_iter().flat_map(of).collect()
}

fn of_item(item: &ReportItem<'_>) -> Vec<String> {
    let mut facts: Vec<String> = item.notes.iter().flat_map(of_note).collect();
    facts.extend(std::iter::once(&item.key).chain(&item.others).map(ToString::to_string));
    facts.extend(item.has_more_to_say.then(|| words(&item.operation)));
    facts.extend(item.same_on_others());
    facts.extend(item.place.clone());
    facts.push(item.section.about.to_owned());
    if let ItemContents::Changes(changes) = item.contents() {
        for change in changes {
            facts.extend([change.path].into_iter().chain(change.note));
            match change.kind {
                ChangeKind::Value(value) => facts.extend(value.meaning),
                ChangeKind::Label(label) => facts.push(label.what.to_owned()),
                _ => {}
            }
        }
    }
    facts
}

/// A plan with every note that a template can have.
fn every_note() -> Plan {
    let mut plan = one_of_each();
    let action =
        |before, after, resend| Action::Update(Submission { resend, ..submission(Some(before), after) });
    let doubtful = |being_sent| Action::InDoubt {
        reason: "the connection was lost\nafter 3 bytes".to_owned(),
        being_sent,
        before: None,
        after: attributes(json!({"title": "T"})),
        job: None,
    };
    let gone = Action::Orphan {
        before: Some(attributes(json!({"title": "\"Quoted\" & <b>"}))),
        protect: false,
        renamed_to: None,
    };
    let mut failed = update("failed", json!({"title": "a"}), json!({"title": "b"}));
    failed.last_error = Some("Resource not found\nPlan: 9 to add".to_owned());
    plan.entries.extend([
        entry("again", action(json!({"title": "a"}), json!({"title": "b"}), true)),
        entry("being-sent", doubtful(true)),
        entry("doubtful-2", doubtful(false)),
        entry("gone", gone),
        failed,
        update("lines", json!({"customCss": "a\n{}\n"}), json!({"customCss": "a\n{} \n"})),
    ]);
    plan.entries.sort_by(|a, b| a.key.cmp(&b.key));
    let warnings = std::mem::take(&mut plan.warnings);
    let protect = std::mem::take(&mut plan.protect);
    let selection = Some(Selection { target: vec!["*".to_owned()], exclude: Vec::new() });
    let plan = plan_of(plan.entries, Vec::new());
    Plan { warnings, protect, selection, left_out: 2, max_changes: Some(99), ..plan }
}

#[test]
fn of_a_plan() {
    let plan = every_note();
    let view = PlanView::new(&plan, Vec::new());
    let mut facts = vec![words(&view.verdict)];
    facts.extend(view.remarks.iter().flat_map(of_note));
    facts.extend(of_notices(&view.warnings(false, true)));
    facts.extend(view.items().flat_map(|item| of_item(&item)));
    facts.extend(view.protection().map(|change| words(&change.words)));
    assert!(facts.len() > 80, "{facts:#?}");
    let commands = &SpecimenCommands;
    let texts = [
        terminal::plan(&view, Style::default(), commands),
        markdown::plan(&view, commands, ROOMY),
        html::plan(&view, commands).unwrap(),
    ];
    all_say(&facts, texts);
}

/// A result with every outcome and every remark.
fn every_outcome() -> RunReport {
    let mut report = run_of(&[
        ("created", RowOutcome::Created, None),
        ("doubtful", RowOutcome::InDoubt, Some("no answer")),
        ("failed", RowOutcome::Failed, Some("Resource <b>not</b> found\nand more")),
        ("forgotten", RowOutcome::Forgotten, None),
        ("moved", RowOutcome::Moved, None),
        ("pending", RowOutcome::Pending, Some("the server's job j1 has not ended")),
        ("unrecorded", RowOutcome::Updated, Some("not recorded")),
        ("unsent", RowOutcome::NotSent, Some("it is held back")),
        ("unsent-2", RowOutcome::NotSent, Some("the server refused the key")),
    ]);
    let forget = |key: &str| Advice::StateRm { keys: vec![Key::new(key).unwrap()] };
    report.results[4].from = Key::new("gamma").ok();
    report.results[7].help = Help::none().say("Run these:").line(forget("a")).line(forget("b"));
    report.warnings = vec!["first".to_owned(), "the state could not be written".to_owned()];
    report.help = Help::none().run("To undo that", forget("c"));
    report.stopped = Some("the server refused the key".to_owned());
    report.selection = Some(Selection { target: Vec::new(), exclude: vec!["x*".to_owned()] });
    report.left_out = 3;
    report.rest.held = 1;
    report.left_behind = vec![LeftBehind {
        key: Key::new("replaced.replaced-1").ok(),
        replaced: Key::new("replaced").unwrap(),
        id: Some(TemplateId::from("u-1".to_owned())),
        title: Some("Old".to_owned()),
    }];
    report
}

#[test]
fn of_a_result() {
    let report = every_outcome();
    let view = RunView::new(&report, "state/test.json");
    let mut facts = vec![words(&view.verdict)];
    facts.extend(view.remarks.iter().flat_map(of_note));
    facts.extend(of_notices(view.stopped.iter().chain(&view.warnings).chain(&view.left_behind)));
    facts.extend(view.items().flat_map(|item| of_item(&item)));
    assert!(facts.len() > 30, "{facts:#?}");
    let commands = &SpecimenCommands;
    let texts = [
        terminal::run(&view, Style::default(), commands),
        markdown::run(&view, commands, ROOMY),
        html::run(&view, commands).unwrap(),
    ];
    all_say(&facts, texts);
}

#[test]
fn of_a_failure() {
    let commands = &SpecimenCommands;
    let help = Help::none().run("To see all keys", Advice::StateList);
    let problems = findings();
    for findings in [&[], &problems[..2]] {
        let reason = ("the state is damaged\nin line 3", &help);
        let view = FailureView::new("plan", Some("test"), Exit::Error, reason, findings);
        let mut facts = vec![words(&view.verdict), crate::view::NOTHING_SENT.to_owned()];
        facts.extend(of_notices(&view.reason));
        facts.extend(findings.iter().flat_map(|one| [one.message.clone(), one.place.to_string()]));
        let markdown = of_markdown(&markdown::failure(&view, commands, ROOMY));
        assert_eq!(missing(&facts, &markdown), [""; 0], "{markdown}");
        let html = of_html(&html::failure(&view, commands).unwrap());
        assert_eq!(missing(&facts, &html), [""; 0], "{html}");
    }
}

mod the_check_sees {
    use super::*;

    #[test]
    fn dropped_and_reworded_facts() {
        let facts = ["no answer".to_owned(), "to settle it: certctl recover a".to_owned()];
        assert_eq!(missing(&facts, "a no answer; to settle it: certctl recover a"), [""; 0]);
        assert_eq!(missing(&facts, "a no answer; To settle it: certctl recover a"), [&facts[1]]);
        assert_eq!(missing(&facts, "to settle it: certctl recover a"), [&facts[0]]);
    }

    #[test]
    fn through_the_marks_of_a_format() {
        assert_eq!(of_markdown("- `a`: **no `x`**;\n  more: ```b`c```\n"), "a: no x; more: bc");
        assert_eq!(of_html("<body><p>no <b>&#60;x&#62;</b></p>\n<script>"), "no <x>");
    }
}
