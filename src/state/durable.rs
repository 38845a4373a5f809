//! Replaces files and creates folders so that they survive a power failure. Used for the state and its journal.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::crash::{Point, reach};

/// The fault-injection points that [`replace`] passes: written, durable, renamed, renamed durably.
pub(super) type Steps = [Point; 4];
pub(super) const BACKUP: Steps =
    [Point::BackupWritten, Point::BackupSynced, Point::BackupRenamed, Point::BackupDurable];
pub(super) const RESCUE: Steps =
    [Point::RescueWritten, Point::RescueSynced, Point::RescueRenamed, Point::RescueDurable];
pub(super) const STATE: Steps =
    [Point::StateWritten, Point::StateSynced, Point::StateRenamed, Point::StateDurable];

pub(super) const JOURNAL: Steps =
    [Point::JournalCopied, Point::JournalCopied, Point::JournalRenewed, Point::JournalNamed];

/// Replaces a file completely or not at all. The data is synced before the rename, so that a power failure cannot
/// leave a name without content, and the folder after it, so that the name itself is durable (fsync(2), NOTES).
pub(super) fn replace(
    path: &Path,
    mut file: NamedTempFile,
    folder: &Path,
    bytes: &[u8],
    steps: Steps,
) -> io::Result<()> {
    let [written, synced, renamed, durable] = steps;
    file.write_all(bytes)?;
    reach(written);
    file.as_file().sync_all()?;
    reach(synced);
    file.persist(path)?;
    reach(renamed);
    sync_folder(folder)?;
    reach(durable);
    Ok(())
}

/// Creates the folder and its missing parents. Each new name is synced: a power failure must not remove the folder of
/// a first run together with its journal.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    fs::create_dir_all(folder)?;
    reach(Point::FolderMade);
    for made in missing.into_iter().rev() {
        let above = made.parent().filter(|above| !above.as_os_str().is_empty());
        sync_folder(above.unwrap_or(Path::new(".")))?;
    }
    Ok(())
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// On other systems a folder cannot be opened for syncing, and the file system orders the rename itself.
#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
