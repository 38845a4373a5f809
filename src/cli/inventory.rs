//! Reads the vendor's export from a file, for `recover` and `import`.

use std::path::Path;

use super::failure::Failure;
use super::ledger::now;
use super::named_file;
use crate::inventory::{self, Table};

/// Reads the export.
pub(super) fn read(file: &Path) -> Result<Table, Failure> {
    inventory::read(file, &named_file::export(file)?, now()).map_err(Failure::findings)
}
