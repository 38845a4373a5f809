//! Writes a file that a person asked for, such as a report: completely or not at all, and never through a link. Called
//! by [`super::output`] and `init`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::crash::{Point, reach};
use crate::model::shell_word;

/// The kind of thing that a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutputTarget {
    /// A file, or a path that does not exist yet: written beside its place and renamed.
    File,
    /// The same as stdout.
    Stdout,
    /// The same as stderr.
    Stderr,
    /// A device or a pipe, written directly.
    Stream,
}

/// Why a path cannot be written.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error(
        "it is a symbolic link, and certctl writes through none: see where it leads (ls -l {0}), and name that file, or \
         remove the link (rm {0})"
    )]
    Link(String),
    #[error("it is a directory")]
    Directory,
    #[error("a name that ends with a slash is that of a directory")]
    DirectoryName,
    #[error("it is a socket")]
    Socket,
}

impl OutputTarget {
    /// Looks at what the path leads to.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        match path.to_str() {
            Some("/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1") => return Ok(Self::Stdout),
            Some("/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2") => return Ok(Self::Stderr),
            _ => {}
        }
        let there = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && names_a_directory(path) => {
                return Err(io::Error::other(Unfit::DirectoryName));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::File),
            other => other?,
        };
        match () {
            () if there.is_symlink() && is_system_link(path) => Ok(Self::Stream),
            () if there.is_symlink() => Err(io::Error::other(Unfit::Link(shell_word(path)))),
            () if there.is_dir() => Err(io::Error::other(Unfit::Directory)),
            () if there.is_file() => Ok(Self::File),
            () if is_socket(&there) => Err(io::Error::other(Unfit::Socket)),
            () => Ok(Self::Stream),
        }
    }
}

/// Returns whether the name can only be that of a directory.
fn names_a_directory(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last)))
}

#[cfg(unix)]
fn is_socket(there: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    there.file_type().is_socket()
}

#[cfg(not(unix))]
fn is_socket(_: &fs::Metadata) -> bool {
    false
}

/// Returns whether opening the path would block until there is a reader, and so must wait until there is something to
/// write.
#[cfg(unix)]
fn waits_for_a_reader(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    fs::metadata(path).is_ok_and(|there| there.file_type().is_fifo())
}

#[cfg(not(unix))]
fn waits_for_a_reader(_: &Path) -> bool {
    false
}

/// Returns whether the system made the link: one to an open file of a process.
fn is_system_link(path: &Path) -> bool {
    path.starts_with("/proc") || path.parent().is_some_and(|folder| folder == Path::new("/dev/fd"))
}

/// Checks that the path can be written, as far as possible before there is something to write.
pub(super) fn can_be_written(path: &Path) -> io::Result<()> {
    match OutputTarget::of(path)? {
        OutputTarget::File => match beside(path, 0o600) {
            Ok(_) => Ok(()),
            Err(error) if !path.exists() => Err(error),
            Err(_) => in_place(path).map(drop),
        },
        OutputTarget::Stream if !waits_for_a_reader(path) => stream(path).map(drop),
        OutputTarget::Stdout | OutputTarget::Stderr | OutputTarget::Stream => Ok(()),
    }
}

/// Opens a device or a pipe for appending. If the shell opened a file there, its content is kept.
fn stream(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}

/// Writes a file that is meant to be passed on: others may read it if the umask allows, but not change it.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    write_with(path, text, 0o644)
}

/// Writes a file that only its owner may read, unless it exists already.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    write_with(path, text, 0o600)
}

fn write_with(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let bytes = text.as_bytes();
    match OutputTarget::of(path)? {
        OutputTarget::File => put(path, bytes, mode),
        OutputTarget::Stdout => all(&mut io::stdout().lock(), bytes),
        OutputTarget::Stderr => all(&mut io::stderr().lock(), bytes),
        OutputTarget::Stream => all(&mut stream(path)?, bytes),
    }
}

fn all(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    match stream.write_all(bytes).and_then(|()| stream.flush()) {
        // The reader closed the pipe because it has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn put(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = match beside(path, mode) {
        Ok(file) => file,
        Err(error) if !path.exists() => return Err(error),
        // A folder may refuse new files but have an existing file that can be written.
        Err(_) => return over(path, bytes),
    };
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    reach(Point::FileWritten);
    match file.persist(path) {
        Ok(_) => {
            reach(Point::FileReplaced);
            Ok(())
        }
        // A file that is mounted by itself, for example into a container, cannot be replaced.
        Err(refused) if refused.error.kind() == ErrorKind::ResourceBusy => over(path, bytes),
        Err(refused) => Err(refused.error),
    }
}

/// Creates a temporary file beside this one, with the mode of this one or, if it does not exist, the given mode.
#[cfg_attr(not(unix), expect(unused_variables, reason = "there are no modes"))]
fn beside(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".certctl-tmp-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    let folder = folder.unwrap_or(Path::new("."));
    // The library's message names a temporary file that the user does not know.
    let file = builder.tempfile_in(folder).map_err(|error| {
        if folder.is_dir() {
            io::Error::from(error.kind())
        } else {
            io::Error::new(error.kind(), format!("the directory {} does not exist", folder.display()))
        }
    })?;
    if let Ok(there) = fs::metadata(path) {
        file.as_file().set_permissions(there.permissions())?;
    }
    Ok(file)
}

fn in_place(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

fn over(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = in_place(path)?;
    file.set_len(0)?;
    file.write_all(bytes)?;
    file.sync_all()
}
