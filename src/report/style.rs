//! Colour, detail and width. Meaning is never carried by colour alone: every line has its sign or its word.

use anstyle::{AnsiColor, Style as Ansi};

use super::wrap::wrap;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    colour: bool,
    verbose: bool,
    compact: bool,
    columns: Option<usize>,
}

/// The narrowest terminal for which texts are laid out.
const NARROWEST: usize = 40;
/// The longest line of a diff where nothing says how wide the terminal is.
const LONGEST_LINE: usize = 160;

impl Style {
    /// With or without colour, short or with everything.
    pub fn new(colour: bool, verbose: bool) -> Self {
        Self { colour, verbose, ..Self::default() }
    }

    /// With one line for each template, or as it was.
    #[must_use]
    pub fn compact(self, compact: bool) -> Self {
        Self { compact, ..self }
    }

    /// For a terminal with so many columns; without a number, no line is broken, so that programs find whole sentences.
    #[must_use]
    pub fn columns(self, columns: Option<usize>) -> Self {
        Self { columns: columns.map(|columns| columns.max(NARROWEST)), ..self }
    }

    /// Whether a template is to have one line only.
    pub(super) fn is_compact(self) -> bool {
        self.compact
    }

    /// Whether everything is to be said.
    pub(super) fn is_verbose(self) -> bool {
        self.verbose
    }

    /// The columns that a line may take.
    pub(super) fn width(self) -> usize {
        self.columns.unwrap_or(LONGEST_LINE)
    }

    /// The columns of the terminal, where something says how many.
    pub(super) fn limit(self) -> Option<usize> {
        self.columns
    }

    /// A whole text, its lines broken to fit the terminal.
    #[must_use]
    pub fn laid_out(self, text: String) -> String {
        match self.columns {
            Some(columns) => wrap(&text, columns),
            None => text,
        }
    }

    /// A text in the colour of a plan's sign. No two that stand side by side are told apart by red and green: what
    /// comes is blue and what goes is red, which look different with any colour vision, on dark and on light.
    pub(super) fn signed(self, sign: char, text: &str) -> String {
        self.paint(sign_style(sign), text)
    }

    /// A part of a text that differs from the other side.
    pub(super) fn differing(self, sign: char, text: &str) -> String {
        self.paint(sign_style(sign).underline().bold(), text)
    }

    /// What begins a warning.
    pub(super) fn warning(self) -> String {
        self.paint(sign_style('?'), "Warning:")
    }

    /// A text that stays in the background.
    pub(super) fn faint(self, text: &str) -> String {
        self.paint(Ansi::new().dimmed(), text)
    }

    /// A text that stands out.
    pub(super) fn bold(self, text: &str) -> String {
        self.paint(Ansi::new().bold(), text)
    }

    fn paint(self, style: Ansi, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

fn sign_style(sign: char) -> Ansi {
    let (colour, bold) = match sign {
        '+' => (AnsiColor::BrightBlue, false),
        '-' => (AnsiColor::Red, false),
        '~' => (AnsiColor::Yellow, false),
        // What needs a person is bold, too.
        '!' => (AnsiColor::Red, true),
        '?' => (AnsiColor::Magenta, true),
        _ => (AnsiColor::Cyan, false),
    };
    let style = Ansi::new().fg_color(Some(colour.into()));
    if bold { style.bold() } else { style }
}
