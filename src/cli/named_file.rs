//! Reads files that are named on the command line, up to a size limit.

use std::fs::File;
use std::path::Path;

use super::failure::Failure;
use crate::config::{ReadError, open_stream, read_regular};

/// Files that certctl writes are smaller, and larger ones could exhaust the memory.
const MAX_BYTES: u64 = 1_000_000_000;

/// The empty file of the system: the ancestor of a merge that has none.
pub(super) const NOTHING: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// Returns the bytes of a state file. [`NOTHING`] is empty.
pub(super) fn state(path: &Path) -> Result<Vec<u8>, Failure> {
    if is_nothing(path) {
        return Ok(Vec::new());
    }
    read_regular(path, MAX_BYTES)
        .map_err(|error| Failure::error(format!("cannot read {}: {error}", path.display())))
}

/// Windows ignores the case of the name, and some shells there use the Unix name.
fn is_nothing(path: &Path) -> bool {
    path == Path::new("/dev/null") || (cfg!(windows) && path.as_os_str().eq_ignore_ascii_case(NOTHING))
}

/// Returns the text of a saved plan.
pub(super) fn plan(path: &Path) -> Result<String, Failure> {
    let cannot = |why: &str| Failure::error(format!("cannot read the plan {}: {why}", path.display()));
    let bytes = read_regular(path, MAX_BYTES).map_err(|error| match error {
        ReadError::Special(_) | ReadError::TooLarge(_) => {
            cannot(&format!("{error}, so it is not a plan that certctl saved"))
        }
        error => cannot(&error.to_string()),
    })?;
    String::from_utf8(bytes)
        .map_err(|_| cannot("it is not UTF-8 text, so it is not a plan that certctl saved"))
}

/// Opens an export that may be larger than the memory, to be read piece by piece. It can be a pipe, too.
pub(super) fn export(path: &Path) -> Result<File, Failure> {
    open_stream(path)
        .map_err(|error| Failure::error(format!("cannot read the export {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_device_is_an_empty_ancestor() {
        for name in [NOTHING, "/dev/null"] {
            assert_eq!(state(Path::new(name)).ok(), Some(Vec::new()), "{name}");
        }
        assert!(state(Path::new("missing.json")).is_err());
    }
}
