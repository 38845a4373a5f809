//! The keys that this process was given, and that no text may repeat, wherever somebody wrote one.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use super::{ApiKey, Finding, Place, SourceText};

/// So many places of one key in one file are told.
const MOST_PLACES: usize = 20;

/// Those of them that are long enough to be found without doubt.
#[derive(Clone, Default)]
pub struct GivenKeys(Vec<ApiKey>);

impl GivenKeys {
    /// From the texts that variables hold. What cannot be a key is left out.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let keys = texts.into_iter().filter_map(|text| ApiKey::new(&text).ok());
        Self(keys.filter(|key| key.expose().len() >= ApiKey::SHORTEST_FOUND).collect())
    }

    /// A finding for each place of a file that has a key in it. Its line is not shown.
    pub fn found_in(&self, source: &SourceText) -> Vec<Finding> {
        let places = self.0.iter().flat_map(|key| {
            let found = source.text().match_indices(key.expose()).take(MOST_PLACES);
            found.map(|(at, key)| source.place(at..at + key.len()))
        });
        places.map(finding).collect()
    }

    /// Whether a text has a key in it, in whatever form [`ApiKey::conceal`] knows.
    pub fn are_in(&self, text: &str) -> bool {
        matches!(self.without(text), Cow::Owned(_))
    }

    /// A text with the keys in it taken out.
    pub fn without<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, key| match key.concealed(&text) {
            Some(concealed) => Cow::Owned(concealed),
            None => text,
        })
    }

    /// The same for a text of any size: takes out the keys that are there as they are.
    pub fn without_plain<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, key| {
            if text.contains(key.expose()) {
                Cow::Owned(text.replace(key.expose(), ApiKey::CONCEALED))
            } else {
                text
            }
        })
    }

    /// Takes the keys out of everything that a finding shows. A line that has one is not shown at all.
    pub fn redact(&self, finding: &mut Finding) {
        if self.0.is_empty() {
            return;
        }
        self.redact_text(&mut finding.message);
        if let Some(help) = &mut finding.help {
            self.redact_text(help);
        }
        self.redact_place(&mut finding.place);
        for (place, about) in &mut finding.related {
            self.redact_place(place);
            self.redact_text(about);
        }
    }

    fn redact_place(&self, place: &mut Place) {
        if self.are_in(&place.source_line) {
            place.source_line.clear();
        }
        if let Cow::Owned(file) = self.without(&place.file.to_string_lossy()) {
            place.file = PathBuf::from(file);
        }
    }

    fn redact_text(&self, text: &mut String) {
        if let Cow::Owned(concealed) = self.without(text) {
            *text = concealed;
        }
    }
}

impl fmt::Debug for GivenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GivenKeys({})", self.0.len())
    }
}

fn finding(place: Place) -> Finding {
    Finding {
        place: Place { source_line: String::new(), ..place },
        rule: "key-in-file",
        message: "the API key is written here, where everybody who reads the file sees it".to_owned(),
        help: Some(
            "take it out of the file and have it replaced: what was committed stays in git's history. certctl takes the key \
             from CERTCTL_API_KEY alone"
                .to_owned(),
        ),
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ti_live_a+b/12";

    fn keys() -> GivenKeys {
        GivenKeys::new([format!(" {KEY}\n"), "short".to_owned(), "no key at all".to_owned()])
    }

    #[test]
    fn a_key_in_a_file_is_found_and_not_shown() {
        let source = SourceText::new("a.yaml", &format!("a: short\nb: x{KEY}\nc: {KEY} {KEY}\n"));
        let found = keys().found_in(&source);
        let places: Vec<_> = found.iter().map(|one| (one.place.line, one.place.column)).collect();
        assert_eq!(places, [(2, 5), (3, 4), (3, 19)]);
        assert!(
            found.iter().all(|one| one.place.source_line.is_empty() && !format!("{one:?}").contains(KEY))
        );
    }

    #[test]
    fn a_finding_repeats_no_key_in_any_form() {
        for form in [KEY, "ti_live_a%2Bb%2F12", "ti_live_a\\u002Bb\\/12"] {
            let place =
                Place { source_line: format!("x: {form}"), ..Place::whole_file(format!("{form}.yaml")) };
            let mut finding = Finding {
                place: place.clone(),
                rule: "x",
                message: format!("{form} is not allowed here"),
                help: Some(format!("not {form}")),
                related: vec![(place, form.to_owned())],
            };
            keys().redact(&mut finding);
            let said = format!("{finding:?}");
            assert!(
                !said.contains("ti_live") && said.contains("(the API key) is not allowed here"),
                "{said}"
            );
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        assert_eq!(keys().without("short, no key at all"), "short, no key at all");
        assert_eq!(keys().without_plain(&format!("<{KEY}> short")), "<(the API key)> short");
        assert_eq!(format!("{:?}", keys()), "GivenKeys(1)");
    }
}
