//! Wraps long lines for a narrow terminal, between words and with further indentation. Every text report uses it. Which
//! words go on which line is `textwrap`'s work; what a word is and how wide it is are decided here.

use std::borrow::Cow;

use textwrap::WordSeparator;
use textwrap::core::Fragment;
use textwrap::wrap_algorithms::wrap_first_fit;

use super::columns::{clusters, columns};

/// Wraps every line that is wider than `width` columns.
pub(super) fn wrap(text: &str, width: usize) -> String {
    text.split('\n').map(|line| wrap_line(line, width)).collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str, width: usize) -> Cow<'_, str> {
    // A line never has more columns than bytes.
    if line.len() <= width || visible_columns(line) <= width {
        return Cow::Borrowed(line);
    }
    let margin = line.len() - line.trim_start_matches(' ').len();
    let hang = (if margin == 0 { 2 } else { margin + 4 }).min(width / 2);
    let (words, command) = words_and_command(line);
    let words = WordSeparator::AsciiSpace.find_words(words.get(margin..).unwrap_or_default());
    let mut pieces: Vec<WordPiece<'_>> =
        words.flat_map(|word| WordPiece::of_word(word.word, word.whitespace, width - hang)).collect();
    // A command to be copied is never wrapped: a shell would run its first line alone. If it is too wide, the
    // terminal wraps it and copies it as one line.
    pieces.extend((!command.is_empty()).then(|| WordPiece::new(command, "")));
    let margin = margin.min(width / 2);
    let lines = wrap_first_fit(&pieces, &[width - margin, width - hang].map(in_float));
    let lines: Vec<String> = lines.into_iter().map(WordPiece::line).collect();
    Cow::Owned(" ".repeat(margin) + &lines.join(&format!("\n{}", " ".repeat(hang))))
}

/// A word, or a part of one that is wider than a line, and the spaces after it.
#[derive(Clone, Copy, Debug)]
struct WordPiece<'t> {
    text: &'t str,
    columns: usize,
    spaces: &'t str,
}

impl<'t> WordPiece<'t> {
    fn new(text: &'t str, spaces: &'t str) -> Self {
        Self { text, columns: visible_columns(text), spaces }
    }

    /// A word in pieces of at most `room` columns.
    fn of_word(word: &'t str, spaces: &'t str, room: usize) -> Vec<Self> {
        let whole = Self::new(word, spaces);
        if whole.columns <= room {
            return vec![whole];
        }
        let (mut pieces, mut start, mut end, mut used) = (Vec::new(), 0, 0, 0);
        for (character, columns) in characters(word) {
            if used + columns > room {
                pieces.push(Self::new(&word[start..end], ""));
                (start, used) = (end, 0);
            }
            end += character.len();
            used += columns;
        }
        pieces.push(Self::new(&word[start..], spaces));
        pieces
    }

    /// The text of a line; without the spaces at its end.
    fn line(pieces: &[Self]) -> String {
        let line: String = pieces.iter().flat_map(|piece| [piece.text, piece.spaces]).collect();
        line.trim_end_matches(' ').to_owned()
    }
}

impl Fragment for WordPiece<'_> {
    fn width(&self) -> f64 {
        in_float(self.columns)
    }

    fn whitespace_width(&self) -> f64 {
        in_float(self.spaces.len())
    }

    fn penalty_width(&self) -> f64 {
        0.0
    }
}

fn in_float(columns: usize) -> f64 {
    f64::from(u32::try_from(columns).unwrap_or(u32::MAX))
}

/// Begins a change of colour (ECMA-48, "select graphic rendition"), which ends with `m`. Texts of others contain
/// none.
const ESCAPE: char = '\u{1b}';

/// The columns of a text without its colours.
fn visible_columns(text: &str) -> usize {
    if text.contains(ESCAPE) { characters(text).map(|(_, columns)| columns).sum() } else { columns(text) }
}

/// The characters of a text as people see them, each with its columns; those of a change of colour have none.
fn characters(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut in_colour = false;
    clusters(text).map(move |(character, columns)| {
        in_colour |= character.starts_with(ESCAPE);
        let shown = if in_colour { 0 } else { columns };
        in_colour &= !character.starts_with('m');
        (character, shown)
    })
}

/// The programs in commands that reports suggest.
const PROGRAMS: [&str; 4] = ["certctl ", "git ", "cp ", "mv "];

fn is_command(words: &str) -> bool {
    PROGRAMS.iter().any(|program| words.starts_with(program))
}

/// Splits a line into words, with blanks, and the command at its end: one that follows a colon, or a whole indented
/// line.
pub(super) fn words_and_command(line: &str) -> (&str, &str) {
    let command = line.trim_start_matches(' ');
    let margin = line.len() - command.len();
    if margin > 1 && is_command(command) { line.split_at(margin) } else { command_at_the_end(line) }
}

/// Splits words, with blanks, from the command at the end of a line.
fn command_at_the_end(words: &str) -> (&str, &str) {
    let is_announced = |at: &usize| words[..*at].trim_end_matches(' ').ends_with(':');
    let mut starts = words.match_indices(' ').map(|(at, _)| at + 1).filter(|at| is_command(&words[*at..]));
    starts.rfind(is_announced).map_or((words, ""), |at| words.split_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_goes_on_further_in() {
        let text =
            "Plan: 2 to add, 1 to change, 0 to destroy.\n\n  + cloud-101  create  (templates/cloud.yaml:8)\n";
        insta::assert_snapshot!(wrap(text, 40), @r"
        Plan: 2 to add, 1 to change, 0 to
          destroy.

          + cloud-101  create
              (templates/cloud.yaml:8)
        ");
        assert_eq!(wrap(text, 60), text);
    }

    #[test]
    fn a_command_stays_whole() {
        let text = "      it is not sent again until you settle it: certctl recover cloud-101\n";
        insta::assert_snapshot!(wrap(text, 54), @r"
        it is not sent again until you settle it:
            certctl recover cloud-101
        ");
    }

    #[test]
    fn a_command_is_never_broken() {
        let command =
            "certctl -C academy recover 'a key that is longer than any terminal is wide' --from-csv FILE";
        let text = format!("    1. you have an export made since then:   {command}\n");
        let wrapped = wrap(&text, 40);
        assert_eq!(wrapped.lines().last().map(str::trim_start), Some(command), "{wrapped}");
    }

    #[test]
    fn a_command_on_its_line_is_unbroken() {
        for program in ["certctl state verify", "git checkout abc --", "cp a", "mv a"] {
            let command = format!("{program} 'a path that is longer than any terminal is wide, by far'");
            let text = format!("Bring it back:\n  {command}\n");
            assert_eq!(wrap(&text, 40), text);
            let announced = wrap(&format!("To bring it back: {command}\n"), 40);
            assert_eq!(announced, format!("To bring it back:\n  {command}\n"));
        }
    }

    #[test]
    fn colours_have_no_width() {
        let (bold, reset) = ("\u{1b}[1m", "\u{1b}[0m");
        assert_eq!(wrap(&format!("{bold}one{reset} two\n"), 7), format!("{bold}one{reset} two\n"));
        assert_eq!(
            wrap(&format!("{bold}one two{reset} three\n"), 7),
            format!("{bold}one two{reset}\n  three\n")
        );
        assert_eq!(wrap(&format!("{bold}abcdefg{reset}\n"), 6), format!("{bold}abcd\n  efg{reset}\n"));
    }

    proptest::proptest! {
        #[test]
        fn every_line_fits_and_loses_only_spaces(
            words in proptest::collection::vec("[a-z資é👩:]{0,50}", 0..30), margin in 0_usize..14, width in 40_usize..200,
        ) {
            let text = format!("{}{}\n", " ".repeat(margin), words.join(" "));
            let wrapped = wrap(&text, width);
            proptest::prop_assert_eq!(wrap(&wrapped, width), wrapped.clone(), "what fits is left alone");
            proptest::prop_assert!(wrapped.lines().all(|line| columns(line) <= width), "{wrapped}");
            let visible = |text: &str| text.split_whitespace().collect::<String>();
            proptest::prop_assert_eq!(visible(&wrapped), visible(&text));
        }
    }
}
