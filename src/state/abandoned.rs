//! Journals without a state: left by first runs that were interrupted, under a path that the project no longer uses.
//!
//! The search for a missing state calls it. It never changes a file.

use std::path::{Path, PathBuf};

use super::nearby::Nearby;
use super::{Document, Snapshot, Unchecked, document_of_journal, own_file, parse_journal, real_path};
use crate::model::Digest;

/// The extension of a journal; the rest of its name is that of its state.
const EXTENSION: &str = "journal";

/// The journals that lie beside no state and belong to the instance with this URL, each with the state that it leads
/// to. The search covers the same folders as [`super::states_near`]. The flag says whether some files were not
/// examined.
pub fn journals_near(
    missing: &Path,
    project: &Path,
    url: &str,
) -> (Vec<(PathBuf, Document)>, Option<Unchecked>) {
    let folders = Nearby::folders(missing.parent().map(real_path), real_path(project));
    let files = Nearby::files(&folders.paths, EXTENSION);
    let alone = files.paths.into_iter().filter(|path| !path.with_extension("").exists());
    let lead_to = |file: PathBuf| journal_at(&file, url).map(|document| (file, document));
    let is_all = folders.is_all && files.is_all;
    (alone.filter_map(lead_to).collect(), (!is_all).then_some(Unchecked::TooManyFiles))
}

/// The state that the journal in this file leads to, if it belongs to the instance with this URL and began without a
/// state.
pub fn journal_at(file: &Path, url: &str) -> Option<Document> {
    let records = parse_journal(&own_file::read(file).ok()?).ok()?;
    document_of_journal(records).filter(|document| document.url == url)
}

/// Applies the journal beside a file to its state, whether the journal fits or not. `text` is the content of the
/// file.
pub(super) fn with_journal(file: &Path, document: Document, text: &[u8]) -> Document {
    let journal = own_file::read(&file.with_added_extension(EXTENSION)).ok();
    let Some(journal) = journal.and_then(|bytes| parse_journal(&bytes).ok()) else { return document };
    let snapshot = Snapshot {
        version: Some(Digest::of(text)),
        document: Some(document.clone()),
        journal,
        ..Snapshot::default()
    };
    snapshot.foreign().or_else(|| snapshot.effective().ok().flatten()).unwrap_or(document)
}
