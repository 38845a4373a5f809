//! One change of an attribute or label, as rows and lines for the HTML template.

use serde_json::Value;

use crate::report::safe_text::revealed;
use crate::report::value_text::size;
use crate::report::{safe_text, value_text};
use crate::view::{ChangeKind, ChangedPiece, ChangedValue, DescribedChange, DiffLine, Hunk, TextSize};

/// The limit of a text shown in full, in bytes.
const MAX_LENGTH: usize = 20_000;

/// One change.
pub(super) struct ChangeView {
    /// The name of the attribute, or the display name of the label's certificate field.
    pub(super) name: String,
    /// The id of the certificate field.
    pub(super) id: Option<String>,
    /// What to know before reading it.
    pub(super) note: Option<String>,
    pub(super) body: Body,
}

/// How a change is shown.
pub(super) enum Body {
    /// Before and after on one line each, with differences marked.
    Words { before: Vec<MarkedText>, after: Vec<MarkedText> },
    /// Before and after, with their meaning.
    Value(ValueView),
    /// A label: what happened, and its members.
    Label { what: &'static str, members: Vec<ValueView> },
    /// A long text, line by line.
    Lines(Vec<HunkView>),
    /// Nothing but the note.
    Nothing,
}

/// A part of a text, and whether it differs from the other side.
pub(super) struct MarkedText {
    pub(super) text: String,
    pub(super) differs: bool,
}

/// An attribute, or a member of a label.
pub(super) struct ValueView {
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
    pub(super) fn new(change: &DescribedChange) -> Self {
        // Invisible differences are shown as code points.
        let text = if change.is_unseen { revealed } else { safe_text };
        let whole_text = |text: String| vec![MarkedText { text, differs: false }];
        let body = match &change.kind {
            ChangeKind::Words { before, after } => {
                Body::Words { before: marked(before, text), after: marked(after, text) }
            }
            ChangeKind::Sizes { before, after } => {
                Body::Words { before: whole_text(size(before)), after: whole_text(size(after)) }
            }
            ChangeKind::Value(value) => Body::Value(ValueView::new(value)),
            ChangeKind::NotKnown { before, after } => Body::Words {
                before: whole_text((*before).to_owned()),
                after: whole_text(value_text::of_attribute(&change.path, Some(after))),
            },
            ChangeKind::Label(label) => {
                Body::Label { what: label.what, members: label.members.iter().map(ValueView::new).collect() }
            }
            ChangeKind::Lines(hunks) => Body::Lines(hunks.iter().map(|lines| hunk(lines, text)).collect()),
            ChangeKind::LineEnds => Body::Nothing,
        };
        Self {
            name: safe_text(&change.path),
            id: change.field.as_deref().map(safe_text),
            note: change.note.as_deref().map(safe_text),
            body,
        }
    }
}

impl ValueView {
    fn new(changed: &ChangedValue) -> Self {
        Self {
            name: safe_text(&changed.name),
            before: changed.before.as_ref().map(whole),
            after: changed.after.as_ref().map(whole),
            meaning: changed.meaning.clone(),
        }
    }
}

fn marked(pieces: &[ChangedPiece], text: fn(&str) -> String) -> Vec<MarkedText> {
    let piece = |piece: &ChangedPiece| if piece.differs { text(&piece.text) } else { safe_text(&piece.text) };
    pieces.iter().map(|one| MarkedText { text: piece(one), differs: one.differs }).collect()
}

fn hunk(hunk: &Hunk, text: fn(&str) -> String) -> HunkView {
    let line = |line: &DiffLine| match line {
        DiffLine::Same(same) => {
            LineView { sign: ' ', pieces: vec![MarkedText { text: safe_text(same), differs: false }] }
        }
        DiffLine::Removed(pieces) => LineView { sign: '-', pieces: marked(pieces, text) },
        DiffLine::Added(pieces) => LineView { sign: '+', pieces: marked(pieces, text) },
    };
    HunkView { line: hunk.after, lines: hunk.lines.iter().map(line).collect() }
}

/// A value as it is: a text without quotes, with its line breaks.
pub(super) fn whole(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() > MAX_LENGTH => {
            format!("{} ({})", value_text::short_text(text), size(&TextSize::of(text)))
        }
        Value::String(text) if text.is_empty() => "(an empty text)".to_owned(),
        Value::String(text) => text.split('\n').map(safe_text).collect::<Vec<_>>().join("\n"),
        other => {
            let text = safe_text(&other.to_string());
            if text.len() > MAX_LENGTH { value_text::short(Some(other)) } else { text }
        }
    }
}
