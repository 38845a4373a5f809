//! A line at the bottom of the terminal that is redrawn, and removed while other output is printed.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

/// Columns left free at the end of the line, so that the terminal's `^C` does not wrap it.
const MARGIN: usize = 3;
/// The width in columns if the terminal does not report one.
const USUAL_WIDTH: usize = 80;

/// The status line; clones share one line.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusLine {
    /// The columns that the line takes; 0 if it is not drawn.
    drawn: Arc<Mutex<usize>>,
}

impl StatusLine {
    /// Draws the text for the available columns, in place of the line drawn before.
    pub(super) fn draw(&self, text: impl FnOnce(usize) -> String) {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let width = width();
        let text = text(width.saturating_sub(MARGIN));
        write(&replaced(*drawn, width, &text));
        *drawn = text.chars().count();
    }

    /// Removes the line while other output is written, and passes on whether there was one. The next drawing restores
    /// it.
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

/// Returns the output that replaces a line of `drawn` columns. A terminal that became narrower has wrapped that line,
/// and the cursor is in its last row.
fn replaced(drawn: usize, width: usize, text: &str) -> String {
    match drawn.saturating_sub(1) / width.max(1) {
        0 => format!("\r\u{1b}[J{text}"),
        rows => format!("\u{1b}[{rows}A\r\u{1b}[J{text}"),
    }
}

fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    // If writing fails, the next drawing repeats it.
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_line_replaces_the_last_one() {
        assert_eq!(replaced(0, 80, "one"), "\r\u{1b}[Jone");
        assert_eq!(replaced(77, 80, "two"), "\r\u{1b}[Jtwo");
    }

    #[test]
    fn wrapped_rows_are_cleared_after_narrowing() {
        assert_eq!(replaced(77, 40, ""), "\u{1b}[1A\r\u{1b}[J");
        assert_eq!(replaced(117, 40, ""), "\u{1b}[2A\r\u{1b}[J");
        assert_eq!(replaced(40, 40, ""), "\r\u{1b}[J");
    }
}
