//! Quotes names in YAML that users paste into a template file.

/// Words that YAML 1.1 or 1.2 reads as a boolean or null when they are not quoted.
const NOT_TEXT: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];

/// Writes a text as one scalar of a flow mapping: plain if that is unambiguous, otherwise in double quotes. Invisible
/// characters are escaped.
fn yaml_word(text: &str) -> String {
    let begins_plain = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    if begins_plain && is_plain && !NOT_TEXT.contains(&text.to_lowercase().as_str()) {
        return text.to_owned();
    }
    let mut word = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => word.extend(['\\', c]),
            ' ' => word.push(c),
            c if c.is_ascii_graphic() || c.is_alphanumeric() => word.push(c),
            c if u32::from(c) <= 0xffff => word.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => word.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    word.push('"');
    word
}

/// The entry of a file's `moved` list that renames a template.
pub fn moved_entry(from: &str, to: &str) -> String {
    format!("{{ from: {}, to: {} }}", yaml_word(from), yaml_word(to))
}

/// The entry of a file's `removed` list that makes the state forget a template.
pub fn removed_entry(key: &str) -> String {
    format!("{{ from: {} }}", yaml_word(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ambiguous_names_are_quoted() {
        assert_eq!(yaml_word("cloud-101"), "cloud-101");
        assert_eq!(yaml_word("Cloud 101, new: a"), "\"Cloud 101, new: a\"");
        assert_eq!(yaml_word("say \"hi\" \\"), "\"say \\\"hi\\\" \\\\\"");
        assert_eq!(yaml_word("0365"), "\"0365\"");
        assert_eq!(yaml_word("No"), "\"No\"");
        assert_eq!(yaml_word("a\u{202e}"), "\"a\\u202e\"");
        assert_eq!(moved_entry("old", "- new"), "{ from: old, to: \"- new\" }");
    }

    proptest::proptest! {
        #[test]
        fn moved_entries_read_back_as_written(from: String, to: String) {
            let read: serde_yaml::Value = serde_yaml::from_str(&moved_entry(&from, &to)).unwrap();
            proptest::prop_assert_eq!(read["from"].as_str(), Some(from.as_str()));
            proptest::prop_assert_eq!(read["to"].as_str(), Some(to.as_str()));
        }
    }
}
