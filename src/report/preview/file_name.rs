//! File names for keys, which can be any text.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Digest, Key};

/// The limit of a key's part in a file name, in bytes.
const MAX_LENGTH: usize = 80;
/// Names of devices, with any extension (Windows, "Naming Files, Paths, and Namespaces").
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// File names without extension for the keys: of lower-case ASCII letters, digits, `-`, `_` and `.`, so that every
/// file system and every URL accepts them, and all different. A key that is such a name is used unchanged; for any
/// other, the name contains a part of the key's digest, so that it does not depend on other keys.
pub fn file_stems<'k>(keys: impl IntoIterator<Item = &'k Key>) -> BTreeMap<&'k Key, String> {
    let keys: BTreeSet<&Key> = keys.into_iter().collect();
    let (plain, other): (Vec<&Key>, Vec<&Key>) = keys.into_iter().partition(|key| is_plain(key.as_str()));
    let mut taken: BTreeSet<String> = plain.iter().map(ToString::to_string).collect();
    let made = other.into_iter().map(|key| (key, unused_name(&derived_name(key), &mut taken)));
    plain.into_iter().map(|key| (key, key.to_string())).chain(made).collect()
}

/// The name, with a number if it is taken.
fn unused_name(stem: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2_u32..).map(|number| format!("{stem}-{number}"));
    let free = std::iter::once(stem.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or_else(|| stem.to_owned());
    taken.insert(free.clone());
    free
}

fn is_plain(key: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    let dots = key.starts_with('.') || key.ends_with('.') || key.contains("..");
    key.len() <= MAX_LENGTH && key.chars().all(allowed) && !key.starts_with('-') && !dots && !is_device(key)
}

fn is_device(key: &str) -> bool {
    let name = key.split('.').next().unwrap_or_default();
    let numbered = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    DEVICES.contains(&name) || numbered.is_some_and(|rest| rest.len() == 1)
}

/// The usable characters of the key, and the beginning of its digest.
fn derived_name(key: &Key) -> String {
    let digest = Digest::of(key.as_str().as_bytes());
    let digest = digest.as_str().trim_start_matches("sha256:").get(..12).unwrap_or_default().to_owned();
    let mut kept = String::new();
    for c in key.as_str().chars().take(MAX_LENGTH) {
        let c = c.to_ascii_lowercase();
        let c = if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        if c != '-' || !kept.ends_with('-') {
            kept.push(c);
        }
    }
    let kept = kept.trim_matches('-');
    if kept.is_empty() { format!("template-{digest}") } else { format!("{kept}-{digest}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stems(keys: &[&str]) -> Vec<String> {
        let keys: Vec<Key> = keys.iter().map(|key| Key::new(*key).unwrap()).collect();
        let stems = file_stems(&keys);
        keys.iter().map(|key| stems[key].clone()).collect()
    }

    #[test]
    fn a_plain_key_is_its_own_name() {
        assert_eq!(stems(&["cloud-101", "v1.2_beta"]), ["cloud-101", "v1.2_beta"]);
    }

    #[test]
    fn any_other_key_gets_a_unique_name() {
        let expected = [
            "cloud-101-bd9e9a09bd83",
            "cloud-101-1ce2b8a6ea4a",
            "etc-passwd-7b7f9f3ac21b",
            "template-0cfbb2f0b8d9",
            "con-0d3b8a4e8a6e",
        ];
        let stems = stems(&["Cloud-101", "cloud/101", "../../etc/passwd", "日本語", "con"]);
        let named = |stem: &str| stem.rsplit_once('-').unwrap().0.to_owned();
        assert_eq!(stems.iter().map(|s| named(s)).collect::<Vec<_>>(), expected.map(named));
    }

    #[test]
    fn colliding_names_get_a_number() {
        let made = stems(&["a b"]).remove(0);
        assert_eq!(stems(&["a b", &made]), [format!("{made}-2"), made]);
    }

    proptest! {
        #[test]
        fn names_are_safe_and_unique_everywhere(
            keys in prop::collection::btree_set("[ -~]{1,200}|[a-cA-C./-]{1,4}|\\PC{1,200}|(con|COM1|nul)(\\.[a-z]{1,3})?", 0..40)
        ) {
            let keys: BTreeSet<Key> = keys.into_iter().filter_map(|key| Key::new(key).ok()).collect();
            let stems = file_stems(&keys);
            prop_assert_eq!(stems.len(), keys.len());
            let different: BTreeSet<String> = stems.values().map(|stem| stem.to_lowercase()).collect();
            prop_assert_eq!(different.len(), keys.len());
            for stem in stems.values() {
                prop_assert!((1..=110).contains(&stem.len()), "{}", stem);
                prop_assert!(stem.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b)), "{}", stem);
                prop_assert!(!stem.starts_with(['.', '-']) && !stem.ends_with('.') && !stem.contains(".."), "{}", stem);
                prop_assert!(!["con", "com1", "nul"].contains(&stem.split('.').next().unwrap()), "{}", stem);
            }
        }
    }
}
