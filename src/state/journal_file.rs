//! The journal as a file: opened for appending, and durable record by record.

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
    /// How many bytes are durable: whole records.
    length: u64,
    /// Of these bytes: what is read back from a disk that failed may be something else.
    hash: Sha256,
    condition: Condition,
}

/// What the last append left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    /// Every byte of the file is durable.
    Sound,
    /// There may be half a record behind the durable ones.
    Torn,
    /// A sync failed. The system may have dropped what it could not write, and a second sync of this file would succeed
    /// without having written it.
    Unsynced,
}

impl JournalFile {
    /// Opens or creates it. Half a line at its end, left by an append that was cut off, goes first: a record written
    /// behind it would be read as one damaged line with it.
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
        // The name must be as durable as the content. One that is not is made anew, not synced once more.
        if let Err(error) = sync_folder(folder) {
            let _ = if whole == 0 { fs::remove_file(path) } else { Ok(()) };
            return Err(error);
        }
        reach(Point::JournalNamed);
        let hash = Sha256::new_with_prefix(bytes.get(..whole).unwrap_or_default());
        Ok(Self { file, length: whole as u64, hash, condition: Condition::Sound })
    }

    /// The file and this name, which is its own.
    pub(super) fn pinned(&self, path: &Path) -> io::Result<Pinned> {
        Pinned::of(&self.file, path)
    }

    /// Whether what is appended next can become durable.
    pub(super) fn can_be_synced(&self) -> bool {
        self.condition != Condition::Unsynced
    }

    /// Appends a line; durable when it returns. After an error it is not there, as far as this run is concerned.
    pub(super) fn append(&mut self, line: &[u8]) -> io::Result<()> {
        reach(Point::RecordBegun);
        tear(Point::RecordTorn, &self.file, line);
        if self.condition == Condition::Torn {
            self.file.set_len(self.length)?;
            reach(Point::JournalMended);
        }
        self.condition = Condition::Torn;
        if let Err(error) = self.file.write_all(line) {
            // On a disk that is full, half a line would be damage once there is room again.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        reach(Point::RecordWritten);
        if let Err(error) = self.sync() {
            self.condition = Condition::Unsynced;
            // Whoever reads the journal next is not to find what was never acted upon.
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

    /// Its name was removed under this run, which still has the content: it gets its name back, unless there is another
    /// file of that name by now.
    pub(super) fn put_back(&mut self, path: &Path, place: NamedTempFile, folder: &Path) -> io::Result<Self> {
        self.copy_to(place)?.persist_noclobber(path)?;
        reach(Point::JournalPutBack);
        Self::open(path, folder)
    }

    /// A sync of it failed: its durable records go into another file, which takes its place.
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

    /// What a crash leaves at the end must not become damage in the middle by the line that is appended next.
    #[test]
    fn what_is_appended_after_a_torn_end_can_be_read() {
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
