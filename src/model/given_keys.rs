//! The secrets that this process was given: API keys and the observer's password. `config` and `desired` use them to find
//! one that was written into a file, and to redact it from every finding. They are never printed.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use super::{ApiKey, Finding, ObserverPassword, SecretText, SourceLocation, SourceText};

/// At most this many places of one key are reported per file.
const MAX_PLACES: usize = 20;

/// The secrets that are long enough to be recognised in a text.
#[derive(Clone, Default)]
pub struct GivenKeys(Vec<SecretText>);

impl GivenKeys {
    /// Collects keys from the values of variables. Values that cannot be keys are skipped.
    pub fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let keys = texts.into_iter().filter_map(|text| Some(ApiKey::new(&text).ok()?.secret().clone()));
        Self(keys.filter(SecretText::is_recognisable).collect())
    }

    /// Adds the observer's password from the value of a variable.
    #[must_use]
    pub fn and_password(mut self, text: Option<&str>) -> Self {
        let password = text.and_then(|text| ObserverPassword::new(text).ok());
        let secret = password.map(|password| password.secret().clone());
        self.0.extend(secret.filter(SecretText::is_recognisable));
        self
    }

    /// Adds the password of the server that keeps the state.
    #[must_use]
    pub fn and_state_password(mut self, text: Option<String>) -> Self {
        let secret = text.map(|text| SecretText::new(text, SecretText::STATE_PASSWORD));
        self.0.extend(secret.filter(SecretText::is_recognisable));
        self
    }

    /// A finding for each place of a file that contains a key. Its line is not shown.
    pub fn found_in(&self, source: &SourceText) -> Vec<Finding> {
        let places = self.0.iter().flat_map(|key| {
            let found = source.text().match_indices(key.expose()).take(MAX_PLACES);
            found.map(move |(at, text)| finding(key.shown_as(), source.place(at..at + text.len())))
        });
        places.collect()
    }

    /// Whether a text contains a key, in any form that [`ApiKey::redact`] recognises.
    pub fn are_in(&self, text: &str) -> bool {
        matches!(self.without(text), Cow::Owned(_))
    }

    /// The text with all keys redacted.
    pub fn without<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, key| match key.redacted(&text) {
            Some(redacted) => Cow::Owned(redacted),
            None => text,
        })
    }

    /// The text with all keys redacted that it contains in plain form. Cheap enough for a text of any size.
    pub fn without_plain<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, key| {
            if text.contains(key.expose()) {
                Cow::Owned(text.replace(key.expose(), key.shown_as()))
            } else {
                text
            }
        })
    }

    /// Redacts everything that a finding shows. A source line with a key is not shown at all.
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

    fn redact_place(&self, place: &mut SourceLocation) {
        if self.are_in(&place.source_line) {
            place.source_line.clear();
        }
        if let Cow::Owned(file) = self.without(&place.file.to_string_lossy()) {
            place.file = PathBuf::from(file);
        }
    }

    fn redact_text(&self, text: &mut String) {
        if let Cow::Owned(redacted) = self.without(text) {
            *text = redacted;
        }
    }
}

impl fmt::Debug for GivenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GivenKeys({})", self.0.len())
    }
}

fn finding(shown_as: &str, place: SourceLocation) -> Finding {
    let what = shown_as.trim_matches(['(', ')']);
    let (which, variable) = if what == "the API key" {
        ("key", "CERTCTL_API_KEY")
    } else {
        ("password", "CERTCTL_OBSERVER_PASSWORD")
    };
    Finding {
        place: SourceLocation { source_line: String::new(), ..place },
        rule: "key-in-file",
        message: format!("{what} is written here, where everyone who reads the file can see it"),
        help: Some(format!(
            "remove it from the file and have the {which} replaced: a committed {which} stays in git's history. certctl \
             reads the {which} only from {variable}"
        )),
        related: Vec::new(),
        option: None,
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
    fn keys_in_files_are_found_and_not_shown() {
        let source = SourceText::new("a.yaml", &format!("a: short\nb: x{KEY}\nc: {KEY} {KEY}\n"));
        let found = keys().found_in(&source);
        let places: Vec<_> = found.iter().map(|one| (one.place.line, one.place.column)).collect();
        assert_eq!(places, [(2, 5), (3, 4), (3, 19)]);
        assert!(
            found.iter().all(|one| one.place.source_line.is_empty() && !format!("{one:?}").contains(KEY))
        );
    }

    #[test]
    fn findings_contain_no_key_in_any_form() {
        for form in [KEY, "ti_live_a%2Bb%2F12", "ti_live_a\\u002Bb\\/12"] {
            let place = SourceLocation {
                source_line: format!("x: {form}"),
                ..SourceLocation::whole_file(format!("{form}.yaml"))
            };
            let mut finding = Finding {
                place: place.clone(),
                rule: "x",
                message: format!("{form} is not allowed here"),
                help: Some(format!("not {form}")),
                related: vec![(place, form.to_owned())],
                option: None,
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
    fn passwords_are_found_and_not_shown() {
        let keys = keys().and_password(Some("open sesame\n")).and_password(Some("short"));
        let found = keys.found_in(&SourceText::new("a.yaml", "a: open sesame\nb: short\n"));
        let [found] = &found[..] else { unreachable!("{found:?}") };
        assert!(found.message.starts_with("the observer's password is written here"), "{found:?}");
        assert!(!format!("{found:?}").contains("sesame"), "{found:?}");
        assert_eq!(
            keys.without("say open%20sesame, open+sesame"),
            "say (the observer's password), (the observer's password)"
        );
    }

    #[test]
    fn other_texts_stay_unchanged() {
        assert_eq!(keys().without("short, no key at all"), "short, no key at all");
        assert_eq!(keys().without_plain(&format!("<{KEY}> short")), "<(the API key)> short");
        assert_eq!(format!("{:?}", keys()), "GivenKeys(1)");
    }
}
