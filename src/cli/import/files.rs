//! Puts the files of `import --write` in place: each as a whole or not at all, and never over another one.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::context::shown_path;
use crate::cli::failure::Failure;
use crate::cli::outfile;
use crate::model::io_words;

/// The files to put in place.
#[derive(Debug)]
pub(super) struct NewFiles {
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
    /// Puts all of them in place. If one fails, those that were written are removed again.
    pub(super) fn put_in_place(&self) -> Result<(), Failure> {
        let mut written: Vec<&Path> = Vec::new();
        let failed = self.put(&mut written).err();
        let Some((path, error)) = failed else { return Ok(()) };
        let mut left: Vec<String> = written
            .iter()
            .filter(|path| fs::remove_file(path).is_err())
            .map(|path| shown_path(path))
            .collect();
        if let Some((path, old, new)) = &self.replaced
            && fs::read_to_string(path).is_ok_and(|text| text == *new)
            && outfile::write(path, old).is_err()
        {
            left.push(shown_path(path));
        }
        let rest = if left.is_empty() {
            "nothing was written".to_owned()
        } else {
            format!("this was written before and could not be taken back: {}", left.join(", "))
        };
        Err(Failure::error(format!("cannot write {}: {}\n{rest}", shown_path(&path), io_words(&error))))
    }

    /// Gives back the memory of the texts once they are in place.
    pub(super) fn forget_texts(&mut self) {
        self.files.iter_mut().for_each(|(_, text)| *text = String::new());
    }

    fn put<'a>(&'a self, written: &mut Vec<&'a Path>) -> Result<(), (PathBuf, io::Error)> {
        let is_yaml = |path: &Path| path.extension().is_some_and(|ending| ending == "yaml");
        let mut replaced = self.replaced.as_ref();
        for (path, text) in &self.files {
            if is_yaml(path)
                && let Some((path, old, new)) = replaced.take()
            {
                if fs::read_to_string(path).is_ok_and(|text| text != *old) {
                    return Err((path.clone(), io::Error::other("it has just been changed; import again")));
                }
                outfile::write(path, new).map_err(|error| (path.clone(), error))?;
            }
            create(path, text).map_err(|error| (path.clone(), error))?;
            written.push(path);
        }
        Ok(())
    }
}

/// Creates a file with this text. If another process was faster, its file is kept.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
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
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
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
    fn failed_writing_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("certctl.toml"), "old").unwrap();
        fs::write(path("blocked"), "").unwrap();
        let file = |name: &str| (path(name), "text".to_owned());
        let files = NewFiles {
            files: vec![file("css/a.css"), file("a.yaml"), file("blocked/b.yaml")],
            replaced: Some((path("certctl.toml"), "old".to_owned(), "new".to_owned())),
        };
        check_free(&[path("css/a.css"), path("a.yaml")]).unwrap();
        let failure = files.put_in_place().unwrap_err();
        assert!(failure.message.ends_with("nothing was written"), "{}", failure.message);
        assert_eq!(fs::read_to_string(path("certctl.toml")).unwrap(), "old");
        assert!(!path("css/a.css").exists() && !path("a.yaml").exists());
    }

    #[test]
    fn an_edit_made_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("certctl.toml"), "edited").unwrap();
        let files = NewFiles {
            files: vec![(path("a.yaml"), "text".to_owned())],
            replaced: Some((path("certctl.toml"), "old".to_owned(), "new".to_owned())),
        };
        let failure = files.put_in_place().unwrap_err();
        assert!(failure.message.contains("it has just been changed; import again"), "{}", failure.message);
        assert_eq!(fs::read_to_string(path("certctl.toml")).unwrap(), "edited");
        assert!(!path("a.yaml").exists());
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, "mine").unwrap();
        let files = NewFiles { files: vec![(path.clone(), "text".to_owned())], replaced: None };
        assert!(check_free(std::slice::from_ref(&path)).unwrap_err().message.contains("exists already"));
        files.put_in_place().unwrap_err();
        assert_eq!(fs::read_to_string(path).unwrap(), "mine");
    }
}
