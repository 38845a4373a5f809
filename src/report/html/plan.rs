//! The page for a plan.

use askama::Template;

use super::figure::{Figure, figures};
use super::notes::HtmlNotes;
use super::page::Page;
use super::prose::Prose;
use super::value::{Body, ChangeView, whole};
use crate::model::Commands;
use crate::plan::{Action, Entry, Plan, Warned};
use crate::report::drawing::{ASSUMPTIONS, Flag, Subject, flags};
use crate::report::review::{Group, describe, group};
use crate::report::same_warnings::{SameWarning, same_warnings};
use crate::report::summary_line::to_replace;
use crate::report::{safe_text, shared_warning, summary_line, value_text};

/// A plan as a page. `refusals` are the reasons why it would not be applied.
pub fn plan(plan: &Plan, refusals: &[String], commands: &dyn Commands) -> Result<String, askama::Error> {
    PlanPage::new(plan, refusals, commands).render()
}

#[derive(Template)]
#[template(path = "html/plan.html")]
struct PlanPage {
    page: Page,
    environment: String,
    url: String,
    verdict: String,
    counts: Vec<KindCount>,
    refusals: Vec<Prose>,
    warnings: Vec<PlanNotice>,
    /// The number of changes that --max-changes allows.
    allowed: Option<u64>,
    protect: Vec<(String, bool)>,
    sections: Vec<PlanSection>,
    /// The number of listed entries.
    listed: usize,
    has_figures: bool,
    assumptions: &'static str,
}

struct KindCount {
    sign: &'static str,
    number: usize,
    what: String,
}

/// A warning, and the other templates with the same warning.
struct PlanNotice {
    text: Prose,
    /// `None` if there are no others.
    others: Option<String>,
    /// The warnings of the others, in full.
    other_texts: Vec<Prose>,
}

/// All entries of one kind.
struct PlanSection {
    /// The CSS class of its entries, also used by the filter.
    kind: &'static str,
    title: &'static str,
    /// An explanation, where the title needs one.
    about: &'static str,
    items: Vec<PlanItem>,
}

/// One template, or several with the same change.
struct PlanItem {
    sign: &'static str,
    key: String,
    title: Option<String>,
    place: Option<String>,
    /// Notes and advice.
    notes: Vec<Prose>,
    changes: Vec<ChangeView>,
    /// Name and value of every attribute, if there is nothing to compare with.
    attributes: Vec<(String, String)>,
    figures: Vec<Figure>,
    /// The other templates with the same change.
    others: Vec<String>,
    /// Whether it is expanded.
    open: bool,
    held: bool,
    /// Whether a drawing has a problem.
    flagged: bool,
    /// The text that the search looks at.
    search: String,
}

/// The limit of entries that are expanded.
const UNFOLDED: usize = 40;
/// The limit of drawings: a browser cannot open a page with many thousands.
const DRAWN: usize = 2000;

type IsInSection = fn(&Action) -> bool;

/// For warnings with the same text: the limits of keys and of texts listed.
const NAMED: usize = 50;
const TEXTS: usize = 1000;

/// The sections in the order in which a reviewer needs them.
const SECTIONS: [(&str, &str, &str, IsInSection); 9] = [
    (
        "in-doubt",
        "In doubt",
        "Sent, and what became of it is not known. It is not sent again until a person settles it.",
        |action| matches!(action, Action::InDoubt { .. }),
    ),
    ("held-back", "Held back", "Different, and not sent before a person decides.", Action::is_held),
    (
        "renamed",
        "Perhaps renamed: do not delete",
        "On the server, and in the configuration perhaps under another key.",
        |action| matches!(action, Action::Orphan { renamed_to: Some(_), .. }),
    ),
    (
        "orphan",
        "Orphaned",
        "On the server, and no longer in the configuration. The API cannot delete: a person has to, in the admin page.",
        |action| matches!(action, Action::Orphan { renamed_to: None, .. }),
    ),
    ("pending", "Pending", "The server is still at work on it.", |action| {
        matches!(action, Action::Pending { .. })
    }),
    (
        "replace",
        "To replace",
        "For another resource or audience now: the server keeps the template it has, and gets a new one.",
        |action| action.replaces() && !action.is_held(),
    ),
    ("update", "To change", "", |action| {
        matches!(action, Action::Update(_)) && !action.replaces() && !action.is_held()
    }),
    ("create", "To add", "", |action| matches!(action, Action::Create(_)) && !action.is_held()),
    (
        "move",
        "To move",
        "Renamed in the YAML (moved): the state follows, and nothing is sent for that.",
        |action| matches!(action, Action::Move { .. }),
    ),
];

impl PlanPage {
    fn new(plan: &Plan, refusals: &[String], commands: &dyn Commands) -> Self {
        let notes_of = HtmlNotes { plan, commands };
        let verdict = summary_line(plan);
        let groups = group(&plan.entries);
        let open = groups.len() <= UNFOLDED;
        let mut drawn = 0;
        let sections: Vec<PlanSection> = SECTIONS
            .into_iter()
            .map(|(kind, title, about, is)| {
                let ours = groups.iter().filter(|group| is(&group.first.action));
                let items = ours.map(|group| {
                    drawn += 1;
                    PlanItem::new(
                        &notes_of,
                        group,
                        open || !matches!(kind, "update" | "create" | "replace" | "move"),
                        drawn <= DRAWN,
                    )
                });
                PlanSection { kind, title, about, items: items.collect() }
            })
            .filter(|section| !section.items.is_empty())
            .collect();
        Self {
            page: Page::new(&verdict),
            environment: safe_text(&plan.environment),
            url: safe_text(&plan.url),
            counts: counts(plan),
            refusals: refusals.iter().map(|refusal| Prose::of(refusal)).collect(),
            warnings: same_warnings(plan.other_warnings()).iter().map(PlanNotice::new).collect(),
            allowed: plan.max_changes,
            protect: plan.protect.iter().map(|(key, protect)| (safe_text(key.as_str()), *protect)).collect(),
            listed: sections.iter().map(|section| section.items.len()).sum(),
            has_figures: sections
                .iter()
                .flat_map(|section| &section.items)
                .any(|item| !item.figures.is_empty()),
            sections,
            assumptions: ASSUMPTIONS,
            verdict,
        }
    }
}

fn counts(plan: &Plan) -> Vec<KindCount> {
    let summary = plan.summary;
    let replace = to_replace(plan);
    let all = [
        ("+", summary.create + summary.replace, "to add"),
        ("-/+", summary.replace, replace.as_str()),
        ("~", summary.update, "to change"),
        ("!", summary.held, "held back"),
        ("!", summary.renamed, "perhaps renamed: do not delete"),
        ("!", summary.to_delete(), "orphaned"),
        ("?", summary.in_doubt, "in doubt"),
        ("?", summary.pending, "pending"),
        (">", summary.r#move, "to move"),
        ("=", summary.unchanged, "unchanged"),
    ];
    all.into_iter()
        .filter(|(_, number, _)| *number > 0)
        .map(|(sign, number, what)| KindCount { sign, number, what: what.to_owned() })
        .collect()
}

/// Warnings about the state contain commands; warnings about templates contain texts of others.
fn prose(warned: &Warned) -> Prose {
    let prose = if warned.kind.is_none() { Prose::of(&warned.text) } else { Prose::plain(&warned.text) };
    warned.paste.iter().fold(prose, |prose, paste| prose.with_lines(paste))
}

impl PlanNotice {
    fn new(same: &SameWarning<'_>) -> Self {
        let texts = same.others.iter().take(TEXTS).map(|warned| prose(warned));
        Self {
            text: prose(same.first),
            others: shared_warning::others(same, NAMED).map(|others| safe_text(&others)),
            other_texts: texts.collect(),
        }
    }
}

impl PlanItem {
    fn new(notes_of: &HtmlNotes<'_>, group: &Group<'_>, open: bool, is_drawn: bool) -> Self {
        let (plan, entry) = (notes_of.plan, group.first);
        let figures = if is_drawn { figures(plan, entry) } else { Vec::new() };
        let flags = flags_of(plan, group);
        let mut notes = notes_of.notes(entry);
        // Only the first certificate of a group is drawn, so problems of the others are written out.
        if !group.others.is_empty() {
            notes.extend(flags.iter().map(|flag| Prose::plain(&format!("The {}.", flag.message))));
        }
        let (changes, attributes) = content(plan, entry);
        let others: Vec<String> = group.others.iter().map(|other| safe_text(other.key.as_str())).collect();
        Self {
            sign: entry.action.sign(),
            key: safe_text(entry.key.as_str()),
            title: title(group),
            place: place(entry),
            notes,
            open,
            held: entry.action.is_held(),
            flagged: !flags.is_empty() || figures.iter().any(|figure| !figure.problems.is_empty()),
            search: search(entry, &changes, &others),
            changes,
            attributes,
            figures,
            others,
        }
    }
}

/// The problems in the drawings of a group; every template is checked.
fn flags_of(plan: &Plan, group: &Group<'_>) -> Vec<Flag> {
    let subjects: Vec<Subject<'_>> = group
        .entries()
        .filter(|entry| entry.action.submission().is_some())
        .filter_map(|entry| {
            let [_, after] = entry.sides();
            Some(Subject { key: &entry.key, attributes: after?, canvas: entry.canvas.as_ref() })
        })
        .collect();
    flags(&subjects, &plan.fields)
}

/// The changes; all attributes if there is nothing to compare with.
fn content(plan: &Plan, entry: &Entry) -> (Vec<ChangeView>, Vec<(String, String)>) {
    let all = |attributes: &crate::model::Attributes| {
        attributes.iter().map(|(name, value)| (safe_text(name), whole(value))).collect()
    };
    match (&entry.action, entry.sides()) {
        (Action::Update(submission), [Some(_), _]) => {
            let shown = describe(&submission.changes, &plan.fields);
            (shown.iter().map(ChangeView::new).collect(), Vec::new())
        }
        (_, [_, Some(attributes)] | [Some(attributes), None]) => (Vec::new(), all(attributes)),
        (_, [None, None]) => (Vec::new(), Vec::new()),
    }
}

/// The title of the certificate; `None` if those of a group differ.
fn title(group: &Group<'_>) -> Option<String> {
    let title = title_of(group.first)?;
    let is_shared = group.others.iter().all(|other| title_of(other) == Some(title));
    is_shared.then(|| value_text::short(Some(&title.into())))
}

fn title_of(entry: &Entry) -> Option<&str> {
    let [before, after] = entry.sides();
    after.or(before)?.title()
}

fn place(entry: &Entry) -> Option<String> {
    let source = entry.source.as_ref()?;
    Some(match source.line {
        0 => safe_text(&source.file),
        line => format!("{}:{line}", safe_text(&source.file)),
    })
}

/// The longest searchable title, in characters.
const SEARCHED: usize = 200;

fn search(entry: &Entry, changes: &[ChangeView], others: &[String]) -> String {
    let titles = entry.sides().into_iter().flatten().filter_map(|side| side.title());
    let mut words = vec![safe_text(entry.key.as_str())];
    words.extend(titles.map(|title| safe_text(&title.chars().take(SEARCHED).collect::<String>())));
    words.extend(place(entry));
    words.extend(changes.iter().map(|change| change.name.clone()));
    words.extend(others.iter().cloned());
    words.dedup();
    words.join(" ").to_lowercase()
}
