//! Colour, detail and width of text reports. Colour alone never carries meaning: every line has a sign or a word.

use anstyle::{AnsiColor, Style as Ansi};

use super::wrap::wrap;

/// How a report is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    colour: bool,
    verbose: bool,
    compact: bool,
    columns: Option<usize>,
}

/// The narrowest terminal that texts are wrapped for, in columns.
const NARROWEST: usize = 40;
/// The limit of a line in a diff if the width of the terminal is unknown, in columns.
const MAX_LINE_LENGTH: usize = 160;

impl Style {
    /// A style with or without colour, short or verbose.
    pub fn new(colour: bool, verbose: bool) -> Self {
        Self { colour, verbose, ..Self::default() }
    }

    /// Sets the compact form: one line for each template.
    #[must_use]
    pub fn compact(self, compact: bool) -> Self {
        Self { compact, ..self }
    }

    /// Sets the columns of the terminal; with `None`, no line is wrapped, so that programs find whole sentences.
    #[must_use]
    pub fn columns(self, columns: Option<usize>) -> Self {
        Self { columns: columns.map(|columns| columns.max(NARROWEST)), ..self }
    }

    /// Whether each template has only one line.
    pub(super) fn is_compact(self) -> bool {
        self.compact
    }

    /// Whether to print everything.
    pub(super) fn is_verbose(self) -> bool {
        self.verbose
    }

    /// The columns that a line may take.
    pub(super) fn width(self) -> usize {
        self.columns.unwrap_or(MAX_LINE_LENGTH)
    }

    /// The columns of the terminal, if known.
    pub(super) fn limit(self) -> Option<usize> {
        self.columns
    }

    /// A whole text, wrapped to fit the terminal.
    #[must_use]
    pub fn laid_out(self, text: String) -> String {
        match self.columns {
            Some(columns) => wrap(&text, columns),
            None => text,
        }
    }

    /// A text in the colour of a sign of the plan. Adjacent signs never differ only by red and green: additions are
    /// blue and removals are red, which look different with any colour vision, on dark and on light.
    pub(super) fn signed(self, sign: &str, text: &str) -> String {
        self.paint(sign_style(sign), text)
    }

    /// A part of a text that differs from the other side.
    pub(super) fn differing(self, sign: &str, text: &str) -> String {
        self.paint(sign_style(sign).underline().bold(), text)
    }

    /// The label of a notice: `Warning:`.
    pub(super) fn label(self, word: &str) -> String {
        self.paint(sign_style("?"), &format!("{word}:"))
    }

    /// A text of less importance.
    pub(super) fn faint(self, text: &str) -> String {
        self.paint(Ansi::new().dimmed(), text)
    }

    /// A text of more importance.
    pub(super) fn bold(self, text: &str) -> String {
        self.paint(Ansi::new().bold(), text)
    }

    fn paint(self, style: Ansi, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

fn sign_style(sign: &str) -> Ansi {
    let (colour, bold) = match sign {
        "+" | "-/+" => (AnsiColor::BrightBlue, false),
        "-" => (AnsiColor::Red, false),
        "~" => (AnsiColor::Yellow, false),
        // Signs for templates that need a person are also bold.
        "!" => (AnsiColor::Red, true),
        "?" => (AnsiColor::Magenta, true),
        _ => (AnsiColor::Cyan, false),
    };
    let style = Ansi::new().fg_color(Some(colour.into()));
    if bold { style.bold() } else { style }
}
