//! Aliases gone wild. A few lines of aliases of aliases can stand for more nodes than there is memory, so what a file
//! stands for is counted before it is read.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, Span};

/// The most nodes that a file may stand for: about a hundred thousand templates.
pub(super) const MOST_NODES: u64 = 4_000_000;
/// The most bytes of text that its scalars may stand for.
pub(super) const MOST_BYTES: u64 = 256 << 20;
/// The deepest that lists and mappings may be nested.
pub(super) const DEEPEST: usize = 100;
/// So many brackets open at a time take the reading parser minutes to refuse.
const HOPELESS: usize = 1_000;
const TOO_DEEP: &str = "lists and mappings are nested too deeply here";

/// What is too much, and where it was seen.
#[derive(Debug, PartialEq)]
pub(super) struct TooMuch {
    pub(super) span: Span,
    pub(super) message: &'static str,
}

/// How much a node stands for.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    nodes: u64,
    bytes: u64,
    /// How many lists and mappings stand in one another, itself included.
    depth: usize,
}

impl Weight {
    /// With one more node inside.
    fn plus(self, inner: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(inner.nodes),
            bytes: self.bytes.saturating_add(inner.bytes),
            depth: self.depth.max(inner.depth + 1),
        }
    }
}

/// Whether the text can hold an alias at all, or nesting that is worth counting. Cheap, and mostly the answer is no.
/// What it misses, the parser's own limits still stop.
fn is_suspicious(text: &str) -> bool {
    has_token(text, b'*') && has_token(text, b'&') || flow_depth(text) + block_depth(text) > DEEPEST
}

/// Whether this character stands where a value can begin. In an address or a calculation it does not.
pub(super) fn has_token(text: &str, sign: u8) -> bool {
    let bytes = text.as_bytes();
    let can_begin_after = |before: Option<&u8>| before.is_none_or(|before| b" \t\r\n[{,:".contains(before));
    bytes.iter().enumerate().any(|(position, byte)| {
        *byte == sign && can_begin_after(position.checked_sub(1).and_then(|before| bytes.get(before)))
    })
}

/// The most `[` and `{` that are open at one point, as far as can be told without parsing.
fn flow_depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The most that a line can be nested by what stands in front of its text.
fn block_depth(text: &str) -> usize {
    let sign = |byte: &u8| matches!(byte, b' ' | b'-' | b'?');
    text.lines().map(|line| line.bytes().take_while(sign).count()).max().unwrap_or(0)
}

/// That a text stands for no more than can be read. Counted over the events, without building anything.
pub(super) fn check(text: &str) -> Result<(), TooMuch> {
    if !is_suspicious(text) {
        return Ok(());
    }
    let mut anchors: HashMap<usize, Weight> = HashMap::new();
    let mut open: Vec<(usize, Weight)> = vec![(0, Weight::default())];
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) if flow_depth(text) > HOPELESS => {
                return Err(TooMuch { span: Span::empty(*error.marker()), message: TOO_DEEP });
            }
            // What cannot be parsed is reported by the parser that reads it; and where that one can, it keeps the limits.
            Err(_) => return Ok(()),
        };
        let weight = match event {
            Event::Scalar(scalar, _, anchor, _) => {
                let weight = Weight { nodes: 1, bytes: scalar.len() as u64, depth: 0 };
                anchors.insert(anchor, weight);
                weight
            }
            Event::Alias(anchor) => {
                let weight = anchors.get(&anchor).copied().unwrap_or_default();
                // The outermost entry of `open` is the file itself.
                if open.len() - 1 + weight.depth > DEEPEST {
                    return Err(TooMuch { span, message: TOO_DEEP });
                }
                weight
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                if open.len() > DEEPEST {
                    return Err(TooMuch { span, message: TOO_DEEP });
                }
                open.push((anchor, Weight { nodes: 1, bytes: 0, depth: 1 }));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((anchor, weight)) = open.pop() else { continue };
                anchors.insert(anchor, weight);
                weight
            }
            _ => continue,
        };
        if let Some((_, whole)) = open.last_mut() {
            *whole = whole.plus(weight);
            if whole.nodes > MOST_NODES || whole.bytes > MOST_BYTES {
                let message =
                    "the aliases (*name) up to here stand for more than can be read: millions of values";
                return Err(TooMuch { span, message });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_billion_laughs_are_seen_without_laughing() {
        let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for level in 1..40 {
            let below = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![below; 9].join(", ")));
        }
        assert!(check(&text).is_err());
        assert_eq!(check("a: &a {x: 1}\nb: *a\nc: *a\n"), Ok(()));
    }

    #[test]
    fn nesting_by_aliases_or_in_two_ways_at_once_is_seen() {
        let list = |depth: usize, inner: &str| format!("{}{inner}{}", "[".repeat(depth), "]".repeat(depth));
        let twice = |depth: usize| format!("a: &a {}\nb: {}\n", list(depth, ""), list(depth, "*a"));
        assert!(check(&twice(60)).is_err());
        assert_eq!(check(&twice(40)), Ok(()));
        let stairs: String = (0..60).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert!(check(&format!("{stairs}{}{}\n", " ".repeat(60), list(60, ""))).is_err());
    }

    #[test]
    fn deep_nesting_is_seen() {
        assert!(check(&format!("{}{}", "[".repeat(150), "]".repeat(150))).is_err());
        assert_eq!(check(&format!("{}{}", "[".repeat(20), "]".repeat(20))), Ok(()));
        assert!(check(&"[".repeat(100_000)).is_err());
        assert!(check(&format!("{}a\n", "- ".repeat(150))).is_err());
        let stairs: String = (0..150).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert!(check(&stairs).is_err());
    }
}
