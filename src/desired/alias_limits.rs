//! Limits for aliases and variables. A few lines of nested aliases can expand to more nodes than fit into memory,
//! and a variable can be used thousands of times. `load` weighs each file here before the file is parsed; nothing
//! is built, and nothing is printed.

use std::collections::HashMap;

use memchr::memchr_iter;
use saphyr_parser::{Event, Parser, Span};

use super::marked_text::marked_text;
use super::variables::Growth;

/// The limit of nodes, for all files together, aliases expanded: about a hundred thousand templates.
pub(super) const MAX_NODES: u64 = 8_000_000;
/// The limit of bytes of text, for all files together, aliases and variables expanded.
pub(super) const MAX_BYTES: u64 = 256 << 20;
/// The limit of bytes that variables may add to one text.
const MAX_BYTES_IN_ONE: u64 = 16 << 20;
/// Files to which variables add fewer bytes than this are not examined further.
const LITTLE: u64 = 1 << 20;
/// The limit of nesting of lists and mappings.
pub(super) const MAX_DEPTH: usize = 100;
/// With this many open brackets, the parser takes minutes to refuse the file.
const HOPELESS: usize = 1_000;
const TOO_DEEP: &str = "lists and mappings are nested too deeply here";
const TOO_MANY_ALIASES: &str =
    "the aliases (*name) up to here expand to millions of values, which is more than certctl reads";
const TOO_MUCH_IN_ONE: &str = "the variables make this text longer than 16 MB";
const TOO_MUCH_BY_VARIABLES: &str = "the variables up to here put more than 256 MB into the templates";

/// Which limit is exceeded, and where.
#[derive(Debug, PartialEq)]
pub(super) struct TooMuch {
    pub(super) span: Span,
    pub(super) message: &'static str,
}

/// The size of a file after expansion: nodes, and bytes of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) nodes: u64,
    pub(super) bytes: u64,
}

impl Weight {
    /// The limit for all files together.
    pub(super) const MAX: Self = Self { nodes: MAX_NODES, bytes: MAX_BYTES };

    /// What is left after `taken` is subtracted; `None` where `taken` is larger.
    pub(super) fn without(self, taken: Self) -> Option<Self> {
        let nodes = self.nodes.checked_sub(taken.nodes)?;
        Some(Self { nodes, bytes: self.bytes.checked_sub(taken.bytes)? })
    }
}

/// The expanded size of one node.
#[derive(Clone, Copy, Debug, Default)]
struct AliasNode {
    /// The node and everything in it.
    nodes: u64,
    bytes: u64,
    /// The bytes that variables add.
    by_variables: u64,
    /// The depth of nesting, this node included.
    depth: usize,
}

impl AliasNode {
    /// Adds one inner node.
    fn plus(self, inner: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(inner.nodes),
            bytes: self.bytes.saturating_add(inner.bytes),
            by_variables: self.by_variables.saturating_add(inner.by_variables),
            depth: self.depth.max(inner.depth + 1),
        }
    }
}

/// Whether the text may contain an alias, or nesting deep enough to count. Cheap, and usually false. The parser's
/// own limits stop what this misses.
fn is_suspicious(text: &str) -> bool {
    let nests_deeply = || {
        let block = block_depth(text);
        most_flow_depth(text) + block > MAX_DEPTH && flow_depth(text) + block > MAX_DEPTH
    };
    has_token(text, b'*') && has_token(text, b'&') || nests_deeply()
}

/// Whether this character appears where a value can begin. In a URL or a calculation it does not.
pub(super) fn has_token(text: &str, sign: u8) -> bool {
    let can_begin_after = |before: Option<&u8>| before.is_none_or(|before| b" \t\r\n[{,:".contains(before));
    memchr_iter(sign, text.as_bytes())
        .any(|at| can_begin_after(at.checked_sub(1).and_then(|before| text.as_bytes().get(before))))
}

/// The largest number of `[` and `{` open at one point, estimated without parsing.
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

/// At least [`flow_depth`], and mostly little more, from the numbers of brackets in blocks of bytes, which the processor
/// counts all at once.
fn most_flow_depth(text: &str) -> usize {
    const BLOCK: usize = 64;
    let (mut depth, mut deepest) = (0_usize, 0);
    for block in text.as_bytes().chunks(BLOCK) {
        // A bracket and a brace differ by one bit.
        let count = |sign: u8| block.iter().fold(0_u8, |count, byte| count + u8::from(byte & !0x20 == sign));
        let (opened, closed) = (usize::from(count(b'[')), usize::from(count(b']')));
        deepest = deepest.max(depth + opened);
        // Some may be closed before others are opened.
        depth = (depth + opened).saturating_sub(closed).max(opened);
    }
    deepest
}

/// The deepest nesting that one line can have, by the indentation and dashes before its text.
fn block_depth(text: &str) -> usize {
    let sign = |byte: &u8| matches!(byte, b' ' | b'-' | b'?');
    let begins = std::iter::once(0).chain(memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1));
    let depth = |begin: usize| text.as_bytes()[begin..].iter().take_while(|byte| sign(byte)).count();
    begins.map(depth).max().unwrap_or(0)
}

/// Counts the expanded size of a text over its events, without building a tree.
pub(super) fn weigh(text: &str, growth: &Growth<'_>, left: Weight) -> Result<Weight, TooMuch> {
    let by_variables = growth.at_most(text);
    if !is_suspicious(text) && by_variables <= LITTLE.min(left.bytes) {
        return Ok(Weight { nodes: 0, bytes: by_variables });
    }
    let readable = marked_text(text);
    let mut scale = Scale {
        growth,
        left,
        anchors: HashMap::new(),
        open: vec![(0, AliasNode::default())],
        taken: Weight::default(),
    };
    for event in Parser::new_from_str(&readable) {
        match event {
            Ok((event, span)) => scale.add_event(&event, span)?,
            Err(error) if flow_depth(text) > HOPELESS => {
                return Err(TooMuch { span: Span::empty(*error.marker()), message: TOO_DEEP });
            }
            // If the text cannot be parsed, the real parser usually reports it. If that parser accepts it, it reads
            // only what is written.
            Err(error) => {
                let bytes = growth.named(text);
                let span = Span::empty(*error.marker());
                let fits = bytes <= left.bytes;
                return if fits {
                    Ok(Weight { nodes: 0, bytes })
                } else {
                    Err(TooMuch { span, message: TOO_MUCH_BY_VARIABLES })
                };
            }
        }
    }
    Ok(scale.taken)
}

struct Scale<'t> {
    growth: &'t Growth<'t>,
    left: Weight,
    anchors: HashMap<usize, AliasNode>,
    /// The outermost entry is the file itself.
    open: Vec<(usize, AliasNode)>,
    taken: Weight,
}

impl Scale<'_> {
    fn add_event(&mut self, event: &Event<'_>, span: Span) -> Result<(), TooMuch> {
        let weight = match event {
            Event::Scalar(scalar, _, anchor, _) => {
                let by_variables = self.growth.of(scalar);
                if by_variables > MAX_BYTES_IN_ONE {
                    return Err(TooMuch { span, message: TOO_MUCH_IN_ONE });
                }
                let bytes = scalar.len() as u64;
                let weight = AliasNode { nodes: 1, bytes, by_variables, depth: 0 };
                self.anchors.insert(*anchor, weight);
                self.taken.bytes = self.taken.bytes.saturating_add(by_variables);
                weight
            }
            Event::Alias(anchor) => {
                let weight = self.anchors.get(anchor).copied().unwrap_or_default();
                if self.open.len() - 1 + weight.depth > MAX_DEPTH {
                    return Err(TooMuch { span, message: TOO_DEEP });
                }
                self.taken.nodes = self.taken.nodes.saturating_add(weight.nodes);
                self.taken.bytes =
                    self.taken.bytes.saturating_add(weight.bytes).saturating_add(weight.by_variables);
                weight
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                if self.open.len() > MAX_DEPTH {
                    return Err(TooMuch { span, message: TOO_DEEP });
                }
                self.open.push((*anchor, AliasNode { nodes: 1, depth: 1, ..AliasNode::default() }));
                return Ok(());
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((anchor, weight)) = self.open.pop() else { return Ok(()) };
                self.anchors.insert(anchor, weight);
                weight
            }
            _ => return Ok(()),
        };
        if let Some((_, whole)) = self.open.last_mut() {
            *whole = whole.plus(weight);
        }
        if self.left.without(self.taken).is_some() {
            return Ok(());
        }
        let is_by_aliases = matches!(event, Event::Alias(_));
        let message = if is_by_aliases { TOO_MANY_ALIASES } else { TOO_MUCH_BY_VARIABLES };
        Err(TooMuch { span, message })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::config::Variable;

    fn check(text: &str) -> Result<(), TooMuch> {
        let variables = BTreeMap::new();
        weigh(text, &Growth::new(&variables), Weight::MAX).map(drop)
    }

    #[test]
    fn nested_aliases_are_refused_before_expansion() {
        let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for level in 1..40 {
            let below = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![below; 9].join(", ")));
        }
        assert!(check(&text).is_err());
        assert_eq!(check("a: &a {x: 1}\nb: *a\nc: *a\n"), Ok(()));
    }

    #[test]
    fn nesting_by_aliases_or_mixed_styles_is_refused() {
        let list = |depth: usize, inner: &str| format!("{}{inner}{}", "[".repeat(depth), "]".repeat(depth));
        let twice = |depth: usize| format!("a: &a {}\nb: {}\n", list(depth, ""), list(depth, "*a"));
        assert!(check(&twice(60)).is_err());
        assert_eq!(check(&twice(40)), Ok(()));
        let stairs: String = (0..60).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert!(check(&format!("{stairs}{}{}\n", " ".repeat(60), list(60, ""))).is_err());
    }

    proptest! {
        #[test]
        fn flow_depth_is_never_underestimated(text in "([\\[\\]{}]|[a{}]{1,40}|[\\[x]{1,90}){0,30}") {
            prop_assert!(most_flow_depth(&text) >= flow_depth(&text));
        }
    }

    #[test]
    fn style_sheets_are_not_taken_for_nesting() {
        let css = "customCss: |\n  .a { color: red; }\n  .b[x] { margin: 0 }\n";
        assert!(most_flow_depth(&css.repeat(1_000)) < 10);
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

    #[test]
    fn only_the_expansion_is_weighed() {
        let variables = BTreeMap::from([("v".to_owned(), Variable::flag("x".repeat(2000)))]);
        let growth = Growth::new(&variables);
        let weight = |text: &str, left| weigh(text, &growth, left).map(|weight| (weight.nodes, weight.bytes));
        assert_eq!(weight("a: [1, 2, 3]\n", Weight::MAX), Ok((0, 0)));
        assert_eq!(weight("a: &a [xx, 2]\nb: *a\nc: *a\n", Weight::MAX), Ok((6, 6)));
        let used = "a: &a \"${var.v} ${var.v}\"\nb: *a\n";
        // Twice 2000 for 17 written, plus what is written.
        assert_eq!(weight(used, Weight::MAX), Ok((1, 2 * (4001 - 17) + 17)));
        let little = Weight { nodes: 10, bytes: 5000 };
        assert_eq!(weight(used, little).unwrap_err().message, TOO_MANY_ALIASES);
        let often = format!("a: \"{}\"\n", "${var.v} ".repeat(100));
        assert_eq!(weight(&often, little).unwrap_err().message, TOO_MUCH_BY_VARIABLES);
        let huge = format!("a: \"{}\"\n", "${var.v} ".repeat(10_000));
        let refused = weight(&huge, Weight::MAX).unwrap_err();
        assert_eq!((refused.message, refused.span.start.line()), (TOO_MUCH_IN_ONE, 1));
    }

    #[test]
    fn a_large_variable_alone_is_stored_once() {
        let variables = BTreeMap::from([("v".to_owned(), Variable::flag("x".repeat(1 << 20)))]);
        let text = "a: ${var.v}\n".repeat(10_000);
        assert_eq!(weigh(&text, &Growth::new(&variables), Weight::MAX), Ok(Weight::default()));
    }
}
