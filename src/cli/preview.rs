//! `certctl preview`: draws certificates from the YAML. It reads no state and no credentials, and opens no connection.

mod assets;
mod folder;
#[cfg(feature = "pictures")]
mod fonts;
#[cfg(feature = "pictures")]
mod pictures;

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
use crate::report::drawing::{Svg, SvgSize};
use crate::report::preview::{self, Certificate};
use crate::report::{html, safe_text};
use assets::Assets;
use folder::{DrawingKind, DrawingsFolder, MARK};

/// The failure of `--png` in a build without the feature `pictures`.
const NO_PICTURES: &str = "--png: this build of certctl has no pictures, so it writes no PNG files: leave out --png, and open the \
    SVG files or index.html in a browser";

pub(super) fn run(global: &Global, args: &PreviewArgs, output: &Output) -> Result<Exit, Failure> {
    if args.png && !cfg!(feature = "pictures") {
        return Err(Failure::error(NO_PICTURES));
    }
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
    #[cfg(feature = "pictures")]
    if args.png {
        pictures::write(&drawings, certificates, args, output)?;
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
}

/// A drawing for a file, at the scale of the certificate: one pixel is one pixel.
fn svg(certificate: &Certificate) -> Svg<'_> {
    let svg = Svg::new(&certificate.picture, SvgSize::Natural).titled(&certificate.name());
    match &certificate.background {
        Some(image) => svg.on(image.data_url()),
        None => svg,
    }
}
