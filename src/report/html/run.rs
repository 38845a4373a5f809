//! The page for the result of an apply.

use askama::Template;

use super::notice::{NoticeBox, boxes};
use super::page::Page;
use super::prose::Prose;
use crate::model::Commands;
use crate::report::prose::words_text;
use crate::report::{safe_text, value_text};
use crate::view::{RunItem, RunView, Section};

/// A result as a page.
pub fn run(view: &RunView<'_>, commands: &dyn Commands) -> Result<String, askama::Error> {
    RunPage::new(view, commands).render()
}

#[derive(Template)]
#[template(path = "html/run.html")]
struct RunPage {
    page: Page,
    environment: String,
    url: String,
    verdict: String,
    notices: Vec<NoticeBox>,
    remarks: Vec<Prose>,
    left_behind: Vec<NoticeBox>,
    sections: Vec<RunSection>,
}

struct RunSection {
    section: &'static Section,
    items: Vec<RowLine>,
}

struct RowLine {
    sign: &'static str,
    key: String,
    title: Option<String>,
    /// The old key, if it was moved.
    moved: Option<String>,
    id: Option<String>,
    why: Option<Prose>,
    search: String,
}

impl RunPage {
    fn new(view: &RunView<'_>, commands: &dyn Commands) -> Self {
        let verdict = words_text(&view.verdict, commands);
        let mut notices = boxes(&view.stopped, true, commands);
        notices.extend(boxes(&view.warnings, false, commands));
        let line = |item: &RunItem<'_>| RowLine::new(item, commands);
        let section = |(section, items): (&'static Section, Vec<RunItem<'_>>)| RunSection {
            section,
            items: items.iter().map(line).collect(),
        };
        Self {
            page: Page::new(&format!("{verdict} {}", view.environment)),
            environment: safe_text(view.environment),
            url: safe_text(view.url),
            verdict,
            notices,
            remarks: view.remarks.iter().map(|note| Prose::of(note, commands)).collect(),
            left_behind: boxes(&view.left_behind, false, commands),
            sections: view.sections().map(section).collect(),
        }
    }
}

impl RowLine {
    fn new(item: &RunItem<'_>, commands: &dyn Commands) -> Self {
        let key = safe_text(item.key.as_str());
        let title = item.title.map(value_text::short_text);
        Self {
            sign: item.sign,
            search: format!("{key} {}", title.as_deref().unwrap_or_default()).to_lowercase(),
            key,
            title,
            moved: item.is_moved.then(|| words_text(&item.outcome, commands)),
            id: item.id.map(|id| safe_text(id.as_str())),
            why: (!item.why.is_empty()).then(|| Prose::of(&item.why, commands)),
        }
    }
}
