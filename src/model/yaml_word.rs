//! Names in YAML that is to be copied into a template file.

/// What a plain scalar must not look like, because YAML 1.1 or 1.2 takes it for something else.
const NOT_TEXT: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];

/// A text as one scalar of a flow mapping: plain where that can be read in no other way, in double quotes otherwise.
/// What cannot be seen stands there by its number.
pub fn yaml_word(text: &str) -> String {
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

/// The entry of `moved` that gives a template another key.
pub fn moved_entry(from: &str, to: &str) -> String {
    format!("{{ from: {}, to: {} }}", yaml_word(from), yaml_word(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_where_yaml_would_read_something_else() {
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
        fn whatever_the_keys_the_entry_reads_as_written(from: String, to: String) {
            let read: serde_yaml::Value = serde_yaml::from_str(&moved_entry(&from, &to)).unwrap();
            proptest::prop_assert_eq!(read["from"].as_str(), Some(from.as_str()));
            proptest::prop_assert_eq!(read["to"].as_str(), Some(to.as_str()));
        }
    }
}
