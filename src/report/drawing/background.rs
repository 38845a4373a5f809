//! A background image to draw behind the labels. It is checked by content and size before it is embedded; it is
//! never fetched.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imagesize::{ImageType, blob_size, image_type};

use crate::model::Canvas;

/// A background image, ready to be embedded in a drawing.
#[derive(Clone, PartialEq, Eq)]
pub struct Background {
    /// The name of the file.
    pub name: String,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    data_url: String,
}

/// Why a file cannot be used as a background image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackgroundError {
    /// The file is larger than [`Background::MAX_BYTES`].
    #[error("is larger than {} MB", Background::MAX_BYTES / 1_000_000)]
    TooManyBytes,
    /// The image would take too much memory to draw.
    #[error(
        "is {width} × {height} px: at most {} px a side and {} million in all can be drawn",
        Canvas::MAX_SIDE,
        MAX_PIXELS / 1_000_000
    )]
    TooManyPixels {
        /// The width in pixels.
        width: usize,
        /// The height in pixels.
        height: usize,
    },
    /// The file is an SVG, which may contain addresses and scripts.
    #[error("is an SVG drawing, which could load or run something: save it as PNG")]
    Svg,
    /// The content is not a supported image type, whatever the name says.
    #[error("is not a PNG, JPEG, GIF or WebP image")]
    Unknown,
}

/// More than an A4 sheet at 450 dots per inch.
const MAX_PIXELS: usize = 25_000_000;

impl Background {
    /// The largest file that is accepted, in bytes.
    pub const MAX_BYTES: usize = 20_000_000;

    /// Reads the image in these bytes. Its type is determined by its content, not by its name.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, BackgroundError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(BackgroundError::TooManyBytes);
        }
        let media_type = media_type(bytes)?;
        let size = blob_size(bytes).map_err(|_| BackgroundError::Unknown)?;
        let (width, height) = within_bounds(size.width, size.height)
            .ok_or(BackgroundError::TooManyPixels { width: size.width, height: size.height })?;
        let data_url = format!("data:{media_type};base64,{}", STANDARD.encode(bytes));
        Ok(Self { name: name.to_owned(), width, height, data_url })
    }

    /// The whole image as a `data:` URL.
    pub fn data_url(&self) -> &str {
        &self.data_url
    }
}

impl std::fmt::Debug for Background {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Background({:?}, {} × {})", self.name, self.width, self.height)
    }
}

fn media_type(bytes: &[u8]) -> Result<&'static str, BackgroundError> {
    match image_type(bytes) {
        Ok(ImageType::Png) => Ok("image/png"),
        Ok(ImageType::Jpeg) => Ok("image/jpeg"),
        Ok(ImageType::Gif) => Ok("image/gif"),
        Ok(ImageType::Webp) => Ok("image/webp"),
        _ if looks_like_svg(bytes) => Err(BackgroundError::Svg),
        _ => Err(BackgroundError::Unknown),
    }
}

fn looks_like_svg(bytes: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(1000)]);
    beginning.trim_start_matches('\u{feff}').trim_start().starts_with('<') && beginning.contains("<svg")
}

fn within_bounds(width: usize, height: usize) -> Option<(u32, u32)> {
    let sides = Canvas::checked(i64::try_from(width).ok()?, i64::try_from(height).ok()?)?;
    (width.checked_mul(height)? <= MAX_PIXELS).then_some(sides)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a PNG file: signature and IHDR (PNG, section 11.2.1), all that is read.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend(b"\x08\x06\0\0\0\0\0\0\0");
        bytes
    }

    #[test]
    fn an_image_is_known_by_its_content() {
        let image = Background::read("sheet.gif", &png(1600, 1131)).unwrap();
        assert_eq!((image.width, image.height), (1600, 1131));
        assert!(image.data_url().starts_with("data:image/png;base64,iVBORw0KGgo"));
        let refused = |bytes: &[u8]| Background::read("sheet.png", bytes).unwrap_err();
        assert_eq!(refused(b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg onload='x()'/>"), BackgroundError::Svg);
        assert_eq!(refused(b"<!doctype html>"), BackgroundError::Unknown);
        assert_eq!(refused(b""), BackgroundError::Unknown);
        assert_eq!(refused(b"\x89PNG\r\n\x1a\n"), BackgroundError::Unknown);
    }

    #[test]
    fn huge_images_are_refused_before_decoding() {
        for (width, height) in [(20_001, 10), (10, u32::MAX), (6000, 5000), (0, 10)] {
            let refused = Background::read("bomb.png", &png(width, height)).unwrap_err();
            assert!(
                matches!(refused, BackgroundError::TooManyPixels { .. }),
                "{width} × {height}: {refused:?}"
            );
        }
        let large = vec![0; Background::MAX_BYTES + 1];
        assert_eq!(Background::read("large.png", &large), Err(BackgroundError::TooManyBytes));
        assert_eq!(
            Background::read("bomb.png", &png(6000, 5000)).unwrap_err().to_string(),
            "is 6000 × 5000 px: at most 20000 px a side and 25 million in all can be drawn"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_handled(bytes: Vec<u8>) {
            let _ = Background::read("any", &bytes);
        }
    }
}
