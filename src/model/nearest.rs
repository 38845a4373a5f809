//! Suggests the name that was most likely meant by a mistyped one.

use unicode_normalization::UnicodeNormalization as _;
use unicode_security::confusable_detection::skeleton;

use super::spelled;

/// Minimum Jaro-Winkler similarity of a suggestion: `titel` finds `title`, `x` finds nothing.
const MIN_SIMILARITY: f64 = 0.75;

/// At most this many names are compared, which bounds the time that a malicious file can cost.
const MAX_CANDIDATES: usize = 10_000;

/// The most similar candidate, if any is similar enough. Ignores case.
fn nearest<T: AsRef<str>>(name: &str, candidates: impl IntoIterator<Item = T>) -> Option<T> {
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .take(MAX_CANDIDATES)
        .map(|candidate| (strsim::jaro_winkler(&name, &candidate.as_ref().to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > MIN_SIMILARITY)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// ` (did you mean …?)`, or an empty text if no name is similar enough.
pub fn did_you_mean<T: AsRef<str>>(name: &str, candidates: impl IntoIterator<Item = T>) -> String {
    let Some(candidate) = nearest(name, candidates) else { return String::new() };
    let candidate = candidate.as_ref();
    match unseen_difference(name, candidate) {
        Some((had, has)) => format!(
            " (did you mean {candidate}? It looks the same, but has {} where this one has {})",
            spelled(has),
            spelled(had)
        ),
        None => format!(" (did you mean {candidate}?)"),
    }
}

/// The first pair of different characters in two names that look the same, for example `é` composed differently, or
/// letters of two scripts. `None` if the names look different.
pub fn unseen_difference(name: &str, candidate: &str) -> Option<(char, char)> {
    if name.is_ascii() && candidate.is_ascii() {
        return None;
    }
    let looks_the_same = name.nfd().eq(candidate.nfd()) || skeleton(name).eq(skeleton(candidate));
    looks_the_same.then(|| name.chars().zip(candidate.chars()).find(|(one, other)| one != other)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_find_a_name_and_nonsense_none() {
        let names = ["title", "resourceId", "resourceType", "labels"];
        assert_eq!(nearest("titel", names), Some("title"));
        assert_eq!(nearest("RESOURCEID", names), Some("resourceId"));
        assert_eq!(nearest("xyz", names), None);
        assert_eq!(did_you_mean("lables", names), " (did you mean labels?)");
        assert_eq!(did_you_mean("", names), "");
    }

    #[test]
    fn lookalike_names_are_told_apart() {
        for (name, candidate, says) in [
            ("cafe\u{301}", "caf\u{e9}", "has \u{e9} (U+00E9) where this one has e (U+0065)"),
            ("cl\u{43e}ud", "cloud", "has o (U+006F) where this one has \u{43e} (U+043E)"),
        ] {
            let text = did_you_mean(name, [candidate]);
            assert!(
                text.contains(&format!("did you mean {candidate}? It looks the same, but {says}")),
                "{text}"
            );
        }
        assert_eq!(did_you_mean("caf\u{e9}s", ["caf\u{e9}"]), " (did you mean caf\u{e9}?)");
    }
}
