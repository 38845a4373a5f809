//! The page for a plan.

use askama::Template;

use super::figure::{Figure, figures};
use super::notice::{NoticeBox, boxes};
use super::page::Page;
use super::prose::Prose;
use super::value::{Body, ChangeView, whole};
use crate::model::Commands;
use crate::report::drawing::{ASSUMPTIONS, Flag, Subject, flags};
use crate::report::prose::words_text;
use crate::report::{safe_text, value_text};
use crate::view::{ItemContents, Note, PROTECTION, PlanItem, PlanView, Section, SectionCount, Words};

/// A plan as a page.
pub fn plan(view: &PlanView<'_>, commands: &dyn Commands) -> Result<String, askama::Error> {
    PlanPage::new(view, commands).render()
}

#[derive(Template)]
#[template(path = "html/plan.html")]
struct PlanPage<'v> {
    page: Page,
    environment: String,
    url: String,
    verdict: String,
    counts: &'v [SectionCount],
    notices: Vec<NoticeBox>,
    /// The number of changes that a person allowed.
    allowed: Option<String>,
    protection: &'static Section,
    protect: Vec<String>,
    sections: Vec<PlanSection>,
    /// The number of listed items.
    listed: usize,
    has_figures: bool,
    assumptions: &'static str,
}

/// All items of one kind.
struct PlanSection {
    section: &'static Section,
    items: Vec<ItemCard>,
}

/// One template, or several with the same change.
struct ItemCard {
    sign: &'static str,
    key: String,
    title: Option<String>,
    operation: Option<String>,
    place: Option<String>,
    /// Notes and advice.
    notes: Vec<Prose>,
    changes: Vec<ChangeView>,
    /// Name and value of every attribute, if there is nothing to compare with.
    attributes: Vec<(String, String)>,
    figures: Vec<Figure>,
    /// That other templates have the same change, and which.
    same: Option<String>,
    others: Vec<String>,
    /// Whether it is expanded.
    open: bool,
    /// Whether a drawing has a problem.
    flagged: bool,
    /// The text that the search looks at.
    search: String,
}

/// The limit of items that are expanded.
const UNFOLDED: usize = 40;
/// The limit of drawings: a browser cannot open a page with many thousands.
const DRAWN: usize = 2000;
/// The longest searchable title, in characters.
const SEARCHED: usize = 200;

impl<'v> PlanPage<'v> {
    fn new(view: &'v PlanView<'_>, commands: &dyn Commands) -> Self {
        let sections: Vec<(&'static Section, Vec<PlanItem<'_>>)> = view.sections().collect();
        let listed = sections.iter().map(|(_, items)| items.len()).sum();
        let mut drawn = 0;
        let mut card = |item: &PlanItem<'_>| {
            drawn += 1;
            let open = listed <= UNFOLDED || item.section.needs_attention;
            ItemCard::new(item, open, drawn <= DRAWN, commands)
        };
        let sections: Vec<PlanSection> = sections
            .iter()
            .map(|(section, items)| PlanSection { section, items: items.iter().map(&mut card).collect() })
            .collect();
        let mut notices = boxes(&view.refusals, true, commands);
        notices.extend(boxes(&view.warnings(), false, commands));
        let words = |words: &Words| words_text(words, commands);
        let verdict = words(&view.verdict);
        let cards = || sections.iter().flat_map(|section| &section.items);
        Self {
            page: Page::new(&verdict),
            environment: safe_text(view.environment),
            url: safe_text(view.url),
            counts: &view.counts,
            notices,
            allowed: view.allowed.as_ref().map(words),
            protection: &PROTECTION,
            protect: view.protection().map(|change| words(&change.words)).collect(),
            listed,
            has_figures: cards().any(|card| !card.figures.is_empty()),
            sections,
            assumptions: ASSUMPTIONS,
            verdict,
        }
    }
}

impl ItemCard {
    fn new(item: &PlanItem<'_>, open: bool, is_drawn: bool, commands: &dyn Commands) -> Self {
        let figures = if is_drawn { figures(item) } else { Vec::new() };
        let flags = flags_of(item);
        let mut notes = item.notes.clone();
        // Only the first certificate of several is drawn, so problems of the others are written out.
        if !item.others.is_empty() {
            let words = |flag: &Flag| Note::of(Words::own("the ").quoting(&flag.message));
            notes.extend(flags.iter().map(words));
        }
        let (changes, attributes) = match item.contents() {
            ItemContents::Changes(changes) => (changes.iter().map(ChangeView::new).collect(), Vec::new()),
            ItemContents::Attributes(attributes) => {
                let pair = |(name, value)| (safe_text(name), whole(value));
                (Vec::new(), attributes.iter().map(pair).collect())
            }
            ItemContents::Nothing => (Vec::new(), Vec::new()),
        };
        let others: Vec<String> = item.others.iter().map(|key| safe_text(key.as_str())).collect();
        Self {
            sign: item.sign,
            key: safe_text(item.key.as_str()),
            title: item.title.map(value_text::short_text),
            operation: item.operation_below_heading().map(|words| words_text(words, commands)),
            place: item.place.as_deref().map(safe_text),
            notes: notes.iter().map(|note| Prose::of(note, commands)).collect(),
            open,
            flagged: !flags.is_empty() || figures.iter().any(|figure| !figure.problems.is_empty()),
            search: search(item, &changes, &others),
            changes,
            attributes,
            figures,
            same: item.same_on_others(),
            others,
        }
    }
}

/// The problems in the drawings of an item; every template is checked.
fn flags_of(item: &PlanItem<'_>) -> Vec<Flag> {
    let subjects: Vec<Subject<'_>> =
        item.submitted().map(|(key, attributes, canvas)| Subject { key, attributes, canvas }).collect();
    flags(&subjects, item.fields())
}

fn search(item: &PlanItem<'_>, changes: &[ChangeView], others: &[String]) -> String {
    let mut words = vec![safe_text(item.key.as_str())];
    words.extend(item.titles().map(|title| safe_text(&title.chars().take(SEARCHED).collect::<String>())));
    words.extend(item.place.as_deref().map(safe_text));
    words.extend(changes.iter().map(|change| change.name.clone()));
    words.extend(others.iter().cloned());
    words.dedup();
    words.join(" ").to_lowercase()
}
