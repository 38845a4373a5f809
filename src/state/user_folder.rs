//! Folders for data that belongs to a user and not to a project.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::io_words;

/// Why a folder of the user cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableFolder {
    /// The reason, with the folder.
    pub why: String,
    /// The folder to which others may write, if that is the reason.
    pub open_to_others: Option<PathBuf>,
}

impl UnusableFolder {
    /// A reason that no command of ours mends.
    pub fn because(why: impl Into<String>) -> Self {
        Self { why: why.into(), open_to_others: None }
    }
}

/// The name of certctl's folder.
const PROGRAM: &str = "certctl";

/// Creates the folder with this name in a folder of the user, accessible to this user only. The error says why it
/// cannot be used: others may write to it, or it is a link.
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
        check(&made, &there).map_err(|unusable| unusable.why)?;
    }
    Ok(room)
}

/// Returns the folder that [`make`] would make, if it could; looks only.
pub(super) fn usable(folder: &Path, name: &str) -> Result<PathBuf, UnusableFolder> {
    let room = room(folder, name);
    for made in [folder.join(PROGRAM), room.clone()] {
        if let Ok(there) = fs::symlink_metadata(&made) {
            check(&made, &there)?;
        }
    }
    let Some(there) = room.ancestors().find(|path| path.exists()) else {
        return Err(UnusableFolder::because(format!("there is no folder {}", folder.display())));
    };
    if is_writable(there) {
        return Ok(room);
    }
    Err(UnusableFolder::because(format!("{} cannot be written", there.display())))
}

/// Why this folder cannot be used, as the error.
fn check(made: &Path, there: &fs::Metadata) -> Result<(), UnusableFolder> {
    let why = match () {
        () if there.is_symlink() => "is a symbolic link",
        () if !there.is_dir() => "is not a directory",
        () if others_may_write(there) => "can be written by others",
        () => return Ok(()),
    };
    let is_folder = !there.is_symlink() && there.is_dir();
    let open_to_others = is_folder.then(|| made.to_owned());
    Err(UnusableFolder { why: format!("{} {why}", made.display()), open_to_others })
}

#[cfg(unix)]
fn is_writable(folder: &Path) -> bool {
    folder.is_dir() && rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn is_writable(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|there| there.is_dir() && !there.permissions().readonly())
}

/// The path of the folder with this name.
pub(super) fn room(folder: &Path, name: &str) -> PathBuf {
    folder.join(PROGRAM).join(name)
}

/// The path of the folder with this name, if it is there as [`make`] makes it.
pub(super) fn private_room(folder: &Path, name: &str) -> Option<PathBuf> {
    let room = room(folder, name);
    let is_private = |path: &Path| {
        fs::symlink_metadata(path).is_ok_and(|there| there.is_dir() && !others_may_write(&there))
    };
    (is_private(&folder.join(PROGRAM)) && is_private(&room)).then_some(room)
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

/// Whether only the owner may read and write this file.
#[cfg(unix)]
pub(super) fn is_for_owner(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.permissions().mode() & 0o777 | 0o700 == 0o700
}

#[cfg(not(unix))]
pub(super) fn is_for_owner(_: &fs::Metadata) -> bool {
    true
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
