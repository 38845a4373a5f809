//! Columns of a terminal: how many a text takes, and where it may be cut.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A cluster that is wider is no character that anybody knows: it may be cut after any of its parts.
const WIDEST: usize = 8;

/// The columns that a text takes. Where terminals differ (an emoji made of several), it is the larger number, so that
/// nothing stands out at the side.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { clusters(text).map(|(_, columns)| columns).sum() }
}

/// What a person takes for one character each (grapheme clusters, UAX 29), with its columns.
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

/// The longest beginning of a text that takes at most so many columns.
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

/// The longest end of a text that takes at most so many columns.
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
    fn wide_and_combining_characters_are_counted_as_they_are_shown() {
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
        // Thousands of emoji that are joined to one are cut all the same.
        assert!(beginning(&"👩\u{200d}".repeat(1000), 40).chars().count() < 100);
    }

    proptest::proptest! {
        #[test]
        fn a_text_is_its_beginning_or_does_not_fit(text in ".{0,40}", room in 0_usize..50) {
            let (begin, end) = (beginning(&text, room), ending(&text, room));
            proptest::prop_assert!(text.starts_with(begin) && text.ends_with(end));
            proptest::prop_assert!(begin.len() == text.len() || columns(&text) > room);
            let clusters: String = clusters(&text).map(|(cluster, _)| cluster).collect();
            proptest::prop_assert_eq!(clusters, text);
        }
    }
}
