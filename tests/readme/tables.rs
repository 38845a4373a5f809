//! The tables of the documents: an empty line in one ends it, and the rows after it are shown as a line of text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::{documents, text};

/// The paragraphs that look like rows of a table.
fn stray_rows(document: &str) -> Vec<String> {
    let mut stray = Vec::new();
    let mut is_start = false;
    for event in Parser::new_ext(document, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Paragraph) => is_start = true,
            Event::Text(words) if is_start => {
                if words.starts_with('|') {
                    stray.push(words.into_string());
                }
                is_start = false;
            }
            Event::End(TagEnd::Paragraph) => is_start = false,
            _ => {}
        }
    }
    stray
}

#[test]
fn every_row_is_in_a_table() {
    for document in documents() {
        assert_eq!(stray_rows(&text(&document)), [""; 0], "{document}");
    }
    assert_eq!(stray_rows("| a |\n|---|\n| b |\n\n| c |\n").len(), 1);
}
