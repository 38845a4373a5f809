//! The state for people.

use super::{safe_lines, safe_text, value_text};
use crate::model::{Attributes, Key, NaturalKey};
use crate::state::{Attempt, Document, IdSource, Row, Status};

/// One line for each template: key, status, id, title.
pub fn state_list(document: &Document) -> String {
    let width =
        document.templates.keys().map(|key| safe_text(key.as_str()).chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (key, row) in &document.templates {
        let id = row.identity.as_ref().map_or("-", |identity| identity.id.as_str());
        let title = attributes(row).and_then(Attributes::title).unwrap_or("");
        let line = format!(
            "{:width$}  {:8}  {:36}  {}",
            safe_text(key.as_str()),
            status_word(row.status()),
            safe_text(id),
            safe_text(title)
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if text.is_empty() { "The state has no templates.\n".to_owned() } else { text }
}

/// Everything that is known of one template.
pub fn state_row(key: &Key, row: &Row) -> String {
    let mut text = format!("{}\n", safe_text(key.as_str()));
    let mut line = |name: &str, value: &str| text.push_str(&format!("  {name:12}{value}\n"));
    line("status", status_word(row.status()));
    match &row.identity {
        Some(identity) => {
            line("id", &format!("{} ({})", safe_text(identity.id.as_str()), source_word(identity.source)));
        }
        None => line("id", "not known"),
    }
    if row.protect {
        line("protect", "yes: forgetting it takes two steps");
    }
    if let Some(fault) = row.fault() {
        line("why", &safe_lines(&fault.message).replace('\n', "\n              "));
        line("since", &fault.at.to_string());
        if let Some(record) = &fault.record {
            line("record", &safe_text(&record.to_string()));
        }
    }
    match &row.known {
        Some(known) => {
            line("digest", known.digest.as_str());
            if let Some(at) = known.applied_at {
                line("applied", &at.to_string());
            }
            text.push_str("  the server holds:\n");
            attribute_lines(&known.attributes, &mut text);
        }
        None if row.exists() => text.push_str("  what the server holds of it is not known\n"),
        None => text.push_str("  the server is not known to hold it\n"),
    }
    if let Some(attempt) = row.attempt() {
        text.push_str(&format!(
            "  sent {} in request {}, and perhaps applied ({}):\n",
            attempt.at,
            safe_text(&attempt.batch),
            attempt.digest
        ));
        attribute_lines(&attempt.attributes, &mut text);
    }
    text
}

fn attribute_lines(attributes: &Attributes, text: &mut String) {
    for (name, value) in attributes.iter() {
        text.push_str(&format!("    {}: {}\n", safe_text(name), value_text::short(Some(value))));
    }
}

/// The rows in doubt, and for each the commands that settle it, in the order in which they should be tried.
pub fn recover_list(rows: &[(&Key, &Row)]) -> String {
    if rows.is_empty() {
        return "Nothing is in doubt.\n".to_owned();
    }
    let noun = if rows.len() == 1 { "1 template is" } else { &format!("{} templates are", rows.len()) };
    let mut text = format!("{noun} in doubt: sent, and what became of it is not known.\n");
    for (key, row) in rows {
        if let Some(attempt) = row.attempt() {
            doubtful(key, row, attempt, &mut text);
        }
    }
    text
}

fn doubtful(key: &Key, row: &Row, attempt: &Attempt, text: &mut String) {
    let key = safe_text(key.as_str());
    let title = attempt.attributes.title().unwrap_or("(no title)");
    text.push_str(&format!("\n? {key}\n  title     {}\n", safe_text(title)));
    text.push_str(&format!("  for       {}\n", safe_text(&NaturalKey::of(&attempt.attributes).to_string())));
    text.push_str(&format!(
        "  sent      {} in request {}, {}\n",
        attempt.at,
        safe_text(&attempt.batch),
        attempt.digest
    ));
    if let Some(fault) = row.fault() {
        text.push_str(&format!("  why       {}\n", safe_text(&fault.message)));
    }
    if !attempt.candidate_ids.is_empty() {
        let ids: Vec<String> = attempt.candidate_ids.iter().map(|id| safe_text(id.as_str())).collect();
        text.push_str(&format!("  ids       the server mentioned {}\n", ids.join(", ")));
    }
    if Document::is_create_in_doubt(row) {
        text.push_str(&format!(
            "  Look in the admin page for this title and resource, then run one of these:\n    \
             it is there, and you see its id:    certctl recover {key} --created ID\n    \
             it is there, and you see no id:     certctl recover {key} --applied\n    \
             it is not there:                    certctl recover {key} --not-created\n    \
             you cannot find out:                certctl recover {key} --resend   (there may be two of it afterwards)\n"
        ));
    } else {
        text.push_str(&format!(
            "  It is an update, and setting the same values twice is harmless: certctl apply sends it again. Or:\n    \
             the server has the new values:      certctl recover {key} --applied\n    \
             the server has the old values:      certctl recover {key} --not-created\n"
        ));
    }
}

fn attributes(row: &Row) -> Option<&Attributes> {
    let attempted = row.attempt().map(|attempt| &attempt.attributes);
    row.known.as_ref().map(|known| &known.attributes).or(attempted)
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Applied => "applied",
        Status::Failed => "failed",
        Status::Pending => "pending",
        Status::InDoubt => "in doubt",
    }
}

fn source_word(source: IdSource) -> &'static str {
    match source {
        IdSource::Exact => "exact",
        IdSource::Positional => "positional: by its place in the answer, not certain",
        IdSource::Imported => "imported",
    }
}
