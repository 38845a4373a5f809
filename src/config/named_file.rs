//! Reads files that a person names, on the command line or in a variable, up to a size limit. A stranger may have
//! written the file (a pipeline shows the plan of a pull request), and the name can lead to an endless device.

use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::Path;

use super::ReadError;
use super::boundary::regular;

/// Reads a regular file of at most `most_bytes`, following links. A larger file is an error.
pub fn read_regular(path: &Path, most_bytes: u64) -> Result<Vec<u8>, ReadError> {
    // Opening a pipe waits for a writer, and even opening a device can have an effect.
    regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    regular(&metadata)?;
    bounded(file, &metadata, most_bytes)
}

/// Reads at most `most_bytes` of a regular file, or of a pipe, such as a shell's `<(command)`.
pub(super) fn read_stream(path: &Path, most_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let file = open_stream(path)?;
    let metadata = file.metadata()?;
    bounded(file, &metadata, most_bytes)
}

/// Opens a regular file or a pipe, to be read piece by piece.
pub fn open_stream(path: &Path) -> Result<File, ReadError> {
    let is_stream = |metadata: &Metadata| if is_pipe(metadata) { Ok(()) } else { regular(metadata) };
    is_stream(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    is_stream(&file.metadata()?)?;
    Ok(file)
}

/// Reads to the end, or fails after `most_bytes`.
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
    fn large_and_endless_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        // Larger than any memory, without a block on the disk.
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
    fn pipes_are_streams_but_not_regular() {
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
