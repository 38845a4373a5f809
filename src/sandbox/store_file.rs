//! The file that keeps templates and certificates: one JSON object a line, appended; a later line about an id replaces
//! the earlier.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use super::store::StoredLine;
use crate::model::io_words;
use serde::Serialize;

/// The open file. It is locked, so that two servers cannot write into each other's lines.
pub(super) struct StoreFile {
    file: File,
    /// Bytes that are whole lines.
    length: u64,
    /// Whether there may be part of a line behind them.
    torn: bool,
}

impl StoreFile {
    /// Opens or creates the file, and passes each line in it on, in the order of writing.
    pub(super) fn open(path: &Path, each: impl FnMut(StoredLine)) -> io::Result<Self> {
        let with_path = |error: io::Error| {
            io::Error::new(
                error.kind(),
                format!("the sandbox's data in {}: {}", path.display(), io_words(&error)),
            )
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(with_path)?;
        }
        let file = open_itself(path).map_err(with_path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let why = "another sandbox is using this file; stop it, or name another file";
                return Err(with_path(io::Error::new(io::ErrorKind::ResourceBusy, why)));
            }
            Err(TryLockError::Error(error)) => return Err(with_path(error)),
        }
        let length = replay(BufReader::new(&file), each).map_err(with_path)?;
        let mut store_file = Self { file, length, torn: true };
        store_file.mend().map_err(with_path)?;
        Ok(store_file)
    }

    /// Writes a line at the end. After an error nothing of it is there.
    ///
    /// The line is handed to the operating system, not forced to the disk: it outlives this process, and what is
    /// kept here is not worth more.
    pub(super) fn append(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.mend()?;
        let mut line = serde_json::to_vec(line)?;
        line.push(b'\n');
        self.torn = true;
        self.file.write_all(&line)?;
        self.torn = false;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Removes every line.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.length = 0;
        self.torn = true;
        self.mend()
    }

    /// Cuts off what is left of a line, so that the next one does not continue it.
    fn mend(&mut self) -> io::Result<()> {
        if self.torn {
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            self.torn = false;
        }
        Ok(())
    }
}

impl Drop for StoreFile {
    fn drop(&mut self) {
        // Closing alone would not do: a process that another thread is just starting has a copy of the handle until it
        // runs its own program, and with it the lock.
        let _ = self.file.unlock();
    }
}

/// Opens the file of this name, and not one that a link of this name leads to: a project from elsewhere may bring one along.
fn open_itself(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        use rustix::fs::OFlags;
        options.custom_flags(OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed());
    }
    let is_link = || fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
    let link = || {
        io::Error::other(
            "it is a symbolic link, and the sandbox follows none: remove it, or name another file",
        )
    };
    if cfg!(not(unix)) && is_link() {
        return Err(link());
    }
    let file = options.open(path).map_err(|error| if is_link() { link() } else { error })?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a regular file")) }
}

/// Passes each line on, and returns the length in bytes of all whole lines. A last line without an
/// end was cut off when its writer was killed: its answer was never sent, and it is left out.
fn replay(mut lines: impl BufRead, mut each: impl FnMut(StoredLine)) -> io::Result<u64> {
    let mut length = 0;
    let mut line = Vec::new();
    for number in 1_usize.. {
        line.clear();
        lines.read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            break;
        }
        let stored = StoredLine::read(&line).map_err(|error| {
            let what = format!(
                "line {number} is damaged ({error}); put the file right, or delete it to start with an empty sandbox"
            );
            io::Error::new(io::ErrorKind::InvalidData, what)
        })?;
        each(stored);
        length += line.len() as u64;
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::store::StoredTemplate;
    use proptest::prelude::*;
    use serde_json::json;

    fn template(id: &str, title: &str) -> StoredLine {
        let attributes = json!({ "title": title }).as_object().unwrap().clone();
        let (created_at, updated_at) = ("2026-01-01T00:00:00.000Z".to_owned(), String::new());
        StoredLine::Template(StoredTemplate { id: id.to_owned(), created_at, updated_at, attributes })
    }

    fn read(bytes: &[u8]) -> io::Result<(Vec<StoredLine>, u64)> {
        let mut seen = Vec::new();
        let length = replay(bytes, |template| seen.push(template))?;
        Ok((seen, length))
    }

    #[test]
    fn damage_before_the_end_is_an_error_that_names_the_line() {
        let mut bytes = serde_json::to_vec(&template("a", "one")).unwrap();
        bytes.extend_from_slice(b"\n<<<<<<< HEAD\n{}\n");
        let error = read(&bytes).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(error.to_string().contains("line 2 is damaged"), "{error}");
    }

    #[test]
    fn a_torn_line_is_cut_off_and_not_continued() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/down/sandbox.jsonl");
        let mut store_file = StoreFile::open(&path, |_| {}).unwrap();
        store_file.append(&template("a", "one")).unwrap();
        store_file.append(&template("b", "two")).unwrap();
        drop(store_file);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 4]).unwrap();
        StoreFile::open(&path, |_| {}).unwrap().append(&template("c", "three")).unwrap();
        let (seen, _) = read(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(seen, [template("a", "one"), template("c", "three")]);
    }

    #[test]
    fn a_line_that_could_not_be_written_whole_is_gone_before_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.jsonl");
        let mut store_file = StoreFile::open(&path, |_| {}).unwrap();
        store_file.append(&template("a", "one")).unwrap();
        let writable = std::mem::replace(&mut store_file.file, File::open(&path).unwrap());
        assert!(store_file.append(&template("b", "two")).is_err());
        assert!(store_file.append(&template("b", "two")).is_err());
        store_file.file = writable;
        // What a full disk leaves behind.
        store_file.file.write_all(b"{\"id\":\"b").unwrap();
        store_file.append(&template("c", "three")).unwrap();
        let (seen, _) = read(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(seen, [template("a", "one"), template("c", "three")]);
    }

    #[test]
    fn two_servers_cannot_share_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.jsonl");
        let first = StoreFile::open(&path, |_| {}).unwrap();
        let error = StoreFile::open(&path, |_| {}).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("another sandbox"), "{error}");
        // As a process has it that is just being started.
        let copy = first.file.try_clone().unwrap();
        drop(first);
        assert!(StoreFile::open(&path, |_| {}).is_ok());
        drop(copy);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_beginning_of_the_file_is_what_some_first_upserts_left(
            writes in prop::collection::vec(("[a-c]", ".{0,6}"), 0..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let templates: Vec<_> = writes.iter().map(|(id, title)| template(id, title)).collect();
            let mut bytes = Vec::new();
            let mut ends = vec![0];
            for template in &templates {
                bytes.extend(serde_json::to_vec(template).unwrap());
                bytes.push(b'\n');
                ends.push(bytes.len());
            }
            let cut = cut.index(bytes.len() + 1);
            let (seen, length) = read(&bytes[..cut]).unwrap();
            // As many as had been written whole, no fewer: what was answered is there.
            let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
            prop_assert_eq!(&seen[..], &templates[..whole]);
            prop_assert_eq!(usize::try_from(length).unwrap(), ends[whole]);
        }
    }
}
