//! The backup of a state: a copy of the version that was in place before.

use super::{FileStore, failed};
use crate::state::durable::{BACKUP, put_in_place, write_file};
use crate::state::{StateError, Version, own_file, temporary};

impl FileStore {
    /// Copies the stored state to its backup, and returns whether it is still this version: it was compared before, but
    /// another program may write to it at any time. Without a state there is nothing to copy.
    pub(super) fn back_up(&self, version: &Version) -> Result<bool, StateError> {
        let Some(version) = version else { return Ok(true) };
        let backup = self.backup_path();
        let written = failed("write", &backup);
        let stored = own_file::open_to_read(&self.path).map_err(failed("read", &self.path))?;
        let file = temporary::new_for(&self.path, self.folder()).map_err(&written)?;
        if write_file(&file, |sink| own_file::copy(&stored, sink)).map_err(&written)? != *version {
            return Ok(false);
        }
        put_in_place(&backup, file, self.folder(), BACKUP).map_err(written)?;
        Ok(true)
    }
}
