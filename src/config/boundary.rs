//! Limits which files certctl reads for a project. Anyone who can change a project's files (a stranger with a pull
//! request, for example) must not make it read other files of the machine, because what is read may end up in a public
//! comment. Called wherever a path from the YAML or certctl.toml is opened; it never writes.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::model::{io_words, plain_path};
use crate::repository::repository_root;

/// A folder that all files must lie below after links are resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// The project's folder, with links resolved.
    folder: PathBuf,
    /// The nearest folder at or above it that has a `.git`; otherwise the folder itself.
    root: PathBuf,
}

/// Why a file was not read. No variant contains any of the file's text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file is outside of the boundary, by its path or through a link.
    #[error("it lies outside of the project")]
    Outside,
    /// The file is part of git's own folder, which may hold credentials.
    #[error("it belongs to git, not to the project")]
    Git,
    /// The path is a folder, a pipe, a socket or a device.
    #[error("it is {0}")]
    Special(&'static str),
    /// The file is larger than the limit, in bytes.
    #[error("it has more than {}", size(*.0))]
    TooLarge(u64),
    /// The system reported an error.
    #[error("{}", io_words(.0))]
    Io(#[from] io::Error),
}

fn size(bytes: u64) -> String {
    if bytes < 1_000_000 { format!("{} KB", bytes / 1_000) } else { format!("{} MB", bytes / 1_000_000) }
}

impl Boundary {
    /// Returns the boundary of a project: its repository, or its own folder if it has none. Does not run git.
    pub fn of_project(folder: &Path) -> io::Result<Self> {
        let folder = fs::canonicalize(folder)?;
        let root = repository_root(&folder).unwrap_or(&folder).to_owned();
        Ok(Self { folder, root })
    }

    /// Returns the boundary of a folder, ignoring any repository around it.
    pub fn of_folder(folder: &Path) -> io::Result<Self> {
        let folder = fs::canonicalize(folder)?;
        Ok(Self { root: folder.clone(), folder })
    }

    /// Returns the project's folder, with links resolved.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Resolves a path relative to the project's folder. Fails if it is outside of the boundary.
    pub fn locate(&self, path: &Path) -> Result<PathBuf, ReadError> {
        let path = self.folder.join(path);
        match fs::canonicalize(&path) {
            Ok(real) => self.admit(real),
            // For files outside of the boundary, even whether they exist is not revealed.
            Err(error) => {
                self.admit(without_links(&path))?;
                Err(error.into())
            }
        }
    }

    /// Returns a path without links if it is within the boundary.
    pub fn admit(&self, real: PathBuf) -> Result<PathBuf, ReadError> {
        let below = real.strip_prefix(&self.root).map_err(|_| ReadError::Outside)?;
        let is_gits = |name: &std::ffi::OsStr| name.eq_ignore_ascii_case(".git");
        if below.iter().any(is_gits) { Err(ReadError::Git) } else { Ok(real) }
    }

    /// Reads a file that [`locate`](Self::locate) found, if it is a regular file of at most `most_bytes`. Never blocks
    /// on a pipe or a device.
    pub fn read(&self, real: &Path, most_bytes: u64) -> Result<Vec<u8>, ReadError> {
        // Even opening a device can have an effect.
        regular(&fs::symlink_metadata(real)?)?;
        contents(self.open(real)?, most_bytes)
    }

    /// Opens a file so that no part of its path can have become a link meanwhile.
    fn open(&self, real: &Path) -> Result<File, ReadError> {
        OpenFolder::of(self, real)?.open(real)
    }
}

/// Reads files that [`Boundary::locate`] found, one after the other, and opens a folder only once for all of its files that
/// follow each other.
#[derive(Debug)]
pub struct FolderReader<'b> {
    boundary: &'b Boundary,
    folder: Option<OpenFolder>,
}

impl<'b> FolderReader<'b> {
    /// Reads within this boundary.
    pub fn new(boundary: &'b Boundary) -> Self {
        Self { boundary, folder: None }
    }

    /// The size of a regular file in bytes; `None` for anything else and for what cannot be looked at.
    pub fn size(&mut self, real: &Path) -> Option<u64> {
        self.folder_of(real).ok()?.size(real)
    }

    /// Like [`Boundary::read`], for a file that has a [`size`](Self::size).
    pub fn read(&mut self, real: &Path, most_bytes: u64) -> Result<Vec<u8>, ReadError> {
        contents(self.folder_of(real)?.open(real)?, most_bytes)
    }

    fn folder_of(&mut self, real: &Path) -> Result<&OpenFolder, ReadError> {
        let folder = match self.folder.take() {
            Some(folder) if Some(&*folder.path) == real.parent() => folder,
            _ => OpenFolder::of(self.boundary, real)?,
        };
        Ok(self.folder.insert(folder))
    }
}

/// A folder that was opened component by component from the root. Whatever its path leads to later, files are opened in
/// this very folder.
#[derive(Debug)]
struct OpenFolder {
    path: PathBuf,
    #[cfg(unix)]
    handle: std::os::fd::OwnedFd,
    #[cfg(not(unix))]
    boundary: Boundary,
}

#[cfg(unix)]
impl OpenFolder {
    const FLAGS: rustix::fs::OFlags =
        rustix::fs::OFlags::RDONLY.union(rustix::fs::OFlags::CLOEXEC).union(rustix::fs::OFlags::NOFOLLOW);

    /// Opens the folder of a file.
    fn of(boundary: &Boundary, real: &Path) -> Result<Self, ReadError> {
        use rustix::fs::{Mode, OFlags, open, openat};

        let below = real.strip_prefix(&boundary.root).map_err(|_| ReadError::Outside)?;
        let (Some(_), Some(path)) = (below.file_name(), real.parent()) else {
            return Err(ReadError::Special("a directory"));
        };
        let flags = Self::FLAGS | OFlags::DIRECTORY;
        let mut handle = open(&boundary.root, flags, Mode::empty()).map_err(io::Error::from)?;
        for name in below.parent().into_iter().flatten() {
            handle = openat(&handle, name, flags, Mode::empty()).map_err(io::Error::from)?;
        }
        Ok(Self { path: path.to_owned(), handle })
    }

    fn size(&self, real: &Path) -> Option<u64> {
        use rustix::fs::{AtFlags, FileType, statat};

        let there = statat(&self.handle, real.file_name()?, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let is_regular = FileType::from_raw_mode(there.st_mode) == FileType::RegularFile;
        is_regular.then(|| u64::try_from(there.st_size).unwrap_or(0))
    }

    fn open(&self, real: &Path) -> Result<File, ReadError> {
        use rustix::fs::{Mode, OFlags, openat};

        let name = real.file_name().ok_or(ReadError::Special("a directory"))?;
        let flags = Self::FLAGS | OFlags::NONBLOCK | OFlags::NOCTTY;
        Ok(File::from(openat(&self.handle, name, flags, Mode::empty()).map_err(io::Error::from)?))
    }
}

#[cfg(not(unix))]
impl OpenFolder {
    fn of(boundary: &Boundary, real: &Path) -> Result<Self, ReadError> {
        let path = real.parent().ok_or(ReadError::Special("a directory"))?.to_owned();
        Ok(Self { path, boundary: boundary.clone() })
    }

    fn size(&self, real: &Path) -> Option<u64> {
        fs::symlink_metadata(real).ok().filter(fs::Metadata::is_file).map(|there| there.len())
    }

    fn open(&self, real: &Path) -> Result<File, ReadError> {
        self.boundary.admit(fs::canonicalize(real)?)?;
        Ok(File::open(real)?)
    }
}

/// The bytes of an open file, if it is a regular one of at most `most_bytes`.
fn contents(mut file: File, most_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let metadata = file.metadata()?;
    regular(&metadata)?;
    if metadata.len() > most_bytes {
        return Err(ReadError::TooLarge(most_bytes));
    }
    // One more than there should be: a regular file gives all that is asked for, so that less is its end.
    let length = usize::try_from(metadata.len()).unwrap_or(0);
    let mut bytes = vec![0; length + 1];
    let read = match file.read(&mut bytes) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
        read => read?,
    };
    bytes.truncate(read);
    if read != length || length == 0 {
        let left = most_bytes.saturating_add(1).saturating_sub(read as u64);
        file.take(left).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > most_bytes { Err(ReadError::TooLarge(most_bytes)) } else { Ok(bytes) }
}

/// Resolves the links of a path of which some parts may not exist.
fn without_links(path: &Path) -> PathBuf {
    const MAX_LINKS: usize = 40;
    let mut links = 0;
    let mut left: Vec<PathBuf> =
        path.components().rev().map(|part| PathBuf::from(part.as_os_str())).collect();
    let mut real = PathBuf::new();
    while let Some(part) = left.pop() {
        real = plain_path(&real.join(part));
        if links < MAX_LINKS
            && let Ok(target) = fs::read_link(&real)
        {
            links += 1;
            real.pop();
            left.extend(target.components().rev().map(|part| PathBuf::from(part.as_os_str())));
        }
    }
    real
}

/// Fails unless the file is a regular file.
pub(super) fn regular(metadata: &fs::Metadata) -> Result<(), ReadError> {
    match metadata {
        file if file.is_file() => Ok(()),
        folder if folder.is_dir() => Err(ReadError::Special("a directory")),
        link if link.is_symlink() => Err(ReadError::Special("a symbolic link")),
        _ => Err(ReadError::Special("a pipe, a socket or a device")),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Creates a folder with a repository `r` that has the project `r/p`, and a file beside the repository.
    fn repository() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("r/p")).unwrap();
        fs::create_dir_all(root.join("r/.git/x")).unwrap();
        for name in ["secret", "r/shared", "r/p/own", "r/.git/config"] {
            fs::write(root.join(name), name).unwrap();
        }
        (folder, root)
    }

    fn read(boundary: &Boundary, path: &str) -> Result<String, String> {
        let read = boundary.locate(Path::new(path)).and_then(|real| boundary.read(&real, 20));
        read.map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|error| error.to_string())
    }

    const OUTSIDE: &str = "it lies outside of the project";
    const GITS: &str = "it belongs to git, not to the project";

    #[test]
    fn files_of_the_repository_are_read() {
        let (_folder, root) = repository();
        let boundary = Boundary::of_project(&root.join("r/p")).unwrap();
        symlink("../shared", root.join("r/p/link")).unwrap();
        symlink(&root, root.join("r/p/around")).unwrap();
        for (path, text) in [
            ("own", "r/p/own"),
            ("../shared", "r/shared"),
            ("link", "r/shared"),
            ("around/r/p/own", "r/p/own"),
            (root.join("r/shared").to_str().unwrap(), "r/shared"),
        ] {
            assert_eq!(read(&boundary, path).as_deref(), Ok(text), "{path}");
        }
    }

    #[test]
    fn outside_files_are_refused() {
        let (_folder, root) = repository();
        let boundary = Boundary::of_project(&root.join("r/p")).unwrap();
        symlink("../../secret", root.join("r/p/file")).unwrap();
        symlink("/", root.join("r/p/root")).unwrap();
        symlink("../.git", root.join("r/p/git")).unwrap();
        symlink("/proc/self/environ", root.join("r/p/environ")).unwrap();
        symlink("/nowhere/x", root.join("r/p/broken")).unwrap();
        symlink("broken/y", root.join("r/p/twice")).unwrap();
        symlink("nowhere", root.join("r/p/gone")).unwrap();
        symlink("loop", root.join("r/p/loop")).unwrap();
        for (path, why) in [
            ("file", OUTSIDE),
            ("root/etc/passwd", OUTSIDE),
            ("environ", OUTSIDE),
            ("broken", OUTSIDE),
            ("twice/z", OUTSIDE),
            ("root/nowhere/x", OUTSIDE),
            ("root/../nowhere", OUTSIDE),
            ("../../secret", OUTSIDE),
            ("../../missing", OUTSIDE),
            ("/etc/passwd", OUTSIDE),
            ("git/config", GITS),
            ("../.git/config", GITS),
        ] {
            assert_eq!(read(&boundary, path), Err(why.to_owned()), "{path}");
        }
        for missing in ["missing", "gone", "../x/y", "x/../../../r/z"] {
            assert!(read(&boundary, missing).unwrap_err().contains("no such file"), "{missing}");
        }
        assert!(read(&boundary, "loop").is_err());
    }

    #[test]
    fn root_is_the_nearest_repository_or_the_folder() {
        let (_folder, root) = repository();
        let own = Boundary::of_folder(&root.join("r/p")).unwrap();
        assert_eq!(read(&own, "../shared"), Err(OUTSIDE.to_owned()));
        fs::write(root.join("r/p/.git"), "gitdir: elsewhere\n").unwrap();
        let nearest = Boundary::of_project(&root.join("r/p")).unwrap();
        assert_eq!(nearest, own);
        assert_eq!(read(&nearest, ".git"), Err(GITS.to_owned()));
    }

    #[test]
    fn only_small_regular_files_are_read() {
        let (_folder, root) = repository();
        let boundary = Boundary::of_project(&root.join("r/p")).unwrap();
        let pipe = root.join("r/p/pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        fs::write(root.join("r/p/large"), "x".repeat(21)).unwrap();
        assert_eq!(read(&boundary, "pipe"), Err("it is a pipe, a socket or a device".to_owned()));
        assert_eq!(read(&boundary, "."), Err("it is a directory".to_owned()));
        assert_eq!(read(&boundary, ".."), Err("it is a directory".to_owned()));
        assert!(read(&boundary, "large").unwrap_err().starts_with("it has more than"));
    }

    #[test]
    fn a_folder_is_opened_once_and_never_followed() {
        let (_folder, root) = repository();
        let boundary = Boundary::of_project(&root.join("r/p")).unwrap();
        for name in ["a", "b"] {
            fs::write(root.join("r/p").join(name), name).unwrap();
        }
        fs::create_dir(root.join("r/q")).unwrap();
        fs::write(root.join("r/q/a"), "q").unwrap();
        symlink("../../secret", root.join("r/p/link")).unwrap();
        let mut reader = FolderReader::new(&boundary);
        let mut read = |path: &str| reader.read(&root.join(path), 20).ok();
        assert_eq!(read("r/p/a"), Some(b"a".to_vec()));
        assert_eq!(read("r/q/a"), Some(b"q".to_vec()));
        assert_eq!(read("r/p/b"), Some(b"b".to_vec()));
        assert_eq!(
            (read("r/p/link"), read("r/p"), read("secret"), read("r/p/gone")),
            (None, None, None, None)
        );
        assert_eq!(read("r/p/b"), Some(b"b".to_vec()));
        // The folder was moved away, and another one took its place: files come from where they were looked for.
        fs::rename(root.join("r/p"), root.join("r/moved")).unwrap();
        symlink("..", root.join("r/p")).unwrap();
        fs::write(root.join("b"), "secret").unwrap();
        assert_ne!(read("r/p/b"), Some(b"secret".to_vec()));
        let mut reader = FolderReader::new(&boundary);
        assert!(reader.read(&root.join("r/p/b"), 20).is_err() && reader.size(&root.join("r/p/b")).is_none());
        let sizes =
            ["r/moved/a", "r/moved/link", "r/moved", "r/shared"].map(|path| reader.size(&root.join(path)));
        assert_eq!(sizes, [Some(1), None, None, Some(8)]);
    }

    #[test]
    fn files_replaced_by_links_are_not_followed() {
        let (_folder, root) = repository();
        let boundary = Boundary::of_project(&root.join("r/p")).unwrap();
        let real = boundary.locate(Path::new("own")).unwrap();
        fs::remove_file(&real).unwrap();
        symlink("../../secret", &real).unwrap();
        assert!(boundary.read(&real, 20).is_err() && boundary.open(&real).is_err());
        fs::rename(root.join("r/p"), root.join("elsewhere")).unwrap();
        fs::remove_file(root.join("elsewhere/own")).unwrap();
        fs::write(root.join("elsewhere/own"), "secret").unwrap();
        symlink("../elsewhere", root.join("r/p")).unwrap();
        assert!(boundary.read(&real, 20).is_err(), "by way of a folder");
    }
}
