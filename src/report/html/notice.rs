//! Notices on a page: refusals, warnings, and why a run stopped.

use super::prose::Prose;
use crate::model::Commands;
use crate::report::prose::words_text;
use crate::view::ReportNotice;

/// The limits of templates and of texts listed for combined warnings.
const NAMED: usize = 50;
const TEXTS: usize = 1000;

/// A notice, and the warnings that are combined with it.
pub(super) struct NoticeBox {
    pub(super) label: &'static str,
    /// Whether nothing is done because of it.
    pub(super) is_grave: bool,
    pub(super) text: Prose,
    /// `None` if there are no others.
    pub(super) others: Option<String>,
    /// The warnings of the others, in full.
    pub(super) other_texts: Vec<Prose>,
}

/// The boxes of these notices.
pub(super) fn boxes<'n>(
    notices: impl IntoIterator<Item = &'n ReportNotice>,
    is_grave: bool,
    commands: &dyn Commands,
) -> Vec<NoticeBox> {
    let notices = notices.into_iter();
    notices
        .map(|notice| {
            let texts = notice.others.iter().flat_map(|others| others.notes.iter().take(TEXTS));
            let text = Prose::of(&notice.note, commands);
            NoticeBox {
                label: notice.label,
                is_grave,
                text: notice.paste.iter().fold(text, |text, paste| text.with_lines(paste)),
                others: notice.others.as_ref().map(|others| words_text(&others.naming(NAMED), commands)),
                other_texts: texts.map(|note| Prose::of(note, commands)).collect(),
            }
        })
        .collect()
}
