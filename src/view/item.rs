//! What a plan says of one template, or of several with the same change.

use super::change::{DescribedChange, describe};
use super::group::Group;
use super::notice::counted;
use super::section::{self, Section};
use super::{Note, Words, item_notes};
use crate::model::{Attributes, Canvas, CertificateField, Key};
use crate::plan::{Action, Entry, Plan};

/// One template, or several with the same change.
#[derive(Clone, Debug)]
pub struct PlanItem<'p> {
    /// The section that it belongs to.
    pub section: &'static Section,
    /// The sign of what would be done.
    pub sign: &'static str,
    /// The template; the first, if there are several.
    pub key: &'p Key,
    /// The other templates with the same change.
    pub others: Vec<&'p Key>,
    /// The title of the certificate; `None` if it is not known, or if those of several templates differ.
    pub title: Option<&'p str>,
    /// What would be done.
    pub operation: Words,
    /// Where the template is in the configuration: `templates/cloud.yaml:12`.
    pub place: Option<String>,
    /// Reasons and advice, in order.
    pub notes: Vec<Note>,
    /// Whether a request would be sent for it, now or once it is no longer held back.
    pub is_submission: bool,
    plan: &'p Plan,
    entries: Group<'p, Entry>,
}

/// What there is to see of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemContents<'p> {
    /// The differences from what the server holds.
    Changes(Vec<DescribedChange>),
    /// All attributes, because there is nothing to compare them with.
    Attributes(&'p Attributes),
    /// Nothing is known of it.
    Nothing,
}

/// The certificates to draw for a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ItemSides<'p> {
    /// Before and after.
    Both(&'p Attributes, &'p Attributes),
    /// One, with its caption.
    One(&'static str, &'p Attributes),
    /// None.
    Neither,
}

impl<'p> PlanItem<'p> {
    pub(super) fn new(plan: &'p Plan, entries: Group<'p, Entry>) -> Self {
        let entry = entries.first;
        Self {
            section: section::of_entry(entry),
            sign: entry.action.sign(),
            key: &entry.key,
            others: entries.others.iter().map(|other| &other.key).collect(),
            title: shared_title(&entries),
            operation: operation(entry),
            place: place(entry),
            notes: item_notes::of(plan, entry),
            is_submission: entry.action.submission().is_some(),
            plan,
            entries,
        }
    }

    /// Whether it is held back.
    pub fn is_held(&self) -> bool {
        self.entries.first.action.is_held()
    }

    /// The operation, where a heading does not say it already.
    pub fn operation_below_heading(&self) -> Option<&Words> {
        let is_unsaid = self.is_held() || matches!(self.entries.first.action, Action::Move { .. });
        is_unsaid.then_some(&self.operation)
    }

    /// That other templates have the same change, if they have.
    pub fn same_on_others(&self) -> Option<String> {
        same_on(self.others.len())
    }

    /// What there is to see. Computed with every call, because the differences of long texts are large.
    pub fn contents(&self) -> ItemContents<'p> {
        let entry = self.entries.first;
        match (&entry.action, entry.sides()) {
            (Action::Update(submission), [Some(_), _]) => {
                ItemContents::Changes(describe(&submission.changes, &self.plan.fields))
            }
            (_, [_, Some(attributes)] | [Some(attributes), None]) => ItemContents::Attributes(attributes),
            (_, [None, None]) => ItemContents::Nothing,
        }
    }

    /// The names of the attributes that change, without their differences.
    pub fn changed_attributes(&self) -> Vec<&'p str> {
        let entry = self.entries.first;
        let submission = entry.action.submission().filter(|submission| submission.before.is_some());
        let mut names: Vec<&str> =
            submission.iter().flat_map(|one| &one.changes).map(|change| change.path.attribute()).collect();
        // The changes are sorted by their paths.
        names.dedup();
        names
    }

    /// The one thing to say of it on one line, beside the names of attributes that change.
    pub fn in_short(&self) -> Option<Words> {
        match &self.entries.first.action {
            Action::InDoubt { reason, .. } => Some(Words::text(reason.as_str())),
            Action::Update(submission) if submission.before.is_some() => None,
            Action::Update(submission) => Some(item_notes::not_known(&submission.after)),
            Action::Create(_) | Action::Orphan { .. } => Some(Words::default().title(self.first_title()?)),
            Action::Pending { .. } | Action::Move { .. } => None,
        }
    }

    /// The titles before and after.
    pub fn titles(&self) -> impl Iterator<Item = &'p str> {
        self.entries.first.sides().into_iter().flatten().filter_map(Attributes::title)
    }

    /// The certificates to draw.
    pub fn sides(&self) -> ItemSides<'p> {
        let entry = self.entries.first;
        match (&entry.action, entry.sides()) {
            (Action::Create(_), [_, Some(after)]) | (Action::Update(_), [None, Some(after)]) => {
                ItemSides::One("After", after)
            }
            (Action::Update(_) | Action::InDoubt { .. }, [Some(before), Some(after)]) => {
                ItemSides::Both(before, after)
            }
            (Action::InDoubt { .. } | Action::Pending { .. }, [_, Some(after)]) => {
                ItemSides::One("What was sent", after)
            }
            (Action::Orphan { .. }, [Some(before), _]) => ItemSides::One("On the server", before),
            _ => ItemSides::Neither,
        }
    }

    /// The size of the sheet that it is drawn on.
    pub fn canvas(&self) -> Option<&'p Canvas> {
        self.entries.first.canvas.as_ref()
    }

    /// The certificate fields that its labels print, by id in lower case.
    pub fn fields(&self) -> &'p std::collections::BTreeMap<String, CertificateField> {
        &self.plan.fields
    }

    /// Every template of it that would be sent: its key, its attributes and its sheet.
    pub fn submitted(&self) -> impl Iterator<Item = (&'p Key, &'p Attributes, Option<&'p Canvas>)> {
        let submissions = self.entries.all().filter(|entry| entry.action.submission().is_some());
        submissions.filter_map(|entry| {
            let [_, after] = entry.sides();
            Some((&entry.key, after?, entry.canvas.as_ref()))
        })
    }

    fn first_title(&self) -> Option<&'p str> {
        title(self.entries.first)
    }
}

/// `the same on 3 other templates`.
pub(super) fn same_on(others: usize) -> Option<String> {
    (others > 0).then(|| format!("the same on {}", counted(others, "other template")))
}

fn title(entry: &Entry) -> Option<&str> {
    let [before, after] = entry.sides();
    after.or(before)?.title()
}

fn shared_title<'p>(entries: &Group<'p, Entry>) -> Option<&'p str> {
    let first = title(entries.first)?;
    entries.others.iter().all(|other| title(other) == Some(first)).then_some(first)
}

fn operation(entry: &Entry) -> Words {
    let words = match &entry.action {
        Action::Create(_) => "create",
        Action::Update(_) if entry.action.replaces() => "replace",
        Action::Update(_) => "update",
        Action::Orphan { renamed_to: Some(_), .. } => "perhaps renamed: do not delete it",
        Action::Orphan { renamed_to: None, .. } => "orphan",
        Action::Pending { .. } => "pending",
        Action::InDoubt { .. } => "in doubt",
        Action::Move { from } => return moved(Some(from)),
    };
    if entry.action.is_held() { Words::own(words).and(", held back") } else { Words::own(words) }
}

/// `moved, was cloud-100`.
pub(super) fn moved(from: Option<&Key>) -> Words {
    match from {
        Some(from) => Words::own("moved, was ").key(from),
        None => Words::own("moved"),
    }
}

fn place(entry: &Entry) -> Option<String> {
    let source = entry.source.as_ref()?;
    Some(match source.line {
        0 => source.file.clone(),
        line => format!("{}:{line}", source.file),
    })
}
