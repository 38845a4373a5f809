//! The sections of a report: one for each thing that can become of a template, the most important first.

use crate::apply::RowOutcome;
use crate::plan::{Action, Entry};

/// What the items of a section have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// A stable name: the class of its items in HTML.
    pub name: &'static str,
    /// The sign before its items, also where colour is lost.
    pub sign: &'static str,
    /// The heading.
    pub heading: &'static str,
    /// What follows a number of its items: `3 to change`.
    pub counted: &'static str,
    /// What it means, where the heading needs an explanation; else empty. A phrase.
    pub about: &'static str,
    /// Whether its items need attention: they are never left out where space is short, and never folded.
    pub needs_attention: bool,
}

const fn section(
    name: &'static str,
    sign: &'static str,
    heading: &'static str,
    counted: &'static str,
    about: &'static str,
) -> Section {
    Section { name, sign, heading, counted, about, needs_attention: false }
}

const fn open(section: Section) -> Section {
    Section { needs_attention: true, ..section }
}

/// Templates in doubt.
pub const IN_DOUBT: Section =
    open(section("in-doubt", "?", "In doubt", "in doubt", "sent, and what became of it is not known"));
pub(super) const HELD_BACK: Section =
    open(section("held-back", "!", "Held back", "held back", "not sent before a person decides"));
pub(super) const RENAMED: Section = open(section(
    "renamed",
    "!",
    "Perhaps renamed: do not delete",
    "perhaps renamed",
    "the configuration may have it under another key",
));
pub(super) const ORPHAN: Section =
    open(section("orphan", "!", "Orphaned", "orphaned", "in the state, not in the configuration"));
pub(super) const PENDING: Section =
    open(section("pending", "?", "Pending", "pending", "the server is still at work on it"));
pub(super) const REPLACE: Section = section(
    "replace",
    "-/+",
    "To replace",
    "to replace",
    "for another resource or audience now; the server keeps the template it has and gets a new one",
);
pub(super) const UPDATE: Section = section("update", "~", "To change", "to change", "");
pub(super) const CREATE: Section = section("create", "+", "To add", "to add", "");
pub(super) const MOVE: Section =
    section("move", ">", "To move", "to move", "the state follows the YAML; nothing is sent");

pub(super) const FORGET: Section = section(
    "forget",
    "-",
    "To forget",
    "to forget",
    "the state no longer has it then, as the YAML says; nothing is sent",
);

/// Changes of protection, which only the state records.
pub const PROTECTION: Section =
    section("protect", "=", "Protection", "changes of protection", "recorded in the state, nothing is sent");

/// The sections of a plan.
pub(super) const OF_PLAN: [&Section; 10] =
    [&IN_DOUBT, &HELD_BACK, &RENAMED, &ORPHAN, &PENDING, &REPLACE, &UPDATE, &CREATE, &MOVE, &FORGET];

/// The section of an entry of a plan.
pub(super) fn of_entry(entry: &Entry) -> &'static Section {
    let is_held = entry.action.is_held();
    match &entry.action {
        Action::Create(_) | Action::Update(_) if is_held => &HELD_BACK,
        Action::Update(_) if entry.action.replaces() => &REPLACE,
        Action::Create(_) => &CREATE,
        Action::Update(_) => &UPDATE,
        Action::Orphan { renamed_to: Some(_), .. } => &RENAMED,
        Action::Orphan { renamed_to: None, .. } => &ORPHAN,
        Action::Pending { .. } => &PENDING,
        Action::InDoubt { .. } => &IN_DOUBT,
        Action::Move { .. } => &MOVE,
        Action::Forget { .. } => &FORGET,
    }
}

pub(super) const DIFFERING: Section = open(section(
    "differing",
    "~",
    "Different on the server",
    "differing",
    "what the state has → what the server has now; in long texts, - is the state and + the server",
));
pub(super) const DELETED: Section = open(section(
    "deleted",
    "-",
    "Deleted on the server",
    "deleted",
    "the state has it, and the server no longer has it",
));
pub(super) const IGNORED: Section =
    section("ignored", "=", "Ignored", "ignored", "meant, as [drift] ignore of certctl.toml says");
pub(super) const NOT_COMPARED: Section = section(
    "not-compared",
    "?",
    "Not compared",
    "not compared",
    "whether these differ from the server is not known",
);
pub(super) const UNMANAGED: Section = section(
    "unmanaged",
    "+",
    "Unmanaged",
    "unmanaged",
    "on the server, and not in the state; this is not drift",
);

pub(super) const UNRECORDED: Section =
    open(section("unrecorded", "!", "Done and not recorded", "done and not recorded", ""));
const FAILED: Section = open(section("failed", "!", "Failed", "failed", ""));
/// The sign of an unchanged template: it leaves no open question.
const NOT_SENT: Section = open(section("not-sent", "=", "Not sent", "not sent", ""));
const WAITS: Section = open(section("pending", "?", "Pending", "pending", ""));
const UNKNOWN: Section = open(section("in-doubt", "?", "In doubt", "in doubt", ""));
const UPDATED: Section = section("update", "~", "Updated", "updated", "");
const CREATED: Section = section("create", "+", "Created", "created", "");
const MOVED: Section = section("move", ">", "Moved", "moved", "");
const FORGOTTEN: Section = section("forget", "-", "Forgotten", "forgotten", "");

/// The sections of a run.
pub(super) const OF_RUN: [&Section; 9] =
    [&UNRECORDED, &UNKNOWN, &FAILED, &WAITS, &NOT_SENT, &UPDATED, &CREATED, &MOVED, &FORGOTTEN];

/// The section of rows with this outcome. A success with a message could not be recorded: this information exists
/// nowhere else.
pub(super) fn of_outcome(outcome: RowOutcome, has_message: bool) -> &'static Section {
    match outcome {
        RowOutcome::InDoubt => &UNKNOWN,
        RowOutcome::Failed => &FAILED,
        RowOutcome::Pending => &WAITS,
        RowOutcome::NotSent => &NOT_SENT,
        _ if has_message => &UNRECORDED,
        RowOutcome::Updated => &UPDATED,
        RowOutcome::Created => &CREATED,
        RowOutcome::Moved => &MOVED,
        RowOutcome::Forgotten => &FORGOTTEN,
    }
}
