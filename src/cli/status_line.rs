//! A line at the bottom of the terminal that is drawn again and again, and makes room for everything else.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

/// Columns that stay free at the end of the line, so that a `^C` that the terminal puts there does not break it.
const MARGIN: usize = 3;
/// Where the terminal does not say how wide it is.
const USUAL_WIDTH: usize = 80;

/// The line; its copies are the same line.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusLine {
    /// How many columns it takes; none where it is not there.
    drawn: Arc<Mutex<usize>>,
}

impl StatusLine {
    /// Draws what this gives for the columns that there are, in place of what is there.
    pub(super) fn draw(&self, text: impl FnOnce(usize) -> String) {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let width = width();
        let text = text(width.saturating_sub(MARGIN));
        write(&replaced(*drawn, width, &text));
        *drawn = text.chars().count();
    }

    /// Takes it away while something else is written, and says whether there was one. It is back with the next drawing.
    pub(super) fn make_room<T>(&self, write_else: impl FnOnce(bool) -> T) -> T {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let was_there = *drawn > 0;
        if was_there {
            write(&replaced(*drawn, width(), ""));
            *drawn = 0;
        }
        write_else(was_there)
    }
}

fn width() -> usize {
    terminal_size::terminal_size_of(io::stderr())
        .map_or(USUAL_WIDTH, |(width, _)| usize::from(width.0).max(1))
}

/// What a terminal needs to show this instead of a line that took so many columns. One that became narrower since has
/// broken that line into rows, and the cursor is in the last of them.
fn replaced(drawn: usize, width: usize, text: &str) -> String {
    match drawn.saturating_sub(1) / width.max(1) {
        0 => format!("\r\u{1b}[J{text}"),
        rows => format!("\u{1b}[{rows}A\r\u{1b}[J{text}"),
    }
}

fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    // A line that cannot be written is drawn again.
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_takes_the_place_of_the_last_one() {
        assert_eq!(replaced(0, 80, "one"), "\r\u{1b}[Jone");
        assert_eq!(replaced(77, 80, "two"), "\r\u{1b}[Jtwo");
    }

    #[test]
    fn rows_of_a_terminal_that_became_narrow_are_cleared() {
        assert_eq!(replaced(77, 40, ""), "\u{1b}[1A\r\u{1b}[J");
        assert_eq!(replaced(117, 40, ""), "\u{1b}[2A\r\u{1b}[J");
        assert_eq!(replaced(40, 40, ""), "\r\u{1b}[J");
    }
}
