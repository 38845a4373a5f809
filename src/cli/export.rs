//! Reading the vendor's export from a file.

use std::path::Path;

use super::failure::Failure;
use super::ledger::now;
use crate::export::{self, Table};

/// Reads it, or says everything that is wrong with it.
pub(super) fn read(file: &Path) -> Result<Table, Failure> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::error(format!("cannot read the export {}: {error}", file.display())))?;
    export::read(file, &bytes, now()).map_err(Failure::findings)
}
