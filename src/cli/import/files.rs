//! Puts the files of `import --write` in place: each as a whole or not at all, and never over another one.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::cli::context::shown_path;
use crate::cli::editor_schema;
use crate::cli::failure::Failure;
use crate::cli::outfile;
use crate::crash::{Point, reach};
use crate::model::{EditorSchema, Help, io_words};

/// The files to put in place.
#[derive(Debug)]
pub(super) struct NewFiles {
    /// The place of the schema that template files name for editors, unless it is there.
    pub(super) schema: Option<PathBuf>,
    /// New files with their texts; what others need comes first.
    pub(super) files: Vec<(PathBuf, String)>,
    /// A file whose text is replaced, with the old and the new text. It is replaced before the first template file.
    pub(super) replaced: Option<(PathBuf, String, String)>,
}

/// Fails with every path that is taken.
pub(super) fn check_free(paths: &[PathBuf]) -> Result<(), Failure> {
    let taken: Vec<String> = paths
        .iter()
        .filter(|path| fs::symlink_metadata(path).is_ok())
        .map(|path| format!("{} exists already, and nothing is overwritten", shown_path(path)))
        .collect();
    if taken.is_empty() {
        Ok(())
    } else {
        Err(Failure::error(format!("{}\nnothing was written", taken.join("\n"))))
    }
}

impl NewFiles {
    /// Writes all of them under temporary names, so that hardly anything can fail once the state is written. Gives back the
    /// memory of their texts.
    pub(super) fn stage(&mut self) -> Result<StagedFiles<'_>, Failure> {
        let failed = |path: &Path, error: &io::Error| {
            let (path, why) = (shown_path(path), io_words(error));
            Failure::error(format!("cannot write {path}: {why}\nnothing was written"))
        };
        if let Some((path, old, _)) = &self.replaced {
            check_unchanged(path, old).map_err(|error| failed(path, &error))?;
        }
        let staged = |path: &PathBuf, text: &str| {
            stage(path, text).map(|file| (file, path.clone())).map_err(|error| failed(path, &error))
        };
        let schema =
            self.schema.as_ref().map(|path| staged(path, &editor_schema::text(EditorSchema::Templates)));
        let files = self.files.iter().map(|(path, text)| staged(path, text));
        let (schema, files) = (schema.transpose()?, files.collect::<Result<_, _>>()?);
        self.files.iter_mut().for_each(|(_, text)| *text = String::new());
        Ok(StagedFiles { schema, files, replaced: self.replaced.as_ref() })
    }
}

/// The files, written under temporary names. They are removed if they are not put in place.
#[derive(Debug)]
pub(super) struct StagedFiles<'a> {
    schema: Option<(NamedTempFile, PathBuf)>,
    files: Vec<(NamedTempFile, PathBuf)>,
    replaced: Option<&'a (PathBuf, String, String)>,
}

impl StagedFiles<'_> {
    /// Gives them their names. If one fails, the others stay: the state has all templates, and the next import writes those
    /// that the YAML lacks.
    pub(super) fn put_in_place(self) -> Result<(), Failure> {
        self.put().map_err(|(path, error)| {
            let (path, why) = (shown_path(&path), io_words(&error));
            Failure::error(format!(
                "cannot write {path}: {why}\nthe state has what was seen of every template"
            ))
            .helped(Help::none().say("Import again: that writes every template that the YAML lacks."))
        })
    }

    fn put(self) -> Result<(), (PathBuf, io::Error)> {
        let is_yaml = |path: &Path| path.extension().is_some_and(|ending| ending == "yaml");
        let mut replaced = self.replaced;
        let mut folders = BTreeSet::new();
        if let Some((file, path)) = self.schema {
            match place(file, &path) {
                // An import of another environment was faster.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                placed => placed.map_err(|error| (path.clone(), error))?,
            }
            folders.insert(folder_of(&path).to_owned());
        }
        for (file, path) in self.files {
            if is_yaml(&path)
                && let Some((path, old, new)) = replaced.take()
            {
                let done = check_unchanged(path, old).and_then(|()| outfile::write(path, new));
                done.map_err(|error| (path.clone(), error))?;
                folders.insert(folder_of(path).to_owned());
            }
            place(file, &path).map_err(|error| (path.clone(), error))?;
            folders.insert(folder_of(&path).to_owned());
        }
        // Names that do not survive a power failure are written by the next import.
        for folder in folders {
            let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

fn check_unchanged(path: &Path, old: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|text| text != *old) {
        return Err(io::Error::other("it has just been changed; import again"));
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file with this text beside its place.
fn stage(path: &Path, text: &str) -> io::Result<NamedTempFile> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".certctl-tmp-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    let mut file = builder.tempfile_in(folder).map_err(|error| io::Error::from(error.kind()))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    reach(Point::FileStaged);
    Ok(file)
}

/// Gives a file its name. If another process was faster, its file is kept.
fn place(file: NamedTempFile, path: &Path) -> io::Result<()> {
    match file.persist_noclobber(path) {
        Ok(_) => {
            reach(Point::FilePlaced);
            Ok(())
        }
        Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => {
            Err(io::Error::new(ErrorKind::AlreadyExists, "another program has just made it"))
        }
        Err(refused) => Err(refused.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_writing_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("certctl.toml"), "old").unwrap();
        fs::write(path("blocked"), "").unwrap();
        let file = |name: &str| (path(name), "text".to_owned());
        let mut files = NewFiles {
            schema: None,
            files: vec![file("css/a.css"), file("a.yaml"), file("blocked/b.yaml")],
            replaced: Some((path("certctl.toml"), "old".to_owned(), "new".to_owned())),
        };
        check_free(&[path("css/a.css"), path("a.yaml")]).unwrap();
        let failure = files.stage().unwrap_err();
        assert!(failure.message.ends_with("nothing was written"), "{}", failure.message);
        assert_eq!(fs::read_to_string(path("certctl.toml")).unwrap(), "old");
        assert!(!path("css/a.css").exists() && !path("a.yaml").exists());
    }

    #[test]
    fn an_edit_made_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("certctl.toml"), "edited").unwrap();
        let mut files = NewFiles {
            schema: None,
            files: vec![(path("a.yaml"), "text".to_owned())],
            replaced: Some((path("certctl.toml"), "old".to_owned(), "new".to_owned())),
        };
        let is_kept = |failure: Failure| {
            assert!(
                failure.message.contains("it has just been changed; import again"),
                "{}",
                failure.message
            );
            assert_eq!(fs::read_to_string(path("certctl.toml")).unwrap(), "edited");
            assert!(!path("a.yaml").exists());
        };
        is_kept(files.stage().unwrap_err());
        fs::write(path("certctl.toml"), "old").unwrap();
        let staged = files.stage().unwrap();
        fs::write(path("certctl.toml"), "edited").unwrap();
        is_kept(staged.put_in_place().unwrap_err());
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, "mine").unwrap();
        let mut files =
            NewFiles { schema: None, files: vec![(path.clone(), "text".to_owned())], replaced: None };
        assert!(check_free(std::slice::from_ref(&path)).unwrap_err().message.contains("exists already"));
        files.stage().unwrap().put_in_place().unwrap_err();
        assert_eq!(fs::read_to_string(path).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn schema_of_another_import_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let files = vec![(path("a.yaml"), "text".to_owned())];
        let mut files = NewFiles { schema: Some(path("schema")), files, replaced: None };
        let staged = files.stage().unwrap();
        fs::write(path("schema"), "theirs").unwrap();
        staged.put_in_place().unwrap();
        assert_eq!(fs::read_to_string(path("schema")).unwrap(), "theirs");
        assert!(path("a.yaml").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file stays");
    }
}
