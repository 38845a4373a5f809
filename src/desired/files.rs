//! Reads the template files that `search` found, within size limits and inside the project's boundary.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::{Boundary, FolderReader, ReadError};
use crate::model::{Finding, SourceLocation, SourceText};

/// The limit of bytes for one file.
pub(super) const MAX_BYTES: u64 = 64_000_000;
/// The limit of bytes for all files together: they are held in memory, and so is their expansion.
const MAX_BYTES_IN_ALL: u64 = 256_000_000;

/// Reads the files, given by name and by real path. Each file that cannot be read becomes a finding.
pub(super) fn read(
    boundary: &Boundary,
    files: &BTreeMap<PathBuf, PathBuf>,
) -> (HashMap<Arc<Path>, SourceText>, Vec<Finding>) {
    let files: Vec<(&PathBuf, &PathBuf)> = files.iter().collect();
    let reader = || FolderReader::new(boundary);
    let sizes: Vec<Option<u64>> =
        files.par_iter().map_init(reader, |reader, (_, real)| reader.size(real)).collect();
    let within = within(&sizes, MAX_BYTES_IN_ALL);
    let texts: Vec<_> = files[..within]
        .par_iter()
        .zip(&sizes)
        .map_init(reader, |reader, ((file, real), size)| {
            let bytes = match size {
                Some(_) => reader.read(real, MAX_BYTES),
                // It says what is wrong, without opening what is not a regular file.
                None => boundary.read(real, MAX_BYTES),
            };
            (
                Arc::from(file.as_path()),
                bytes.map_err(|error| unread(file, &error)).and_then(|bytes| text(file, bytes)),
            )
        })
        .collect();
    let mut sources = HashMap::with_capacity(texts.len());
    let mut findings = Vec::new();
    for (file, text) in texts {
        match text {
            Ok(text) => drop(sources.insert(file, text)),
            Err(finding) => findings.push(*finding),
        }
    }
    if let Some((file, _)) = files.get(within) {
        let message =
            format!("with this one, the template files have more than {} MB", MAX_BYTES_IN_ALL / 1_000_000);
        findings.push(finding(file, "too-much", message, TOO_MUCH_HELP.to_owned()));
    }
    (sources, findings)
}

/// How many of the files, from the first on, have at most `most` bytes together.
fn within(sizes: &[Option<u64>], most: u64) -> usize {
    let mut sum = 0_u64;
    let fits = |size: &&Option<u64>| {
        sum = sum.saturating_add(size.unwrap_or(0));
        sum <= most
    };
    sizes.iter().take_while(fits).count()
}

/// The rule about files outside of the boundary.
pub(super) const OUTSIDE_PROJECT: &str = "outside-project";
/// What to do about one of them.
pub(super) const OUTSIDE_HELP: &str = "certctl reads files of the project only: those in its git repository, or in the folder of \
                                       certctl.toml if it has none. Copy there what is needed";
/// What to do about files that have too many bytes together.
pub(super) const TOO_MUCH_HELP: &str =
    "that is more than certctl reads at once: check that all of them are needed";

/// A finding about a file or folder as a whole.
pub(super) fn finding(file: &Path, rule: &'static str, message: String, help: String) -> Finding {
    Finding {
        place: SourceLocation::whole_file(file),
        rule,
        message,
        help: Some(help),
        related: Vec::new(),
        option: None,
    }
}

/// A finding about a file or folder outside of the boundary.
pub(super) fn outside(file: &Path, message: String) -> Finding {
    finding(file, OUTSIDE_PROJECT, message, OUTSIDE_HELP.to_owned())
}

fn unread(file: &Path, error: &ReadError) -> Box<Finding> {
    let message = format!("the file cannot be read: {error}");
    Box::new(match error {
        ReadError::Outside | ReadError::Git => outside(file, message),
        ReadError::TooLarge(_) => {
            finding(file, "too-much", message, "split it into several files".to_owned())
        }
        ReadError::Special(_) | ReadError::Io(_) => {
            let help = "check that it exists and that you may read it".to_owned();
            finding(file, "unreadable-file", message, help)
        }
    })
}

/// Decodes a file as UTF-8, or reports the first byte that is not.
pub(super) fn text(file: &Path, bytes: Vec<u8>) -> Result<SourceText, Box<Finding>> {
    SourceText::from_vec(file, bytes).map_err(|place| {
        let message = "there is a character here that is not UTF-8".to_owned();
        let help = "save the file with the encoding UTF-8".to_owned();
        Box::new(Finding { place, ..finding(file, "not-utf-8", message, help) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_count_up_to_the_limit() {
        assert_eq!(within(&[3, 3, 4, 1].map(Some), 10), 3);
        assert_eq!(within(&[Some(11)], 10), 0);
        assert_eq!(within(&[u64::MAX, 1].map(Some), 10), 0);
        assert_eq!(within(&[], 10), 0);
    }
}
