//! Measures texts in terminal columns, and cuts them between characters. Every text report uses it; no bytes or
//! `char`s are counted as columns elsewhere.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A cluster that is wider is not a real character and may be cut between any of its parts.
const WIDEST: usize = 8;

/// The number of columns of a text. Where terminals differ (an emoji composed of several), the larger number, so
/// that no line is too long.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { clusters(text).map(|(_, columns)| columns).sum() }
}

/// The characters of a text as people see them (grapheme clusters, UAX 29), each with its columns.
pub(super) fn clusters(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.graphemes(true).flat_map(|cluster| {
        let whole = width(cluster);
        let parts = cluster.char_indices().filter(move |_| whole > WIDEST);
        let part = |(at, c): (usize, char)| &cluster[at..at + c.len_utf8()];
        std::iter::once(cluster)
            .filter(move |_| whole <= WIDEST)
            .chain(parts.map(part))
            .map(|cluster| (cluster, width(cluster)))
    })
}

/// The longest beginning of a text that fits into `room` columns.
pub(super) fn beginning(text: &str, room: usize) -> &str {
    let (mut used, mut end) = (0, 0);
    for (cluster, columns) in clusters(text) {
        used += columns;
        if used > room {
            break;
        }
        end += cluster.len();
    }
    &text[..end]
}

/// The longest end of a text that fits into `room` columns.
pub(super) fn ending(text: &str, room: usize) -> &str {
    let mut left = columns(text);
    let mut start = 0;
    for (cluster, columns) in clusters(text) {
        if left <= room {
            break;
        }
        left -= columns;
        start += cluster.len();
    }
    &text[start..]
}

fn width(cluster: &str) -> usize {
    let one_by_one = cluster.chars().map(|c| c.width().unwrap_or(1)).sum();
    cluster.width().max(one_by_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining_characters_are_counted_as_shown() {
        assert_eq!(columns("Cloud"), 5);
        assert_eq!(columns("資格"), 4);
        assert_eq!(columns("e\u{301}"), 1);
        assert_eq!(columns("\u{2764}\u{fe0f}"), 2);
    }

    #[test]
    fn a_cut_leaves_no_half_character() {
        assert_eq!(beginning("資格証", 5), "資格");
        assert_eq!(beginning("e\u{301}e\u{301}", 1), "e\u{301}");
        assert_eq!(ending("資格証", 3), "証");
        assert_eq!(beginning("a👩\u{200d}💻b", 3), "a");
        // Thousands of emoji joined into one are cut as well.
        assert!(beginning(&"👩\u{200d}".repeat(1000), 40).chars().count() < 100);
    }

    proptest::proptest! {
        #[test]
        fn beginnings_and_endings_fit(text in ".{0,40}", room in 0_usize..50) {
            let (begin, end) = (beginning(&text, room), ending(&text, room));
            proptest::prop_assert!(text.starts_with(begin) && text.ends_with(end));
            proptest::prop_assert!(begin.len() == text.len() || columns(&text) > room);
            let clusters: String = clusters(&text).map(|(cluster, _)| cluster).collect();
            proptest::prop_assert_eq!(clusters, text);
        }
    }
}
