//! Opens files that certctl keeps for itself beside a state. It never follows links.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use crate::model::{Digest, Digesting, shell_word};

/// Why certctl leaves a file alone that has the name of one of its own.
#[derive(Debug, thiserror::Error)]
enum Intruder {
    /// A symbolic link: writing through it would destroy a file elsewhere.
    #[error(
        "it is a symbolic link, and certctl follows no link to a file that it keeps for itself. Nothing was written. \
         See where it leads (ls -l {path}), remove the link (rm {path}), and run this again"
    )]
    Link {
        /// The path, quoted for a shell.
        path: String,
    },
    /// A device belongs to the system, so the name in the configuration is wrong.
    #[error(
        "it is a device and not a regular file, and certctl uses that name for its own file. Nothing was written. \
         Name another file as `state` in certctl.toml, and run this again"
    )]
    Device,
    /// A directory or a pipe: reading might never end, and writing would be lost. It may be needed.
    #[error(
        "it is not a regular file, and certctl uses that name for its own file. Nothing was written. See what it is \
         (ls -ld {path}). If it is needed there, name another file as `state` in certctl.toml; if not, move it away. \
         Then run this again"
    )]
    Special {
        /// The path, quoted for a shell.
        path: String,
    },
}

impl Intruder {
    fn link(path: &Path) -> io::Error {
        io::Error::other(Self::Link { path: shell_word(path) })
    }

    fn special(path: &Path, there: &Metadata) -> io::Error {
        io::Error::other(if is_device(there) {
            Self::Device
        } else {
            Self::Special { path: shell_word(path) }
        })
    }
}

/// Whether another kind of file has the name of one of certctl's own.
pub(super) fn is_intruder(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Intruder>()).is_some()
}

/// Options for files that only their owner may read, whatever the umask.
pub(super) fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes are Unix's"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Opens one of certctl's own files. Links and anything but regular files are refused.
pub(super) fn open(path: &Path, mut options: OpenOptions) -> io::Result<File> {
    for_itself(&mut options);
    let is_link = || fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
    if cfg!(not(unix)) && is_link() {
        return Err(Intruder::link(path));
    }
    let file = options.open(path).map_err(|error| match fs::symlink_metadata(path) {
        Ok(there) if there.is_symlink() => Intruder::link(path),
        // Opening a directory for writing fails before it can be examined.
        Ok(there) if there.is_dir() => Intruder::special(path, &there),
        _ => error,
    })?;
    let there = file.metadata()?;
    if there.is_file() { Ok(file) } else { Err(Intruder::special(path, &there)) }
}

#[cfg(unix)]
fn is_device(there: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    there.file_type().is_char_device() || there.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &Metadata) -> bool {
    false
}

/// More than the state of a million templates, and less than a machine's memory.
pub(super) const MAX_BYTES: u64 = 1_000_000_000;

/// Opens one of certctl's own files to read it.
pub(super) fn open_to_read(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    open(path, options)
}

/// Reads one of certctl's own files.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_all(&mut open_to_read(path)?)
}

/// Reads one of certctl's own files that is open. A file that is too large is not read at all.
pub(super) fn read_all(file: &mut File) -> io::Result<Vec<u8>> {
    if file.metadata()?.len() > MAX_BYTES {
        return Err(too_large());
    }
    // Without its size, it would be copied again and again while it grows.
    let mut bytes = Vec::with_capacity(usize::try_from(file.metadata()?.len()).unwrap_or_default() + 1);
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES { Err(too_large()) } else { Ok(bytes) }
}

/// The digest of a file of certctl's own, which is never in memory as a whole.
pub(super) fn digest(path: &Path) -> io::Result<Digest> {
    copy(&open_to_read(path)?, &mut io::sink())
}

/// Copies an open file of certctl's own, which is never in memory as a whole, and returns its digest. A file that is
/// too large is not copied.
pub(super) fn copy(file: &File, sink: &mut dyn Write) -> io::Result<Digest> {
    let (mut digesting, mut block) = (Digesting::default(), vec![0; 64 << 10]);
    let mut left = MAX_BYTES;
    let mut file = file;
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(digesting.finish());
        }
        left = left.checked_sub(read as u64).ok_or_else(too_large)?;
        digesting.add(&block[..read]);
        sink.write_all(&block[..read])?;
    }
}

fn too_large() -> io::Error {
    io::Error::other("it has more than 1 GB, and certctl writes no such file")
}

/// Does not follow a link at the end of the path, and does not wait for a writer of a pipe.
#[cfg(unix)]
fn for_itself(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::OFlags;
    options.custom_flags(OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed());
}

/// Shares reading and writing, but not removing and renaming: the name must lead to this file as long as it is open.
#[cfg(windows)]
fn for_itself(options: &mut OpenOptions) {
    use std::os::windows::fs::OpenOptionsExt as _;
    const FILE_SHARE_READ: u32 = 1;
    const FILE_SHARE_WRITE: u32 = 2;
    options.share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE);
}

#[cfg(not(any(unix, windows)))]
fn for_itself(_: &mut OpenOptions) {}

/// An open file with the name that it was opened by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pinned {
    path: PathBuf,
    identity: FileIdentity,
}

impl Pinned {
    /// Pairs an open file with the path where it is, or should be.
    pub(super) fn of(file: &File, path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), identity: identity(&file.metadata()?) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the name still leads to the file directly, not through a link. A file that cannot be examined counts
    /// as missing.
    pub(super) fn is_in_place(&self) -> bool {
        fs::symlink_metadata(&self.path)
            .is_ok_and(|there| !there.is_symlink() && identity(&there) == self.identity)
    }
}

/// Distinguishes a file from all others that exist at the same time.
#[cfg(unix)]
type FileIdentity = (u64, u64);
/// Not every system offers an identity: any file with the name counts as the same.
#[cfg(not(unix))]
type FileIdentity = ();

#[cfg(unix)]
fn identity(metadata: &Metadata) -> FileIdentity {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> FileIdentity {}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn writable() -> OpenOptions {
        let mut options = private();
        options.read(true).write(true).create(true).truncate(true);
        options
    }

    #[test]
    fn a_link_is_refused_and_its_target_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, link) = (folder.path().join("victim"), folder.path().join("a link"));
        fs::write(&victim, "kept").unwrap();
        symlink(&victim, &link).unwrap();
        let error = open(&link, writable()).unwrap_err().to_string();
        assert!(
            error.contains("symbolic link") && error.contains(&format!("rm '{}'", link.display())),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
        // A link to a missing file would otherwise create that file.
        fs::remove_file(&victim).unwrap();
        assert!(open(&link, writable()).is_err() && !victim.exists());
    }

    #[test]
    fn pipes_and_folders_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut reading = OpenOptions::new();
        reading.read(true);
        for path in [&pipe, folder.path()] {
            assert!(open(path, reading.clone()).unwrap_err().to_string().contains("not a regular file"));
        }
        assert!(open(&pipe, writable()).is_err());
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        // Larger than any memory, without a single block on disk.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("more than 1 GB"));
    }

    #[test]
    fn a_replaced_name_is_detected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut file = open(&path, writable()).unwrap();
        file.write_all(b"x").unwrap();
        let pinned = Pinned::of(&file, &path).unwrap();
        assert!(pinned.is_in_place());
        let moved = folder.path().join("moved");
        fs::rename(&path, &moved).unwrap();
        assert!(!pinned.is_in_place());
        symlink(&moved, &path).unwrap();
        assert!(!pinned.is_in_place(), "by way of a link");
        fs::remove_file(&path).unwrap();
        fs::write(&path, "x").unwrap();
        assert!(!pinned.is_in_place(), "another file of that name");
    }
}
