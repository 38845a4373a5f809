//! The state file's text as a value.

use std::path::Path;

use super::json_error::{format_name, words};
use super::{Document, FORMAT, StateError};

/// Reads a state file's bytes, with its own words for everything that people and git do to such files. `path` is the
/// file's name, for what is said.
pub fn parse_state(path: &Path, bytes: &[u8]) -> Result<Document, StateError> {
    match serde_json::from_slice::<Document>(bytes) {
        Ok(document) if document.format == FORMAT => Ok(document),
        Ok(document) => {
            let format = format_name(&document.format).to_owned();
            Err(StateError::NewerFormat { path: path.to_owned(), format })
        }
        Err(error) => Err(explain(path, bytes, &error)),
    }
}

fn explain(path: &Path, bytes: &[u8], error: &serde_json::Error) -> StateError {
    let path = path.to_owned();
    let text = String::from_utf8_lossy(bytes);
    let marker = |line: &str| ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|mark| line.starts_with(mark));
    if let Some(position) = text.lines().position(marker) {
        return StateError::Conflict { path, line: position + 1 };
    }
    let format = serde_json::from_slice::<serde_json::Value>(bytes)
        .ok()
        .and_then(|value| value.get("format")?.as_str().map(str::to_owned));
    match format {
        Some(format) if format != FORMAT && format.starts_with("certctl.state/") => {
            StateError::NewerFormat { path, format: format_name(&format).to_owned() }
        }
        _ => StateError::Damaged {
            path,
            line: error.line().max(1),
            column: error.column().max(1),
            message: if bytes.is_empty() { "the file is empty".to_owned() } else { words(error) },
        },
    }
}
