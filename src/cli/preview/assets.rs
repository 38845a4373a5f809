//! Reads background images from a local folder, for `preview`. It never reads outside of the folder.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::failure::Failure;
use crate::config::{Boundary, ReadError};
use crate::model::io_words;
use crate::report::drawing::{Background, BackgroundError};
use crate::report::preview::local_name;
use crate::report::safe_text;

/// The folder, and the images read so far: each is read once, however many templates use it.
pub(super) struct Assets {
    /// The folder as the user named it.
    folder: PathBuf,
    /// Keeps reads inside the folder.
    boundary: Boundary,
    read: HashMap<String, Result<Arc<Background>, String>>,
    bytes: usize,
}

/// The limit for all images together: they are kept in memory until the drawings are written.
const MAX_BYTES: usize = 200_000_000;

impl Assets {
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let wrong = |why: String| Failure::error(format!("--assets {}: {why}", folder.display()));
        let boundary = Boundary::of_folder(folder).map_err(|error| wrong(io_words(&error)))?;
        if !boundary.folder().is_dir() {
            return Err(wrong("this is not a directory".to_owned()));
        }
        Ok(Self { folder: folder.to_owned(), boundary, read: HashMap::new(), bytes: 0 })
    }

    /// Returns the image of an asset, or why there is none.
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
        // A link may lead anywhere, and its target would be embedded in a page that is passed on.
        let limit = u64::try_from(Background::MAX_BYTES).unwrap_or(u64::MAX);
        let read = self.boundary.locate(Path::new(name)).and_then(|real| self.boundary.read(&real, limit));
        let bytes = read.map_err(|error| match error {
            ReadError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => "is not there".to_owned(),
            ReadError::Outside => "is a link that leads out of the folder".to_owned(),
            ReadError::Special(what) => format!("is {what}"),
            ReadError::TooLarge(most) => format!("is larger than {} MB", most / 1_000_000),
            error => format!("cannot be read: {error}"),
        })?;
        let image = Background::read(name, &bytes).map_err(|error: BackgroundError| error.to_string())?;
        if self.bytes + bytes.len() > MAX_BYTES {
            return Err(format!("is too much: the images before it have {} MB", self.bytes / 1_000_000));
        }
        self.bytes += bytes.len();
        Ok(Arc::new(image))
    }
}
