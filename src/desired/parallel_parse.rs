//! Parses large files in pieces, on all cores.
//!
//! The templates of a file have the same indentation, so a file of thousands can be cut between two of them, and
//! each piece can be parsed by itself. If a cut was wrong (text in brackets or quotes may be indented freely), a
//! piece cannot be parsed, and the file is parsed as a whole.

use rayon::prelude::*;

use super::alias_limits::{Weight, has_token};
use super::tree::Node;

/// Smaller files are not cut, in bytes.
const WORTH_CUTTING: usize = 256 << 10;
/// The approximate size of a piece, in bytes.
const PIECE: usize = 128 << 10;

/// Parses a document, in pieces if it is large.
pub(super) fn parse(text: &str, weight: Weight) -> Result<Node, serde_yaml::Error> {
    if text.len() >= WORTH_CUTTING
        && let Some(node) = parse_in_pieces(text, PIECE)
    {
        return Ok(node);
    }
    Node::parse(text, weight)
}

/// Parses a document in pieces of about `size` bytes; `None` if it has an unusual form or a piece cannot be parsed.
fn parse_in_pieces(text: &str, size: usize) -> Option<Node> {
    // An alias could refer to an anchor in another piece, and a second document would look like part of the first.
    if has_token(text, b'&') || text.contains("\n---") || text.contains("\n...") {
        return None;
    }
    let section = SectionText::find(text)?;
    let rest = format!("{}{}", &text[..section.start], &text[section.end..]);
    let Node::Map(mut members) = Node::parse(&rest, Weight::default()).ok()? else { return None };
    let place = members.iter().position(|(name, node)| name == "templates" && *node == Node::Null)?;
    let pieces: Vec<Node> = section
        .cut(text, size)
        .into_par_iter()
        .map(|piece| Node::parse(piece, Weight::default()).ok().filter(|node| matches!(node, Node::Map(_))))
        .collect::<Option<_>>()?;
    let templates = pieces
        .into_iter()
        .flat_map(|piece| if let Node::Map(members) = piece { members } else { Vec::new() });
    members[place].1 = Node::Map(templates.collect());
    Some(Node::Map(members))
}

/// The lines below `templates:`.
#[derive(Debug)]
struct SectionText {
    start: usize,
    end: usize,
    /// The indentation of each template's key.
    indent: usize,
}

impl SectionText {
    fn find(text: &str) -> Option<Self> {
        const NAME: &str = "templates:";
        let heading = if text.starts_with(NAME) { 0 } else { text.find(&format!("\n{NAME}"))? + 1 };
        let start = heading + text[heading..].find('\n')? + 1;
        if text[heading..start].trim_end() != NAME {
            return None;
        }
        let (mut end, mut indent) = (text.len(), None);
        let mut position = start;
        for line in text[start..].split_inclusive('\n') {
            if let Some(depth) = depth(line) {
                if depth == 0 {
                    end = position;
                    break;
                }
                indent.get_or_insert(depth);
            }
            position += line.len();
        }
        Some(Self { start, end, indent: indent? })
    }

    /// The section in pieces, each beginning with a template's key.
    fn cut<'t>(&self, text: &'t str, size: usize) -> Vec<&'t str> {
        let mut pieces = Vec::new();
        let (mut begun, mut position) = (self.start, self.start);
        for line in text[self.start..self.end].split_inclusive('\n') {
            if position - begun >= size && depth(line) == Some(self.indent) {
                pieces.push(&text[begun..position]);
                begun = position;
            }
            position += line.len();
        }
        pieces.push(&text[begun..self.end]);
        pieces
    }
}

/// The indentation of a line; `None` for an empty line or a comment.
fn depth(line: &str) -> Option<usize> {
    let content = line.trim_start_matches(' ');
    let is_blank = content.trim().is_empty() || content.starts_with('#');
    (!is_blank).then(|| line.len() - content.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line() -> impl Strategy<Value = String> {
        let content = prop::sample::select(vec![
            "a: x",
            "b:",
            "c: |",
            "d: \"e",
            "f\"",
            "g: {h: i,",
            "j: k}",
            "# l",
            "",
            "- m",
            "n: [",
            "]",
            "a: y",
            "'o':",
            "p: 'q",
            "r'",
        ]);
        (0..4_usize, content).prop_map(|(depth, content)| format!("{}{content}\n", "  ".repeat(depth)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn pieces_give_what_the_whole_gives(
            head in prop::sample::select(vec!["", "defaults: { x: y }\n", "# z\n"]),
            lines in prop::collection::vec(line(), 1..12),
            tail in prop::sample::select(vec!["", "moved: []\n", "layouts:\n  s: t\n"]),
        ) {
            let text = format!("{head}templates:\n{}{tail}", lines.concat());
            if let Some(pieces) = parse_in_pieces(&text, 1) {
                prop_assert_eq!(Node::parse(&text, Weight::MAX).ok(), Some(pieces), "{}", text);
            }
        }
    }

    #[test]
    fn a_usual_file_is_cut() {
        let text = "templates:\n  a:\n    x: |\n      b:\n\n  c:\n    y: 1\n  d: { z: 2 }\nmoved: []\n";
        let section = SectionText::find(text).unwrap();
        assert_eq!(section.cut(text, 1).len(), 3);
        assert_eq!(parse_in_pieces(text, 1), Node::parse(text, Weight::MAX).ok());
    }
}
