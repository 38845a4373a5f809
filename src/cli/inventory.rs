//! Reads the vendor's export from a file, for `recover` and `import`.

use std::path::Path;

use super::failure::Failure;
use super::ledger::now;
use super::named_file;
use crate::inventory::{self, Observation};

/// Reads the export.
pub(super) fn read(file: &Path) -> Result<Observation, Failure> {
    inventory::read_templates(file, &named_file::export(file)?, now()).map_err(Failure::findings)
}
