//! Parses the text of a state file.

use std::collections::BTreeSet;

use super::http_state::{has_state_serial, state_in};
use super::json_error::{format_name, is_unknown_field, words};
use super::shared::{Epoch, has_epoch};
use super::{Document, FORMAT, Location, MovedState, StateError};
use crate::model::Key;

/// Parses the bytes of a state, with specific messages for what people and git do to such files. `at` is where they
/// were read, for the messages.
pub fn parse_state(at: impl Into<Location>, bytes: &[u8]) -> Result<Document, StateError> {
    let at = at.into();
    let without_epoch;
    let bytes = if has_state_serial(bytes) {
        // A copy of the document on a server.
        let (text, has_journal) = state_in(bytes);
        if has_journal {
            return Err(StateError::WithJournal { at });
        }
        without_epoch = text;
        &without_epoch
    } else if has_epoch(bytes) {
        // A copy of a shared state's object.
        let object = bytes.to_vec();
        without_epoch = Epoch::split(object).1;
        &without_epoch
    } else {
        bytes
    };
    match serde_json::from_slice::<Document>(bytes) {
        Ok(document) if document.format == FORMAT => Ok(document),
        Ok(document) => {
            let format = format_name(&document.format).to_owned();
            Err(StateError::NewerFormat { at, format })
        }
        Err(error) => Err(explain(at, bytes, &error)),
    }
}

fn explain(at: Location, bytes: &[u8], error: &serde_json::Error) -> StateError {
    let text = String::from_utf8_lossy(bytes);
    let marker = |line: &str| ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|mark| line.starts_with(mark));
    if let Some(position) = text.lines().position(marker) {
        let line = position + 1;
        return match undecided(&text) {
            Some(keys) if keys.is_empty() => StateError::Decided { at, line },
            Some(keys) => StateError::Undecided { at, line, keys },
            None => StateError::Conflict { at, line },
        };
    }
    if let Some(moved) = MovedState::error(&at, bytes) {
        return moved;
    }
    let format = serde_json::from_slice::<serde_json::Value>(bytes)
        .ok()
        .and_then(|value| value.get("format")?.as_str().map(str::to_owned));
    match format {
        Some(format) if format != FORMAT && format.starts_with("certctl.state/") => {
            StateError::NewerFormat { at, format: format_name(&format).to_owned() }
        }
        Some(format) if format == FORMAT && is_unknown_field(error) => {
            StateError::Newer { at, line: error.line().max(1), column: error.column().max(1) }
        }
        _ => StateError::Damaged {
            at,
            line: error.line().max(1),
            column: error.column().max(1),
            message: if bytes.is_empty() { "the file is empty".to_owned() } else { words(error) },
            mark: None,
            backup: None,
        },
    }
}

/// The rows that a merge by certctl left with two versions; nothing where the markers are git's own. In certctl's, both
/// versions are whole states with the writes of the join.
fn undecided(text: &str) -> Option<Vec<String>> {
    let read = |side| serde_json::from_str::<Document>(&one_side(text, side)).ok();
    let (ours, theirs) = (read(Side::Ours)?, read(Side::Theirs)?);
    if ours.writes.is_empty() || ours.writes != theirs.writes || ours.serial != theirs.serial {
        return None;
    }
    let keys: BTreeSet<&Key> = ours.templates.keys().chain(theirs.templates.keys()).collect();
    let differs = |key: &&Key| ours.templates.get(*key) != theirs.templates.get(*key);
    Some(keys.into_iter().filter(differs).map(Key::to_string).collect())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Ours,
    Theirs,
}

/// The text as it is when one side is taken everywhere.
fn one_side(text: &str, wanted: Side) -> String {
    let mut within = None;
    let mut taken = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.trim_end() {
            marker if marker.starts_with("<<<<<<< ") => within = Some(Side::Ours),
            "=======" => within = within.map(|_| Side::Theirs),
            marker if marker.starts_with(">>>>>>> ") => within = None,
            _ if within.is_none_or(|side| side == wanted) => taken.push_str(line),
            _ => {}
        }
    }
    taken
}
