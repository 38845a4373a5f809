//! The files that templates come from. Their texts are let go as soon as their templates are resolved, so that a large
//! estate is not in memory twice. Where templates and labels are is kept with
//! each template; for the line that a warning shows, the file is read again, and only if it has not changed.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use foldhash::quality::RandomState;

use super::files;
use crate::config::Boundary;
use crate::model::SourceText;

/// The files, by name.
#[derive(Debug, Default)]
pub(super) struct Sources(HashMap<Arc<Path>, Source>);

/// One file, read and resolved.
#[derive(Debug)]
pub(super) struct Source {
    /// Set while it is needed, or once it was read again; `None` if it cannot be read again as it was.
    text: OnceLock<Option<SourceText>>,
    /// Where it is, if it can be read again, and what its text was.
    again: Option<(Arc<ReadAgain>, PathBuf, u64)>,
}

/// How files are read again.
#[derive(Debug)]
pub(super) struct ReadAgain {
    boundary: Boundary,
    /// Tells whether a text is still the same.
    hasher: RandomState,
}

impl Sources {
    pub(super) fn new(files: impl IntoIterator<Item = (Arc<Path>, Source)>) -> Self {
        Self(files.into_iter().collect())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(AsRef::as_ref)
    }

    /// The text of a file; `None` if it is unknown or has changed since it was read.
    pub(super) fn text(&self, file: &Arc<Path>) -> Option<&SourceText> {
        self.0.get(file)?.text(file)
    }
}

impl Source {
    /// A file whose text is needed later, too.
    pub(super) fn with_text(text: SourceText) -> Self {
        Self { text: OnceLock::from(Some(text)), again: None }
    }

    /// Lets go of the text of a file, which is at the path `real`.
    pub(super) fn without_text(text: &SourceText, again: &Arc<ReadAgain>, real: PathBuf) -> Self {
        let hash = again.hasher.hash_one(text.text());
        Self { text: OnceLock::new(), again: Some((Arc::clone(again), real, hash)) }
    }

    fn text(&self, file: &Arc<Path>) -> Option<&SourceText> {
        let read = || {
            let (again, real, hash) = self.again.as_ref()?;
            let bytes = again.boundary.read(real, files::MAX_BYTES).ok()?;
            let text = files::text(file, bytes).ok()?;
            (again.hasher.hash_one(text.text()) == *hash).then_some(text)
        };
        self.text.get_or_init(read).as_ref()
    }
}

impl ReadAgain {
    pub(super) fn new(boundary: Boundary) -> Self {
        Self { boundary, hasher: RandomState::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_again_only_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap().join("a.yaml");
        let again = Arc::new(ReadAgain::new(Boundary::of_folder(folder.path()).unwrap()));
        let text = SourceText::new("a.yaml", "templates:\n");
        let file: Arc<Path> = Arc::from(Path::new("a.yaml"));
        let read = |contents: &str| {
            std::fs::write(&real, contents).unwrap();
            let source = Source::without_text(&text, &again, real.clone());
            let sources = Sources::new([(Arc::clone(&file), source)]);
            sources.text(&file).map(|text| text.text().to_owned())
        };
        assert_eq!(read("templates:\n").as_deref(), Some("templates:\n"));
        assert_eq!(read("templates:\n "), None);
        let kept = Source::with_text(text.clone());
        assert!(Sources::new([(Arc::clone(&file), kept)]).text(&file).is_some());
    }
}
