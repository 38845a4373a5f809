//! The name that somebody who mistyped one most likely meant.

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
    nearest(name, candidates)
        .map(|candidate| format!(" (did you mean {}?)", candidate.as_ref()))
        .unwrap_or_default()
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
}
