//! The page with all previews of templates.

use std::collections::BTreeMap;

use askama::Template;

use super::page::Page;
use crate::model::Key;
use crate::report::drawing::{ASSUMPTIONS, ASSUMPTIONS_ON_IMAGES, Background, Svg, SvgSize};
use crate::report::preview::Certificate;
use crate::report::safe_text;

/// All certificates on one page, with links to the files beside it. `stems` are the names of these files without
/// their extensions.
pub fn preview(
    environment: &str,
    certificates: &[Certificate],
    stems: &BTreeMap<&Key, String>,
    extensions: &[&str],
) -> Result<String, askama::Error> {
    let ids = ids(certificates);
    let sheets: Vec<SheetView<'_>> = certificates
        .iter()
        .enumerate()
        .map(|(position, one)| {
            let stem = stems.get(&one.key).map_or("", String::as_str);
            let files = extensions.iter().map(|extension| format!("{stem}.{extension}")).collect();
            let id = one.background.as_ref().and_then(|image| ids.get(image.name.as_str()));
            SheetView::new(one, files, id.map(|(id, _)| id.as_str()), position < DRAWN)
        })
        .collect();
    let flagged = sheets.iter().filter(|sheet| sheet.is_flagged()).count();
    let verdict = verdict(sheets.len(), flagged);
    PreviewPage {
        page: Page::new(&verdict),
        environment: safe_text(environment),
        verdict,
        assumptions: if ids.is_empty() { ASSUMPTIONS } else { ASSUMPTIONS_ON_IMAGES },
        backgrounds: ids.values().map(|(id, image)| Image { id, data_url: image.data_url() }).collect(),
        sheets,
    }
    .render()
}

#[derive(Template)]
#[template(path = "html/preview.html")]
struct PreviewPage<'p> {
    page: Page,
    environment: String,
    verdict: String,
    assumptions: &'static str,
    backgrounds: Vec<Image<'p>>,
    sheets: Vec<SheetView<'p>>,
}

/// A background image, embedded once in the page.
struct Image<'p> {
    id: &'p str,
    data_url: &'p str,
}

/// One certificate.
struct SheetView<'p> {
    certificate: &'p Certificate,
    key: String,
    /// The id of its background image on the page.
    background: Option<&'p str>,
    /// The URL of the background image.
    asset: Option<String>,
    size: String,
    problems: Vec<String>,
    files: Vec<String>,
    drawn: bool,
    /// The text that the search looks at.
    search: String,
}

/// The limit of drawings: a browser cannot open a page with many thousands.
const DRAWN: usize = 2000;

impl<'p> SheetView<'p> {
    fn new(
        certificate: &'p Certificate,
        files: Vec<String>,
        background: Option<&'p str>,
        drawn: bool,
    ) -> Self {
        let key = safe_text(certificate.key.as_str());
        let mut problems = certificate.problems();
        problems.extend(certificate.remark.clone());
        Self {
            search: format!("{key} {}", certificate.title).to_lowercase(),
            asset: certificate.picture.asset.as_deref().map(safe_text),
            size: safe_text(&certificate.picture.sheet.explain()),
            certificate,
            key,
            background,
            problems,
            files,
            drawn,
        }
    }

    fn is_flagged(&self) -> bool {
        !self.problems.is_empty()
    }

    fn svg(&self) -> Svg<'_> {
        let svg = Svg::new(&self.certificate.picture, SvgSize::Fluid).titled(&self.certificate.name());
        if let Some(id) = self.background { svg.over(id) } else { svg }
    }
}

/// The id on the page of each image, by its name.
fn ids(certificates: &[Certificate]) -> BTreeMap<&str, (String, &Background)> {
    let images: BTreeMap<&str, &Background> = certificates
        .iter()
        .filter_map(|one| one.background.as_deref())
        .map(|image| (image.name.as_str(), image))
        .collect();
    images.into_iter().zip(1..).map(|((name, image), n)| (name, (format!("background-{n}"), image))).collect()
}

fn verdict(count: usize, flagged: usize) -> String {
    let certificates = if count == 1 { "certificate" } else { "certificates" };
    match flagged {
        0 => format!("{count} {certificates}"),
        _ => format!("{count} {certificates}, {flagged} to look at"),
    }
}
