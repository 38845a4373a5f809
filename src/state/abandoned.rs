//! Journals without a state: of first runs that were interrupted, under a path that the project does not use any more.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Document, Snapshot, document_of_journal, own_file, parse_journal};
use crate::model::Digest;

/// What the name of a journal ends with, behind that of its state.
const EXTENSION: &str = "journal";
/// So many journals are read.
const MOST: usize = 100;

/// The journals in these folders that lie beside no state and belong to the instance with this URL, each with the state
/// that it leads to.
pub fn journals_in(folders: &[PathBuf], url: &str) -> Vec<(PathBuf, Document)> {
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| is_alone(path)).collect();
    files.sort();
    files.dedup();
    let lead_to = |file: PathBuf| journal_at(&file, url).map(|document| (file, document));
    files.into_iter().take(MOST).filter_map(lead_to).collect()
}

/// The state that the journal in this file leads to, if it is one of the instance with this URL and began without a state.
pub fn journal_at(file: &Path, url: &str) -> Option<Document> {
    let records = parse_journal(&own_file::read(file).ok()?).ok()?;
    document_of_journal(records).filter(|document| document.url == url)
}

/// A state with what the journal beside its file records, whether that fits or not. `text` is the file's.
pub(super) fn with_journal(file: &Path, document: Document, text: &[u8]) -> Document {
    let journal = own_file::read(&file.with_added_extension(EXTENSION)).ok();
    let Some(journal) = journal.and_then(|bytes| parse_journal(&bytes).ok()) else { return document };
    let snapshot = Snapshot { version: Some(Digest::of(text)), document: Some(document.clone()), journal };
    snapshot.foreign().or_else(|| snapshot.effective().ok().flatten()).unwrap_or(document)
}

fn is_alone(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION) && !path.with_extension("").exists()
}
