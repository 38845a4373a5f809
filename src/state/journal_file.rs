//! The journal as a file: opened for appending, and durable record by record.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::durable::sync_folder;
use super::journal::whole_length;
use super::own_file::{self, Pinned, private};
use crate::crash::{Point, reach, tear};

/// An open journal.
#[derive(Debug)]
pub(super) struct JournalFile(File);

impl JournalFile {
    /// Opens or creates it. Half a line at its end, left by an append that was cut off, goes first: a record written
    /// behind it would be read as one damaged line with it.
    pub(super) fn open(path: &Path, folder: &Path) -> io::Result<Self> {
        let mut options = private();
        options.create(true).read(true).append(true);
        let mut file = own_file::open(path, options)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = whole_length(&bytes);
        if whole < bytes.len() {
            file.set_len(whole as u64)?;
            file.sync_data()?;
            reach(Point::JournalMended);
        }
        reach(Point::JournalCreated);
        // The name must be as durable as the content.
        sync_folder(folder)?;
        reach(Point::JournalNamed);
        Ok(Self(file))
    }

    /// The file and this name, which is its own.
    pub(super) fn pinned(&self, path: &Path) -> io::Result<Pinned> {
        Pinned::of(&self.0, path)
    }

    /// Appends a line; durable when it returns. After an error there may be half a line, which opening it anew cuts off.
    pub(super) fn append(&mut self, line: &[u8]) -> io::Result<()> {
        reach(Point::RecordBegun);
        tear(Point::RecordTorn, &self.0, line);
        let before = self.0.metadata()?.len();
        if let Err(error) = self.0.write_all(line) {
            // On a disk that is full, half a line would be damage once there is room again.
            let _ = self.0.set_len(before);
            return Err(error);
        }
        reach(Point::RecordWritten);
        self.0.sync_data()?;
        reach(Point::RecordDurable);
        Ok(())
    }

    /// Its name was removed under this run, which still has the content: it gets its name back, unless there is another
    /// file of that name by now.
    pub(super) fn put_back(
        &mut self,
        path: &Path,
        mut place: NamedTempFile,
        folder: &Path,
    ) -> io::Result<Self> {
        let mut bytes = Vec::new();
        self.0.seek(io::SeekFrom::Start(0))?;
        self.0.read_to_end(&mut bytes)?;
        place.write_all(&bytes)?;
        place.as_file().sync_all()?;
        place.persist_noclobber(path)?;
        reach(Point::JournalPutBack);
        Self::open(path, folder)
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
