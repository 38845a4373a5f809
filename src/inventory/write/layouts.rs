//! What is written in each layout, and what it is called.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::SeenTemplate;
use super::designs::Design;
use super::label::Adjustment;
use super::names::{Candidates, distinct};
use super::slug::{slug, words};
use crate::model::{Attributes, Field, SharedValue};

/// The attributes that belong to a design.
const DESIGN_ATTRIBUTES: [&str; 4] = ["asset", "assetLibraryId", "supplementalAssets", "customCss"];
/// A text from this length on is worth being written once, in bytes, whatever it is about.
pub(super) const LONG: usize = 200;
/// The greatest length of a name, in characters.
const MAX_LENGTH: usize = 40;
/// Words that say nothing about a design.
const EMPTY_WORDS: [&str; 26] = [
    "a",
    "an",
    "and",
    "das",
    "der",
    "die",
    "ein",
    "eine",
    "for",
    "from",
    "fuer",
    "how",
    "in",
    "mit",
    "of",
    "on",
    "the",
    "to",
    "und",
    "von",
    "with",
    "your",
    "zur",
    "zum",
    "certificate",
    "zertifikat",
];

/// A layout.
#[derive(Debug)]
pub(super) struct DesignLayout {
    pub(super) name: String,
    /// Whether it is written, or the project has it already.
    pub(super) is_new: bool,
    pub(super) values: BTreeMap<String, SharedValue>,
    /// How many templates use it.
    pub(super) users: usize,
    /// The first of them.
    pub(super) first: usize,
}

/// The layout of a template.
#[derive(Debug)]
pub(super) struct LayoutUse {
    pub(super) layout: usize,
    /// Whether the layout has labels.
    pub(super) has_labels: bool,
    /// What the template changes in them.
    pub(super) adjustment: Adjustment,
}

/// All layouts, and which template uses which.
#[derive(Debug)]
pub(super) struct DesignLayouts {
    pub(super) all: Vec<DesignLayout>,
    places: HashMap<usize, LayoutUse>,
}

impl DesignLayouts {
    pub(super) fn of_template(&self, template: usize) -> Option<&LayoutUse> {
        self.places.get(&template)
    }
}

/// Makes a layout of each design.
pub(super) fn of(
    designs: Vec<Design>,
    seen: &[&SeenTemplate],
    known: &BTreeMap<String, Attributes>,
) -> DesignLayouts {
    let mut layouts = DesignLayouts { all: Vec::new(), places: HashMap::new() };
    let mut candidates: Vec<Candidates> = Vec::new();
    for design in designs {
        let users: Vec<usize> = design.users.iter().map(|(template, _)| *template).collect();
        let values = match design.known.as_ref().and_then(|name| known.get(name)) {
            Some(attributes) => {
                attributes.shared().map(|(name, value)| (name.as_str().to_owned(), value.clone())).collect()
            }
            None => values(&design, &users, seen),
        };
        if design.known.is_none() {
            candidates.push(named_after(&values, &users, seen));
        }
        let has_labels = values.contains_key(Attributes::LABELS);
        for (template, adjustment) in design.users {
            layouts.places.insert(template, LayoutUse { layout: layouts.all.len(), has_labels, adjustment });
        }
        layouts.all.push(DesignLayout {
            is_new: design.known.is_none(),
            name: design.known.unwrap_or_default(),
            values,
            users: users.len(),
            first: users.iter().copied().min().unwrap_or_default(),
        });
    }
    let names = distinct(&candidates, |name| known.contains_key(name));
    for (layout, name) in layouts.all.iter_mut().filter(|layout| layout.is_new).zip(names) {
        layout.name = name;
    }
    layouts
}

/// The labels of a design, and the other attributes that most of its templates have in common.
fn values(design: &Design, users: &[usize], seen: &[&SeenTemplate]) -> BTreeMap<String, SharedValue> {
    let mut values = BTreeMap::new();
    let mut names: HashSet<&str> = users.iter().flat_map(|user| seen[*user].attributes.names()).collect();
    names.remove(Attributes::LABELS);
    // A layout has no `extra`.
    names.retain(|name| Field::of_template(name).is_some());
    for name in names {
        let belongs = |value: &SharedValue| {
            DESIGN_ATTRIBUTES.contains(&name)
                || name != "title" && value.as_str().is_some_and(|text| text.len() >= LONG)
        };
        let all = users.iter().map(|user| seen[*user].attributes.shared_value(name));
        if let Some((value, count)) = commonest(all.flatten().filter(|value| belongs(value)))
            && count > 1
            && 2 * count > users.len()
        {
            values.insert(name.to_owned(), value.clone());
        }
    }
    values.extend(design.labels.iter().map(|labels| (Attributes::LABELS.to_owned(), labels.clone())));
    values
}

/// The value that occurs most often, and how often. Among equals, the one whose JSON comes first.
pub(super) fn commonest<'v>(
    values: impl Iterator<Item = &'v SharedValue>,
) -> Option<(&'v SharedValue, usize)> {
    let mut counts: HashMap<String, (&SharedValue, usize)> = HashMap::new();
    for value in values {
        counts.entry(value.to_string()).or_insert((value, 0)).1 += 1;
    }
    let most = counts
        .into_iter()
        .max_by(|(one, (_, count)), (other, (_, than))| count.cmp(than).then_with(|| other.cmp(one)));
    most.map(|(_, found)| found)
}

/// The name of the background's file, or the commonest words of the titles, or both.
fn named_after(
    values: &BTreeMap<String, SharedValue>,
    users: &[usize],
    seen: &[&SeenTemplate],
) -> Candidates {
    let of_titles = common_words(users.iter().filter_map(|user| seen[*user].attributes.title()), users.len());
    let of_asset = values.get("asset").and_then(|asset| asset.as_str()).and_then(stem);
    match (of_asset, of_titles) {
        (Some(asset), Some(titles)) => {
            let both = format!("{asset}-{titles}");
            vec![asset, both]
        }
        (Some(name), None) | (None, Some(name)) => vec![name],
        (None, None) => vec!["design".to_owned()],
    }
}

/// The name of an address's file without its ending; `None` if no person chose it.
fn stem(address: &str) -> Option<String> {
    let path = address.split(['?', '#']).next()?.trim_end_matches('/');
    let name = path.split_once("://").map_or(path, |(_, rest)| rest).split_once('/')?.1;
    let name = name.rsplit('/').next()?;
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem).replace("%20", " ");
    if uuid::Uuid::try_parse(&name).is_ok() {
        return None;
    }
    let is_hash = |word: &String| {
        word.len() >= 6
            && word.contains(|c: char| c.is_ascii_digit())
            && word.chars().all(|c| c.is_ascii_hexdigit())
    };
    let words: Vec<String> = words(&name).into_iter().filter(|word| !is_hash(word)).collect();
    let has_letters = words.iter().any(|word| word.contains(char::is_alphabetic));
    has_letters.then(|| slug(&words.join(" "), '-', MAX_LENGTH))
}

/// The words that are in most titles, at most two.
fn common_words<'t>(titles: impl Iterator<Item = &'t str>, count: usize) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for title in titles {
        let words: HashSet<String> = words(title).into_iter().collect();
        for word in words {
            let says_something = word.contains(char::is_alphabetic) && !EMPTY_WORDS.contains(&word.as_str());
            if says_something {
                *counts.entry(word).or_default() += 1;
            }
        }
    }
    let mut common: Vec<(String, usize)> =
        counts.into_iter().filter(|(_, times)| *times > 1 && 2 * times >= count).collect();
    common.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let words: Vec<String> = common.into_iter().take(2).map(|(word, _)| word).collect();
    (!words.is_empty()).then(|| slug(&words.join(" "), '-', MAX_LENGTH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_backgrounds_name_layouts() {
        for (address, expected) in [
            ("https://cdn.example.com/2026/landscape-blue.png", Some("landscape-blue")),
            ("https://cdn.example.com/Zertifikat%20Gr\u{fc}n_v2.PNG?x=1", Some("zertifikat-gruen-v2")),
            ("https://cdn.example.com/landscape_8f14e45fcee.png", Some("landscape")),
            ("https://cdn.example.com/8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01.png", None),
            ("https://cdn.example.com/123.png", None),
            ("https://cdn.example.com", None),
            ("www.example.com/a/b/", Some("b")),
        ] {
            assert_eq!(stem(address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn common_words_of_titles_name_layouts() {
        let titles = ["Cloud 101 for the team", "Cloud 201 and the rest", "Cloud practice"];
        assert_eq!(common_words(titles.into_iter(), 3).as_deref(), Some("cloud"));
        assert_eq!(common_words(["One", "Two"].into_iter(), 2), None);
    }
}
