//! A comparison of server and state in every format.

use super::{Style, html, json, markdown, terminal};
use crate::view::drift_specimen::with_drift;
use crate::view::specimens::SpecimenCommands;

#[test]
fn every_section_is_on_the_terminal() {
    let text = |style: Style| with_drift(|view| terminal::drift(view, style, &SpecimenCommands));
    insta::assert_snapshot!("terminal", text(Style::default().columns(Some(100))));
    insta::assert_snapshot!("terminal_compact", text(Style::default().columns(Some(100)).compact(true)));
}

#[test]
fn every_section_is_in_a_comment() {
    let text = |limit| with_drift(|view| markdown::drift(view, &SpecimenCommands, limit));
    insta::assert_snapshot!("markdown", text(markdown::MAX_BYTES));
    for limit in [markdown::MIN_BYTES, 2500, 3000, 4000] {
        let text = text(limit);
        assert!(text.len() <= limit, "{}", text.len());
        for key in ["cloud-101", "cloud-201", "data-101"] {
            assert!(text.contains(key), "{key} is not in {limit} bytes:\n{text}");
        }
    }
}

#[test]
fn every_section_is_on_the_page() {
    let page = with_drift(|view| html::drift(view, &SpecimenCommands)).unwrap();
    let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    insta::assert_snapshot!("html", body);
}

#[test]
fn every_section_is_in_the_document() {
    insta::assert_snapshot!("json", with_drift(|view| json::drift(view, &SpecimenCommands)));
}
