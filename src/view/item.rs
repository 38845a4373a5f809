//! What a report says of one template, or of several that are alike.

use std::collections::BTreeMap;

use super::change::{DescribedChange, describe};
use super::drifted_sides::DriftedSides;
use super::group::Group;
use super::notice::counted;
use super::section::{self, Section};
use super::{Note, Words, item_notes};
use crate::model::{Attributes, Canvas, CertificateField, Key, TemplateId};
use crate::plan::{Action, Entry, Plan};

/// One template, or several that are alike.
#[derive(Clone, Debug)]
pub struct ReportItem<'v> {
    /// The section that it belongs to.
    pub section: &'static Section,
    /// The sign of what would be done or was done.
    pub sign: &'static str,
    /// The template; the first, if there are several.
    pub key: &'v Key,
    /// The others.
    pub others: Vec<&'v Key>,
    /// The title of the certificate; `None` if it is not known, or if those of several templates differ.
    pub title: Option<&'v str>,
    /// What would be done or was done: `create, held back`, `moved, was cloud-100`.
    pub operation: Words,
    /// Whether `operation` says more than the heading of the section.
    pub has_more_to_say: bool,
    /// The vendor's id, if that is news.
    pub id: Option<&'v TemplateId>,
    /// Where the template is in the configuration: `templates/cloud.yaml:12`.
    pub place: Option<String>,
    /// Reasons and advice, in order.
    pub notes: Vec<Note>,
    /// What there is to see of it.
    pub(super) basis: ItemBasis<'v>,
}

/// What an item is made from.
#[derive(Clone, Debug)]
pub(super) enum ItemBasis<'v> {
    /// Entries of a plan.
    Planned(&'v Plan, Group<'v, Entry>),
    /// A difference between state and server.
    Drifted(DriftedSides<'v>),
    /// Nothing but what is said of it.
    Nothing,
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

/// What there is to draw of a template.
#[derive(Clone, Debug)]
pub struct DrawnItem<'v> {
    /// The certificates.
    pub sides: ItemSides<'v>,
    /// The size of the sheet.
    pub canvas: Option<&'v Canvas>,
    /// The certificate fields that labels print, by id in lower case.
    pub fields: &'v BTreeMap<String, CertificateField>,
    /// The captions of the two sides.
    pub captions: [&'static str; 2],
    /// Every template that would be sent, with its sheet.
    pub submitted: Vec<(&'v Key, &'v Attributes, Option<&'v Canvas>)>,
}

/// The certificates to draw for a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ItemSides<'v> {
    /// Before and after.
    Both(&'v Attributes, &'v Attributes),
    /// One, with its caption.
    One(&'static str, &'v Attributes),
    /// None.
    Neither,
}

impl<'v> ReportItem<'v> {
    pub(super) fn planned(plan: &'v Plan, entries: Group<'v, Entry>) -> Self {
        let entry = entries.first;
        let action = &entry.action;
        Self {
            section: section::of_entry(entry),
            sign: action.sign(),
            key: &entry.key,
            others: entries.others.iter().map(|other| &other.key).collect(),
            title: shared_title(&entries),
            operation: operation(entry),
            has_more_to_say: action.is_held() || matches!(action, Action::Move { .. }),
            id: None,
            place: place(entry),
            notes: item_notes::of(plan, entry),
            basis: ItemBasis::Planned(plan, entries),
        }
    }

    /// That others are like it, if there are any.
    pub fn same_on_others(&self) -> Option<String> {
        let others = self.others.len();
        (others > 0).then(|| format!("the same on {}", counted(others, "other template")))
    }

    /// Whether it is held back.
    pub fn is_held(&self) -> bool {
        self.entry().is_some_and(|entry| entry.action.is_held())
    }

    /// Whether a request would be sent for it, now or once it is no longer held back.
    pub fn is_submission(&self) -> bool {
        self.entry().is_some_and(|entry| entry.action.submission().is_some())
    }

    /// What there is to see. Computed with every call, because the differences of long texts are large.
    pub fn contents(&self) -> ItemContents<'v> {
        let (plan, entries) = match &self.basis {
            ItemBasis::Planned(plan, entries) => (plan, entries),
            ItemBasis::Drifted(sides) => return ItemContents::Changes(sides.changes()),
            ItemBasis::Nothing => return ItemContents::Nothing,
        };
        match (&entries.first.action, entries.first.sides()) {
            (Action::Update(submission), [Some(_), _]) => {
                ItemContents::Changes(describe(&submission.changes, &submission.unknown, &plan.fields))
            }
            (_, [_, Some(attributes)] | [Some(attributes), None]) => ItemContents::Attributes(attributes),
            (_, [None, None]) => ItemContents::Nothing,
        }
    }

    /// The names of the attributes that change, without their differences.
    pub fn changed_attributes(&self) -> Vec<&'v str> {
        let submission = self.entry().and_then(|entry| entry.action.submission());
        let planned = submission.filter(|one| one.before.is_some()).map_or(&[][..], |one| &one.changes);
        let changes = if let ItemBasis::Drifted(sides) = &self.basis { sides.changes } else { planned };
        let mut names: Vec<&str> = changes.iter().map(|change| change.path.attribute()).collect();
        // The changes are sorted by their paths.
        names.dedup();
        names
    }

    /// The one thing to say of it on one line; `None` where that is the attributes that change.
    pub fn in_short(&self) -> Option<Words> {
        match &self.entry()?.action {
            Action::InDoubt { reason, .. } => Some(Words::text(reason.as_str())),
            Action::Update(submission) if submission.before.is_some() => None,
            Action::Update(submission) => Some(item_notes::not_known(&submission.after)),
            Action::Create(_) | Action::Orphan { .. } | Action::Forget { .. } => {
                self.title.map(|title| Words::default().title(title))
            }
            Action::Pending { .. } | Action::Move { .. } => None,
        }
    }

    /// The titles before and after.
    pub fn titles(&self) -> impl Iterator<Item = &'v str> {
        let sides = match &self.basis {
            ItemBasis::Planned(_, entries) => entries.first.sides(),
            ItemBasis::Drifted(sides) => [Some(sides.before), Some(sides.after)],
            ItemBasis::Nothing => [None, None],
        };
        let both = sides.into_iter().flatten().filter_map(Attributes::title);
        both.chain(self.title.filter(|_| matches!(self.basis, ItemBasis::Nothing)))
    }

    /// What there is to draw; `None` for a result.
    pub fn drawn(&self) -> Option<DrawnItem<'v>> {
        let (plan, entries) = match &self.basis {
            ItemBasis::Planned(plan, entries) => (plan, entries),
            ItemBasis::Drifted(sides) => return sides.drawn(),
            ItemBasis::Nothing => return None,
        };
        let submissions = entries.all().filter(|entry| entry.action.submission().is_some());
        let submitted = submissions.filter_map(|entry| {
            let [_, after] = entry.sides();
            Some((&entry.key, after?, entry.canvas.as_ref()))
        });
        Some(DrawnItem {
            sides: sides(entries.first),
            canvas: entries.first.canvas.as_ref(),
            fields: &plan.fields,
            captions: ["Before", "After"],
            submitted: submitted.collect(),
        })
    }

    fn entry(&self) -> Option<&'v Entry> {
        match &self.basis {
            ItemBasis::Planned(_, entries) => Some(entries.first),
            ItemBasis::Drifted(_) | ItemBasis::Nothing => None,
        }
    }
}

fn sides(entry: &Entry) -> ItemSides<'_> {
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
        (Action::Orphan { .. } | Action::Forget { .. }, [Some(before), _]) => {
            ItemSides::One("On the server", before)
        }
        _ => ItemSides::Neither,
    }
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
        Action::Forget { .. } => "forget",
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
