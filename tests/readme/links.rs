//! The links of the documents: every file and heading that one leads to is there, and every page is in the book.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::{book, documents, root, text};

/// The links of a document, and the anchors of its headings.
#[derive(Default)]
struct Outline {
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

impl Outline {
    fn of(document: &str) -> Self {
        let mut outline = Self::default();
        let mut heading: Option<String> = None;
        for event in Parser::new_ext(document, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    outline.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = anchor(&heading.take().unwrap());
                    let number = (1..).map(|number| format!("{anchor}-{number}"));
                    let free = std::iter::once(anchor.clone()).chain(number);
                    let unused = free.into_iter().find(|one| !outline.anchors.contains(one)).unwrap();
                    outline.anchors.insert(unused);
                }
                Event::Text(words) | Event::Code(words) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&words);
                    }
                }
                // Pictures in README.md are HTML, because Markdown cannot choose by the reader's colours.
                Event::Html(html) | Event::InlineHtml(html) => {
                    for attribute in ["src=\"", "srcset=\"", "href=\""] {
                        let found = html.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap());
                        outline.links.extend(found.map(str::to_owned));
                    }
                }
                _ => {}
            }
        }
        outline
    }
}

/// The anchor that forges and mdBook give a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// A path without `..`, from the repository's root.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => plain.push(name),
            Component::ParentDir => {
                if !plain.pop() {
                    return None;
                }
            }
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(plain)
}

fn outlines() -> BTreeMap<PathBuf, Outline> {
    documents().iter().map(|name| (PathBuf::from(name), Outline::of(&text(name)))).collect()
}

/// What is wrong with a link in this document; `None` if it leads somewhere.
fn wrong(documents: &BTreeMap<PathBuf, Outline>, document: &Path, link: &str) -> Option<&'static str> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() {
        document.to_owned()
    } else {
        let Some(target) = plain(&document.parent().unwrap().join(path)) else {
            return Some("leads out of the repository");
        };
        target
    };
    if !root().join(&target).exists() {
        return Some("leads to no file");
    }
    if document.starts_with("docs") && !target.starts_with("docs") {
        return Some("leads out of the book: name the file as code instead");
    }
    let has_anchor =
        |anchor: &str| documents.get(&target).is_some_and(|outline| outline.anchors.contains(anchor));
    anchor.is_some_and(|anchor| !has_anchor(anchor)).then_some("leads to no heading")
}

#[test]
fn every_link_leads_somewhere() {
    let documents = outlines();
    let (mut broken, mut links) = (Vec::new(), 0);
    for (document, outline) in &documents {
        for link in &outline.links {
            links += 1;
            if let Some(why) = wrong(&documents, document, link) {
                broken.push(format!("{}: {link} {why}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(links > 60, "only {links} links were found");
}

#[test]
fn broken_links_are_noticed() {
    let documents = outlines();
    let docs = Path::new("docs/undo.md");
    for (link, why) in [
        ("nowhere.md", "leads to no file"),
        ("drift.md#nowhere", "leads to no heading"),
        ("#nowhere", "leads to no heading"),
        ("../README.md", "leads out of the book: name the file as code instead"),
    ] {
        assert_eq!(wrong(&documents, docs, link), Some(why), "{link}");
    }
    assert_eq!(wrong(&documents, docs, "drift.md#make-the-exports"), None);
}

#[test]
fn every_page_is_in_the_book_once() {
    let summary = Outline::of(&text("docs/SUMMARY.md"));
    let mut listed = summary.links;
    listed.sort();
    let pages: Vec<String> = book().into_iter().filter(|page| page != "SUMMARY.md").collect();
    assert_eq!(listed, pages);
}
