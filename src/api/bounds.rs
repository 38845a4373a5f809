//! Limits on how much of a server's text is kept. The text about a request is copied to each of its rows, into the state
//! file and onto terminals, so megabytes of it would be an attack or an accident.

use serde_json::Value;

use super::wire::{BackgroundJob, BulkResult, RowError};

/// The longest text that is kept, in characters.
const MAX_TEXT_LENGTH: usize = 2000;
/// The most warnings that are kept.
const MAX_WARNINGS: usize = 50;
/// The longest id of a job or a user; a UUID has 36 bytes.
const MAX_ID_LENGTH: usize = 200;

impl BulkResult {
    /// Shortens every text and drops surplus warnings.
    pub(super) fn bounded(mut self) -> Self {
        let warnings = self.warnings.len();
        self.warnings.truncate(MAX_WARNINGS);
        self.warnings.iter_mut().for_each(shorten);
        if warnings > MAX_WARNINGS {
            self.warnings.push(format!("the server gave {} more warnings", warnings - MAX_WARNINGS));
        }
        self.errors.iter_mut().for_each(RowError::shorten);
        self.background_job = self.background_job.map(BackgroundJob::bounded);
        self
    }
}

impl RowError {
    fn shorten(&mut self) {
        // A shortened title or id matches no row, so its error is assigned to none: doubt, but no wrong guess.
        for text in [&mut self.resource_id, &mut self.title, &mut self.error].into_iter().flatten() {
            shorten(text);
        }
    }
}

impl BackgroundJob {
    /// Shortens every text. An invalid id is dropped, not shortened: a part of it could be another job's id.
    pub(super) fn bounded(mut self) -> Self {
        self.id = self.id.filter(|id| fits_in_a_path(id));
        for text in [&mut self.description, &mut self.error_message, &mut self.status].into_iter().flatten() {
            shorten(text);
        }
        self
    }
}

/// Whether a server's id of a job or a user can be a segment of a path, and does not lead to another one.
pub(super) fn fits_in_a_path(id: &str) -> bool {
    let is_strange = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '/' | '\\');
    id.len() <= MAX_ID_LENGTH && !matches!(id, "." | "..") && !id.contains(is_strange)
}

/// The text, cut to the longest length that is kept.
pub(super) fn shortened(mut text: String) -> String {
    shorten(&mut text);
    text
}

/// A row's `record` as it is kept: a long one becomes the beginning of its JSON text. Compare it with what was sent
/// before calling this.
pub fn bounded_record(record: Value) -> Value {
    let length = match &record {
        Value::String(text) => text.len(),
        other => other.to_string().len(),
    };
    if length <= MAX_TEXT_LENGTH {
        return record;
    }
    Value::String(shortened(match record {
        Value::String(text) => text,
        other => other.to_string(),
    }))
}

/// The beginning of a body on one line, safe to show.
pub(super) fn excerpt(body: &[u8]) -> String {
    const MAX_LENGTH: usize = 160;
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * MAX_LENGTH)]);
    let line: String =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect();
    let short: String = line.chars().take(MAX_LENGTH).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}

fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_LENGTH) {
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_texts_are_kept_unchanged() {
        let error = RowError { title: Some("é".repeat(MAX_TEXT_LENGTH)), ..RowError::default() };
        let result = BulkResult {
            warnings: vec!["Mind the gap".to_owned()],
            errors: vec![error],
            ..BulkResult::default()
        };
        assert_eq!(result.clone().bounded(), result);
    }

    #[test]
    fn long_records_are_shortened() {
        let flood = "é".repeat(1 << 20);
        for record in [serde_json::json!({"title": flood}), serde_json::json!(flood)] {
            let kept = bounded_record(record);
            assert_eq!(kept.as_str().map(|text| text.chars().count()), Some(MAX_TEXT_LENGTH + 1));
        }
        let short = serde_json::json!({"title": "Cloud"});
        assert_eq!(bounded_record(short.clone()), short);
    }

    #[test]
    fn floods_of_text_are_cut() {
        let flood = "é".repeat(1 << 20);
        let error = RowError { error: Some(flood.clone()), ..RowError::default() };
        let job = BackgroundJob {
            id: Some(flood.clone()),
            error_message: Some(flood.clone()),
            ..BackgroundJob::default()
        };
        let result = BulkResult {
            warnings: vec![flood; 60],
            errors: vec![error],
            background_job: Some(job),
            ..BulkResult::default()
        };
        let kept = result.bounded();
        assert_eq!(kept.warnings.len(), MAX_WARNINGS + 1);
        assert_eq!(kept.warnings[MAX_WARNINGS], "the server gave 10 more warnings");
        assert!(kept.warnings.iter().all(|warning| warning.chars().count() <= MAX_TEXT_LENGTH + 1));
        assert_eq!(
            kept.errors[0].error.as_deref().map(|text| text.chars().count()),
            Some(MAX_TEXT_LENGTH + 1)
        );
        let job = kept.background_job.unwrap();
        assert_eq!(job.id, None);
        assert_eq!(job.error_message.map(|text| text.chars().count()), Some(MAX_TEXT_LENGTH + 1));
    }
}
