//! What differs between the server and the state, as it is told.

use std::collections::BTreeMap;

use super::drift_words as words;
use super::drifted_sides::DriftedSides;
use super::group::{Group, group};
use super::item::{ItemBasis, ReportItem};
use super::section::{DELETED, DIFFERING, IGNORED, NOT_COMPARED, Section, UNMANAGED};
use super::summary_line::SectionCount;
use super::{Note, ReportNotice, Words};
use crate::inventory::{
    Drift, Drifted, ExplainedDifference, ExplainedDrift, Explanation, Gone, IdleRule, Observation, Observed,
};
use crate::model::{Attributes, CertificateField, Finding, IgnoredDrift, Key, TemplateId, Timestamp};
use crate::plan::{Change, Selection, diff};
use crate::state::{Document, Row};

/// What a comparison was made of, and what came out.
#[derive(Clone, Copy, Debug)]
pub struct DriftContext<'d> {
    /// The environment.
    pub environment: &'d str,
    /// The URL of the instance.
    pub url: &'d str,
    /// What was seen of the server.
    pub observation: &'d Observation,
    /// The state that it was compared with.
    pub document: &'d Document,
    /// The differences.
    pub explained: &'d ExplainedDrift<'d>,
    /// The known certificate fields, by id in lower case.
    pub fields: &'d BTreeMap<String, CertificateField>,
    /// Everything that could not be read.
    pub findings: &'d [Finding],
    /// The chosen templates, if not all.
    pub selection: Option<&'d Selection>,
    /// Whether the command takes what was seen into the state.
    pub is_taken: bool,
}

/// What differs between the server and the state, as it is told: built once, and printed in each format.
#[derive(Debug)]
pub struct DriftView<'d> {
    /// What was compared.
    pub context: DriftContext<'d>,
    /// The first and the last sentence.
    pub verdict: Words,
    /// How many templates are in each section.
    pub counts: Vec<SectionCount>,
    /// What is wrong with `[drift] ignore`, and what makes the comparison doubtful.
    pub warnings: Vec<ReportNotice>,
    /// What was compared, what was not seen, and what to do.
    pub remarks: Vec<Note>,
    /// Templates that differ or were deleted, those that count first, each part by key.
    pub entries: Vec<DriftEntry<'d>>,
    /// Rows that were not compared, by key.
    pub uncompared: Vec<UncomparedRow<'d>>,
}

/// A template that differs from the state, or was deleted.
#[derive(Debug)]
pub struct DriftEntry<'d> {
    /// The template.
    pub key: &'d Key,
    /// The vendor's id.
    pub id: &'d TemplateId,
    /// When it was last changed on the server, if that was seen.
    pub updated_at: Option<Timestamp>,
    /// How many learners hold its certificate, if that is known.
    pub learners: Option<usize>,
    /// Every difference, from the state to the server; empty if it was deleted.
    pub changes: Vec<Change>,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// The entries of `[drift] ignore` that explain it; empty if nothing does.
    pub ignored_by: &'d [&'d IgnoredDrift],
    /// What the state has, and what the server has now.
    sides: [Option<&'d Attributes>; 2],
    operation: Words,
    notes: Vec<Note>,
}

/// A row that was not compared.
#[derive(Debug, PartialEq)]
pub struct UncomparedRow<'d> {
    /// The template.
    pub key: &'d Key,
    /// The title in the state.
    pub title: Option<&'d str>,
    /// Why it was not compared, and what to do.
    pub why: Note,
}

impl<'d> DriftView<'d> {
    /// The view of a comparison, with what makes it doubtful.
    pub fn new(context: DriftContext<'d>, doubts: Vec<Note>) -> Self {
        let entries = entries(&context);
        let counts = counts(&context, &entries);
        let mut warnings: Vec<ReportNotice> =
            doubts.into_iter().map(|note| ReportNotice::new(ReportNotice::WARNING, note)).collect();
        let idle = context.explained.idle.iter().map(words::idle);
        warnings.extend(idle.map(|said| ReportNotice::new(ReportNotice::WARNING, Note::of(said))));
        let uncompared = context.explained.drift.not_compared.iter();
        let uncompared = uncompared.map(|(key, why)| UncomparedRow {
            key,
            title: title_in(context.document, key),
            why: words::not_compared(key, why),
        });
        Self {
            verdict: words::verdict(&context, &counts),
            remarks: words::remarks(&context, &entries),
            uncompared: uncompared.collect(),
            context,
            counts,
            warnings,
            entries,
        }
    }

    /// The sections that have items, the most important first. Rows that were not compared for the same reason are one
    /// item.
    pub fn sections(&self) -> Vec<(&'static Section, Vec<ReportItem<'_>>)> {
        let of = |section: &'static Section| -> Vec<ReportItem<'_>> {
            let own = self.entries.iter().filter(|entry| entry.section() == section);
            own.map(|entry| entry.item(self.context.fields)).collect()
        };
        let mut sections: Vec<_> =
            [&DIFFERING, &DELETED, &IGNORED].map(|section| (section, of(section))).into();
        let groups = group(&self.uncompared, |row| Some(format!("{:?}", row.why)));
        sections.push((&NOT_COMPARED, groups.iter().map(uncompared_item).collect()));
        sections.retain(|(_, items)| !items.is_empty());
        sections
    }

    /// The entries of `[drift] ignore` that explain nothing, as findings.
    pub fn idle_entries(&self, text: &dyn Fn(&Words) -> String) -> Vec<Finding> {
        let finding = |idle: &IdleRule<'_>| Finding {
            place: idle.entry.place.clone(),
            rule: "drift-ignore",
            message: text(&words::idle(idle)),
            help: None,
            related: Vec::new(),
            option: None,
        };
        self.context.explained.idle.iter().map(finding).collect()
    }

    /// Whether something differs that nothing explains.
    pub fn has_drift(&self) -> bool {
        self.context.explained.drift.replaced() > 0
            || self.entries.iter().any(|entry| entry.ignored_by.is_empty())
    }

    /// The section of the templates that no row of the state is for, and a line for each.
    pub fn unmanaged(&self) -> (&'static Section, impl ExactSizeIterator<Item = Words>) {
        (&UNMANAGED, self.unmanaged_templates().iter().map(words::unmanaged))
    }

    /// The templates that no row of the state is for.
    pub fn unmanaged_templates(&self) -> &'d [Observed] {
        &self.context.explained.drift.unmanaged
    }
}

impl DriftEntry<'_> {
    fn section(&self) -> &'static Section {
        match (self.ignored_by.is_empty(), self.is_deleted) {
            (false, _) => &IGNORED,
            (true, true) => &DELETED,
            (true, false) => &DIFFERING,
        }
    }

    fn item<'v>(&'v self, fields: &'v BTreeMap<String, CertificateField>) -> ReportItem<'v> {
        let section = self.section();
        let [before, after] = self.sides;
        let basis = match (before, after) {
            (Some(before), Some(after)) => {
                ItemBasis::Drifted(DriftedSides { before, after, changes: &self.changes, fields })
            }
            _ => ItemBasis::Nothing,
        };
        ReportItem {
            section,
            sign: section.sign,
            key: self.key,
            others: Vec::new(),
            title: before.and_then(Attributes::title),
            operation: self.operation.clone(),
            has_more_to_say: true,
            id: Some(self.id),
            place: None,
            notes: self.notes.clone(),
            basis,
        }
    }
}

/// How a template differs from the state.
#[derive(Clone, Copy)]
enum TemplateDrift<'d> {
    Differs(&'d Drifted),
    Deleted(&'d Gone),
}

/// Differing templates, deleted ones, and then ignored ones.
fn entries<'d>(context: &DriftContext<'d>) -> Vec<DriftEntry<'d>> {
    let ExplainedDrift { drift, ignored, .. } = context.explained;
    let differing =
        drift.differing.iter().map(|(key, drifted)| (key, TemplateDrift::Differs(drifted), &[][..]));
    let deleted = drift.deleted.iter().map(|(key, gone)| (key, TemplateDrift::Deleted(gone), &[][..]));
    let ignored = ignored.iter().map(|(key, Explanation { what, entries })| match what {
        ExplainedDifference::Differs(drifted) => (key, TemplateDrift::Differs(drifted), &entries[..]),
        ExplainedDifference::Deleted(gone) => (key, TemplateDrift::Deleted(gone), &entries[..]),
    });
    let all = differing.chain(deleted).chain(ignored);
    all.map(|(key, difference, ignored_by)| entry(context, key, difference, ignored_by)).collect()
}

fn entry<'d>(
    context: &DriftContext<'d>,
    key: &'d Key,
    difference: TemplateDrift<'d>,
    ignored_by: &'d [&'d IgnoredDrift],
) -> DriftEntry<'d> {
    let known = || Some(&context.document.templates.get(key)?.confirmed.as_ref()?.attributes);
    let (id, updated_at, sides) = match difference {
        TemplateDrift::Differs(drifted) => {
            (&drifted.baseline.id, drifted.updated_at, [Some(&drifted.before), Some(&drifted.after)])
        }
        TemplateDrift::Deleted(gone) => (&gone.id, Some(gone.at), [known(), None]),
    };
    let learners = context.observation.learners.as_ref().map(|counts| counts.of(id));
    let (changes, operation) = match difference {
        TemplateDrift::Differs(drifted) => (
            diff(&drifted.before, &drifted.after),
            words::changed(updated_at, learners, context.observation.learners.as_ref()),
        ),
        TemplateDrift::Deleted(gone) => {
            (Vec::new(), words::deleted(gone, learners, context.observation.learners.as_ref()))
        }
    };
    DriftEntry {
        key,
        id,
        updated_at,
        learners,
        changes,
        is_deleted: matches!(difference, TemplateDrift::Deleted(_)),
        ignored_by,
        sides,
        operation,
        notes: words::ignored(ignored_by),
    }
}

fn title_in<'d>(document: &'d Document, key: &Key) -> Option<&'d str> {
    let row: &Row = document.templates.get(key)?;
    row.confirmed.as_ref()?.attributes.title()
}

fn uncompared_item<'v>(rows: &Group<'v, UncomparedRow<'_>>) -> ReportItem<'v> {
    ReportItem {
        section: &NOT_COMPARED,
        sign: NOT_COMPARED.sign,
        key: rows.first.key,
        others: rows.others.iter().map(|row| row.key).collect(),
        title: rows.first.title.filter(|_| rows.others.is_empty()),
        operation: Words::own(NOT_COMPARED.counted),
        has_more_to_say: false,
        id: None,
        place: None,
        notes: vec![rows.first.why.clone()],
        basis: ItemBasis::Nothing,
    }
}

/// The numbers of templates; sections without templates are left out.
fn counts(context: &DriftContext<'_>, entries: &[DriftEntry<'_>]) -> Vec<SectionCount> {
    let Drift { not_compared, unmanaged, .. } = &context.explained.drift;
    let entries_of = |section: &Section| entries.iter().filter(|entry| entry.section() == section).count();
    let of = |section: &Section, number| SectionCount {
        sign: section.sign,
        number,
        what: section.counted.to_owned(),
        about: section.about,
    };
    let all = [
        of(&DIFFERING, entries_of(&DIFFERING)),
        of(&DELETED, entries_of(&DELETED)),
        of(&IGNORED, entries_of(&IGNORED)),
        of(&NOT_COMPARED, not_compared.len()),
        of(&UNMANAGED, unmanaged.len()),
    ];
    all.into_iter().filter(|count| count.number > 0).collect()
}
