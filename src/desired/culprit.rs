//! Finds the line that caused a syntax error. A parser often stops one line too late: a name without a colon
//! becomes a text that continues to the next colon. Only `syntax` calls this; it changes the place and words of a
//! finding, never whether there is one.

use std::ops::Range;

use super::suspects::{Suspect, in_line};

/// The place that a person must look at, and what to say about it.
#[derive(Debug, PartialEq)]
pub(super) struct Culprit {
    /// In bytes of the text.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

/// Finds the cause, if it is not where the parser stopped. `said` is the parser's message, `at` is where it
/// stopped, and `began` is where the element it failed in begins.
pub(super) fn culprit(text: &str, said: &str, at: usize, began: Option<usize>) -> Option<Culprit> {
    if let Some(variable) = variable_in_brackets(text, said, at) {
        return Some(variable);
    }
    let here = SuspectLine::at(text, at);
    let is_about_names = ["could not find expected ':'", "mapping values are not allowed"]
        .iter()
        .any(|words| said.contains(words));
    let lines = began.map(|began| SuspectLine::at(text, began)).into_iter().chain([here]);
    if let Some(long) = lines.filter(|_| is_about_names).find_map(SuspectLine::long_name) {
        return Some(long);
    }
    if said.contains("mapping values are not allowed") {
        let is_first_colon = !here.text.get(..at - here.start)?.contains(": ");
        let above = is_first_colon.then(|| text_above(text, &here)).flatten();
        return above.or_else(|| quotes(&here));
    }
    let of_its_beginning = || began.map(|began| SuspectLine::at(text, began)).and_then(SuspectLine::suspect);
    if said.contains("could not find expected ':'") {
        return of_its_beginning();
    }
    if said.contains("did not find expected key") || said.contains("did not find expected '-' indicator") {
        return here.suspect().or_else(|| similar_line_above(text, here));
    }
    None
}

/// A line above with the same indentation that lacks a name. Texts of several lines are indented further.
fn similar_line_above(text: &str, here: SuspectLine<'_>) -> Option<Culprit> {
    let mut line = here.above(text)?;
    while line.is_blank() {
        line = line.above(text)?;
    }
    if line.indentation() != here.indentation()
        || here.indentation() == 0 && line.text.starts_with(['}', ']'])
    {
        return None;
    }
    line.suspect().or_else(|| (!line.has_name() && !line.is_item()).then(|| line.without_colon()))
}

#[derive(Clone, Copy)]
struct SuspectLine<'t> {
    start: usize,
    text: &'t str,
}

impl<'t> SuspectLine<'t> {
    /// The line that contains this byte.
    fn at(text: &'t str, at: usize) -> Self {
        let at = text.floor_char_boundary(at.min(text.len()));
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let line = text[start..].split('\n').next().unwrap_or_default();
        Self { start, text: line.trim_end_matches('\r') }
    }

    fn above(self, text: &'t str) -> Option<Self> {
        self.start.checked_sub(1).map(|end| Self::at(text, end))
    }

    fn suspect(self) -> Option<Culprit> {
        in_line(self.text).map(|suspect| self.culprit(suspect))
    }

    fn culprit(self, suspect: Suspect) -> Culprit {
        let Suspect { range, message, help } = suspect;
        Culprit { range: self.start + range.start..self.start + range.end, message, help }
    }

    fn indentation(self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }

    fn is_blank(self) -> bool {
        let content = self.text.trim();
        content.is_empty() || content.starts_with('#')
    }

    /// Whether the line has a name and a colon, with or without a value.
    fn has_name(self) -> bool {
        let content = self.text.split(" #").next().unwrap_or_default().trim_end();
        content.ends_with(':') || content.contains(": ") || content.contains(":\t")
    }

    /// A name that is too long for YAML to accept as a key.
    fn long_name(self) -> Option<Culprit> {
        const MAX_LENGTH: usize = 1024;
        let start = self.indentation();
        let content = self.text.get(start..)?;
        let end = content.find(": ").or_else(|| content.trim_end().strip_suffix(':').map(str::len))?;
        let count = content.get(..end)?.chars().count();
        (count > MAX_LENGTH).then(|| {
            self.culprit(Suspect {
                range: start..start + end,
                message: format!("this name has {count} characters, and YAML takes at most {MAX_LENGTH}"),
                help: "write a shorter name, or put a text that has `: ` in it in quotes".to_owned(),
            })
        })
    }

    fn is_item(self) -> bool {
        let content = self.text.trim_start();
        content == "-" || content.starts_with("- ")
    }

    fn without_colon(self) -> Culprit {
        self.culprit(Suspect {
            range: self.indentation()..self.text.trim_end().len(),
            message: "this line has no colon, so YAML takes it for a text".to_owned(),
            help: "write `name: value`; a text of several lines begins with `|` behind its name".to_owned(),
        })
    }

    /// Whether the line ends after the colon.
    fn is_heading(self) -> bool {
        let content = self.text.split(" #").next().unwrap_or_default().trim_end();
        content.ends_with(':') || content.trim() == "---"
    }
}

/// For a colon that is not expected: the line above that lacks one.
fn text_above(text: &str, here: &SuspectLine<'_>) -> Option<Culprit> {
    if let Some(found) = here.suspect() {
        return Some(found);
    }
    let (mut first, mut line) = (None, *here);
    while let Some(above) = line.above(text) {
        line = above;
        if line.is_blank() {
            continue;
        }
        if let Some(found) = line.suspect() {
            return Some(found);
        }
        if line.has_name() {
            break;
        }
        first = Some(line);
    }
    // A text that began after a colon continues to here. The mistake is this colon, or the indentation.
    let first = first.filter(|first| first.indentation() == here.indentation())?;
    let is_value = line.start < first.start && !line.is_heading();
    (!is_value).then(|| first.without_colon())
}

/// A text that begins with a typographic quote, which YAML does not accept as a quote.
fn quotes(here: &SuspectLine<'_>) -> Option<Culprit> {
    let (name, value) = here.text.split_once(": ")?;
    let value_at = name.len() + ": ".len() + (value.len() - value.trim_start().len());
    let quote = value.trim_start().chars().next()?;
    let is_quote = crate::model::odd_name(quote).is_some_and(|name| name.ends_with("quote"));
    is_quote.then(|| {
        here.culprit(Suspect {
            range: value_at..value_at + quote.len_utf8(),
            message: format!(
                "there is a {} here, and YAML does not take it for one",
                crate::model::spelled(quote)
            ),
            help: "put the text in straight quotes, \"…\" or '…'".to_owned(),
        })
    })
}

/// Finds `{ a: ${var.x} }`: inside braces, the brace of a variable begins another mapping.
fn variable_in_brackets(text: &str, said: &str, at: usize) -> Option<Culprit> {
    if !said.contains("did not find expected ',' or '") {
        return None;
    }
    let dollar = text.get(..at)?.strip_suffix('$')?.len();
    let inside = text.get(at..)?.strip_prefix('{')?;
    let name = inside.split_once('}').map(|(name, _)| name).filter(|name| !name.contains('\n'))?;
    let end = at + name.len() + "{}".len();
    Some(Culprit {
        range: dollar..end,
        message: "inside { } and [ ], the brace of a variable begins another mapping".to_owned(),
        help: format!("put the variable in quotes: \"{}\"", &text[dollar..end]),
    })
}

#[cfg(test)]
mod tests {
    use super::super::syntax::parse;
    use crate::model::SourceText;

    /// Where a text is rejected, and the message.
    fn refused(text: &str) -> String {
        let found = parse(&SourceText::new("a", text), super::super::alias_limits::Weight::MAX).unwrap_err();
        format!(
            "{}:{} {} / {}",
            found.place.line,
            found.place.column,
            found.message,
            found.help.unwrap_or_default()
        )
    }

    #[track_caller]
    fn says(text: &str, place: &str, words: &[&str]) {
        let said = refused(text);
        assert!(said.starts_with(&format!("{place} ")), "{text:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{text:?}: {said}");
        }
    }

    const AFTER: &str = "    resourceType: course\n";

    #[test]
    fn the_line_with_the_mistake_is_marked() {
        let below = |line: &str| format!("templates:\n  a:\n{line}\n{AFTER}");
        says(&below("    title:\u{a0}T"), "3:11", &["no-break space (U+00A0)", "replace it by a blank"]);
        says(&below("    title:\u{a0} T"), "3:11", &["no-break space (U+00A0)"]);
        says(&below("    title:\u{200b}T"), "3:11", &["zero-width space (U+200B)"]);
        says(&below("    title:\u{2007}T\n\n    # why"), "3:11", &["figure space (U+2007)"]);
        says(&below("    title:\u{202f}T"), "3:11", &["narrow no-break space (U+202F)"]);
        says(&below("    title:\u{3000}T"), "3:11", &["ideographic space (U+3000)"]);
        says(&below("    title：T"), "3:10", &["full-width colon (U+FF1A)", "plain colon"]);
        says(&below("    title:T"), "3:10", &["a blank is missing behind the colon"]);
        says(&below("    title:T\n      more text"), "3:10", &["a blank is missing behind the colon"]);
        says(&below("   \u{a0} title: T"), "3:4", &["no-break space (U+00A0)", "indents by blanks"]);
        says(&below("    title = T"), "3:5", &["this line has no colon", "name: value"]);
        says(&below("    labels:\u{a0}\n      - a"), "3:12", &["no-break space (U+00A0)"]);
    }

    #[test]
    fn the_last_line_of_a_file_is_marked() {
        says(&format!("templates:\n  a:\n{AFTER}    title:\u{a0}T\n"), "4:11", &["no-break space"]);
        says(&format!("templates:\n  a:\n{AFTER}    title:T\n"), "4:10", &["a blank is missing"]);
        says("templates:\n  a：\n    title: T\n", "2:4", &["full-width colon"]);
        says(
            &format!("templates:\n  a:\n    title: T\n   \u{a0}resourceType: x\n{AFTER}"),
            "4:4",
            &["no-break space"],
        );
    }

    #[test]
    fn a_colon_in_a_text_is_marked() {
        says("title: One\n  two: three\n", "2:6", &["in quotes"]);
        says("a:\n  b: c: d\n", "2:7", &["in quotes"]);
        says("a: One\n  two\n  three: four\n", "3:8", &["in quotes"]);
        says("title: “Cloud: 101”\n", "1:8", &["typographic quote (U+201C)", "straight quotes"]);
    }

    #[test]
    fn a_variable_in_brackets_belongs_in_quotes() {
        says("a:\n  - { b: ${var.x}, c: 1 }\n", "2:10", &["brace of a variable", "in quotes: \"${var.x}\""]);
        says("a: [${var.x}]\nb: c\n", "1:5", &["\"${var.x}\""]);
        says("a: { b: x ${ var.y } z }\n", "1:11", &["\"${ var.y }\""]);
    }

    #[test]
    fn a_character_that_breaks_lines_unseen_is_named() {
        for (odd, words) in [
            ('\u{2028}', "line separator (U+2028)"),
            ('\u{2029}', "paragraph separator (U+2029)"),
            ('\u{85}', "next-line character (U+0085)"),
            ('\u{feff}', "byte order mark (U+FEFF)"),
        ] {
            says(&format!("a: One{odd}Two\nb: c\n"), "1:7", &[words, "delete it"]);
            says(&format!("a: |\n  One{odd}Two\nb: c\n"), "2:6", &[words]);
            says(&format!("a: \"One{odd}Two\"\nb: \"{odd}\"\n"), "1:8", &[words, "the 1 other", "\\u"]);
        }
        says("a: b\n\u{feff}c: d\n", "2:1", &["byte order mark (U+FEFF)"]);
    }

    #[test]
    fn a_tab_in_the_way_is_marked() {
        says("a:\n  - b\n  -\tc: d\n    e: f\n", "3:4", &["tab"]);
        says("a: b\n\t\nc: d\n", "2:1", &["tab"]);
        says("a: b\n\tc\nd: e\n", "2:1", &["tab"]);
    }

    #[test]
    fn half_a_character_of_json_is_named() {
        says("{\"a\": \"x \\ud83c\"}\n", "1:10", &["half of a character", "itself"]);
    }
}
