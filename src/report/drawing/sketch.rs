//! Draws a picture with characters, for a terminal: each label's text is printed at its position, as far as it
//! fits.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{DrawnLabel, ImageError, Picture, extent};
use crate::report::columns::beginning;
use crate::report::safe_text;
use crate::report::safe_text::is_right_to_left;

/// A drawing made of characters.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch<'p> {
    /// The lines of the drawing with its frame, all equally wide.
    pub lines: Vec<String>,
    /// The labels whose texts do not fit; the drawing has their numbers, from 1, in their place.
    pub numbered: Vec<(usize, &'p DrawnLabel)>,
}

/// The narrowest and the widest drawing, in columns.
const COLUMNS: (u64, u64) = (20, 100);
/// The lowest and the highest drawing, in lines without the frame.
const LINES: (u64, u64) = (3, 26);
/// A text that would be cut to fewer columns is replaced by a number.
const LEAST: usize = 6;

impl<'p> Sketch<'p> {
    /// Draws a picture, at most `width` columns wide, but never narrower than 20.
    pub fn of(picture: &'p Picture, width: usize) -> Self {
        let size = (u64::from(picture.sheet.width), u64::from(picture.sheet.height));
        let grid = Grid::new(size, u64::try_from(width).unwrap_or(COLUMNS.1));
        let mut rows: Vec<SketchRow> = (0..grid.lines).map(|_| SketchRow::new(grid.columns)).collect();
        let mut numbered = Vec::new();
        for label in in_reading_order(&picture.labels) {
            let (line, column) = grid.cell(label);
            let written = rows.get_mut(line).is_some_and(|row| row.write(column, label));
            if !written {
                let number = numbered.len() + 1;
                if let Some(row) = rows.get_mut(line) {
                    row.number(column, number);
                }
                numbered.push((number, label));
            }
        }
        Self { lines: framed(&rows, grid.columns), numbered }
    }
}

/// The labels on the sheet, from top to bottom. Others cannot be drawn.
fn in_reading_order(labels: &[DrawnLabel]) -> Vec<&DrawnLabel> {
    let on_sheet = |label: &&DrawnLabel| !label.problems.contains(&ImageError::Outside);
    let mut labels: Vec<&DrawnLabel> = labels.iter().filter(on_sheet).collect();
    labels.sort_by_key(|label| (label.y, label.x));
    labels
}

/// How a sheet is divided into characters.
struct Grid {
    columns: usize,
    lines: usize,
    /// Width and height in pixels.
    sheet: (f64, f64),
}

impl Grid {
    /// Assumes that a character is twice as high as it is wide.
    fn new((width, height): (u64, u64), room: u64) -> Self {
        let widest = room.clamp(COLUMNS.0, COLUMNS.1) - 2;
        // `Canvas::MAX_SIDE` limits both sides.
        let columns = (LINES.1 * 2 * width / height.max(1)).clamp(COLUMNS.0 - 2, widest);
        let lines = (columns * height / (2 * width.max(1))).clamp(LINES.0, LINES.1);
        let whole = |number: u64| usize::try_from(number).unwrap_or(1);
        let pixels = |side: u64| f64::from(u32::try_from(side).unwrap_or(1));
        Self { columns: whole(columns), lines: whole(lines), sheet: (pixels(width), pixels(height)) }
    }

    /// Line and column of a label: the middle of its line, and its left end or its middle.
    fn cell(&self, label: &DrawnLabel) -> (usize, usize) {
        let (x, y) = label.place();
        let middle = y + label.size * extent::LINE / 2.0;
        (share(middle / self.sheet.1, self.lines), share(x / self.sheet.0, self.columns))
    }
}

/// The part, of `parts` equal ones, that contains a share of the whole.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "there are at most a hundred parts, and the share is bounded to 0..=1"
)]
fn share(share: f64, parts: usize) -> usize {
    ((share.clamp(0.0, 1.0) * parts as f64) as usize).min(parts.saturating_sub(1))
}

/// One line of a drawing.
struct SketchRow {
    columns: usize,
    pieces: Vec<SketchPiece>,
}

struct SketchPiece {
    start: usize,
    width: usize,
    text: String,
}

impl SketchRow {
    fn new(columns: usize) -> Self {
        Self { columns, pieces: Vec::new() }
    }

    /// Writes a label's text at its column, cut if necessary; returns whether it fits.
    fn write(&mut self, column: usize, label: &DrawnLabel) -> bool {
        let Some((left, right)) = self.room(column) else { return false };
        let room = if label.centred { 2 * (column - left).min(right - column) } else { right - column };
        let text = safe_text(&label.text);
        let Some(text) = cut(&text, room) else { return false };
        let width = text.width();
        let start = if label.centred { column - width / 2 } else { column };
        self.pieces.push(SketchPiece { start, width, text });
        true
    }

    /// Writes a number as near to its column as possible, if that place is free.
    fn number(&mut self, column: usize, number: usize) {
        let text = format!("[{number}]");
        let start = column.min(self.columns.saturating_sub(text.len()));
        if self.room(start).is_some_and(|(_, right)| right - start >= text.len()) {
            self.pieces.push(SketchPiece { start, width: text.len(), text });
        }
    }

    /// The free columns around this one, if it is free. One blank column remains between texts.
    fn room(&self, column: usize) -> Option<(usize, usize)> {
        let (mut left, mut right) = (0, self.columns);
        for piece in &self.pieces {
            let taken = piece.start.saturating_sub(1)..(piece.start + piece.width + 1);
            if taken.contains(&column) {
                return None;
            }
            if taken.end <= column {
                left = left.max(taken.end);
            } else {
                right = right.min(taken.start);
            }
        }
        Some((left, right))
    }

    fn text(&self) -> String {
        let mut pieces: Vec<&SketchPiece> = self.pieces.iter().collect();
        pieces.sort_by_key(|piece| piece.start);
        let (mut text, mut column) = (String::new(), 0);
        for piece in pieces {
            text.push_str(&" ".repeat(piece.start.saturating_sub(column)));
            text.push_str(&piece.text);
            column = piece.start + piece.width;
        }
        text + &" ".repeat(self.columns.saturating_sub(column))
    }
}

fn framed(rows: &[SketchRow], columns: usize) -> Vec<String> {
    let line = "─".repeat(columns);
    let mut lines = vec![format!("┌{line}┐")];
    lines.extend(rows.iter().map(|row| format!("│{}│", row.text())));
    lines.push(format!("└{line}┘"));
    lines
}

/// The text, cut to fit; `None` where too little would remain, or where terminals disagree about its width.
fn cut(text: &str, room: usize) -> Option<String> {
    let whole = text.width();
    let text = if whole <= room {
        text.to_owned()
    } else if room >= LEAST {
        beginning(text, room - 1).to_owned() + "…"
    } else {
        return None;
    };
    (!text.trim().is_empty() && has_stable_width(&text)).then_some(text)
}

/// Whether every terminal shows the text with the same width at the same place: no character depends on its
/// neighbours, and none is written from right to left, which would move the frame.
fn has_stable_width(text: &str) -> bool {
    let alone: usize = text.chars().map(|c| c.width().unwrap_or(0)).sum();
    alone == text.width() && !is_right_to_left(text)
}

#[cfg(test)]
mod tests;
