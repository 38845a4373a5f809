//! A change of one attribute or label, as rows and lines that the template writes.

use serde_json::Value;

use crate::plan::Plan;
use crate::report::review::{Hunk, Kind, LabelChange, Line, Piece, Shown, Size, TextChange};
use crate::report::{change_text, safe_text, value_text};

/// The longest text that is shown whole, in bytes.
const LONGEST: usize = 20_000;

/// One change.
pub(super) struct ChangeView {
    /// What changes: an attribute's name, or what people call a label's certificate field.
    pub(super) name: String,
    /// The certificate field's id.
    pub(super) id: Option<String>,
    pub(super) body: Body,
}

/// What is shown of it.
pub(super) enum Body {
    /// Before and after on a line each, what differs marked.
    Words { before: Vec<Marked>, after: Vec<Marked>, note: &'static str },
    /// Before and after, and what it means.
    Value { before: Option<String>, after: Option<String>, meaning: Option<String> },
    /// A label: what happened, and its members.
    Label { what: &'static str, members: Vec<MemberView> },
    /// A long text, line by line.
    Lines { note: &'static str, hunks: Vec<HunkView> },
    /// Something about a text that is not shown line by line.
    Note(String),
}

/// A part of a text, and whether the other side lacks it.
pub(super) struct Marked {
    pub(super) text: String,
    pub(super) differs: bool,
}

/// A member of a label.
pub(super) struct MemberView {
    pub(super) name: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) meaning: Option<String>,
}

/// A place in a text.
pub(super) struct HunkView {
    pub(super) line: usize,
    pub(super) lines: Vec<LineView>,
}

/// A line, with its sign.
pub(super) struct LineView {
    pub(super) sign: char,
    pub(super) pieces: Vec<Marked>,
}

impl ChangeView {
    pub(super) fn new(shown: &Shown, plan: &Plan) -> Self {
        let (name, id) = match &shown.kind {
            Kind::Label(label) => {
                let name = plan.field(&label.field).and_then(|field| field.name.as_deref());
                (name.map_or_else(|| "label".to_owned(), |name| format!("label {name}")), Some(&label.field))
            }
            _ => (shown.path.clone(), None),
        };
        Self { name: safe_text(&name), id: id.map(|id| safe_text(id)), body: body(&shown.kind) }
    }
}

fn body(kind: &Kind) -> Body {
    match kind {
        Kind::Words { before, after } => {
            Body::Words { before: marked(before), after: marked(after), note: words_note(before, after) }
        }
        Kind::Value { before, after, meaning } => Body::Value {
            before: before.as_ref().map(whole),
            after: after.as_ref().map(whole),
            meaning: meaning.clone(),
        },
        Kind::Label(LabelChange { what, members, .. }) => {
            let member = |member: &crate::report::review::Member| MemberView {
                name: safe_text(&member.name),
                before: member.before.as_ref().map(whole),
                after: member.after.as_ref().map(whole),
                meaning: member.meaning.clone(),
            };
            Body::Label { what, members: members.iter().map(member).collect() }
        }
        Kind::Text(TextChange::LineEnds { before, after }) => {
            Body::Note(format!("Only the line ends change: {before} → {after}."))
        }
        Kind::Text(TextChange::Elided { before, after }) => Body::Note(elided(before, after)),
        Kind::Text(TextChange::Lines { hunks, only_white_space, reflowed }) => Body::Lines {
            note: match (only_white_space, reflowed) {
                (true, _) => "Only white space differs.",
                (false, true) => "One long line, broken at its rules to be read.",
                (false, false) => "",
            },
            hunks: hunks.iter().map(hunk).collect(),
        },
    }
}

fn elided(before: &Size, after: &Size) -> String {
    format!("Too much to show. Before: {}. After: {}.", change_text::size(before), change_text::size(after))
}

fn words_note(before: &[Piece], after: &[Piece]) -> &'static str {
    let squeezed = |pieces: &[Piece]| -> String {
        pieces.iter().flat_map(|piece| piece.text.chars()).filter(|c| !c.is_whitespace()).collect()
    };
    if squeezed(before) == squeezed(after) { "Only white space differs." } else { "" }
}

fn marked(pieces: &[Piece]) -> Vec<Marked> {
    pieces.iter().map(|piece| Marked { text: safe_text(&piece.text), differs: piece.differs }).collect()
}

fn hunk(hunk: &Hunk) -> HunkView {
    let same = |text: &str| vec![Marked { text: safe_text(text), differs: false }];
    let line = |line: &Line| match line {
        Line::Same(text) => LineView { sign: ' ', pieces: same(text) },
        Line::Removed(pieces) => LineView { sign: '-', pieces: marked(pieces) },
        Line::Added(pieces) => LineView { sign: '+', pieces: marked(pieces) },
    };
    HunkView { line: hunk.after, lines: hunk.lines.iter().map(line).collect() }
}

/// A value as it is: a text without quotes, its lines kept.
pub(super) fn whole(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() > LONGEST => {
            format!("{} ({})", value_text::short(Some(value)), change_text::size(&Size::of(text)))
        }
        Value::String(text) if text.is_empty() => "(an empty text)".to_owned(),
        Value::String(text) => text.split('\n').map(safe_text).collect::<Vec<_>>().join("\n"),
        other => {
            let text = safe_text(&other.to_string());
            if text.len() > LONGEST { value_text::short(Some(other)) } else { text }
        }
    }
}
