//! `certctl preview`: draws certificates from the YAML. It reads no state and no credentials, and opens no connection.

mod assets;
mod folder;
mod fonts;

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use super::args::{Global, PreviewArgs};
use super::context::Context;
use super::failure::Failure;
use super::output::Output;
use crate::desired::Desired;
use crate::model::{Exit, Key};
use crate::plan::Scope;
use crate::report::drawing::{Fonts, Svg, SvgSize, raster};
use crate::report::preview::{self, Certificate};
use crate::report::{html, safe_text};
use assets::Assets;
use folder::{DrawingKind, DrawingsFolder, MARK};

pub(super) fn run(global: &Global, args: &PreviewArgs, output: &Output) -> Result<Exit, Failure> {
    let context = Context::load_with_templates(global, output)?;
    let desired = context.desired(false, output)?;
    output.file_warnings(&desired);
    let scope = scope(&args.keys, &desired)?;
    let mut assets = args.assets.as_deref().map(Assets::open).transpose()?;
    let certificates: Vec<Certificate> = desired
        .templates
        .iter()
        .filter(|(key, _)| scope.contains(key))
        .map(|(key, template)| {
            let asset = template.attributes.text("asset");
            let background = assets.as_mut().zip(asset).map(|(assets, asset)| assets.image(asset));
            Certificate::of(key, &template.attributes, template.canvas.as_ref(), &context.fields, background)
        })
        .collect();
    print_remarks(&certificates, output);
    match &args.out {
        None => output.text(&preview::sketches_text(&certificates, output.style(), output.commands()))?,
        Some(folder) => write(args, &context.environment.name, folder, &certificates, output)?,
    }
    Ok(Exit::Ok)
}

fn scope(keys: &[String], desired: &Desired) -> Result<Scope, Failure> {
    let scope = Scope::parse(keys, &[])?;
    if let Some((text, hint)) = scope.unknown(&desired.templates.keys()) {
        return Err(Failure::error(format!("no template in the configuration matches {text}{hint}")));
    }
    Ok(scope)
}

/// Prints a remark that many templates share only once.
fn print_remarks(certificates: &[Certificate], output: &Output) {
    let mut remarks: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
    for certificate in certificates {
        if let Some(remark) = &certificate.remark {
            remarks.entry(remark).or_default().push(&certificate.key);
        }
    }
    for (remark, keys) in remarks {
        let first = keys.first().map(|key| safe_text(key.as_str())).unwrap_or_default();
        let whose = if keys.len() == 1 { first } else { format!("{first} and {} more", keys.len() - 1) };
        output.say(&format!("warning: {remark} ({whose})"));
    }
}

fn write(
    args: &PreviewArgs,
    environment: &str,
    path: &Path,
    certificates: &[Certificate],
    output: &Output,
) -> Result<(), Failure> {
    let stems = preview::file_stems(certificates.iter().map(|one| &one.key));
    let kinds: &[DrawingKind] =
        if args.png { &[DrawingKind::Svg, DrawingKind::Png] } else { &[DrawingKind::Svg] };
    let extensions: Vec<&str> = kinds.iter().map(|kind| kind.extension()).collect();
    output.refuse_own(&path.join("index.html"))?;
    let folder = DrawingsFolder::open(path, &stems, kinds)?;
    let drawings = Drawings { stems: &stems, folder: &folder };
    drawings.write_svgs(certificates)?;
    if args.png {
        drawings.write_pngs(certificates, &fonts::load(args.fonts.as_deref())?, args.scale, output)?;
    }
    let index = html::preview(environment, certificates, &stems, &extensions)
        .map_err(|error| Failure::error(format!("cannot write the page: {error}")))?;
    let index = folder.write("index", DrawingKind::Html, format!("{MARK}{index}").as_bytes())?;
    let (count, noun) = (certificates.len(), if certificates.len() == 1 { "template" } else { "templates" });
    output.text(&format!("Drew {count} {noun}. Open {}\n", index.display()))?;
    output.text(&preview::problems_text(certificates))?;
    if let Some(older) = folder.older() {
        output.note(&format!("note: {older}"));
    }
    Ok(())
}

/// The files to be written.
struct Drawings<'d> {
    stems: &'d BTreeMap<&'d Key, String>,
    folder: &'d DrawingsFolder,
}

impl Drawings<'_> {
    fn stem(&self, key: &Key) -> &str {
        self.stems.get(key).map_or("", String::as_str)
    }

    fn write_svgs(&self, certificates: &[Certificate]) -> Result<(), Failure> {
        certificates.par_iter().try_for_each(|certificate| {
            let file = format!("{}{}\n", MARK, svg(certificate));
            self.folder.write(self.stem(&certificate.key), DrawingKind::Svg, file.as_bytes()).map(drop)
        })
    }

    /// Each picture is written as soon as it is drawn, so that only a few are in memory at a time.
    fn write_pngs(
        &self,
        certificates: &[Certificate],
        fonts: &Fonts,
        scale: Option<f64>,
        output: &Output,
    ) -> Result<(), Failure> {
        if fonts.is_empty() {
            output.say(fonts::NONE);
        }
        let draw = |certificate: &Certificate| {
            let key = safe_text(certificate.key.as_str());
            let svg = svg(certificate).outlined(fonts.is_empty()).to_string();
            let picture =
                raster(&svg, fonts, scale).map_err(|error| Failure::error(format!("{key}: {error}")))?;
            self.folder.write(self.stem(&certificate.key), DrawingKind::Png, &picture.png)?;
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
        if let Some(warning) = fonts::missing(fonts, &missing) {
            output.say(&warning);
        }
        Ok(())
    }
}

/// A drawing for a file, at the scale of the certificate: one pixel is one pixel.
fn svg(certificate: &Certificate) -> Svg<'_> {
    let svg = Svg::new(&certificate.picture, SvgSize::Natural).titled(&certificate.name());
    match &certificate.background {
        Some(image) => svg.on(image.data_url()),
        None => svg,
    }
}
