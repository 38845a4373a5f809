//! Wraps long lines for a narrow terminal, between words and with further indentation.

use super::columns::{clusters, columns};

/// Wraps every line that is wider than `width` columns.
pub(super) fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + text.len() / 8);
    for line in text.split_inclusive('\n') {
        // A line never has more columns than bytes.
        if line.trim_end_matches('\n').len() <= width || visible_columns(line.trim_end_matches('\n')) <= width
        {
            wrapped.push_str(line);
        } else {
            Lines::new(width, &mut wrapped).line(line);
        }
    }
    wrapped
}

/// Begins a change of colour (ECMA-48, "select graphic rendition"), which ends with `m`. Texts of others contain
/// none.
const ESCAPE: char = '\u{1b}';

/// The columns of a text without its colours.
fn visible_columns(text: &str) -> usize {
    parts(text).filter(|part| !part.starts_with(ESCAPE)).map(columns).sum()
}

/// Splits a text into colour changes and the text between.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = match rest.strip_prefix(ESCAPE) {
            Some(colour) => colour.find('m').map_or(rest.len(), |at| at + 2),
            None => rest.find(ESCAPE).unwrap_or(rest.len()),
        };
        let (part, after) = rest.split_at(end);
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}

/// Writes one line as several.
struct Lines<'t> {
    width: usize,
    /// The indentation of the second and later lines.
    hang: usize,
    used: usize,
    /// The active colours: a line break turns them off, so that the margin has none.
    colours: String,
    text: &'t mut String,
}

impl<'t> Lines<'t> {
    fn new(width: usize, text: &'t mut String) -> Self {
        Self { width, hang: 0, used: 0, colours: String::new(), text }
    }

    fn line(mut self, line: &str) {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let margin = line.len() - line.trim_start_matches(' ').len();
        self.hang = (if margin == 0 { 2 } else { margin + 4 }).min(self.width / 2);
        self.text.push_str(&" ".repeat(margin.min(self.width / 2)));
        self.used = margin.min(self.width / 2);
        let (words, command) = words_and_command(line);
        let words = words.get(margin..).unwrap_or_default();
        for (number, word) in words.split(' ').enumerate() {
            let need = visible_columns(word);
            // What does not fit on the next line either may begin on this one.
            let below = self.hang + need <= self.width || self.used + FEW > self.width;
            if number > 0 && self.used + 1 + need > self.width && below {
                self.break_line();
            } else if number > 0 && self.used < self.width {
                self.text.push(' ');
                self.used += 1;
            }
            self.word(word);
        }
        if !words.is_empty() && self.used + visible_columns(command) > self.width {
            self.break_line();
        }
        // A command to be copied is never wrapped: a shell would run its first line alone. If it is too wide, the
        // terminal wraps it and copies it as one line.
        self.text.push_str(command);
        self.text.push_str(end);
    }

    fn word(&mut self, word: &str) {
        for part in parts(word) {
            if part.starts_with(ESCAPE) {
                self.colour(part);
            } else {
                for (cluster, columns) in clusters(part) {
                    if self.used + columns > self.width {
                        self.break_line();
                    }
                    self.text.push_str(cluster);
                    self.used += columns;
                }
            }
        }
    }

    fn colour(&mut self, colour: &str) {
        self.text.push_str(colour);
        if colour == RESET {
            self.colours.clear();
        } else {
            self.colours.push_str(colour);
        }
    }

    fn break_line(&mut self) {
        if !self.colours.is_empty() {
            self.text.push_str(RESET);
        }
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
        self.text.push_str(&" ".repeat(self.hang));
        self.text.push_str(&self.colours);
        self.used = self.hang;
    }
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

/// With fewer columns left, a word that fits on no line begins on the next one.
const FEW: usize = 8;
/// Turns all colours off.
const RESET: &str = "\u{1b}[0m";

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
    fn the_margin_has_no_colour() {
        let text = format!("  \u{1b}[1mone two{RESET} three\n");
        assert_eq!(
            wrap(&text, 8),
            format!("  \u{1b}[1mone{RESET}\n    \u{1b}[1mtwo{RESET}\n    thre\n    e\n")
        );
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
