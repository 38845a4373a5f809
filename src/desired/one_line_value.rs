//! Changes the value of one attribute in the text of a template file, and touches nothing else. It changes only a value that
//! stands on one line of the template itself, in block style, without variables, anchors and tags; whoever calls it reads the
//! result again and compares.

use std::ops::Range;

/// Returns the text with another value, written as YAML, for an attribute of the template whose key is on this line;
/// `None` if the template does not have the attribute as a value on one line of its own.
pub fn with_value(text: &str, key_line: usize, attribute: &str, value: &str) -> Option<String> {
    let lines = lines(text);
    let (first, rest) = lines.get(key_line.checked_sub(1)?..)?.split_first()?;
    let template = first.content(text);
    // A key with anything behind its colon has an anchor, a tag, or a mapping in braces.
    let is_block = template.split(" #").next()?.trim_end().ends_with(':');
    if !is_block {
        return None;
    }
    let indent = indent_of(template);
    let own: Vec<&TextLine> = rest
        .iter()
        .take_while(|line| is_passed_over(line.content(text)) || indent_of(line.content(text)) > indent)
        .filter(|line| !is_passed_over(line.content(text)))
        .collect();
    let depth = indent_of(own.first()?.content(text));
    let mut found = own.iter().enumerate().filter_map(|(position, line)| {
        let content = line.content(text);
        let value = content.get(depth..)?.strip_prefix(attribute)?.strip_prefix(": ")?;
        (indent_of(content) == depth).then_some((position, line, content.len() - value.len()))
    });
    let ((position, line, start), None) = (found.next()?, found.next()) else { return None };
    // Deeper lines would belong to the value.
    if own.get(position + 1).is_some_and(|next| indent_of(next.content(text)) > depth) {
        return None;
    }
    let content = line.content(text);
    let old = value_in(content.get(start..)?)?;
    let (from, to) = (line.start + start + old.start, line.start + start + old.end);
    Some(format!("{}{value}{}", text.get(..from)?, text.get(to..)?))
}

/// One line of a text, without its line break.
struct TextLine {
    start: usize,
    end: usize,
}

impl TextLine {
    fn content<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or_default().trim_end_matches(['\r', '\n'])
    }
}

fn lines(text: &str) -> Vec<TextLine> {
    let mut start = 0;
    let line = |line: &str| {
        let this = TextLine { start, end: start + line.len() };
        start = this.end;
        this
    };
    text.split_inclusive('\n').map(line).collect()
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Empty lines and comments may be anywhere.
fn is_passed_over(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// The place of a scalar that ends on this line; a comment may follow it.
fn value_in(rest: &str) -> Option<Range<usize>> {
    let start = indent_of(rest);
    let value = rest.get(start..)?;
    let length = match value.chars().next()? {
        quote @ ('"' | '\'') => quoted(value, quote)?,
        '|' | '>' | '&' | '*' | '!' | '{' | '}' | '[' | ']' | '%' | '@' | '`' | ',' | '#' | '?' => {
            return None;
        }
        _ => value.split(" #").next()?.trim_end().len(),
    };
    let (value, behind) = value.split_at_checked(length)?;
    let is_end = behind.trim().is_empty() || behind.starts_with(' ') && behind.trim_start().starts_with('#');
    (is_end && !value.contains("${")).then_some(start..start + length)
}

/// The length of a quoted scalar, with its quotes.
fn quoted(value: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (position, c) in value.char_indices().skip(1) {
        let is_doubled =
            || quote == '\'' && value.get(position + 1..).is_some_and(|next| next.starts_with(quote));
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' && quote == '"' || c == quote && is_doubled() {
            is_escaped = true;
        } else if c == quote {
            return Some(position + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
templates:
  # the first
  a:
    title: One # a comment
    expirationDays: 30

    customCss: |
      title: no
    asset: ${var.asset}
    labels:
      - { x: 1 }
  b: { title: Two }
  'c':
    title: 'it''s: # not' # c
    days: \"3\"\r
  d: &anchor
    title: Four
  e:
    title: long
      text
    asset: *there
";

    #[test]
    fn single_values_are_changed() {
        let changed = |line, name, old: &str, new: &str| {
            assert_eq!(with_value(TEXT, line, name, new), Some(TEXT.replacen(old, new, 1)), "{old}");
        };
        changed(3, "title", "One", "Uno");
        changed(3, "expirationDays", "30", "7");
        changed(13, "title", "'it''s: # not'", "x");
        changed(13, "days", "\"3\"", "4");
    }

    #[test]
    fn nothing_else_is_changed() {
        for (line, name) in [
            (3, "customCss"),
            (3, "asset"),
            (3, "labels"),
            (3, "days"),
            (12, "title"),
            (16, "title"),
            (18, "title"),
            (18, "asset"),
            (1, "title"),
            (0, "title"),
            (99, "title"),
        ] {
            assert_eq!(with_value(TEXT, line, name, "x"), None, "{line} {name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn all_but_the_value_stays(text in "([ a:#\"'\\\\|\r\n$é-]|  a:\n|    b: c\n){0,30}", line in 0_usize..9) {
            if let Some(changed) = with_value(&text, line, "b", "value") {
                let (before, after) = changed.split_once("value").unwrap();
                proptest::prop_assert!(text.starts_with(before) && text.ends_with(after), "{changed}");
            }
        }
    }
}
