//! Findings with their source lines, as a compiler shows them.

use std::collections::BTreeSet;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::model::{Finding, Place};

/// Every finding with its place, its source line and a caret, and a summary at the end.
pub fn render(findings: &[Finding], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for finding in findings {
        text.push_str(&renderer.render(&[group(finding)]));
        text.push_str("\n\n");
    }
    text.push_str(&summary(findings));
    text.push('\n');
    text
}

fn group(finding: &Finding) -> Group<'_> {
    let title = Level::ERROR.primary_title(visible(&finding.message)).id(finding.rule);
    let mut group = place(Group::with_title(title), &finding.place, AnnotationKind::Primary, None);
    for (other, about) in &finding.related {
        group = place(group, other, AnnotationKind::Context, Some(about));
    }
    match &finding.help {
        Some(help) => group.element(Level::HELP.message(visible(help))),
        None => group,
    }
}

fn place<'a>(group: Group<'a>, place: &'a Place, kind: AnnotationKind, label: Option<&'a str>) -> Group<'a> {
    let file = place.file.display().to_string();
    if place.source_line.trim().is_empty() {
        return group.element(Origin::path(file).line(place.line).char_column(place.column));
    }
    let (line, span) = line_and_span(place);
    let mut annotation = kind.span(span);
    if let Some(label) = label {
        annotation = annotation.label(label);
    }
    // A line that is too long for the terminal is cut around the caret by the renderer.
    group.element(Snippet::source(line).line_start(place.line).path(file).annotation(annotation))
}

/// The line as it can be shown, and the caret's bytes in it.
fn line_and_span(place: &Place) -> (String, Range<usize>) {
    let mut line: Vec<char> = place.source_line.chars().map(picture).collect();
    let caret = (place.column - 1).min(line.len());
    if caret == line.len() {
        // A caret behind the end still needs something to stand under.
        line.push(' ');
    }
    let end = (caret + place.width).min(line.len());
    let bytes = |characters: &[char]| characters.iter().map(|c| c.len_utf8()).sum::<usize>();
    let (from, to) = (bytes(&line[..caret]), bytes(&line[..end]));
    (line.into_iter().collect(), from..to)
}

/// One character for one, so that columns stay: what a terminal would obey is shown as its picture.
fn picture(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            '\u{fffd}'
        }
        other => other,
    }
}

fn visible(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { c } else { picture(c) }).collect()
}

fn summary(findings: &[Finding]) -> String {
    let files: BTreeSet<_> = findings.iter().map(|finding| &finding.place.file).collect();
    let count = |number: usize, noun: &str| {
        if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
    };
    format!("{} in {}. Nothing was sent.", count(findings.len(), "problem"), count(files.len(), "file"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceText;

    fn finding(text: &str, range: Range<usize>) -> Finding {
        Finding {
            place: SourceText::new("templates/a.yaml", text).place(range),
            rule: "uuid",
            message: "resourceId must be an id".to_owned(),
            help: Some("look it up".to_owned()),
            related: Vec::new(),
        }
    }

    #[test]
    fn a_finding_shows_its_line_and_a_caret() {
        let text = "a:\n  resourceId: nonsense\n";
        insta::assert_snapshot!(render(&[finding(text, 17..25)], false), @r"
        error[uuid]: resourceId must be an id
         --> templates/a.yaml:2:15
          |
        2 |   resourceId: nonsense
          |               ^^^^^^^^
          |
          = help: look it up

        1 problem in 1 file. Nothing was sent.
        ");
    }

    #[test]
    fn a_long_line_is_cut_and_keeps_its_column() {
        let text = format!("css: {}bad{}", "x".repeat(5000), "y".repeat(5000));
        let shown = render(&[finding(&text, 5005..5008)], false);
        assert!(shown.contains("a.yaml:1:5006"), "{shown}");
        assert!(shown.contains("xbad"), "{shown}");
        assert!(shown.lines().all(|line| line.len() < 200), "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn nothing_in_a_file_reaches_the_terminal_as_a_command(text: String, start in 0_usize..30, length in 0_usize..30) {
            let shown = render(&[finding(&text, start..start + length)], false);
            proptest::prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}
