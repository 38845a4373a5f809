//! Remembers, in the user's cache folder, what searches through git's history found: which commits touched a state, and
//! what committed states say about themselves. In a repository of many commits, git needs longer for that than
//! everything else in a plan takes.
//!
//! Each entry is about ids in git, which cover the content, or the commit with its past. So it never becomes wrong, in
//! any clone. One that is missing, damaged or another one's costs time and nothing else. The checksum finds damage; it
//! does not protect from somebody who can write this user's files.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::model::Digesting;
use crate::state::{own_file, user_folder};

/// The name of the folder for entries.
const ROOM: &str = "history";
/// The format of an entry. A version of certctl that lists commits in another way must use another name.
const FORMAT: &str = "certctl.seen-history/v1";
/// The maximum size of an entry: some ten thousand commits of a state.
const MAX_ENTRY: u64 = 4 << 20;
/// The maximum number of entries.
const MAX_ENTRIES: usize = 128;
/// The maximum size of all entries.
const MAX_BYTES: u64 = 32 << 20;

/// What this user's earlier searches through git's history found.
#[derive(Clone, Debug, Default)]
pub struct HistoryMemory {
    cache: Option<PathBuf>,
}

impl HistoryMemory {
    /// The memory in this folder, where programs keep what they can find out again (XDG base directories). Without a
    /// folder, or if it cannot be used, nothing is remembered.
    pub fn new(cache: Option<PathBuf>) -> Self {
        Self { cache }
    }

    fn room(&self) -> Option<PathBuf> {
        user_folder::private_room(self.cache.as_ref()?, ROOM)
    }

    /// The content of the entry with this name, if it is about this.
    pub(super) fn recall(&self, name: &str, about: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = read(&self.room()?.join(name)).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')? + 1;
        let content = bytes.split_off(end);
        (bytes == head_of(about, &content)).then_some(content)
    }

    /// Keeps an entry. If that fails, the next search looks again.
    pub(super) fn remember(&self, name: &str, about: &[u8], content: &[u8]) {
        let Some(cache) = &self.cache else { return };
        let bytes = [&head_of(about, content), content].concat();
        if bytes.len() as u64 <= MAX_ENTRY {
            let _ = put(cache, name, &bytes);
        }
    }

    /// The names of all entries that begin with this, without it; the newest first.
    pub(super) fn names(&self, prefix: &str) -> Vec<String> {
        let Some(room) = self.room() else { return Vec::new() };
        let name =
            |entry: MemoryFile| Some(entry.path.file_name()?.to_str()?.strip_prefix(prefix)?.to_owned());
        entries(&room).into_iter().filter_map(name).collect()
    }
}

/// Reads an entry. Only a file that others cannot read counts: if this user can, it is their own.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = own_file::open_to_read(path)?;
    let there = file.metadata()?;
    if !user_folder::is_for_owner(&there) || there.len() > MAX_ENTRY {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(there.len()).unwrap_or_default() + 1);
    file.take(MAX_ENTRY + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes an entry and removes the oldest ones. It is not made durable: after a power failure it may be damaged, which
/// is noticed.
fn put(cache: &Path, entry: &str, bytes: &[u8]) -> io::Result<()> {
    let room = user_folder::make(cache, ROOM).map_err(io::Error::other)?;
    // A rename replaces a link instead of following it; the mode is that of temporary files, 0600.
    let mut file = tempfile::NamedTempFile::new_in(&room)?;
    file.write_all(bytes)?;
    file.persist(room.join(entry))?;
    let mut left = MAX_BYTES;
    for (place, entry) in entries(&room).into_iter().enumerate() {
        match left.checked_sub(entry.size).filter(|_| place < MAX_ENTRIES) {
            Some(less) => left = less,
            None => fs::remove_file(entry.path)?,
        }
    }
    Ok(())
}

struct MemoryFile {
    path: PathBuf,
    size: u64,
    written: SystemTime,
}

/// All files in the folder, the newest first: entries, and what writers left that were killed.
fn entries(room: &Path) -> Vec<MemoryFile> {
    let files = fs::read_dir(room).into_iter().flatten().flatten();
    let mut entries: Vec<MemoryFile> = files
        .filter_map(|file| {
            let there = file.metadata().ok().filter(fs::Metadata::is_file)?;
            let written = there.modified().ok()?;
            Some(MemoryFile { path: file.path(), size: there.len(), written })
        })
        .collect();
    entries.sort_by(|one, other| other.written.cmp(&one.written).then_with(|| one.path.cmp(&other.path)));
    entries
}

/// What comes before the content of an entry: a line with its format, and with the digest of the content and of what it
/// is about.
fn head_of(about: &[u8], content: &[u8]) -> Vec<u8> {
    let mut digesting = Digesting::default();
    for part in [about, b"\0", content] {
        digesting.add(part);
    }
    format!("{FORMAT} {}\n", digesting.finish().as_str()).into_bytes()
}

#[cfg(test)]
mod tests;
