//! Files that somebody names: on the command line, or in the environment. Who wrote such a file may be a stranger (a
//! pipeline shows the plan that a pull request made), and a name can lead to a device without an end.

use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::Path;

use super::ReadError;
use super::boundary::regular;

/// Reads a regular file of at most so many bytes, links followed. One that is larger is not read at all.
pub fn read_regular(path: &Path, most_bytes: u64) -> Result<Vec<u8>, ReadError> {
    // Opening a pipe waits for a writer, and opening a device can do something already.
    regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    regular(&metadata)?;
    bounded(file, &metadata, most_bytes)
}

/// Reads at most so many bytes of a regular file, or of a pipe, to which a shell's `<(command)` leads.
pub fn read_stream(path: &Path, most_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let is_stream = |metadata: &Metadata| if is_pipe(metadata) { Ok(()) } else { regular(metadata) };
    is_stream(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    is_stream(&metadata)?;
    bounded(file, &metadata, most_bytes)
}

/// Reads to the end, and no further than so many bytes.
pub(super) fn read_at_most(source: impl Read, most_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    source.take(most_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most_bytes { Err(ReadError::TooLarge(most_bytes)) } else { Ok(bytes) }
}

fn bounded(file: File, metadata: &Metadata, most_bytes: u64) -> Result<Vec<u8>, ReadError> {
    if metadata.len() > most_bytes {
        Err(ReadError::TooLarge(most_bytes))
    } else {
        read_at_most(file, most_bytes)
    }
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_or_has_no_end_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        // Larger than any memory, and no block of it is on the disk.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        for read in [read_regular, read_stream] {
            assert!(matches!(read(&path, 1_000), Err(ReadError::TooLarge(1_000))));
            for device in ["/dev/zero", "/dev/null"] {
                assert!(matches!(read(Path::new(device), 1_000), Err(ReadError::Special(_))), "{device}");
            }
            assert!(matches!(read(folder.path(), 1_000), Err(ReadError::Special("a directory"))));
        }
        fs::write(&path, "x".repeat(1_000)).unwrap();
        assert_eq!(read_regular(&path, 1_000).unwrap().len(), 1_000);
        assert!(matches!(read_regular(&path, 999), Err(ReadError::TooLarge(999))));
    }

    #[test]
    fn a_pipe_is_a_stream_and_no_regular_file() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(read_regular(&pipe, 10), Err(ReadError::Special(_))));
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::write(pipe, "x")
        });
        assert_eq!(read_stream(&pipe, 10).unwrap(), b"x");
        writer.join().unwrap().unwrap();
    }
}
