//! The folder that `preview` writes drawings into: each file completely or not at all, and never over a file that
//! certctl did not write.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::model::{Key, io_words};
use crate::report::drawing::SOFTWARE;
use crate::report::safe_text;

/// Begins every drawing and every page, so that certctl recognises its own files.
pub(super) const MARK: &str = "<!-- Drawn by certctl preview. -->\n";
/// The mark is within this many bytes from the beginning.
const BEGINNING: u64 = 4096;

/// The kind of a file in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DrawingKind {
    Html,
    Png,
    Svg,
}

impl DrawingKind {
    const ALL: [Self; 3] = [Self::Html, Self::Png, Self::Svg];

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }

    fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        Self::ALL.into_iter().find(|kind| kind.extension() == extension)
    }

    /// Returns whether a file with this beginning was written by `certctl preview`.
    fn is_ours(self, beginning: &[u8]) -> bool {
        match self {
            Self::Html | Self::Svg => beginning.starts_with(MARK.as_bytes()),
            Self::Png => {
                let mark = format!("tEXt{}\0{}", SOFTWARE.0, SOFTWARE.1);
                beginning.windows(mark.len()).any(|window| window == mark.as_bytes())
            }
        }
    }
}

/// A folder that was checked and accepts drawings.
pub(super) struct DrawingsFolder {
    path: PathBuf,
    /// Files of an earlier preview that this one does not write.
    older: Vec<String>,
}

impl DrawingsFolder {
    /// Creates the folder if needed, and checks that no file in it is in the way.
    pub(super) fn open(
        path: &Path,
        stems: &BTreeMap<&Key, String>,
        kinds: &[DrawingKind],
    ) -> Result<Self, Failure> {
        let failed = |error: io::Error| {
            Failure::error(format!("cannot write into {}: {}", path.display(), io_words(&error)))
        };
        if fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink()) {
            return Err(Failure::error(format!(
                "{} is a symbolic link, and preview writes through none: name the folder that it leads to",
                path.display()
            )));
        }
        fs::create_dir_all(path).map_err(failed)?;
        let mut written = BTreeSet::from(["index.html".to_owned()]);
        for kind in kinds {
            written.extend(stems.values().map(|stem| format!("{stem}.{}", kind.extension())));
        }
        let mut older = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Some(kind) = DrawingKind::of(Path::new(&name)) else { continue };
            let ours = entry.path().is_file() && kind.is_ours(&beginning(&entry.path()).map_err(failed)?);
            match (written.contains(&name.to_lowercase()), ours) {
                (true, false) => {
                    return Err(Failure::error(format!(
                        "{} is there already, and it is not a preview that certctl wrote. Choose another folder: nothing was written",
                        entry.path().display()
                    )));
                }
                (false, true) => older.push(name),
                _ => {}
            }
        }
        older.sort();
        Ok(Self { path: path.to_owned(), older })
    }

    /// Writes a file, completely or not at all.
    pub(super) fn write(&self, stem: &str, kind: DrawingKind, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.path.join(format!("{stem}.{}", kind.extension()));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".certctl-tmp");
        #[cfg(unix)]
        {
            // The file is meant to be passed on: others may read it if the umask allows, but not change it.
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o644));
        }
        let written = builder.tempfile_in(&self.path).and_then(|mut file| {
            file.write_all(bytes)?;
            file.persist(&path).map_err(|error| error.error)
        });
        written.map_err(|error| {
            Failure::error(format!("cannot write {}: {}", path.display(), io_words(&error)))
        })?;
        Ok(path)
    }

    /// Names the files of an earlier preview, which are left alone; `None` if there are none.
    pub(super) fn older(&self) -> Option<String> {
        let first = safe_text(self.older.first()?);
        let others = match self.older.len() - 1 {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        Some(format!("{first}{others} of an earlier preview was left alone: the page does not have it"))
    }
}

fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BEGINNING).read_to_end(&mut bytes)?;
    Ok(bytes)
}
