//! One template, ready to be drawn.

use std::sync::Arc;

use crate::model::{Attributes, Canvas, Key};
use crate::report::drawing::{Background, Fields, Picture};
use crate::report::safe_text;

/// One template, ready to be drawn.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The key.
    pub key: Key,
    /// The title on one line, shortened.
    pub title: String,
    /// The drawing as data.
    pub picture: Picture,
    /// The background image.
    pub background: Option<Arc<Background>>,
    /// Notes about the background image.
    pub remark: Option<String>,
}

/// The limit of a title, in characters.
const MAX_TITLE_LENGTH: usize = 120;

impl Certificate {
    /// A template with its background image, or the reason why there is none. Without a size in the YAML, the sheet
    /// has the size of the image.
    pub fn of(
        key: &Key,
        attributes: &Attributes,
        canvas: Option<&Canvas>,
        fields: &Fields,
        background: Option<Result<Arc<Background>, String>>,
    ) -> Self {
        let (background, remark) = match background {
            None => (None, None),
            Some(Err(why)) => (None, Some(why)),
            Some(Ok(image)) => {
                let remark = canvas.and_then(|canvas| other_size(canvas, &image));
                (Some(image), remark)
            }
        };
        let picture = match (&background, canvas) {
            (Some(image), None) => Picture::on_image(attributes, (image.width, image.height), fields),
            _ => Picture::of(attributes, canvas, fields),
        };
        let title = shortened(attributes.title().unwrap_or_default());
        Self { key: key.clone(), title, picture, background, remark }
    }

    /// The problems, in words.
    pub fn problems(&self) -> Vec<String> {
        let problems = self.picture.problems().chain(self.picture.undrawn());
        problems.map(|problem| safe_text(&problem)).collect()
    }

    /// Key and title.
    pub fn name(&self) -> String {
        format!("{}: {}", self.key, self.title)
    }
}

/// x and y are pixels of the image, so a sheet of another size would move every label.
fn other_size(canvas: &Canvas, image: &Background) -> Option<String> {
    ((canvas.width, canvas.height) != (image.width, image.height)).then(|| {
        format!(
            "{} is {} × {} px, and the YAML says {} × {} px: x and y are pixels of the image",
            safe_text(&image.name),
            image.width,
            image.height,
            canvas.width,
            canvas.height
        )
    })
}

fn shortened(title: &str) -> String {
    let mut characters = title.chars();
    let beginning: String = characters.by_ref().take(MAX_TITLE_LENGTH).collect();
    let more = if characters.next().is_some() { "…" } else { "" };
    safe_text(&beginning) + more
}
