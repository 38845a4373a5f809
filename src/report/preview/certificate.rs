//! One template, ready to be drawn.

use std::sync::Arc;

use crate::model::{Attributes, Canvas, Key};
use crate::report::drawing::{Background, Fields, Picture};
use crate::report::safe_text;

/// One template, drawn as it stands.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Its key.
    pub key: Key,
    /// Its title, on one line and not too long.
    pub title: String,
    /// What is drawn.
    pub picture: Picture,
    /// What is drawn behind it.
    pub background: Option<Arc<Background>>,
    /// What there is to say of its background.
    pub remark: Option<String>,
}

/// A longer title is cut.
const LONGEST_TITLE: usize = 120;

impl Certificate {
    /// A template, and its background image: the image itself, or why there is none. Where the YAML has no size, the
    /// sheet is as large as the image.
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

    /// What is wrong with it, in words.
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self.picture.problems().map(|problem| safe_text(&problem)).collect();
        match self.picture.not_drawn {
            0 => {}
            1 => problems.push("1 more label is not drawn".to_owned()),
            more => problems.push(format!("{more} more labels are not drawn")),
        }
        problems
    }

    /// Key and title.
    pub fn name(&self) -> String {
        format!("{}: {}", self.key, self.title)
    }
}

/// x and y are pixels of the image, so a sheet of another size puts every label elsewhere.
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
    let beginning: String = characters.by_ref().take(LONGEST_TITLE).collect();
    let more = if characters.next().is_some() { "…" } else { "" };
    safe_text(&beginning) + more
}
