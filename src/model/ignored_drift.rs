//! Differences between server and state that a person declared to be meant: the entries of `[drift] ignore` in
//! certctl.toml. `config` reads them; `inventory` explains differences with them.

use glob::Pattern;
use jiff::civil::Date;

use super::{Key, SourceLocation};

/// One entry of `[drift] ignore`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredDrift {
    /// Keys and globs of templates; all templates if there are none.
    pub keys: Vec<Pattern>,
    /// The names of attributes; everything about the template if there are none.
    pub attributes: Vec<String>,
    /// Why the difference is meant.
    pub reason: String,
    /// The last day, in UTC, on which the entry counts; `None` if it always does.
    pub until: Option<Date>,
    /// Where the entry is.
    pub place: SourceLocation,
}

impl IgnoredDrift {
    /// Whether the entry no longer counts on this day.
    pub fn is_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|last| last < today)
    }

    /// Whether the entry is about this template.
    pub fn is_about(&self, key: &Key) -> bool {
        // A key with a glob's special characters still matches itself.
        let names = |pattern: &Pattern| pattern.as_str() == key.as_str() || pattern.matches(key.as_str());
        self.keys.is_empty() || self.keys.iter().any(names)
    }

    /// Whether the entry is about every attribute of its templates, and so about their deletion too.
    pub fn is_about_everything(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Whether the entry explains a difference in this attribute of its templates.
    pub fn explains(&self, attribute: &str) -> bool {
        self.is_about_everything() || self.attributes.iter().any(|name| name == attribute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(keys: &[&str], attributes: &[&str]) -> IgnoredDrift {
        IgnoredDrift {
            keys: keys.iter().map(|text| Pattern::new(text).unwrap()).collect(),
            attributes: attributes.iter().map(ToString::to_string).collect(),
            reason: "meant".to_owned(),
            until: Some(jiff::civil::date(2027, 1, 1)),
            place: SourceLocation::whole_file("certctl.toml"),
        }
    }

    #[test]
    fn the_last_day_still_counts() {
        let entry = entry(&[], &[]);
        assert!(!entry.is_expired(jiff::civil::date(2027, 1, 1)));
        assert!(entry.is_expired(jiff::civil::date(2027, 1, 2)));
        assert!(!IgnoredDrift { until: None, ..entry }.is_expired(jiff::civil::date(9999, 1, 1)));
    }

    #[test]
    fn keys_and_attributes_limit_an_entry() {
        let about = |entry: &IgnoredDrift, key: &str| entry.is_about(&Key::new(key).unwrap());
        let cloud = entry(&["cloud-*", "a[b]"], &["customCss"]);
        assert!(about(&cloud, "cloud-101") && about(&cloud, "a[b]") && !about(&cloud, "data-101"));
        assert!(cloud.explains("customCss") && !cloud.explains("title") && !cloud.is_about_everything());
        let all = entry(&[], &[]);
        assert!(about(&all, "data-101") && all.explains("title") && all.is_about_everything());
    }
}
