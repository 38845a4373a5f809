//! Prints findings with their source lines and a caret, as a compiler does. Every command that reads the
//! configuration uses it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use unicode_width::UnicodeWidthChar as _;

use super::safe_text::{MAX_MARKS, is_unsafe};
use crate::model::{Commands, Finding, RunOption, Severity, SourceLocation};
use crate::view::{NOTHING_SENT, counted, problems};

/// The consequence of findings, for the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// The command did nothing.
    NothingSent,
    /// Only the lines that they are about were skipped.
    Lines,
    /// Only the files that they are about were left as they are.
    FilesUnchanged,
}

/// Every finding with its place, its source line and a caret, followed by a summary with the consequence. For a terminal
/// with this many columns, longer source lines are cut around the caret.
pub fn render_within(
    findings: &[Finding],
    consequence: LeftOut,
    colour: bool,
    columns: Option<usize>,
    commands: &dyn Commands,
) -> String {
    let summary = match consequence {
        LeftOut::NothingSent => summary(findings),
        LeftOut::Lines => left_out(findings),
        LeftOut::FilesUnchanged => unchanged(findings),
    };
    format!("{}{summary}\n", render_as(Severity::Error, findings, colour, columns, commands))
}

/// The summary of `validate`: no problem, or warnings only.
pub fn validated(
    environment: &str,
    templates: usize,
    warnings: &[Finding],
    are_denied: bool,
    commands: &dyn Commands,
) -> String {
    let templates = counted(templates, "template");
    let warnings = match warnings.len() {
        0 => None,
        number => Some(counted(number, "warning")),
    };
    let found = match (warnings, are_denied) {
        (None, _) => "no problem found".to_owned(),
        (Some(warnings), false) => format!("{warnings}, no error"),
        (Some(warnings), true) => {
            let deny = commands.option(&RunOption::DenyWarnings);
            format!("{warnings}, and {deny} makes each an error")
        }
    };
    format!("{templates} for {environment}: {found}.\n")
}

/// The findings with this severity, each with its place, its source line and a caret.
pub fn render_as(
    severity: Severity,
    findings: &[Finding],
    colour: bool,
    columns: Option<usize>,
    commands: &dyn Commands,
) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = match columns {
        Some(columns) => renderer.term_width(columns),
        None => renderer,
    };
    let shown = findings.iter().take(MAX_SHOWN);
    let mut text: String = shown.map(|finding| rendered(&renderer, finding, severity) + "\n\n").collect();
    if findings.len() > MAX_SHOWN {
        let more = findings.len() - MAX_SHOWN;
        let json = commands.option(&RunOption::Json);
        text.push_str(&format!("… and {more} more; with {json} all are listed.\n\n"));
    }
    text
}

/// The limit of findings shown with source lines, because logs are limited.
const MAX_SHOWN: usize = 100;

/// The source lines of a finding and of its related places, with carets and without messages.
pub(super) fn snippet(finding: &Finding) -> Vec<String> {
    let without_help = Finding { help: None, ..finding.clone() };
    let text = rendered(&Renderer::plain(), &without_help, Severity::Error);
    text.lines().skip(1).map(|line| line.trim_end().to_owned()).collect()
}

fn rendered(renderer: &Renderer, finding: &Finding, severity: Severity) -> String {
    let text = renderer.render(&[group(finding, severity)]);
    let mut places = std::iter::once(&finding.place).chain(finding.related.iter().map(|(place, _)| place));
    if places.any(shows_its_line) {
        return text;
    }
    // Without a source line, the renderer leaves no margin for line numbers.
    text.replace('\n', "\n ")
}

fn group(finding: &Finding, severity: Severity) -> Group<'_> {
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(visible(&finding.message)).id(finding.rule);
    let mut group = place(Group::with_title(title), &finding.place, AnnotationKind::Primary, None);
    for (other, about) in &finding.related {
        group = place(group, other, AnnotationKind::Context, Some(about));
    }
    match &finding.help {
        Some(help) => {
            let lines: Vec<String> = help.split('\n').map(visible).collect();
            group.element(Level::HELP.message(lines.join("\n")))
        }
        None => group,
    }
}

fn place<'a>(
    group: Group<'a>,
    place: &'a SourceLocation,
    kind: AnnotationKind,
    label: Option<&'a str>,
) -> Group<'a> {
    let file = visible(&place.file.to_string_lossy());
    if !place.has_line() {
        return group.element(Origin::path(file));
    }
    if !shows_its_line(place) {
        return group.element(Origin::path(file).line(place.line).char_column(place.column));
    }
    let (line, span) = line_and_span(place);
    let mut annotation = kind.span(span);
    if let Some(label) = label {
        annotation = annotation.label(visible(label));
    }
    // The renderer cuts a line that is too long for the terminal around the caret.
    group.element(Snippet::source(line).line_start(place.line).path(file).annotation(annotation))
}

/// Whether the place has a source line to show.
fn shows_its_line(place: &SourceLocation) -> bool {
    place.has_line() && !place.source_line.trim().is_empty()
}

/// The line in printable form, and the bytes of the caret in it.
fn line_and_span(place: &SourceLocation) -> (String, Range<usize>) {
    let mut line: Vec<char> = pictures(&place.source_line).collect();
    let caret = place.column.saturating_sub(1).min(line.len());
    if caret == line.len() {
        // A caret after the end of the line needs a character to point at.
        line.push(' ');
    }
    let end = (caret + place.width).min(line.len());
    let bytes = |characters: &[char]| characters.iter().map(|c| c.len_utf8()).sum::<usize>();
    let (from, to) = (bytes(&line[..caret]), bytes(&line[..end]));
    (line.into_iter().collect(), from..to)
}

/// The printable characters of a text. Excess marks on one letter are dropped, because they would reach into other
/// lines.
fn pictures(text: &str) -> impl Iterator<Item = char> {
    let mut marks = 0_usize;
    text.chars().map(move |c| {
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        if marks > MAX_MARKS { char::REPLACEMENT_CHARACTER } else { picture(c) }
    })
}

/// Replaces one character by one, so that columns stay the same: control characters become their pictures.
fn picture(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        c if is_unsafe(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// A text on one line: a line break in it could forge a finding.
fn visible(text: &str) -> String {
    pictures(text).collect()
}

pub(super) fn summary(findings: &[Finding]) -> String {
    format!("{}. {NOTHING_SENT}", problems(findings))
}

fn unchanged(findings: &[Finding]) -> String {
    let files: BTreeSet<&PathBuf> = findings.iter().map(|finding| &finding.place.file).collect();
    let these = if files.len() == 1 { "This file is" } else { "These files are" };
    format!("{}. {these} left unchanged.", problems(findings))
}

fn left_out(findings: &[Finding]) -> String {
    let places = |finding: &Finding| {
        let related: Vec<SourceLocation> = finding.related.iter().map(|(place, _)| place.clone()).collect();
        std::iter::once(finding.place.clone()).chain(related)
    };
    let lines: BTreeSet<(PathBuf, usize)> =
        findings.iter().flat_map(places).map(|place| (place.file, place.line)).collect();
    let these = if lines.len() == 1 { "This line was" } else { "These lines were" };
    format!("{}. {these} left out.", problems(findings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceText;
    use crate::view::specimens::SpecimenCommands;

    fn render(findings: &[Finding], colour: bool) -> String {
        render_within(findings, LeftOut::NothingSent, colour, None, &SpecimenCommands)
    }

    fn finding(text: &str, range: Range<usize>) -> Finding {
        Finding {
            place: SourceText::new("templates/a.yaml", text).place(range),
            rule: "uuid",
            message: "resourceId must be an id".to_owned(),
            help: Some("look it up".to_owned()),
            related: Vec::new(),
            option: None,
        }
    }

    #[test]
    fn a_warning_is_called_one() {
        let text = render_as(
            Severity::Warning,
            &[finding("a:\n  resourceId: nonsense\n", 17..25)],
            false,
            None,
            &SpecimenCommands,
        );
        assert!(text.starts_with("warning[uuid]: resourceId must be an id\n"), "{text}");
        assert!(!text.contains("Nothing was sent"), "{text}");
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
    fn related_places_and_whole_files_are_shown() {
        let text = "templates:\n  a: {}\n  é: {}\n  a: {}\n";
        let source = SourceText::new("templates/a.yaml", text);
        let double = Finding {
            rule: "duplicate-key",
            message: "a is defined twice".to_owned(),
            help: None,
            related: vec![(source.place(13..14), "the first one is here".to_owned())],
            ..finding(text, 30..31)
        };
        let unread = Finding { place: SourceLocation::whole_file("b.yaml"), help: None, ..finding("", 0..0) };
        let expected = "\
error[duplicate-key]: a is defined twice
 --> templates/a.yaml:4:3
  |
4 |   a: {}
  |   ^
  |
 ::: templates/a.yaml:2:3
  |
2 |   a: {}
  |   - the first one is here

error[uuid]: resourceId must be an id
 --> b.yaml:1:1

2 problems in 2 files. Nothing was sent.
";
        assert_eq!(render(&[double, unread], false), expected);
    }

    #[test]
    fn frames_without_lines_are_aligned() {
        let found = Finding { place: SourceLocation::whole_file("b.yaml"), ..finding("", 0..0) };
        let expected = "error[uuid]: resourceId must be an id\n --> b.yaml:1:1\n  = help: look it up\n";
        assert!(render(std::slice::from_ref(&found), false).starts_with(expected));
        let bare = Finding { place: SourceLocation::no_line("b.yaml"), help: None, ..found };
        assert!(render(&[bare], false).starts_with("error[uuid]: resourceId must be an id\n --> b.yaml\n\n"));
    }

    #[test]
    fn lines_left_out_are_not_a_failure() {
        let text = "a:\n  resourceId: nonsense\n";
        let rendered =
            |findings: &[Finding]| render_within(findings, LeftOut::Lines, false, None, &SpecimenCommands);
        let one = finding(text, 17..25);
        let same_line = Finding { rule: "other", ..one.clone() };
        assert!(
            rendered(std::slice::from_ref(&one))
                .ends_with("\n1 problem in 1 file. This line was left out.\n")
        );
        assert!(
            rendered(&[one.clone(), same_line])
                .ends_with("\n2 problems in 1 file. This line was left out.\n")
        );
        let two = [one, finding(text, 0..1)];
        assert!(rendered(&two).ends_with("\n2 problems in 1 file. These lines were left out.\n"));
    }

    #[test]
    fn names_and_messages_cannot_forge_a_line() {
        let mut hostile = finding("a: b\n", 3..4);
        hostile.place.file = "a\nerror: b\u{1b}[31m.yaml".into();
        hostile.message = "no layout x\n\n0 problems".to_owned();
        hostile.help = Some("y\r\nz\u{2028}".to_owned());
        let shown = render(std::slice::from_ref(&hostile), false);
        let plain = render(&[finding("a: b\n", 3..4)], false);
        // Further lines of the help are indented below the first.
        assert_eq!(shown.lines().count(), plain.lines().count() + 1, "{shown}");
        assert!(shown.contains("  = help: y␍\n          z"), "{shown}");
        assert!(!shown.contains(['\u{1b}', '\r', '\u{2028}']), "{shown:?}");
    }

    #[test]
    fn thousands_of_findings_are_counted() {
        let many: Vec<Finding> = (0..1234).map(|_| finding("a:\n  resourceId: nonsense\n", 17..25)).collect();
        let text = render(&many, false);
        assert_eq!(text.matches("error[uuid]").count(), MAX_SHOWN);
        assert!(text.ends_with(
            "… and 1134 more; with --json all are listed.\n\n1234 problems in 1 file. Nothing was sent.\n"
        ));
        assert!(!render(&many[..MAX_SHOWN], false).contains("more"));
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf_8_are_reported() {
        use std::os::unix::ffi::OsStrExt as _;
        let mut found = finding("a", 0..1);
        found.place.file = std::ffi::OsStr::from_bytes(b"caf\xe9.yaml").into();
        assert!(render(&[found], false).contains("caf\u{fffd}.yaml:1:1"));
    }

    #[test]
    fn a_cut_line_keeps_its_column() {
        let text = format!("css: {}bad{}", "x".repeat(5000), "y".repeat(5000));
        let shown = render(&[finding(&text, 5005..5008)], false);
        assert!(shown.contains("a.yaml:1:5006"), "{shown}");
        assert!(shown.contains("xbad"), "{shown}");
        assert!(shown.lines().all(|line| line.len() < 200), "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn no_file_can_send_terminal_commands(text: String, start in 0_usize..30, length in 0_usize..30) {
            let shown = render(&[finding(&text, start..start + length)], false);
            proptest::prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}
