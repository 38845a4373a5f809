//! Finds git's conflict markers in a file.

use memchr::memmem;

use super::{Finding, SourceText};

/// At most this many lines with markers are named.
const MAX_NAMED: usize = 12;

/// A conflict marker of git.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marker {
    /// `<<<<<<< HEAD`
    Ours,
    /// `||||||| base`, written only if git is set up to show the common ancestor.
    Base,
    /// `=======`
    Separator,
    /// `>>>>>>> main`
    Theirs,
}

impl Marker {
    /// Git writes seven signs at the very beginning of a line, followed by a name, except after the separator.
    fn of(line: &str) -> Option<Self> {
        let line = line.trim_end();
        let is = |signs: &str| {
            line.strip_prefix(signs).is_some_and(|name| name.is_empty() || name.starts_with(' '))
        };
        match line.as_bytes().first()? {
            b'<' if is("<<<<<<<") => Some(Self::Ours),
            b'|' if is("|||||||") => Some(Self::Base),
            b'=' if line == "=======" => Some(Self::Separator),
            b'>' if is(">>>>>>>") => Some(Self::Theirs),
            _ => None,
        }
    }
}

/// The one finding for a file with conflict markers, whether inside or outside of texts. Other findings about such a file
/// would be noise.
///
/// A lone line of equals signs is a heading's underline. A lone marker that begins or ends a conflict counts: somebody
/// removed the others and forgot this one.
pub fn unfinished_merge(source: &SourceText) -> Option<Finding> {
    let text = source.text();
    let has = |marker: &str| memmem::find(text.as_bytes(), marker.as_bytes()).is_some();
    if !has("<<<<<<<") && !has(">>>>>>>") {
        return None;
    }
    let markers = markers(text);
    let markers = of_conflicts(&markers);
    let first = markers.first()?;
    let lines: Vec<usize> = markers.iter().map(|marker| marker.line).collect();
    Some(Finding {
        place: source.place(first.start..first.end),
        rule: "unfinished-merge",
        message: "this file is an unfinished git merge: it holds two versions, and you must choose one"
            .to_owned(),
        help: Some(format!(
            "git's markers are in {}: in each place keep the right version, and delete the lines with the markers",
            named(&lines)
        )),
        related: Vec::new(),
        option: None,
    })
}

struct MarkerLine {
    marker: Marker,
    line: usize,
    start: usize,
    end: usize,
}

fn markers(text: &str) -> Vec<MarkerLine> {
    let (mut found, mut start) = (Vec::new(), 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if let Some(marker) = Marker::of(line) {
            found.push(MarkerLine { marker, line: number + 1, start, end: start + line.trim_end().len() });
        }
        start += line.len();
    }
    found
}

/// The markers that belong to a conflict: those that begin or end one, and the others next to a matching marker.
fn of_conflicts(markers: &[MarkerLine]) -> Vec<&MarkerLine> {
    let may_precede = |upper: Marker, lower: Marker| {
        matches!(
            (upper, lower),
            (Marker::Ours, Marker::Base | Marker::Separator | Marker::Theirs)
                | (Marker::Base, Marker::Separator | Marker::Theirs)
                | (Marker::Separator, Marker::Theirs)
        )
    };
    let belongs = |position: usize| {
        let marker = markers[position].marker;
        if matches!(marker, Marker::Ours | Marker::Theirs) {
            return true;
        }
        let below = markers.get(position + 1).is_some_and(|lower| may_precede(marker, lower.marker));
        let above = position.checked_sub(1).and_then(|above| markers.get(above));
        below || above.is_some_and(|upper| may_precede(upper.marker, marker))
    };
    (0..markers.len()).filter(|position| belongs(*position)).map(|position| &markers[position]).collect()
}

/// `line 4`, `lines 4, 6 and 8`, `lines 1, 2, … and 20 more`.
fn named(lines: &[usize]) -> String {
    let text = |lines: &[usize]| lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match lines {
        [] => String::new(),
        [only] => format!("line {only}"),
        _ if lines.len() > MAX_NAMED => {
            format!("lines {} and {} more", text(&lines[..MAX_NAMED]), lines.len() - MAX_NAMED)
        }
        [before @ .., last] => format!("lines {} and {last}", text(before)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of the finding, and the lines that its help names.
    fn merge(text: &str) -> Option<(usize, String)> {
        let found = unfinished_merge(&SourceText::new("a.yaml", text))?;
        assert_eq!(found.rule, "unfinished-merge");
        let help = found.help?;
        let lines = help.strip_prefix("git's markers are in ")?.split_once(':')?.0.to_owned();
        Some((found.place.line, lines))
    }

    #[test]
    fn markers_are_named_by_line() {
        let plain = "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> main\n";
        assert_eq!(merge(plain), Some((2, "lines 2, 4 and 6".to_owned())));
        assert_eq!(merge(&plain.replace('\n', "\r\n")), Some((2, "lines 2, 4 and 6".to_owned())));
        let diff3 = "<<<<<<< HEAD\n||||||| 0a1b2c3\n=======\n>>>>>>> main\n";
        assert_eq!(merge(diff3), Some((1, "lines 1, 2, 3 and 4".to_owned())));
        assert_eq!(merge("<<<<<<<\n=======\n>>>>>>>"), Some((1, "lines 1, 2 and 3".to_owned())));
        let many = merge(&plain.repeat(10)).unwrap();
        assert!(many.1.ends_with(", 22, 24 and 18 more"), "{many:?}");
    }

    #[test]
    fn half_a_conflict_is_found() {
        assert_eq!(merge("a\n=======\nb\n>>>>>>> main\n"), Some((2, "lines 2 and 4".to_owned())));
        assert_eq!(merge("<<<<<<< HEAD\na\n=======\n"), Some((1, "lines 1 and 3".to_owned())));
        assert_eq!(merge("<<<<<<< HEAD\na\n>>>>>>> main\n"), Some((1, "lines 1 and 3".to_owned())));
    }

    #[test]
    fn leftover_markers_are_found() {
        for text in ["title: \"A\n<<<<<<< HEAD\n  B\"\n", "a: |\n>>>>>>> main\n", "a: b\n<<<<<<<\nc: d\r\n"] {
            assert_eq!(merge(text), Some((2, "line 2".to_owned())), "{text}");
        }
    }

    #[test]
    fn underlines_and_indented_arrows_are_ignored() {
        for text in [
            "Heading\n=======\ntext\n",
            "=======\n=======\n",
            "||||||| see here\n",
            "  <<<<<<< HEAD\n  =======\n  >>>>>>> main\n",
            "<<<<<<<<\n========\n>>>>>>>>\n",
            "<<<<<<<x\n=======x\n>>>>>>>x\n",
        ] {
            assert_eq!(merge(text), None, "{text}");
        }
        let both = "Heading\n=======\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n=======\n";
        assert_eq!(merge(both), Some((3, "lines 3, 5 and 7".to_owned())));
    }
}
