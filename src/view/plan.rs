//! A plan, as it is told.

use std::cell::OnceCell;

use super::group::{Group, group};
use super::item::ReportItem;
use super::notice::{ReportNotice, warnings};
use super::section::{self, Section};
use super::summary_line::{SectionCount, counts, summary_line};
use super::{Note, Words};
use crate::model::RunOption;
use crate::plan::{Action, Entry, Plan};
use crate::state::Operation;

/// A plan, as it is told: built once, and printed in each format.
#[derive(Debug)]
pub struct PlanView<'p> {
    /// The environment.
    pub environment: &'p str,
    /// The URL of the instance.
    pub url: &'p str,
    /// The first and the last sentence.
    pub verdict: Words,
    /// How many templates become what.
    pub counts: Vec<SectionCount>,
    /// Why the plan would not be applied.
    pub refusals: Vec<ReportNotice>,
    /// What a person allowed when it was planned.
    pub remarks: Vec<Note>,
    plan: &'p Plan,
    groups: OnceCell<Vec<Group<'p, Entry>>>,
}

/// A change of protection, which only the state records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectionChange {
    /// The template, and what becomes of its protection.
    pub words: Words,
    /// The same of another number of templates, without their names.
    pub counted: &'static str,
}

impl<'p> PlanView<'p> {
    /// The view of a plan, with the reasons why it would not be applied.
    pub fn new(plan: &'p Plan, refusals: Vec<Note>) -> Self {
        let counts = counts(plan);
        let allowed = |limit| {
            let words =
                Words::own(format!("Up to {limit} changes are allowed (")).option(RunOption::MaxChanges);
            Note::of(words.and(", when this was planned)."))
        };
        Self {
            environment: &plan.environment,
            url: &plan.url,
            verdict: summary_line(plan, &counts),
            counts,
            refusals: refusals.into_iter().map(|note| ReportNotice::new("Refused", note)).collect(),
            remarks: plan.max_changes.map(allowed).into_iter().collect(),
            plan,
            groups: OnceCell::new(),
        }
    }

    /// Whether there is something to tell besides the verdict.
    pub fn is_empty(&self) -> bool {
        self.plan.entries.is_empty() && self.plan.protect.is_empty() && self.plan.warnings.is_empty()
    }

    /// The warnings, which come before the templates, because one can be the reason for what is said about them.
    /// `with_held` adds the reasons why templates are held back, for a form without space for them beside the templates;
    /// `combined` combines warnings that are the same.
    pub fn warnings(&self, with_held: bool, combined: bool) -> Vec<ReportNotice> {
        warnings(self.plan, with_held, combined)
    }

    /// The items of all sections, by key; templates with the same change are one item. Each is built when it is asked
    /// for.
    pub fn items(&self) -> impl Iterator<Item = ReportItem<'p>> {
        self.groups().iter().map(|group| self.item(group))
    }

    /// One item for each template, by key.
    pub fn one_by_one(&self) -> impl Iterator<Item = ReportItem<'p>> {
        self.plan.entries.iter().map(|entry| self.item(&Group { first: entry, others: Vec::new() }))
    }

    /// The sections that have items, the most important first, each with its items.
    pub fn sections(&self) -> impl Iterator<Item = (&'static Section, Vec<ReportItem<'p>>)> {
        let of = |section: &'static Section| -> Vec<ReportItem<'p>> {
            let is_of = |group: &&Group<'p, Entry>| section::of_entry(group.first) == section;
            self.groups().iter().filter(is_of).map(|group| self.item(group)).collect()
        };
        section::OF_PLAN
            .into_iter()
            .map(move |section| (section, of(section)))
            .filter(|(_, items)| !items.is_empty())
    }

    /// The changes of protection, by key.
    pub fn protection(&self) -> impl ExactSizeIterator<Item = ProtectionChange> {
        self.plan.protect.iter().map(|(key, protect)| {
            let counted = if *protect { "will be protected" } else { "will no longer be protected" };
            let words = Words::default().key(key).and(" ").and(counted);
            let words = words.and(" (").and(section::PROTECTION.about).and(")");
            ProtectionChange { words, counted }
        })
    }

    fn item(&self, group: &Group<'p, Entry>) -> ReportItem<'p> {
        ReportItem::planned(self.plan, group.clone())
    }

    fn groups(&self) -> &[Group<'p, Entry>] {
        self.groups.get_or_init(|| group(&self.plan.entries, likeness))
    }
}

/// What templates with the same change have in common; `None` for those that are never grouped.
fn likeness(entry: &Entry) -> Option<String> {
    match &entry.action {
        Action::Update(submission)
            if submission.held.is_none()
                && !submission.resend
                && submission.operation == Operation::Update
                && submission.before.is_some() =>
        {
            serde_json::to_string(&(&submission.changes, &submission.unknown, &entry.last_error)).ok()
        }
        _ => None,
    }
}
