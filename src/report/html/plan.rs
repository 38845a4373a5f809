//! A plan as a page.

use askama::Template;

use super::figure::{Figure, figures};
use super::page::Page;
use super::prose::Prose;
use super::teller::HtmlNotes;
use super::value::{Body, ChangeView, whole};
use crate::model::Commands;
use crate::plan::{Action, Entry, Plan, Warned};
use crate::report::drawing::{ASSUMPTIONS, Flag, Subject, flags};
use crate::report::review::{Group, describe, group};
use crate::report::same_warnings::{SameWarning, same_warnings};
use crate::report::summary_line::to_replace;
use crate::report::{safe_text, summary_line, told_together, value_text};

/// A plan as one page. `refusals` say why it would not be applied.
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
    /// How many changes somebody allowed with --max-changes.
    allowed: Option<u64>,
    protect: Vec<(String, bool)>,
    sections: Vec<PlanSection>,
    /// How many entries are listed.
    listed: usize,
    has_figures: bool,
    assumptions: &'static str,
}

struct KindCount {
    sign: &'static str,
    number: usize,
    what: String,
}

/// A warning, and of which other templates the same is told.
struct PlanNotice {
    text: Prose,
    /// Nothing where it is told of no other.
    others: Option<String>,
    /// What is told of the others, word by word.
    other_texts: Vec<Prose>,
}

/// Everything that is done in one way.
struct PlanSection {
    /// The class of its entries, and what the filter calls it.
    kind: &'static str,
    title: &'static str,
    /// What it means, where that needs a sentence.
    about: &'static str,
    items: Vec<PlanItem>,
}

/// One template, or several that change alike.
struct PlanItem {
    sign: &'static str,
    key: String,
    title: Option<String>,
    place: Option<String>,
    /// What there is to say of it.
    notes: Vec<Prose>,
    changes: Vec<ChangeView>,
    /// Name and value of every attribute, where there is nothing to compare with.
    attributes: Vec<(String, String)>,
    figures: Vec<Figure>,
    /// The other templates of which this is told, too.
    others: Vec<String>,
    /// Whether it is shown unfolded.
    open: bool,
    held: bool,
    /// Whether a drawing has something wrong.
    flagged: bool,
    /// What the search looks at.
    search: String,
}

/// Up to so many entries are unfolded: more would be a page that nobody scrolls through.
const UNFOLDED: usize = 40;
/// So many templates are drawn: a browser does not open a page with many thousand drawings.
const DRAWN: usize = 2000;

type IsInSection = fn(&Action) -> bool;

/// Of warnings that say the same, so many templates are named, and so many texts are there to be unfolded.
const NAMED: usize = 50;
const TEXTS: usize = 1000;

/// The sections in the order in which a reviewer needs them.
const SECTIONS: [(&str, &str, &str, IsInSection); 9] = [
    (
        "in-doubt",
        "In doubt",
        "Sent, and what became of it is not known. It is not sent again until somebody settles it.",
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
        "On the server, and no longer in the configuration. The API cannot delete: somebody has to, by hand.",
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
        let teller = HtmlNotes { plan, commands };
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
                        &teller,
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

/// What certctl says of the state has commands in it; what it says of templates has texts of others.
fn prose(warned: &Warned) -> Prose {
    let prose = if warned.kind.is_none() { Prose::of(&warned.text) } else { Prose::plain(&warned.text) };
    warned.paste.iter().fold(prose, |prose, paste| prose.with_lines(paste))
}

impl PlanNotice {
    fn new(same: &SameWarning<'_>) -> Self {
        let texts = same.others.iter().take(TEXTS).map(|warned| prose(warned));
        Self {
            text: prose(same.first),
            others: told_together::others(same, NAMED).map(|others| safe_text(&others)),
            other_texts: texts.collect(),
        }
    }
}

impl PlanItem {
    fn new(teller: &HtmlNotes<'_>, group: &Group<'_>, open: bool, is_drawn: bool) -> Self {
        let (plan, entry) = (teller.plan, group.first);
        let figures = if is_drawn { figures(plan, entry) } else { Vec::new() };
        let flags = flags_of(plan, group);
        let mut notes = teller.notes(entry);
        // One certificate stands for the others of its group, so what is wrong with those is said in words.
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

/// What is wrong with the drawings of a group, each of its templates looked at.
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

/// What changes, or all there is where there is nothing to compare with.
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

/// What the certificate is called; nothing where those of a group are not all called the same.
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

/// The longest title that the search looks at, in characters.
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
