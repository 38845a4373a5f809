//! Rows that wait for a background job, and the advice for a job that never ends.

use super::{Doubt, SINGLY, apply};
use crate::model::{Advice, Commands, Key, Settling};
use crate::report::{Style, safe_text};
use crate::state::Row;
use crate::view::templates_are;

/// Appends the pending rows, if any.
pub(super) fn list(rows: &[(&Key, &Row)], style: Style, commands: &dyn Commands, text: &mut String) {
    let rows: Vec<Doubt<'_>> = rows.iter().filter_map(|(key, row)| Doubt::of(key, row)).collect();
    if rows.is_empty() {
        return;
    }
    let head = format!(
        "{} pending: a background job of the server goes on with what was sent, and had not ended when it was last \
         asked for.",
        templates_are(rows.len())
    );
    text.push_str(&format!("\n{}\n", style.bold(&head)));
    if rows.len() <= SINGLY || style.is_verbose() {
        for waiting in &rows {
            waiting.whole(style, text);
            commands_to_settle(Some(waiting.key), commands, text);
        }
        return;
    }
    for waiting in &rows {
        let job = safe_text(waiting.row.job().unwrap_or_default());
        waiting.line(&format!(", job {job}"), style, text);
    }
    text.push_str("\nTo settle them (KEY can be several keys; no pattern names what is pending):\n");
    commands_to_settle(None, commands, text);
}

fn commands_to_settle(key: Option<&Key>, commands: &dyn Commands, text: &mut String) {
    let settle = |how| commands.command(&Advice::Settle { key: key.cloned(), how });
    text.push_str(&format!(
        "  Ask for the job again first:               {}\n  \
         The job may still be at work. Only if it never ends, look at the template in the admin page, and take the first \
         that fits:\n    \
         1. what was sent is there, with an id:   {}\n    \
         2. it is there, and you see no id:       {}\n    \
         3. it is not there:                      {}\n       \
         Careful: if the job makes it after all, the apply after 3 makes a second one, and only the admin page can \
         delete it.\n",
        commands.command(&apply(key)),
        settle(Settling::Created(None)),
        settle(Settling::Applied),
        settle(Settling::NotCreated)
    ));
}
