//! Makes short names of titles, in letters that people can read and type.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::model::is_unseen;

/// The name of a text: its words in lower case, joined by this character, and no longer than `most` characters. Empty if
/// the text has no letters and digits.
///
/// Latin letters lose their marks, and those of German become two. Letters of other scripts stay: for people who write
/// Japanese, `クラウド-入門` says more than any transcription.
pub(super) fn slug(text: &str, joint: char, most: usize) -> String {
    let mut slug = String::new();
    let mut length = 0;
    for word in words(text) {
        let longer = word.chars().count() + usize::from(length > 0);
        if length > 0 && length + longer > most {
            break;
        }
        if length > 0 {
            slug.push(joint);
        }
        slug.extend(word.chars().take(most));
        length += longer;
    }
    slug
}

/// The words of a text in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.nfkc() {
        match c {
            '\'' | '\u{2019}' => {}
            c if is_unseen(c) => {}
            c if c.is_alphanumeric() || is_combining_mark(c) && !word.is_empty() => push_plain(c, &mut word),
            _ if word.is_empty() => {}
            _ => words.push(std::mem::take(&mut word)),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Appends a letter in lower case and, if it is Latin, without marks.
fn push_plain(c: char, word: &mut String) {
    for c in c.to_lowercase() {
        match c {
            'ä' | 'æ' => word.push_str("ae"),
            'ö' | 'œ' | 'ø' => word.push_str("oe"),
            'ü' => word.push_str("ue"),
            'ß' => word.push_str("ss"),
            'ł' => word.push('l'),
            'đ' | 'ð' => word.push('d'),
            'þ' => word.push_str("th"),
            'ı' => word.push('i'),
            // What is left of a capital with a mark that has no small letter of its own, such as `İ`.
            '\u{307}' => {}
            c => match std::iter::once(c).nfd().next() {
                Some(base) if base.is_ascii_alphabetic() => word.push(base),
                _ => word.push(c),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_become_words() {
        for (title, expected) in [
            ("Cloud 101 – Foundations", "cloud-101-foundations"),
            ("Überprüfung der Straßenmaße", "ueberpruefung-der-strassenmasse"),
            ("Résumé: l’École d'été", "resume-lecole-dete"),
            ("Łódź & Čeština / Øre", "lodz-cestina-oere"),
            ("クラウド１０１　入門", "クラウド101-入門"),
            ("データ分析（基礎）", "データ分析-基礎"),
            ("ｶﾞｲﾄﾞ", "ガイド"),
            ("การรักษาความปลอดภัย", "การรักษาความปลอดภัย"),
            ("  - ${var.x}: 'yes' #1\n", "var-x-yes-1"),
            ("a\u{180b}b\u{200b}c", "abc"),
            ("!!! 🎓", ""),
        ] {
            assert_eq!(slug(title, '-', 60), expected.nfkc().collect::<String>(), "{title}");
        }
    }

    #[test]
    fn long_titles_end_with_a_word() {
        assert_eq!(slug("Running Containers with Kubernetes", '_', 20), "running_containers");
        assert_eq!(slug("Donaudampfschifffahrt", '-', 5), "donau");
        assert_eq!(slug("Cloud 101", '-', 9), "cloud-101");
    }

    proptest! {
        #[test]
        fn slugs_are_one_short_word(title: String) {
            let slug = slug(&title, '-', 30);
            prop_assert!(slug.chars().count() <= 30 + 30, "{}", slug);
            prop_assert!(!slug.contains(|c: char| c.is_whitespace() || c.is_control() || c.is_ascii_uppercase()));
            prop_assert!(!slug.starts_with('-') && !slug.ends_with('-'));
        }
    }
}
