//! The name that somebody who mistyped one most likely meant.

use unicode_normalization::UnicodeNormalization as _;
use unicode_security::confusable_detection::skeleton;

use super::spelled;

/// How alike two names must be for one to be offered for the other: enough that `titel` finds `title` and `x` finds
/// nothing.
const ALIKE: f64 = 0.75;

/// So many names are looked at. A file that was made to take long can have more.
const MOST: usize = 10_000;

/// The candidate that comes nearest to a name, if any comes near. Capital letters make no difference.
pub fn nearest<T: AsRef<str>>(name: &str, candidates: impl IntoIterator<Item = T>) -> Option<T> {
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .take(MOST)
        .map(|candidate| (strsim::jaro_winkler(&name, &candidate.as_ref().to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// ` (did you mean …?)`, or nothing where no name comes near.
pub fn did_you_mean<T: AsRef<str>>(name: &str, candidates: impl IntoIterator<Item = T>) -> String {
    let Some(candidate) = nearest(name, candidates) else { return String::new() };
    let candidate = candidate.as_ref();
    match unseen_difference(name, candidate) {
        Some((had, has)) => format!(
            " (did you mean {candidate}? It looks the same, and has {} where this one has {})",
            spelled(has),
            spelled(had)
        ),
        None => format!(" (did you mean {candidate}?)"),
    }
}

/// The first two characters in which names differ that look the same: composed otherwise, or letters of two scripts.
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
    fn a_slip_of_the_finger_finds_its_name_and_nonsense_finds_none() {
        let names = ["title", "resourceId", "resourceType", "labels"];
        assert_eq!(nearest("titel", names), Some("title"));
        assert_eq!(nearest("RESOURCEID", names), Some("resourceId"));
        assert_eq!(nearest("xyz", names), None);
        assert_eq!(did_you_mean("lables", names), " (did you mean labels?)");
        assert_eq!(did_you_mean("", names), "");
    }

    #[test]
    fn a_name_that_looks_the_same_is_told_apart() {
        for (name, candidate, says) in [
            ("cafe\u{301}", "caf\u{e9}", "has \u{e9} (U+00E9) where this one has e (U+0065)"),
            ("cl\u{43e}ud", "cloud", "has o (U+006F) where this one has \u{43e} (U+043E)"),
        ] {
            let text = did_you_mean(name, [candidate]);
            assert!(
                text.contains(&format!("did you mean {candidate}? It looks the same, and {says}")),
                "{text}"
            );
        }
        assert_eq!(did_you_mean("caf\u{e9}s", ["caf\u{e9}"]), " (did you mean caf\u{e9}?)");
    }
}
