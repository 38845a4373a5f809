//! Draws PNG files for `preview --png`. Only in builds with the feature `pictures`.

use rayon::prelude::*;

use super::folder::DrawingKind;
use super::{Drawings, fonts, svg};
use crate::cli::args::PreviewArgs;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::report::drawing::raster;
use crate::report::preview::Certificate;
use crate::report::safe_text;

/// Each picture is written as soon as it is drawn, so that only a few are in memory at a time.
pub(super) fn write(
    drawings: &Drawings<'_>,
    certificates: &[Certificate],
    args: &PreviewArgs,
    output: &Output,
) -> Result<(), Failure> {
    let fonts = fonts::load(args.fonts.as_deref())?;
    if fonts.is_empty() {
        output.say(fonts::NONE);
    }
    let draw = |certificate: &Certificate| {
        let key = safe_text(certificate.key.as_str());
        let svg = svg(certificate).outlined(fonts.is_empty()).to_string();
        let picture =
            raster(&svg, &fonts, args.scale).map_err(|error| Failure::error(format!("{key}: {error}")))?;
        drawings.folder.write(drawings.stem(&certificate.key), DrawingKind::Png, &picture.png)?;
        let shrunk = picture.shrunk_from.map(|_| {
            format!(
                "note: {key} is drawn {} × {} px: a larger picture would take too much memory",
                picture.width, picture.height
            )
        });
        Ok((shrunk, picture.missing))
    };
    let drawn: Vec<_> = certificates.par_iter().map(draw).collect::<Result<_, Failure>>()?;
    drawn.iter().filter_map(|(shrunk, _)| shrunk.as_deref()).for_each(|note| output.note(note));
    let missing = drawn.into_iter().map(|(_, missing)| missing);
    let missing: Vec<_> = certificates.iter().map(|certificate| &certificate.key).zip(missing).collect();
    if let Some(warning) = fonts::missing(&fonts, &missing) {
        output.say(&warning);
    }
    Ok(())
}
