//! Renders a drawing as PNG, with the given fonts. Pure: nothing is loaded from files or the network. Only in builds with
//! the feature `pictures`.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::{self, Database, Family, ID, Query};
use resvg::usvg::{FontResolver, ImageHrefResolver, ImageKind, Options, Tree};

use super::SOFTWARE;

/// The fonts for texts.
#[derive(Clone, Debug, Default)]
pub struct Fonts {
    database: Arc<Database>,
    /// Families that take precedence over those named in a drawing.
    preferred: Vec<String>,
}

/// A drawing in pixels.
#[derive(Clone, Debug)]
pub struct Raster {
    /// The PNG file.
    pub png: Vec<u8>,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// The requested scale, if it was too large.
    pub shrunk_from: Option<f64>,
    /// For each text that no font covers: the first character that no font has.
    pub missing: BTreeSet<char>,
}

/// Why a drawing cannot be rendered. This is always a defect of certctl, whatever the template contains.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RasterError {
    /// The renderer rejects the drawing.
    #[error("the drawing is not understood: {0}")]
    Svg(#[from] resvg::usvg::Error),
    /// The pixels do not fit into memory.
    #[error("a picture of {0} × {1} px cannot be made")]
    Size(u32, u32),
    /// The PNG cannot be encoded.
    #[error("the picture cannot be written: {0}")]
    Png(#[from] png::EncodingError),
}

/// The longer side of a picture without a given scale, in pixels.
const LONGER_SIDE: f64 = 1600.0;
/// At four bytes for each pixel: 64 MB.
const MAX_PIXELS: f64 = 16_000_000.0;

impl Fonts {
    /// Wraps these fonts. The preferred families take precedence over those named in a drawing.
    pub fn new(database: Database, preferred: Vec<String>) -> Self {
        Self { database: Arc::new(database), preferred }
    }

    /// Whether there is no font, so that no text can be drawn.
    pub fn is_empty(&self) -> bool {
        self.database.is_empty()
    }

    /// The font for a text: a preferred one, else one that the drawing names, else any.
    fn select(&self, font: &resvg::usvg::Font, database: &mut Arc<Database>) -> Option<ID> {
        let preferred: Vec<Family<'_>> = self.preferred.iter().map(|name| Family::Name(name)).collect();
        let query = Query { families: &preferred, weight: fontdb::Weight(font.weight()), ..Query::default() };
        let any = |database: &Database| {
            let plain = |face: &&fontdb::FaceInfo| face.style == fontdb::Style::Normal;
            database.faces().find(plain).or_else(|| database.faces().next()).map(|face| face.id)
        };
        database
            .query(&query)
            .or_else(|| FontResolver::default_font_selector()(font, database))
            .or_else(|| any(database))
    }
}

/// Renders an SVG. Without a scale, the longer side has at most 1600 pixels; with any scale, a picture has at most
/// 16 million pixels.
pub fn raster(svg: &str, fonts: &Fonts, scale: Option<f64>) -> Result<Raster, RasterError> {
    let missing = Mutex::new(BTreeSet::new());
    let tree = Tree::from_str(svg, &options(fonts, &missing))?;
    let size = (f64::from(tree.size().width()), f64::from(tree.size().height()));
    let wanted = scale.unwrap_or_else(|| (LONGER_SIDE / size.0.max(size.1)).min(1.0));
    let scale = bounded(size, wanted);
    let (width, height) = (pixels(size.0 * scale), pixels(size.1 * scale));
    let mut pixmap = Pixmap::new(width, height).ok_or(RasterError::Size(width, height))?;
    pixmap.fill(Color::WHITE);
    #[expect(clippy::cast_possible_truncation, reason = "a scale needs no more digits than an f32 has")]
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixmap.as_mut());
    Ok(Raster {
        png: encode(&pixmap)?,
        width,
        height,
        shrunk_from: (scale < wanted).then_some(wanted),
        missing: missing.into_inner().unwrap_or_else(PoisonError::into_inner),
    })
}

/// The scale, or the largest one within [`MAX_PIXELS`].
fn bounded((width, height): (f64, f64), scale: f64) -> f64 {
    // One pixel less on each side, because sides are rounded up.
    let most = (MAX_PIXELS / ((width + 1.0) * (height + 1.0))).sqrt();
    let longest = MAX_PIXELS / 1000.0 / width.max(height);
    scale.min(most).min(longest)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
fn pixels(length: f64) -> u32 {
    length.ceil().clamp(1.0, MAX_PIXELS) as u32
}

/// Options that load nothing: no file, no URL, no nested drawing.
fn options<'a>(fonts: &'a Fonts, missing: &'a Mutex<BTreeSet<char>>) -> Options<'a> {
    let fallback = FontResolver::default_fallback_selector();
    Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|media_type, data, _| match media_type {
                "image/png" => Some(ImageKind::PNG(data)),
                "image/jpeg" => Some(ImageKind::JPEG(data)),
                "image/gif" => Some(ImageKind::GIF(data)),
                "image/webp" => Some(ImageKind::WEBP(data)),
                _ => None,
            }),
            resolve_string: Box::new(|_, _| None),
        },
        font_resolver: FontResolver {
            select_font: Box::new(|font, database| fonts.select(font, database)),
            select_fallback: Box::new(move |c, used, database| {
                let found = if used.is_empty() { None } else { fallback(c, used, database) };
                if found.is_none() {
                    missing.lock().unwrap_or_else(PoisonError::into_inner).insert(c);
                }
                found
            }),
        },
        fontdb: Arc::clone(&fonts.database),
        ..Options::default()
    }
}

fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.add_text_chunk(SOFTWARE.0.to_owned(), SOFTWARE.1.to_owned())?;
    // The picture is first filled with white, so every pixel is opaque.
    let opaque: Vec<u8> =
        pixmap.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    encoder.write_header()?.write_image_data(&opaque)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Attributes, Canvas};
    use crate::report::drawing::{Fields, Picture, Svg, SvgSize};

    fn picture(width: u32, height: u32) -> Picture {
        let labels = json!([{"certificateFieldId": "a", "x": 100, "y": 60, "fontSize": 20}]);
        let attributes: Attributes = serde_json::from_value(json!({ "labels": labels })).unwrap();
        Picture::of(&attributes, Some(&Canvas { width, height, layout: None }), &Fields::new())
    }

    fn drawn(picture: &Picture, outlined: bool, scale: Option<f64>) -> Raster {
        let svg = Svg::new(picture, SvgSize::Natural).outlined(outlined).to_string();
        raster(&svg, &Fonts::default(), scale).unwrap()
    }

    /// The pixels of a PNG, three bytes each.
    fn decoded(raster: &Raster) -> Vec<u8> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(&raster.png)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (raster.width, raster.height));
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        pixels
    }

    #[test]
    fn frames_replace_texts_without_a_font() {
        let picture = picture(500, 300);
        let (with, without) = (drawn(&picture, true, None), drawn(&picture, false, None));
        let (with, without) = (decoded(&with), decoded(&without));
        // The margin around the sheet is 10 pixels wide.
        let area = picture.labels[0].area();
        let (left, top, right, bottom) =
            (area.left + 10.0, area.top + 10.0, area.right() + 10.0, area.bottom() + 10.0);
        let places = (0..320_u32).flat_map(|y| (0..520_u32).map(move |x| (f64::from(x), f64::from(y))));
        let pairs = with.chunks(3).zip(without.chunks(3)).zip(places);
        let differing: Vec<_> =
            pairs.filter(|((one, other), _)| one != other).map(|(_, place)| place).collect();
        for (x, y) in &differing {
            assert!(*x > left - 3.0 && *x < right + 3.0 && *y > top - 3.0 && *y < bottom + 3.0, "{x}, {y}");
        }
        assert!(differing.len() > 50, "{differing:?}");
    }

    #[test]
    fn a_picture_has_the_requested_size_within_limits() {
        let size = |width, height, scale| {
            let raster = drawn(&picture(width, height), false, scale);
            (raster.width, raster.height, raster.shrunk_from)
        };
        assert_eq!(size(500, 300, None), (520, 320, None));
        assert_eq!(size(500, 300, Some(0.5)), (260, 160, None));
        assert_eq!(size(5000, 2500, None), (1600, 831, None));
        let (width, height, shrunk_from) = size(20_000, 20_000, Some(20.0));
        assert!(width * height > 15_000_000 && width * height <= 16_000_000, "{width} × {height}");
        assert_eq!(shrunk_from, Some(20.0));
        let (width, height, _) = size(20_000, 1, Some(20.0));
        assert!(width * height <= 16_000_000 && width <= 16_000, "{width} × {height}");
    }

    #[test]
    fn nothing_outside_the_drawing_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("image.png");
        std::fs::write(&file, &drawn(&picture(50, 50), false, None).png).unwrap();
        let with = |href: &str| {
            let svg = format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='50' height='50'><image width='50' height='50' href='{href}'/></svg>"
            );
            decoded(&raster(&svg, &Fonts::default(), None).unwrap())
        };
        let nothing = with("");
        assert_eq!(with(file.to_str().unwrap()), nothing);
        assert_eq!(with(&format!("file://{}", file.display())), nothing);
        assert_eq!(with("data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"><rect width=\"9\" height=\"9\"/></svg>".replace('<', "&lt;").as_str()), nothing);
        let bytes =
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, std::fs::read(&file).unwrap());
        assert_ne!(with(&format!("data:image/png;base64,{bytes}")), nothing);
    }
}
