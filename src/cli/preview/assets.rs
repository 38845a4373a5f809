//! Background images in a local folder.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::failure::Failure;
use crate::report::drawing::{Background, BackgroundError};
use crate::report::preview::local_name;
use crate::report::safe_text;

/// The folder, and what was read of it: each image once, however many templates have it.
pub(super) struct Assets {
    /// As it was named.
    folder: PathBuf,
    /// Where it really is.
    root: PathBuf,
    read: HashMap<String, Result<Arc<Background>, String>>,
    bytes: usize,
}

/// All images are held in memory until the drawings are written.
const MOST_BYTES: usize = 200_000_000;

impl Assets {
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let wrong = |why: String| Failure::error(format!("--assets {}: {why}", folder.display()));
        let root = folder.canonicalize().map_err(|error| wrong(error.to_string()))?;
        if !root.is_dir() {
            return Err(wrong("this is no folder".to_owned()));
        }
        Ok(Self { folder: folder.to_owned(), root, read: HashMap::new(), bytes: 0 })
    }

    /// The image of this address, or why there is none.
    pub(super) fn image(&mut self, asset: &str) -> Result<Arc<Background>, String> {
        let Some(name) = local_name(asset) else {
            let asset: String = asset.chars().take(200).collect();
            return Err(format!("the asset {} does not end with the name of a file", safe_text(&asset)));
        };
        if let Some(known) = self.read.get(&name) {
            return known.clone();
        }
        let image = self.read(&name).map_err(|why| {
            format!("{} {why}: drawn without it", safe_text(&self.folder.join(&name).display().to_string()))
        });
        self.read.insert(name, image.clone());
        image
    }

    fn read(&mut self, name: &str) -> Result<Arc<Background>, String> {
        // A link may lead anywhere, and what it leads to would stand in a page that is handed on.
        let path = self.root.join(name).canonicalize().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "is not there".to_owned(),
            _ => format!("cannot be read: {error}"),
        })?;
        if !path.starts_with(&self.root) {
            return Err("is a link that leads out of the folder".to_owned());
        }
        // Opening anything else could wait for ever.
        if !path.is_file() {
            return Err("is no file".to_owned());
        }
        let limit = u64::try_from(Background::MOST_BYTES).unwrap_or(u64::MAX) + 1;
        let mut bytes = Vec::new();
        File::open(&path)
            .and_then(|file| file.take(limit).read_to_end(&mut bytes))
            .map_err(|error| format!("cannot be read: {error}"))?;
        let image = Background::read(name, &bytes).map_err(|error: BackgroundError| error.to_string())?;
        if self.bytes + bytes.len() > MOST_BYTES {
            return Err(format!("is too much: the images before it have {} MB", self.bytes / 1_000_000));
        }
        self.bytes += bytes.len();
        Ok(Arc::new(image))
    }
}
