//! The journal as a file: opened for appending, and durable after each record. The store of a folder uses it.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::durable::sync_folder;
use super::journal::whole_length;
use super::own_file::{self, Pinned, private};
use crate::crash::{Point, reach, sync_is_to_fail, tear};

/// An open journal.
#[derive(Debug)]
pub(super) struct JournalFile {
    file: File,
    /// The length of the durable part in bytes: complete records.
    length: u64,
    /// The hash of these bytes: a disk that failed may return something else.
    hash: Sha256,
    condition: Condition,
}

/// The state of the file after the last append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    /// Every byte of the file is durable.
    Sound,
    /// There may be half a record after the durable ones.
    Torn,
    /// A sync failed. The system may have dropped data that it could not write, and another sync of this file would
    /// succeed without having written it.
    Unsynced,
}

impl JournalFile {
    /// Opens or creates the journal. An incomplete line at its end, from an interrupted append, is removed first: the
    /// next record would be read as one damaged line with it.
    pub(super) fn open(path: &Path, folder: &Path) -> io::Result<Self> {
        let mut options = private();
        options.create(true).read(true).append(true);
        let mut file = own_file::open(path, options)?;
        let bytes = own_file::read_all(&mut file)?;
        let whole = whole_length(&bytes);
        if whole < bytes.len() {
            file.set_len(whole as u64)?;
            file.sync_data()?;
            reach(Point::JournalMended);
        }
        reach(Point::JournalCreated);
        // The name must be as durable as the content. After a failed sync the file is written again, not synced
        // again.
        if let Err(error) = sync_folder(folder) {
            let _ = if whole == 0 { fs::remove_file(path) } else { Ok(()) };
            return Err(error);
        }
        reach(Point::JournalNamed);
        let hash = Sha256::new_with_prefix(bytes.get(..whole).unwrap_or_default());
        Ok(Self { file, length: whole as u64, hash, condition: Condition::Sound })
    }

    /// The open file with its name.
    pub(super) fn pinned(&self, path: &Path) -> io::Result<Pinned> {
        Pinned::of(&self.file, path)
    }

    /// Whether the next record can become durable.
    pub(super) fn can_be_synced(&self) -> bool {
        self.condition != Condition::Unsynced
    }

    /// Appends a line; durable when it returns. After an error, this run treats the line as not written.
    pub(super) fn append(&mut self, line: &[u8]) -> io::Result<()> {
        reach(Point::RecordBegun);
        tear(Point::RecordTorn, &self.file, line);
        if self.condition == Condition::Torn {
            self.file.set_len(self.length)?;
            reach(Point::JournalMended);
        }
        self.condition = Condition::Torn;
        if let Err(error) = self.file.write_all(line) {
            // On a full disk, half a line would become damage once there is space again.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        reach(Point::RecordWritten);
        if let Err(error) = self.sync() {
            self.condition = Condition::Unsynced;
            // A later reader must not find a record that was never acted upon.
            let _ = self.file.set_len(self.length);
            reach(Point::JournalMended);
            return Err(error);
        }
        self.condition = Condition::Sound;
        self.length += line.len() as u64;
        self.hash.update(line);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        if sync_is_to_fail() {
            return Err(io::Error::other("this sync is to fail"));
        }
        self.file.sync_data()?;
        reach(Point::RecordDurable);
        Ok(())
    }

    /// Restores the name of a journal that was removed during this run, from the open file, unless another file has
    /// that name by now.
    pub(super) fn put_back(&mut self, path: &Path, place: NamedTempFile, folder: &Path) -> io::Result<Self> {
        self.copy_to(place)?.persist_noclobber(path)?;
        reach(Point::JournalPutBack);
        Self::open(path, folder)
    }

    /// Replaces the journal after a failed sync: its durable records go into a new file.
    pub(super) fn renew(&mut self, path: &Path, place: NamedTempFile, folder: &Path) -> io::Result<Self> {
        self.copy_to(place)?.persist(path)?;
        reach(Point::JournalRenewed);
        Self::open(path, folder)
    }

    /// Writes the durable records into this file, and syncs it.
    fn copy_to(&mut self, mut place: NamedTempFile) -> io::Result<NamedTempFile> {
        let mut bytes = Vec::new();
        self.file.seek(io::SeekFrom::Start(0))?;
        (&self.file).take(self.length).read_to_end(&mut bytes)?;
        if Sha256::digest(&bytes) != self.hash.clone().finalize() {
            let why = "the disk gives back something else than this run had written";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        place.write_all(&bytes)?;
        place.as_file().sync_all()?;
        reach(Point::JournalCopied);
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rest of an interrupted append must not turn the next line into damage in the middle.
    #[test]
    fn an_append_after_a_torn_end_is_readable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.json.journal");
        for (torn, kept) in [
            (&b"{\"a\":1}\n{\"b\""[..], &b"{\"a\":1}\n"[..]),
            (b"{\"a\":1}\n\0\0\0\n", b"{\"a\":1}\n"),
            (b"{\"op", b""),
            (b"{\"a\":1}\n", b"{\"a\":1}\n"),
        ] {
            std::fs::write(&path, torn).unwrap();
            JournalFile::open(&path, folder.path()).unwrap().append(b"next\n").unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), [kept, b"next\n"].concat());
        }
    }
}
