//! One change of an attribute or label, as rows and lines for the HTML template.

use serde_json::Value;

use crate::report::review::{
    ChangeKind, ChangedPiece, DiffLine, Hunk, LabelChange, LabelMember, ShownText, TextChange, TextSize,
};
use crate::report::safe_text::revealed;
use crate::report::sentence::sentence;
use crate::report::{safe_text, value_text};

/// The limit of a text shown in full, in bytes.
const MAX_LENGTH: usize = 20_000;

/// One change.
pub(super) struct ChangeView {
    /// The name of the attribute, or the display name of the label's certificate field.
    pub(super) name: String,
    /// The id of the certificate field.
    pub(super) id: Option<String>,
    pub(super) body: Body,
}

/// How a change is shown.
pub(super) enum Body {
    /// Before and after on one line each, with differences marked.
    Words { before: Vec<MarkedText>, after: Vec<MarkedText>, note: String },
    /// Before and after, with their meaning.
    Value { before: Option<String>, after: Option<String>, meaning: Option<String> },
    /// A label: what happened, and its members.
    Label { what: &'static str, members: Vec<MemberView> },
    /// A long text, line by line.
    Lines { note: String, hunks: Vec<HunkView> },
    /// A note about a text that is not shown.
    Note(String),
}

/// A part of a text, and whether it differs from the other side.
pub(super) struct MarkedText {
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

/// A part of a text with changes.
pub(super) struct HunkView {
    pub(super) line: usize,
    pub(super) lines: Vec<LineView>,
}

/// A line with its sign.
pub(super) struct LineView {
    pub(super) sign: char,
    pub(super) pieces: Vec<MarkedText>,
}

impl ChangeView {
    pub(super) fn new(shown: &ShownText) -> Self {
        // Beside a name, the id; without a name, the path contains the id.
        let id = match &shown.kind {
            ChangeKind::Label(label) if !shown.path.contains(label.field.as_str()) => {
                Some(safe_text(&label.field))
            }
            _ => None,
        };
        Self { name: safe_text(&shown.path), id, body: body(shown) }
    }
}

fn body(shown: &ShownText) -> Body {
    let unseen = shown.unseen_words();
    // Invisible differences are shown as code points.
    let text = if unseen.is_some() { revealed } else { safe_text };
    let note = unseen.map(|words| sentence(&words));
    match &shown.kind {
        ChangeKind::Words { before, after } => Body::Words {
            before: marked(before, text),
            after: marked(after, text),
            note: note.unwrap_or_default(),
        },
        ChangeKind::Value { before, after, meaning } => Body::Value {
            before: before.as_ref().map(whole),
            after: after.as_ref().map(whole),
            meaning: meaning.clone(),
        },
        ChangeKind::Label(LabelChange { what, members, .. }) => {
            let member = |member: &LabelMember| MemberView {
                name: safe_text(&member.name),
                before: member.before.as_ref().map(whole),
                after: member.after.as_ref().map(whole),
                meaning: member.meaning.clone(),
            };
            Body::Label { what, members: members.iter().map(member).collect() }
        }
        ChangeKind::Text(TextChange::LineEnds { before, after }) => {
            Body::Note(format!("Only the line ends change: {before} → {after}."))
        }
        ChangeKind::Text(TextChange::Elided { before, after }) => Body::Note(elided(before, after)),
        ChangeKind::Text(TextChange::Lines { hunks, reflowed, .. }) => Body::Lines {
            note: note.unwrap_or_else(|| {
                if *reflowed {
                    "One long line, broken at its rules to be read.".to_owned()
                } else {
                    String::new()
                }
            }),
            hunks: hunks.iter().map(|lines| hunk(lines, text)).collect(),
        },
    }
}

fn elided(before: &TextSize, after: &TextSize) -> String {
    format!("Too much to show. Before: {}. After: {}.", value_text::size(before), value_text::size(after))
}

type Safe = fn(&str) -> String;

fn marked(pieces: &[ChangedPiece], safe: Safe) -> Vec<MarkedText> {
    let text = |piece: &ChangedPiece| if piece.differs { safe(&piece.text) } else { safe_text(&piece.text) };
    pieces.iter().map(|piece| MarkedText { text: text(piece), differs: piece.differs }).collect()
}

fn hunk(hunk: &Hunk, safe: Safe) -> HunkView {
    let line = |line: &DiffLine| match line {
        DiffLine::Same(text) => {
            LineView { sign: ' ', pieces: vec![MarkedText { text: safe_text(text), differs: false }] }
        }
        DiffLine::Removed(pieces) => LineView { sign: '-', pieces: marked(pieces, safe) },
        DiffLine::Added(pieces) => LineView { sign: '+', pieces: marked(pieces, safe) },
    };
    HunkView { line: hunk.after, lines: hunk.lines.iter().map(line).collect() }
}

/// A value as it is: a text without quotes, with its line breaks.
pub(super) fn whole(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() > MAX_LENGTH => {
            format!("{} ({})", value_text::short(Some(value)), value_text::size(&TextSize::of(text)))
        }
        Value::String(text) if text.is_empty() => "(an empty text)".to_owned(),
        Value::String(text) => text.split('\n').map(safe_text).collect::<Vec<_>>().join("\n"),
        other => {
            let text = safe_text(&other.to_string());
            if text.len() > MAX_LENGTH { value_text::short(Some(other)) } else { text }
        }
    }
}
