//! Compares two long texts, line by line.

use similar::{Algorithm, ChangeTag, DiffOp, DiffTag, TextDiff};

use super::pieces::{ChangedPiece, words};
use crate::model::Digest;

/// How two long texts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TextChange {
    /// Only the line ends differ: `\n` and `\r\n`.
    LineEnds {
        /// The old line ends, in words.
        before: &'static str,
        /// The new line ends, in words.
        after: &'static str,
    },
    /// Lines were added, removed or changed.
    Lines {
        /// The changed parts, in order.
        hunks: Vec<Hunk>,
        /// Whether the texts were split into lines for display, because they have only one line.
        reflowed: bool,
    },
    /// The difference is too large to show.
    Elided {
        /// The old text.
        before: TextSize,
        /// The new text.
        after: TextSize,
    },
}

/// The size of a text that is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextSize {
    /// The length in bytes.
    pub bytes: usize,
    /// The number of lines.
    pub lines: usize,
    /// The digest.
    pub digest: Digest,
}

/// A changed part of two texts, with the lines around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Its first line in the old text, from 1.
    pub before: usize,
    /// Its first line in the new text, from 1.
    pub after: usize,
    /// Its lines.
    pub lines: Vec<DiffLine>,
}

/// A line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffLine {
    /// In both texts.
    Same(String),
    /// Only in the old text.
    Removed(Vec<ChangedPiece>),
    /// Only in the new text.
    Added(Vec<ChangedPiece>),
}

/// How many equal lines are shown around a change.
const CONTEXT: usize = 3;
/// The limit of texts compared, in bytes.
const MAX_LENGTH: usize = 1 << 20;
/// The limit of lines that may differ: the cost is the product of the differing lines of both sides.
const MAX_DIFFERING: usize = 4000;
/// The limit of lines shown.
const MAX_SHOWN: usize = 400;
/// CSS with a longer line is treated as minified.
const MINIFIED: usize = 200;

/// Compares two texts of which at least one is long. With `is_css`, minified style sheets are split into rules
/// first.
pub(super) fn compare(before: &str, after: &str, is_css: bool) -> TextChange {
    let (old, new) = (before.replace("\r\n", "\n"), after.replace("\r\n", "\n"));
    if old == new {
        return TextChange::LineEnds { before: line_ends(before), after: line_ends(after) };
    }
    let reflowed = is_css && (is_minified(&old) || is_minified(&new));
    let (old, new) = if reflowed { (reflow(&old), reflow(&new)) } else { (old, new) };
    let elided = || TextChange::Elided { before: TextSize::of(before), after: TextSize::of(after) };
    if old.len().max(new.len()) > MAX_LENGTH || differing(&old, &new) > MAX_DIFFERING {
        return elided();
    }
    let hunks = hunks(&old, &new);
    if hunks.iter().map(|hunk| hunk.lines.len()).sum::<usize>() > MAX_SHOWN {
        return elided();
    }
    TextChange::Lines { hunks, reflowed }
}

impl TextSize {
    /// The size of a text.
    pub fn of(text: &str) -> Self {
        Self { bytes: text.len(), lines: text.lines().count(), digest: Digest::of(text.as_bytes()) }
    }
}

fn line_ends(text: &str) -> &'static str {
    let (all, windows) = (text.matches('\n').count(), text.matches("\r\n").count());
    match windows {
        0 => "Unix line ends",
        windows if windows == all => "Windows line ends",
        _ => "mixed line ends",
    }
}

fn is_minified(css: &str) -> bool {
    css.contains('{') && css.lines().any(|line| line.len() > MINIFIED)
}

/// A style sheet with one line for each rule and declaration. Braces and semicolons in strings and comments are
/// kept.
fn reflow(css: &str) -> String {
    let mut text = String::with_capacity(css.len() + css.len() / 8);
    let (mut quote, mut comment, mut depth, mut previous) = (None, false, 0_usize, '\0');
    for c in css.chars() {
        let escaped = previous == '\\';
        match (quote, comment) {
            (Some(open), _) if c == open && !escaped => quote = None,
            (None, true) if previous == '*' && c == '/' => comment = false,
            (None, false) if matches!(c, '"' | '\'') => quote = Some(c),
            (None, false) if previous == '/' && c == '*' => comment = true,
            _ => {}
        }
        previous = c;
        let open = quote.is_none() && !comment;
        match c {
            '}' if open => {
                depth = depth.saturating_sub(1);
                begin_line(&mut text, depth);
                text.push(c);
                begin_line(&mut text, depth);
            }
            '{' | ';' if open => {
                text.push(c);
                depth += usize::from(c == '{');
                begin_line(&mut text, depth);
            }
            '\n' if open => begin_line(&mut text, depth),
            c if open && c.is_whitespace() && text.ends_with([' ', '\n']) => {}
            c => text.push(c),
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn begin_line(text: &mut String, depth: usize) {
    text.truncate(text.trim_end_matches(' ').len());
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&"  ".repeat(depth.min(8)));
}

/// How many lines are between the common beginning and the common end.
fn differing(old: &str, new: &str) -> usize {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let begin = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let end = old[begin..].iter().rev().zip(new[begin..].iter().rev()).take_while(|(a, b)| a == b).count();
    old.len().max(new.len()) - begin - end
}

fn hunks(old: &str, new: &str) -> Vec<Hunk> {
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(old, new);
    let hunk = |operations: &Vec<DiffOp>| {
        let first = operations.first()?;
        let mut lines = Vec::new();
        for operation in operations {
            push(&diff, operation, &mut lines);
        }
        Some(Hunk { before: first.old_range().start + 1, after: first.new_range().start + 1, lines })
    };
    diff.grouped_ops(CONTEXT).iter().filter_map(hunk).collect()
}

fn push<'t>(diff: &TextDiff<'t, 't, str>, operation: &DiffOp, lines: &mut Vec<DiffLine>) {
    let texts = |tag: ChangeTag| -> Vec<&str> {
        let changes = diff.iter_changes(operation).filter(move |change| change.tag() == tag);
        changes.map(|change| change.value().strip_suffix('\n').unwrap_or(change.value())).collect()
    };
    if operation.tag() == DiffTag::Equal {
        lines.extend(texts(ChangeTag::Equal).into_iter().map(|text| DiffLine::Same(text.to_owned())));
        return;
    }
    let (removed, added) = (texts(ChangeTag::Delete), texts(ChangeTag::Insert));
    // Equal numbers of lines: each is paired with its new form.
    let pairs: Vec<_> = if removed.len() == added.len() {
        removed.iter().zip(&added).map(|(old, new)| words(old, new)).collect()
    } else {
        let whole = |text: &&str| vec![ChangedPiece { text: (*text).to_owned(), differs: false }];
        lines.extend(removed.iter().map(whole).map(DiffLine::Removed));
        lines.extend(added.iter().map(whole).map(DiffLine::Added));
        return;
    };
    let (old, new): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    lines.extend(old.into_iter().map(DiffLine::Removed));
    lines.extend(new.into_iter().map(DiffLine::Added));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hunks as people see them: one line each, differences in brackets.
    fn shown(change: &TextChange) -> String {
        let TextChange::Lines { hunks, .. } = change else { return format!("{change:?}") };
        let text = |pieces: &[ChangedPiece]| -> String {
            pieces
                .iter()
                .map(|piece| if piece.differs { format!("[{}]", piece.text) } else { piece.text.clone() })
                .collect()
        };
        let line = |line: &DiffLine| match line {
            DiffLine::Same(text) => format!("  {text}\n"),
            DiffLine::Removed(pieces) => format!("- {}\n", text(pieces)),
            DiffLine::Added(pieces) => format!("+ {}\n", text(pieces)),
        };
        let hunk = |hunk: &Hunk| {
            format!("@ {} {}\n{}", hunk.before, hunk.after, hunk.lines.iter().map(line).collect::<String>())
        };
        hunks.iter().map(hunk).collect()
    }

    #[test]
    fn one_changed_pixel_is_one_line() {
        let css: String = (1..=500).map(|line| format!(".l{line} {{ margin: {line}px; }}\n")).collect();
        let change = compare(&css, &css.replace("margin: 250px", "margin: 251px"), true);
        insta::assert_snapshot!(shown(&change), @r"
        @ 247 247
          .l247 { margin: 247px; }
          .l248 { margin: 248px; }
          .l249 { margin: 249px; }
        - .l250 { margin: [250px]; }
        + .l250 { margin: [251px]; }
          .l251 { margin: 251px; }
          .l252 { margin: 252px; }
          .l253 { margin: 253px; }
        ");
    }

    #[test]
    fn a_minified_style_sheet_is_split_into_rules() {
        let rule = |size: u32| {
            format!(
                ".name{{font:{size}px \"a;b}}\";color:#123}}@media print{{.x{{top:1px}}}}/* a;b */.y{{left:2px}}{}",
                " ".repeat(200)
            )
        };
        let change = compare(&rule(12), &rule(14), true);
        insta::assert_snapshot!(shown(&change), @r#"
        @ 1 1
          .name{
        -   font:[12px] "a;b}";
        +   font:[14px] "a;b}";
            color:#123
          }
          @media print{
        "#);
        assert!(matches!(change, TextChange::Lines { reflowed: true, .. }));
    }

    #[test]
    fn what_cannot_be_seen_is_named() {
        assert_eq!(
            compare("a\nb\n", "a\r\nb\r\n", false),
            TextChange::LineEnds { before: "Unix line ends", after: "Windows line ends" }
        );
    }

    #[test]
    fn huge_differences_show_size_and_digest() {
        let lines = |word: &str| (0..40_000).map(|line| format!("{word} {line}\n")).collect::<String>();
        let change = compare(&lines("a"), &lines("b"), false);
        let TextChange::Elided { before, after } = change else { panic!("{}", shown(&change)) };
        assert_eq!((before.lines, after.bytes), (40_000, lines("b").len()));
        assert_ne!(before.digest, after.digest);
        // One changed line among as many is shown.
        let one = lines("a").replace("a 7777\n", "b 7777\n");
        assert!(matches!(compare(&lines("a"), &one, false), TextChange::Lines { .. }));
    }

    fn squeezed(text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(|c| !c.is_whitespace())
    }

    proptest::proptest! {
        /// If all lines are shown, the hunks contain both texts.
        #[test]
        fn hunks_of_short_texts_contain_both_texts(before in "([ab]\n){0,4}", after in "([ab]\n){0,4}") {
            proptest::prop_assume!(before != after);
            let TextChange::Lines { hunks, .. } = compare(&before, &after, false) else { panic!("short texts are shown") };
            let (mut old, mut new) = (String::new(), String::new());
            for line in hunks.iter().flat_map(|hunk| &hunk.lines) {
                let join = |pieces: &[ChangedPiece]| pieces.iter().map(|piece| piece.text.as_str()).collect::<String>() + "\n";
                match line {
                    DiffLine::Same(text) => {
                        old.push_str(&format!("{text}\n"));
                        new.push_str(&format!("{text}\n"));
                    }
                    DiffLine::Removed(pieces) => old.push_str(&join(pieces)),
                    DiffLine::Added(pieces) => new.push_str(&join(pieces)),
                }
            }
            // Lines far from every change are left out; a text of eight lines has none.
            proptest::prop_assert!(before.contains(&old) || old == before);
            proptest::prop_assert!(after.contains(&new) || new == after);
        }

        #[test]
        fn reflowing_changes_white_space_alone(css in "([a-z{};:\"' \n/*\\\\]|\\{[a-z]:[0-9]px;\\}){0,60}") {
            proptest::prop_assert!(squeezed(&reflow(&css)).eq(squeezed(&css)));
        }
    }
}
