//! Reads `[drift] ignore`: the differences between server and state that are meant. Called by [`super::file`].

use std::ops::Range;

use glob::Pattern;

use super::setting_findings::SettingFindings;
use super::setting_values::{ListedTable, SettingValues, date, table, tables, text, texts};
use crate::model::{Field, IgnoredDrift, TEMPLATE_FIELDS, did_you_mean};

/// A string and its bytes in the file.
type Written = (String, Range<usize>);

/// Returns every entry without a mistake, and notes what is wrong with the others.
pub(super) fn read(values: &SettingValues, findings: &mut SettingFindings<'_>) -> Vec<IgnoredDrift> {
    let entries = values.table(const { table("drift") }).tables(const { tables("drift.ignore") });
    entries.iter().filter_map(|entry| one(entry, findings)).collect()
}

fn one(entry: &ListedTable, findings: &mut SettingFindings<'_>) -> Option<IgnoredDrift> {
    let values = &entry.values;
    let is_right = is_limited(entry, findings) & has_reason(values, findings);
    let keys = [
        values.texts(const { texts("drift.ignore.key") }),
        values.texts(const { texts("drift.ignore.keys") }),
    ];
    let attributes = [
        values.texts(const { texts("drift.ignore.attribute") }),
        values.texts(const { texts("drift.ignore.attributes") }),
    ];
    // All are read before the first one without a value ends this, so that every mistake is found in one run.
    let keys: Vec<Option<Pattern>> = keys.concat().iter().map(|key| pattern(key, findings)).collect();
    let attributes: Vec<Option<String>> =
        attributes.concat().iter().map(|name| attribute(name, findings)).collect();
    let is_read = values.iter().all(|(_, setting)| setting.value.is_some());
    (is_right && is_read).then_some(())?;
    Some(IgnoredDrift {
        keys: keys.into_iter().collect::<Option<_>>()?,
        attributes: attributes.into_iter().collect::<Option<_>>()?,
        reason: values.text(const { text("drift.ignore.reason") })?.to_owned(),
        until: values.date(const { date("drift.ignore.until") }),
        place: findings.place(start(entry)),
    })
}

/// Where the entry is: at its first setting, because a list of `[[drift.ignore]]` has no other place.
fn start(entry: &ListedTable) -> Range<usize> {
    let names = entry.values.iter().map(|(_, setting)| setting.name_at.clone());
    names.min_by_key(|at| at.start).unwrap_or_else(|| entry.at.clone())
}

/// Returns whether the entry is about some templates or some attributes; if it is about everything, that is a finding.
fn is_limited(entry: &ListedTable, findings: &mut SettingFindings<'_>) -> bool {
    let is_there =
        ["key", "keys", "attribute", "attributes"].iter().any(|name| entry.values.get(name).is_some());
    if !is_there {
        let message = "key or attribute is required in [drift.ignore]: this entry would ignore everything";
        let help = "key = \"cloud-*\", attribute = \"customCss\", or both";
        findings.find("missing-setting", start(entry), message.to_owned(), Some(help.to_owned()));
    }
    is_there
}

/// Returns whether the reason says something; if it is empty, that is a finding.
fn has_reason(values: &SettingValues, findings: &mut SettingFindings<'_>) -> bool {
    let is_empty =
        values.text(const { text("drift.ignore.reason") }).is_some_and(|text| text.trim().is_empty());
    if let Some(setting) = values.get("reason").filter(|_| is_empty) {
        let message = "reason is empty, and whoever reads the report needs it".to_owned();
        findings.find("wrong-setting", setting.at.clone(), message, None);
    }
    !is_empty
}

fn pattern((text, at): &Written, findings: &mut SettingFindings<'_>) -> Option<Pattern> {
    let read = Pattern::new(text);
    if let Err(error) = &read {
        let message = format!("this is not a key or a glob: {}", error.msg);
        let help = "`*` matches any text, `?` one character, `[ab]` one of them";
        findings.find("glob", at.clone(), message, Some(help.to_owned()));
    }
    read.ok()
}

fn attribute((name, at): &Written, findings: &mut SettingFindings<'_>) -> Option<String> {
    if Field::of_template(name).is_some() {
        return Some(name.clone());
    }
    let hint = did_you_mean(name, TEMPLATE_FIELDS.iter().map(|field| field.name));
    let message = format!("this is not an attribute of a template{hint}");
    findings.find("unknown-field", at.clone(), message, Some("docs/fields.md lists them".to_owned()));
    None
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::parse;
    use crate::model::{IgnoredDrift, Key, SourceText};

    fn read(text: &str) -> Result<Vec<IgnoredDrift>, Vec<String>> {
        let text = format!("[environments.e]\nurl = \"sandbox\"\n{text}");
        let read = parse(&SourceText::new("certctl.toml", &text), Path::new("/p"));
        read.map(|config| config.ignored_drift).map_err(|findings| {
            let line = |found: &crate::model::Finding| {
                format!("{}:{} {}: {}", found.place.line, found.place.column, found.rule, found.message)
            };
            findings.iter().map(line).collect()
        })
    }

    #[test]
    fn one_and_several_are_the_same() {
        let short = "[drift]\nignore = [\n  { keys = [\"cloud-*\"], attribute = \"customCss\", reason = \"meant\", until = \"2027-01-01\" },\n]\n";
        let long = "[[drift.ignore]]\nkey = \"cloud-*\"\nattributes = [\"customCss\"]\nreason = \"meant\"\nuntil = 2027-01-01\n";
        for (text, line) in [(short, 5), (long, 4)] {
            let read = read(text).unwrap();
            let [entry] = &read[..] else { panic!("{read:?}") };
            assert!(
                entry.is_about(&Key::new("cloud-101").unwrap()) && entry.explains("customCss"),
                "{entry:?}"
            );
            assert!(!entry.explains("title") && entry.reason == "meant", "{entry:?}");
            assert_eq!(entry.until, Some(jiff::civil::date(2027, 1, 1)));
            assert_eq!((entry.place.line, entry.place.file.to_str()), (line, Some("certctl.toml")));
        }
        assert_eq!(read(""), Ok(Vec::new()));
    }

    #[test]
    fn every_mistake_is_found() {
        let found = |entry: &str| read(&format!("[[drift.ignore]]\n{entry}\n")).unwrap_err();
        assert_eq!(found("key = \"a\""), ["3:1 missing-setting: reason is required in [drift.ignore]"]);
        assert_eq!(
            found("reason = \"x\""),
            [
                "4:1 missing-setting: key or attribute is required in [drift.ignore]: this entry would ignore everything"
            ]
        );
        assert_eq!(found("key = \"a\"\nreason = \" \"").len(), 1);
        let many =
            found("key = \"a[\"\nattribute = [\"titel\", \"labels\"]\nreason = \"x\"\nuntil = \"soon\"");
        assert_eq!(many.len(), 3, "{many:?}");
        assert!(many[1].contains("(did you mean title?)"), "{many:?}");
        assert!(found("key = \"a\"\nkeys = \"b\"\nreason = \"x\"")[0].contains("not allowed beside"));
        assert!(found("key = []\nreason = \"x\"")[0].contains("names nothing"));
        assert!(read("[drift]\nignore = 5\n").unwrap_err()[0].contains("a list of tables"));
        assert!(read("[drift]\nignore = [5]\n").unwrap_err()[0].contains("each entry of [drift.ignore]"));
    }
}
