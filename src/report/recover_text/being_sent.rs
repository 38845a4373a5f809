//! Rows whose request another run is waiting for: nothing to settle yet.

use super::Doubt;
use crate::model::{Advice, Commands, Key};
use crate::report::{Style, safe_text};
use crate::state::Row;
use crate::view::WAIT;

/// Appends the rows that are being sent, if any.
pub(super) fn list(rows: &[(&Key, &Row)], style: Style, commands: &dyn Commands, text: &mut String) {
    let rows: Vec<Doubt<'_>> = rows.iter().filter_map(|(key, row)| Doubt::of(key, row)).collect();
    if rows.is_empty() {
        return;
    }
    let noun = if rows.len() == 1 { "1 template is" } else { &format!("{} templates are", rows.len()) };
    let head = format!("{noun} being sent now by another run, which has no answer yet.");
    let gap = if text.is_empty() { "" } else { "\n" };
    text.push_str(&format!("{gap}{}\n", style.bold(&head)));
    for doubt in &rows {
        let line = format!("? {}", safe_text(doubt.key.as_str()));
        let (title, resource) = (doubt.title(), doubt.resource());
        text.push_str(&format!("  {}  {title}, for {resource}\n", style.signed("?", &line)));
    }
    let again = commands.command(&Advice::Recover { keys: Vec::new() });
    text.push_str(&format!("{WAIT}: {again}\n"));
}
