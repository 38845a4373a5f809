//! Prints the state for people: `certctl state list` and `state show`.

use super::columns::{beginning, columns};
use super::{Style, attempts_text, safe_lines, safe_text, value_text};
use crate::model::{Attributes, Key};
use crate::state::{Document, IdSource, Provenance, ResolutionKind, ResolutionRecord, Row, RowStatus};
use crate::view::NOT_KNOWN;

/// With fewer columns left beside the id, the title goes below.
const LITTLE: usize = 12;

/// One line for each template: key, status, id, title. On a terminal, titles are cut to fit.
pub fn state_list(document: &Document, style: Style) -> String {
    let width = document.templates.keys().map(|key| columns(&safe_text(key.as_str()))).max().unwrap_or(0);
    let mut text = String::new();
    for (key, row) in &document.templates {
        let id = row.identity.as_ref().map_or("-", |identity| identity.id.as_str());
        let title = title_of(row).unwrap_or("");
        let name = safe_text(key.as_str());
        let line = format!(
            "{name}{:padding$}  {:8}  {:36}  ",
            "",
            status_word(row.status()),
            safe_text(id),
            padding = width - columns(&name)
        );
        let room = style.limit().map(|limit| limit.saturating_sub(columns(&line)));
        let title = match (room, style.limit()) {
            (Some(room), Some(limit)) if room < LITTLE => {
                format!("\n    {}", cut(&safe_text(title), limit.saturating_sub(4)))
            }
            (Some(room), _) => cut(&safe_text(title), room),
            (None, _) => safe_text(title),
        };
        text.push_str(
            format!("{}{title}", if title.starts_with('\n') { line.trim_end() } else { &line }).trim_end(),
        );
        text.push('\n');
    }
    if text.is_empty() { "The state has no templates.\n".to_owned() } else { text }
}

/// The title that the server holds; if that is not known, the one that was sent.
pub(super) fn title_of(row: &Row) -> Option<&str> {
    attributes(row).and_then(Attributes::title)
}

/// A text of at most `room` columns, with an ellipsis if it was cut.
fn cut(text: &str, room: usize) -> String {
    if columns(text) <= room {
        text.to_owned()
    } else {
        format!("{}…", beginning(text, room.saturating_sub(1)))
    }
}

/// Everything that is known about one template.
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
    if let Some(failure) = row.failure() {
        line("why", &safe_lines(&failure.message).replace('\n', "\n              "));
        line("since", &failure.at.to_string());
        if let Some(record) = &failure.record {
            line("record", &safe_text(&record.to_string()));
        }
    }
    for settled in &row.resolutions {
        let what = if settled.how == ResolutionKind::Deleted { "deleted" } else { "settled" };
        line(what, &settled_text(settled));
    }
    match &row.confirmed {
        Some(known) => {
            line("digest", known.digest.as_str());
            if known.digest != known.attributes.digest() {
                line(
                    "",
                    "it does not fit what is listed here: that was changed by hand, or by a merge of texts",
                );
            }
            if let Some(at) = known.applied_at {
                line("applied", &at.to_string());
            }
            for (name, text) in provenance_lines(known.applied_by.as_ref()) {
                line(name, &safe_text(text));
            }
            text.push_str(if row.attempts.is_empty() {
                "  the server holds:\n"
            } else {
                "  the server held, before what was sent since:\n"
            });
            attribute_lines(&known.attributes, &mut text);
        }
        None if row.exists() => text.push_str(&format!("  {NOT_KNOWN}\n")),
        None => text.push_str("  the server is not known to hold it\n"),
    }
    if let Some(attempt) = row.attempt() {
        let sent = attempts_text::sent(attempt);
        text.push_str(&format!("  sent {sent}, and perhaps applied ({}):\n", attempt.digest));
        attribute_lines(&attempt.attributes, &mut text);
    }
    for (earlier, names) in attempts_text::earlier(row) {
        let (sent, difference) = (attempts_text::sent(earlier), attempts_text::difference(&names));
        text.push_str(&format!("  sent {sent}, and perhaps applied ({}), {difference}\n", earlier.digest));
        attempts_text::values(earlier, &names, &mut text);
    }
    text
}

/// Who sent what the server holds, and from where.
fn provenance_lines(by: Option<&Provenance>) -> impl Iterator<Item = (&'static str, &str)> {
    let parts = by.map(|by| [("by", by.actor()), ("commit", by.commit()), ("run", by.run_url())]);
    parts.into_iter().flatten().filter_map(|(name, text)| Some((name, text?)))
}

/// The resolution of a row in doubt.
fn settled_text(settled: &ResolutionRecord) -> String {
    let how = match settled.how {
        ResolutionKind::Created => "as created",
        ResolutionKind::NotCreated => "as not created",
        ResolutionKind::Applied => "as applied",
        ResolutionKind::Exists => "as there already, by the vendor's export",
        ResolutionKind::Resend => "by sending it again",
        ResolutionKind::Deleted => "on the server",
    };
    let id = settled.id.as_ref().map(|id| format!(", id {}", safe_text(id.as_str()))).unwrap_or_default();
    format!("{how}{id}, said at {}", settled.at)
}

pub(super) fn attribute_lines(attributes: &Attributes, text: &mut String) {
    for (name, value) in attributes.iter() {
        text.push_str(&format!("    {}: {}\n", safe_text(name), value_text::of_attribute(name, Some(value))));
    }
}

fn attributes(row: &Row) -> Option<&Attributes> {
    let attempted = row.attempt().map(|attempt| &attempt.attributes);
    row.confirmed.as_ref().map(|known| &known.attributes).or(attempted)
}

pub(super) fn status_word(status: RowStatus) -> &'static str {
    match status {
        RowStatus::Applied => "applied",
        RowStatus::Failed => "failed",
        RowStatus::Pending => "pending",
        RowStatus::InDoubt => "in doubt",
    }
}

fn source_word(source: IdSource) -> &'static str {
    match source {
        IdSource::Exact => "exact",
        IdSource::Positional => "positional: by its place in the answer, not certain",
        IdSource::Imported => "imported",
    }
}
