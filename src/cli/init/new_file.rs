//! The files that init writes: all of them or none. It never overwrites a file and never follows a link.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::super::context::shown_path;
use super::super::editor_schema;
use super::super::failure::Failure;
use super::missing_lines::{addition, missing_lines};
use crate::model::{EditorSchema, io_words, shell_word};

/// A file that is wanted in a folder.
pub(super) struct NewFile {
    /// The folder, which the user chose, or the root of its repository.
    pub(super) base: PathBuf,
    /// The name from there.
    pub(super) name: &'static str,
    pub(super) text: String,
    pub(super) if_there: IfThere,
}

/// What becomes of a file that exists already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfThere {
    /// Nothing is written at all.
    Refuse,
    /// It is left as it is, and the lines that it lacks are named.
    NameMissingLines,
    /// The lines that it lacks are added to its end.
    AddMissingLines,
    /// It is left as it is, and the text that it would have is shown.
    ShowText,
    /// It is left as it is, and if it is of another version, the command that renews it is named.
    NameRenewal(EditorSchema),
}

/// What became of a wanted file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileOutcome {
    Written,
    Added(Vec<String>),
    /// These lines are missing.
    Lacking(Vec<String>),
    /// It is there, with another text.
    Left,
    /// It is there, of another version.
    Outdated(EditorSchema),
    /// It is there and as wanted.
    Complete,
}

/// A change that can be undone.
enum Undoable {
    Created(PathBuf),
    /// The file had this many bytes.
    Extended(PathBuf, u64),
}

impl NewFile {
    pub(super) fn path(&self) -> PathBuf {
        self.base.join(self.name)
    }

    /// The path, as people read it.
    pub(super) fn shown(&self) -> String {
        // The caller's own folder is named as the caller named it.
        if self.base.is_absolute() { shown_path(&self.path()) } else { self.path().display().to_string() }
    }

    /// Explains why this file cannot be written, and what to do; `None` if it can.
    pub(super) fn obstacle(&self) -> Option<String> {
        let path = self.path();
        let folders =
            Path::new(self.name).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        let mut folders: Vec<PathBuf> = folders.map(|folder| self.base.join(folder)).collect();
        folders.reverse();
        // The base is the caller's choice and may be a link; a link inside it may lead out of the project.
        if let Some(link) = folders.iter().chain([&path]).find(|path| path.is_symlink()) {
            return Some(format!(
                "{} is a symbolic link, and init does not write through links: remove it (rm {}), or put what it leads to in its place",
                link.display(),
                shell_word(link)
            ));
        }
        if let Some(folder) = folders.iter().find(|folder| folder.exists() && !folder.is_dir()) {
            return Some(format!("{} is not a directory: move it away or rename it", folder.display()));
        }
        if path.is_dir() {
            return Some(format!(
                "{} is a directory, and a file belongs there: move it away or rename it",
                path.display()
            ));
        }
        if path.exists() && !path.is_file() {
            return Some(format!("{} is not a regular file: move it away or rename it", path.display()));
        }
        (path.exists() && self.if_there == IfThere::Refuse)
            .then(|| format!("{} exists already, and init never overwrites", path.display()))
    }

    fn write(&self, changes: &mut Vec<Undoable>) -> std::io::Result<FileOutcome> {
        let path = self.path();
        if !path.exists() {
            write_new(&path, &self.text)?;
            changes.push(Undoable::Created(path));
            return Ok(FileOutcome::Written);
        }
        let there = std::fs::read(&path)?;
        let there = String::from_utf8_lossy(&there);
        let missing = missing_lines(&there, &self.text);
        let lines = || missing.iter().map(|line| (*line).to_owned()).collect();
        Ok(match self.if_there {
            IfThere::ShowText if there != self.text => FileOutcome::Left,
            IfThere::NameRenewal(schema) if !editor_schema::is_current(schema, &there) => {
                FileOutcome::Outdated(schema)
            }
            IfThere::ShowText | IfThere::NameRenewal(_) => FileOutcome::Complete,
            _ if missing.is_empty() => FileOutcome::Complete,
            IfThere::AddMissingLines => {
                let before = extend(&path, &addition(&there, &missing))?;
                changes.push(Undoable::Extended(path, before));
                FileOutcome::Added(lines())
            }
            IfThere::Refuse | IfThere::NameMissingLines => FileOutcome::Lacking(lines()),
        })
    }
}

/// Writes all of these files. If one fails, undoes what was written before, because the next run would take a half-made
/// project for somebody's work.
pub(super) fn write_all(files: &[NewFile]) -> Result<Vec<FileOutcome>, Failure> {
    let mut changes = Vec::new();
    files
        .iter()
        .map(|file| {
            file.write(&mut changes).map_err(|error| {
                let path = file.path();
                let rest = undo(&changes);
                Failure::error(format!("cannot write {}: {}\n{rest}", path.display(), io_words(&error)))
            })
        })
        .collect()
}

fn undo(changes: &[Undoable]) -> String {
    let mut left = Vec::new();
    for change in changes.iter().rev() {
        let (path, undone) = match change {
            Undoable::Created(path) => (path, std::fs::remove_file(path)),
            Undoable::Extended(path, bytes) => (path, cut(path, *bytes)),
        };
        if undone.is_err() {
            left.push(path.display().to_string());
        }
    }
    if left.is_empty() {
        return "nothing was written".to_owned();
    }
    format!("remove what was written before: {}", left.join(", "))
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // If another process was faster, its file is kept.
    let mut file = File::create_new(path)?;
    let written = file.write_all(text.as_bytes());
    if written.is_err() {
        // A partial file is useless; if it cannot be removed, the error names it.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// Adds a text to the end of a file, and returns how many bytes the file had.
fn extend(path: &Path, text: &str) -> std::io::Result<u64> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    let before = file.metadata()?.len();
    let written = file.write_all(text.as_bytes());
    if written.is_err() {
        // What was added of it is harmless: lines that git ignores, or a part of one.
        let _ = file.set_len(before);
    }
    written.map(|()| before)
}

fn cut(path: &Path, bytes: u64) -> std::io::Result<()> {
    OpenOptions::new().write(true).open(path)?.set_len(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(folder: &tempfile::TempDir, names: [&'static str; 3]) -> Vec<NewFile> {
        names
            .into_iter()
            .map(|name| NewFile {
                base: folder.path().into(),
                name,
                text: "1\n".to_owned(),
                if_there: IfThere::AddMissingLines,
            })
            .collect()
    }

    #[test]
    fn failed_init_undoes_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("mine", ""), ("extended", "0\n")] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let failure = write_all(&wanted(&folder, ["a", "extended", "mine/c"])).unwrap_err();
        assert!(failure.message.ends_with("nothing was written"), "{}", failure.message);
        assert!(failure.message.contains("mine/c"), "{}", failure.message);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(std::fs::read_to_string(folder.path().join("extended")).unwrap(), "0\n");
    }

    #[test]
    fn what_is_there_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("b");
        std::fs::write(&file, "mine").unwrap();
        write_new(&file, "1\n").unwrap_err();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
        let outcomes = write_all(&wanted(&folder, ["a", "b", "b"])).unwrap();
        let added = FileOutcome::Added(vec!["1".to_owned()]);
        assert_eq!(outcomes, [FileOutcome::Written, added, FileOutcome::Complete]);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine\n\n# certctl\n1\n");
    }
}
