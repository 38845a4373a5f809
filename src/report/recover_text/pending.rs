//! Rows that wait for a background job: what to do where it never ends.

use super::{Doubt, SINGLY};
use crate::model::Key;
use crate::report::command_text::shell_word;
use crate::report::{Style, safe_text};
use crate::state::Row;

/// The rows that wait, if there are any.
pub(super) fn list(rows: &[(&Key, &Row)], style: Style, text: &mut String) {
    let rows: Vec<Doubt<'_>> = rows.iter().filter_map(|(key, row)| Doubt::of(key, row)).collect();
    if rows.is_empty() {
        return;
    }
    let noun = if rows.len() == 1 { "1 template is" } else { &format!("{} templates are", rows.len()) };
    let head = format!(
        "{noun} pending: a background job of the server goes on with what was sent, and had not ended when it was last \
         asked for."
    );
    text.push_str(&format!("\n{}\n", style.bold(&head)));
    if rows.len() <= SINGLY || style.is_verbose() {
        for waiting in &rows {
            waiting.whole(style, text);
            ways(&shell_word(waiting.key.as_str()), text);
        }
        return;
    }
    for waiting in &rows {
        let line = format!("? {}", safe_text(waiting.key.as_str()));
        let (title, resource) = (waiting.title(), waiting.resource());
        let job = safe_text(waiting.row.job().unwrap_or_default());
        text.push_str(&format!("  {}  {title}, for {resource}, job {job}\n", style.signed('?', &line)));
    }
    text.push_str("\nTo settle them (KEY can be several keys; no pattern names what is pending):\n");
    ways("KEY", text);
}

fn ways(key: &str, text: &mut String) {
    text.push_str(&format!(
        "  Ask for the job again first:               certctl apply\n  \
         The job may still be at work. Only if it never ends, look at the template in the admin page, and take the first \
         that fits:\n    \
         1. what was sent is there, with an id:   certctl recover {key} --created ID\n    \
         2. it is there, and you see no id:       certctl recover {key} --applied\n    \
         3. it is not there:                      certctl recover {key} --not-created\n       \
         Careful: if the job makes it after all, the apply after 3 makes a second one, and only the admin page can \
         delete it.\n"
    ));
}
