//! A plan as a page.

use std::collections::BTreeMap;

use askama::Template;

use super::figure::{Figure, figures};
use super::page::Page;
use super::value::{Body, ChangeView, whole};
use crate::model::{Advice, Commands, Key, moved_entry};
use crate::plan::{Action, Entry, Plan, Submission};
use crate::report::drawing::{ASSUMPTIONS, Flag, Subject, flags};
use crate::report::review::{Group, describe, group};
use crate::report::{safe_text, summary_line};

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
    counts: Vec<Count>,
    refusals: Vec<String>,
    warnings: Vec<String>,
    /// How many changes somebody allowed with --max-changes.
    allowed: Option<u64>,
    protect: Vec<(String, bool)>,
    sections: Vec<Section>,
    /// How many entries are listed.
    listed: usize,
    has_figures: bool,
    assumptions: &'static str,
}

struct Count {
    sign: &'static str,
    number: usize,
    what: &'static str,
}

/// Everything that is done in one way.
struct Section {
    /// The class of its entries, and what the filter calls it.
    kind: &'static str,
    title: &'static str,
    /// What it means, where that needs a sentence.
    about: &'static str,
    items: Vec<Item>,
}

/// One template, or several that change alike.
struct Item {
    sign: &'static str,
    key: String,
    place: Option<String>,
    /// What there is to say of it.
    notes: Vec<String>,
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

type Is = fn(&Action) -> bool;

/// The sections in the order in which a reviewer needs them.
const SECTIONS: [(&str, &str, &str, Is); 7] = [
    (
        "in-doubt",
        "In doubt",
        "Sent, and what became of it is not known. It is not sent again until somebody settles it.",
        |action| matches!(action, Action::InDoubt { .. }),
    ),
    (
        "orphan",
        "Orphaned",
        "On the server, and no longer in the configuration. The API cannot delete: somebody has to, by hand.",
        |action| matches!(action, Action::Orphan { .. }),
    ),
    ("pending", "Pending", "The server is still at work on it.", |action| {
        matches!(action, Action::Pending { .. })
    }),
    (
        "replace",
        "To replace",
        "For another resource or audience now: the server keeps the template it has, and gets a new one.",
        Action::replaces,
    ),
    ("update", "To change", "", |action| matches!(action, Action::Update(_)) && !action.replaces()),
    ("create", "To add", "", |action| matches!(action, Action::Create(_))),
    ("move", "To get another key", "Nothing is sent for these.", |action| {
        matches!(action, Action::Move { .. })
    }),
];

impl PlanPage {
    fn new(plan: &Plan, refusals: &[String], commands: &dyn Commands) -> Self {
        let teller = Teller { plan, renamed: plan.renamed(), commands };
        let verdict = summary_line(plan);
        let open = plan.entries.len() <= UNFOLDED;
        let groups = group(&plan.entries);
        let mut drawn = 0;
        let sections: Vec<Section> = SECTIONS
            .into_iter()
            .map(|(kind, title, about, is)| {
                let ours = groups.iter().filter(|group| is(&group.first.action));
                let items = ours.map(|group| {
                    drawn += 1;
                    Item::new(
                        &teller,
                        group,
                        open || !matches!(kind, "update" | "create" | "replace" | "move"),
                        drawn <= DRAWN,
                    )
                });
                Section { kind, title, about, items: items.collect() }
            })
            .filter(|section| !section.items.is_empty())
            .collect();
        let lines = |texts: &[String]| texts.iter().map(|text| lines(text)).collect();
        Self {
            page: Page::new(&verdict),
            environment: safe_text(&plan.environment),
            url: safe_text(&plan.url),
            counts: counts(plan),
            refusals: lines(refusals),
            warnings: plan.other_warnings().map(self::lines).collect(),
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

fn counts(plan: &Plan) -> Vec<Count> {
    let summary = plan.summary;
    let all = [
        ("+", summary.create + summary.replace, "to add"),
        ("-/+", summary.replace, "of these to replace another"),
        ("~", summary.update, "to change"),
        ("!", summary.held, "held back"),
        ("!", summary.orphan, "orphaned"),
        ("?", summary.in_doubt, "in doubt"),
        ("?", summary.pending, "pending"),
        (">", summary.r#move, "to get another key"),
        ("=", summary.unchanged, "unchanged"),
    ];
    all.into_iter()
        .filter(|(_, number, _)| *number > 0)
        .map(|(sign, number, what)| Count { sign, number, what })
        .collect()
}

impl Item {
    fn new(teller: &Teller<'_>, group: &Group<'_>, open: bool, is_drawn: bool) -> Self {
        let (plan, entry) = (teller.plan, group.first);
        let figures = if is_drawn { figures(plan, entry) } else { Vec::new() };
        let flags = flags_of(plan, group);
        let mut notes = teller.notes(entry);
        // One certificate stands for the others of its group, so what is wrong with those is said in words.
        if !group.others.is_empty() {
            notes.extend(flags.iter().map(|flag| format!("The {}.", safe_text(&flag.message))));
        }
        let (changes, attributes) = content(plan, entry);
        let others: Vec<String> = group.others.iter().map(|other| safe_text(other.key.as_str())).collect();
        let held = entry.action.submission().is_some_and(|submission| submission.held.is_some());
        Self {
            sign: entry.action.sign(),
            key: safe_text(entry.key.as_str()),
            place: place(entry),
            notes,
            open,
            held,
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
        (Action::Update(submission), _) => {
            let shown = describe(&submission.changes, &plan.fields);
            (shown.iter().map(ChangeView::new).collect(), Vec::new())
        }
        (_, [_, Some(attributes)] | [Some(attributes), None]) => (Vec::new(), all(attributes)),
        (_, [None, None]) => (Vec::new(), Vec::new()),
    }
}

fn place(entry: &Entry) -> Option<String> {
    let source = entry.source.as_ref()?;
    Some(match source.line {
        0 => safe_text(&source.file),
        line => format!("{}:{line}", safe_text(&source.file)),
    })
}

/// Tells of templates, and with which commands.
struct Teller<'p> {
    plan: &'p Plan,
    /// Orphans that a new template explains.
    renamed: BTreeMap<&'p Key, &'p Key>,
    commands: &'p dyn Commands,
}

impl Teller<'_> {
    /// What there is to say of a template beside what changes.
    fn notes(&self, entry: &Entry) -> Vec<String> {
        let mut notes = match &entry.action {
            Action::Create(submission) | Action::Update(submission) => self.of_submission(entry, submission),
            Action::Orphan { protect, .. } => {
                let mut notes = vec![self.of_orphan(entry)];
                if *protect {
                    notes.push("It is protected.".to_owned());
                }
                notes
            }
            Action::Pending { job, .. } => {
                vec![format!(
                    "The server's job {} has not ended; the next apply asks for it.",
                    safe_text(job)
                )]
            }
            Action::InDoubt { reason, .. } => {
                let recover = self.commands.command(&Advice::Recover { keys: vec![entry.key.clone()] });
                vec![lines(reason), format!("To settle it: {recover}")]
            }
            Action::Move { from } => vec![format!("Its key was {}.", safe_text(from.as_str()))],
        };
        notes.extend(entry.last_error.as_deref().map(|error| lines(&format!("Failed last time: {error}"))));
        notes
    }

    fn of_submission(&self, entry: &Entry, submission: &Submission) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(held) = &submission.held {
            notes.push(lines(&held.help(entry).below(&held.why(&entry.key), self.commands)));
        }
        if submission.resend {
            notes
                .push("Everything is sent again: what became of an earlier attempt is not known.".to_owned());
        }
        notes
    }

    fn of_orphan(&self, entry: &Entry) -> String {
        if let Some(to) = self.renamed.get(&entry.key) {
            return lines(&format!(
                "It has the key {to} now, as it seems. To keep it one template, write this into the YAML:\nmoved:\n  - {}",
                moved_entry(entry.key.as_str(), to.as_str())
            ));
        }
        let id = entry.id.as_ref().map(|id| format!(" (id {})", safe_text(id.as_str()))).unwrap_or_default();
        let forget = self.commands.command(&Advice::StateRm { keys: vec![entry.key.clone()] });
        format!("Delete it{id} in the admin page, then run: {forget}")
    }
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

/// A text with its line breaks kept.
pub(super) fn lines(text: &str) -> String {
    text.split('\n').map(safe_text).collect::<Vec<_>>().join("\n")
}
