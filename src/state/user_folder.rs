//! Folders in which certctl keeps what belongs to a user and to no project.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::io_words;

/// What the folder of this program is called.
const PROGRAM: &str = "certctl";

/// Makes the folder of this name for certctl in a folder of the user, for this user alone. What others may write to, or what a link makes of it, is not
/// used.
pub(super) fn make(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error: io::Error| format!("cannot make the folder {path}: {}", io_words(&error))
    };
    private_folders(true).create(folder).map_err(failed(folder))?;
    let room = room(folder, name);
    for made in [folder.join(PROGRAM), room.clone()] {
        match private_folders(false).create(&made) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(&made)(error)),
            _ => {}
        }
        let there = fs::symlink_metadata(&made).map_err(failed(&made))?;
        let why = match () {
            () if there.is_symlink() => "is a symbolic link",
            () if !there.is_dir() => "is not a directory",
            () if others_may_write(&there) => "can be written by others",
            () => continue,
        };
        return Err(format!("{} {why}", made.display()));
    }
    Ok(room)
}

/// Where the folder of this name is.
pub(super) fn room(folder: &Path, name: &str) -> PathBuf {
    folder.join(PROGRAM).join(name)
}

fn private_folders(recursive: bool) -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(recursive);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder
}

#[cfg(unix)]
fn others_may_write(folder: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    folder.permissions().mode() & 0o022 != 0
}

#[cfg(not(unix))]
fn others_may_write(_: &fs::Metadata) -> bool {
    false
}
