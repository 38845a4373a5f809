//! The page for a plan, for the result of an apply, and for a comparison of server and state.

use askama::Template;

use super::figure::{Figure, figures};
use super::finding::ShownFinding;
use super::notice::{NoticeBox, boxes};
use super::page::Page;
use super::prose::Prose;
use super::value::{Body, ChangeView, whole};
use crate::model::Commands;
use crate::report::drawing::{ASSUMPTIONS, Flag, Subject, flags};
use crate::report::prose::words_text;
use crate::report::{safe_text, value_text};
use crate::view::{
    DrawnItem, DriftView, ItemContents, Note, PROTECTION, PlanView, ReportItem, RunView, Section,
    SectionCount, Words,
};

/// A plan as a page.
pub fn plan(view: &PlanView<'_>, commands: &dyn Commands) -> Result<String, askama::Error> {
    let page = ReportPage::new("plan for", &view.verdict, [view.environment, view.url], commands);
    let mut notices = boxes(&view.refusals, true, commands);
    notices.extend(boxes(&view.warnings(false, true), false, commands));
    let protection = view.protection().map(|change| words_text(&change.words, commands)).collect();
    let lists = LineList::of(&PROTECTION, protection, false);
    ReportPage { counts: &view.counts, notices, lists, ..page }
        .with_remarks(&view.remarks, commands)
        .with_sections(&view.sections().collect::<Vec<_>>(), commands)
        .render()
}

/// A result as a page.
pub fn run(view: &RunView<'_>, commands: &dyn Commands) -> Result<String, askama::Error> {
    let page = ReportPage::new("apply to", &view.verdict, [view.environment, view.url], commands);
    let mut notices = boxes(&view.stopped, true, commands);
    notices.extend(boxes(&view.warnings, false, commands));
    ReportPage { notices, afterwards: boxes(&view.left_behind, false, commands), ..page }
        .with_remarks(&view.remarks, commands)
        .with_sections(&view.sections().collect::<Vec<_>>(), commands)
        .render()
}

/// A comparison of server and state as a page.
pub fn drift(view: &DriftView<'_>, commands: &dyn Commands) -> Result<String, askama::Error> {
    let context = &view.context;
    let page = ReportPage::new("drift for", &view.verdict, [context.environment, context.url], commands);
    let notices = boxes(&view.warnings, false, commands);
    let (section, unmanaged) = view.unmanaged();
    let mut lines: Vec<String> = unmanaged.take(LISTED).map(|words| words_text(&words, commands)).collect();
    let more = view.unmanaged_templates().len() - lines.len();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    let findings = context.findings.iter().take(LISTED).map(ShownFinding::new).collect();
    ReportPage { counts: &view.counts, notices, lists: LineList::of(section, lines, true), findings, ..page }
        .with_remarks(&view.remarks, commands)
        .with_sections(&view.sections(), commands)
        .render()
}

#[derive(Template)]
#[template(path = "html/report.html")]
struct ReportPage<'v> {
    page: Page,
    command: &'static str,
    environment: String,
    url: String,
    verdict: String,
    counts: &'v [SectionCount],
    notices: Vec<NoticeBox>,
    remarks: Vec<Prose>,
    /// What is left to do.
    afterwards: Vec<NoticeBox>,
    sections: Vec<CardSection>,
    /// What is told in one line each.
    lists: Vec<LineList>,
    findings: Vec<ShownFinding>,
    /// The number of listed items.
    listed: usize,
    has_figures: bool,
    assumptions: &'static str,
}

/// All items of one kind.
struct CardSection {
    section: &'static Section,
    items: Vec<ItemCard>,
}

/// A section whose items are lines.
struct LineList {
    section: &'static Section,
    lines: Vec<String>,
    /// Whether it says what the section means.
    is_explained: bool,
}

impl LineList {
    /// The list, if it has lines.
    fn of(section: &'static Section, lines: Vec<String>, is_explained: bool) -> Vec<Self> {
        if lines.is_empty() { Vec::new() } else { vec![Self { section, lines, is_explained }] }
    }
}

/// One template, or several with the same change.
struct ItemCard {
    sign: &'static str,
    key: String,
    title: Option<String>,
    operation: Option<String>,
    id: Option<String>,
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
/// The limit of lines in a list.
const LISTED: usize = 2000;
/// The longest searchable title, in characters.
const SEARCHED: usize = 200;

impl ReportPage<'_> {
    fn new(
        command: &'static str,
        verdict: &Words,
        [environment, url]: [&str; 2],
        commands: &dyn Commands,
    ) -> Self {
        let verdict = words_text(verdict, commands);
        Self {
            page: Page::new(&verdict),
            command,
            environment: safe_text(environment),
            url: safe_text(url),
            verdict,
            counts: &[],
            notices: Vec::new(),
            remarks: Vec::new(),
            afterwards: Vec::new(),
            sections: Vec::new(),
            lists: Vec::new(),
            findings: Vec::new(),
            listed: 0,
            has_figures: false,
            assumptions: ASSUMPTIONS,
        }
    }

    fn with_remarks(self, remarks: &[Note], commands: &dyn Commands) -> Self {
        Self { remarks: remarks.iter().map(|note| Prose::of(note, commands)).collect(), ..self }
    }

    fn with_sections(
        self,
        sections: &[(&'static Section, Vec<ReportItem<'_>>)],
        commands: &dyn Commands,
    ) -> Self {
        let listed = sections.iter().map(|(_, items)| items.len()).sum();
        let mut drawn = 0;
        let mut card = |item: &ReportItem<'_>| {
            drawn += 1;
            let open = listed <= UNFOLDED || item.section.needs_attention;
            ItemCard::new(item, open, drawn <= DRAWN, commands)
        };
        let sections: Vec<CardSection> = sections
            .iter()
            .map(|(section, items)| CardSection { section, items: items.iter().map(&mut card).collect() })
            .collect();
        let mut cards = sections.iter().flat_map(|section| &section.items);
        Self { listed, has_figures: cards.any(|card| !card.figures.is_empty()), sections, ..self }
    }
}

impl ItemCard {
    fn new(item: &ReportItem<'_>, open: bool, is_drawn: bool, commands: &dyn Commands) -> Self {
        let drawn = item.drawn();
        let figures =
            drawn.iter().filter(|_| is_drawn).flat_map(|drawn| figures(item, drawn)).collect::<Vec<_>>();
        let flags = drawn.as_ref().map(flags_of).unwrap_or_default();
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
            operation: item.has_more_to_say.then(|| words_text(&item.operation, commands)),
            id: item.id.map(|id| safe_text(id.as_str())),
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
fn flags_of(drawn: &DrawnItem<'_>) -> Vec<Flag> {
    let subject = |&(key, attributes, canvas): &_| Subject { key, attributes, canvas };
    let subjects: Vec<Subject<'_>> = drawn.submitted.iter().map(subject).collect();
    flags(&subjects, drawn.fields)
}

fn search(item: &ReportItem<'_>, changes: &[ChangeView], others: &[String]) -> String {
    let mut words = vec![safe_text(item.key.as_str())];
    words.extend(item.titles().map(|title| safe_text(&title.chars().take(SEARCHED).collect::<String>())));
    words.extend(item.place.as_deref().map(safe_text));
    words.extend(changes.iter().map(|change| change.name.clone()));
    words.extend(others.iter().cloned());
    words.dedup();
    words.join(" ").to_lowercase()
}
