//! Files that are named on the command line, read within bounds.

use std::path::Path;

use super::failure::Failure;
use crate::config::{ReadError, read_regular, read_stream};

/// What certctl writes is smaller, and what is larger would exhaust the machine.
const MOST_BYTES: u64 = 1_000_000_000;

/// The bytes of a file that certctl wrote: a state. What a merge has no ancestor for is named /dev/null.
pub(super) fn state(path: &Path) -> Result<Vec<u8>, Failure> {
    if path == Path::new("/dev/null") {
        return Ok(Vec::new());
    }
    read_regular(path, MOST_BYTES)
        .map_err(|error| Failure::error(format!("cannot read {}: {error}", path.display())))
}

/// The text of a saved plan.
pub(super) fn plan(path: &Path) -> Result<String, Failure> {
    let cannot = |why: &str| Failure::error(format!("cannot read the plan {}: {why}", path.display()));
    let bytes = read_regular(path, MOST_BYTES).map_err(|error| match error {
        ReadError::Special(_) | ReadError::TooLarge(_) => {
            cannot(&format!("{error}, so it is not a plan that certctl saved"))
        }
        error => cannot(&error.to_string()),
    })?;
    String::from_utf8(bytes)
        .map_err(|_| cannot("it is not UTF-8 text, so it is not a plan that certctl saved"))
}

/// The bytes of an export. It can come by way of a pipe, from the program that makes it.
pub(super) fn export(path: &Path) -> Result<Vec<u8>, Failure> {
    read_stream(path, MOST_BYTES)
        .map_err(|error| Failure::error(format!("cannot read the export {}: {error}", path.display())))
}
