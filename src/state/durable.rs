//! Replaces files and creates folders so that they survive a power failure. Used for the state and its journal.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::crash::{Point, reach};

/// The number of bytes that are written at once.
const BLOCK: usize = 64 << 10;

/// The fault-injection points that [`put_in_place`] passes: written, durable, renamed, renamed durably.
pub(super) type Steps = [Point; 4];
pub(super) const BACKUP: Steps =
    [Point::BackupWritten, Point::BackupSynced, Point::BackupRenamed, Point::BackupDurable];
pub(super) const RESCUE: Steps =
    [Point::RescueWritten, Point::RescueSynced, Point::RescueRenamed, Point::RescueDurable];
pub(super) const STATE: Steps =
    [Point::StateWritten, Point::StateSynced, Point::StateRenamed, Point::StateDurable];

pub(super) const JOURNAL: Steps =
    [Point::JournalCopied, Point::JournalCopied, Point::JournalRenewed, Point::JournalNamed];

/// Replaces a file completely or not at all by what `write` writes.
pub(super) fn replace(
    path: &Path,
    file: NamedTempFile,
    folder: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    steps: Steps,
) -> io::Result<()> {
    write_file(&file, write)?;
    put_in_place(path, file, folder, steps)
}

/// Lets `write` write the content of a file, in blocks.
pub(super) fn write_file<T>(
    file: &NamedTempFile,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> io::Result<T> {
    let mut blocks = BufWriter::with_capacity(BLOCK, file.as_file());
    let written = write(&mut blocks)?;
    blocks.flush()?;
    Ok(written)
}

/// Gives its name to a file that is written. The data is synced before the rename, so that a power failure cannot leave
/// a name without content, and the folder after it, so that the name itself is durable (fsync(2), NOTES).
pub(super) fn put_in_place(path: &Path, file: NamedTempFile, folder: &Path, steps: Steps) -> io::Result<()> {
    let [written, synced, renamed, durable] = steps;
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
