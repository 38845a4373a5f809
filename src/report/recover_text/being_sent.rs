//! Rows whose request another run is waiting for: nothing to settle yet.

use super::Doubt;
use crate::model::{Advice, Commands, Key};
use crate::report::Style;
use crate::state::Row;
use crate::view::{WAIT, templates_are};

/// Appends the rows that are being sent, if any.
pub(super) fn list(rows: &[(&Key, &Row)], style: Style, commands: &dyn Commands, text: &mut String) {
    let rows: Vec<Doubt<'_>> = rows.iter().filter_map(|(key, row)| Doubt::of(key, row)).collect();
    if rows.is_empty() {
        return;
    }
    let head =
        format!("{} being sent now by another run, which has no answer yet.", templates_are(rows.len()));
    let gap = if text.is_empty() { "" } else { "\n" };
    text.push_str(&format!("{gap}{}\n", style.bold(&head)));
    for doubt in &rows {
        doubt.line("", style, text);
    }
    let again = commands.command(&Advice::Recover { keys: Vec::new() });
    text.push_str(&format!("{WAIT}: {again}\n"));
}
