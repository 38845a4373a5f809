//! Colour and detail. Meaning is never carried by colour alone: every line has its sign or its word.

use anstyle::{AnsiColor, Style as Ansi};

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    colour: bool,
    verbose: bool,
    compact: bool,
}

impl Style {
    /// With or without colour, short or with everything.
    pub fn new(colour: bool, verbose: bool) -> Self {
        Self { colour, verbose, compact: false }
    }

    /// With one line for each template, or as it was.
    #[must_use]
    pub fn compact(self, compact: bool) -> Self {
        Self { compact, ..self }
    }

    /// Whether a template is to have one line only.
    pub(super) fn is_compact(self) -> bool {
        self.compact
    }

    /// Whether everything is to be said.
    pub(super) fn is_verbose(self) -> bool {
        self.verbose
    }

    /// A text in the colour of a plan's sign.
    pub(super) fn signed(self, sign: char, text: &str) -> String {
        let colour = match sign {
            '+' => AnsiColor::Green,
            '~' => AnsiColor::Yellow,
            '-' | '!' => AnsiColor::Red,
            '?' => AnsiColor::Magenta,
            _ => AnsiColor::Cyan,
        };
        self.paint(Ansi::new().fg_color(Some(colour.into())), text)
    }

    /// A part of a text that differs from the other side.
    pub(super) fn differing(self, sign: char, text: &str) -> String {
        let colour = if sign == '-' { AnsiColor::Red } else { AnsiColor::Green };
        self.paint(Ansi::new().fg_color(Some(colour.into())).underline().bold(), text)
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
