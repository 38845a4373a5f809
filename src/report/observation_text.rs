//! The words about an observation: what it holds, and where in it something is. Shared by what adopts, refreshes and
//! settles.

use super::safe_text::revealed;
use super::{Style, safe_text};
use crate::inventory::{Foreign, LearnerCounts, Observation, SeenAt, StaleContents};
use crate::model::{Commands, RunOption, TemplateId, Timestamp, all_of, is_odd_blank};
use crate::view::counted;

/// The limit of lines in a list, unless everything is printed.
pub(super) const LISTED: usize = 20;

/// The source and its contents, on one line.
pub fn observation_head(observation: &Observation) -> String {
    let templates = counted(observation.templates.len(), "template");
    let mut head = format!("{}: {templates}", safe_text(&observation.source.to_string()));
    if !observation.deleted.is_empty() {
        head.push_str(&format!(", {} deleted passed over", observation.deleted.len()));
    }
    if let [first, rest @ ..] = observation.foreign.as_slice() {
        head.push_str(&format!(
            ", {} for no course or learning path passed over ({})",
            observation.foreign.len(),
            foreign(first, rest.len())
        ));
    }
    if !observation.unreadable.is_empty() {
        head.push_str(&format!(", {} that cannot be read", observation.unreadable.len()));
    }
    head.push_str(".\n");
    head.push_str(&observation.learners.as_ref().map(certificates_held).unwrap_or_default());
    let lacking = observation.lacking();
    if !lacking.is_empty() {
        head.push_str(&format!(
            "It lacks {}, so it does not show which template is which: none is adopted or settled by it.\n",
            columns(&lacking)
        ));
    }
    head
}

/// What the export of certificates holds.
fn certificates_held(counts: &LearnerCounts) -> String {
    let (templates, held) = counts.totals();
    let templates = counted(templates, "template");
    let held = counted(held, "certificate");
    if counts.shows_learners {
        format!("Learners hold {held} of {templates}.\n")
    } else {
        format!("There are {held} of {templates}; whose they are is not shown.\n")
    }
}

/// The columns of the export with these attributes: the same names in lower case.
fn columns(attributes: &[&str]) -> String {
    let names: Vec<String> = attributes.iter().map(|name| name.to_lowercase()).collect();
    let noun = if names.len() == 1 { "column" } else { "columns" };
    format!("the {noun} {}", all_of(&names))
}

fn foreign(first: &Foreign, others: usize) -> String {
    let more = if others > 0 { ", …" } else { "" };
    format!("{}: {:?}{more}", seen_at(&first.seen_at), safe_text(&first.resource_type))
}

pub(super) fn unseen(id: &TemplateId, lacking: &[&str]) -> String {
    format!(
        "the export has {} for its course or learning path, and does not show whether that is the one. Export {} too",
        safe_text(id.as_str()),
        columns(lacking)
    )
}

pub(super) fn unusable(seen: &SeenAt) -> String {
    format!("{} may be for it, and what is wrong there is said above", seen_at(seen))
}

pub(super) fn seen_at(seen_at: &SeenAt) -> String {
    safe_text(&seen_at.to_string())
}

pub(super) fn under_another_title(id: &TemplateId, title: &str) -> String {
    format!("the export has {} for it, under the title \"{}\"", safe_text(id.as_str()), revealed_ends(title))
}

pub(super) fn deleted_before(id: &TemplateId, at: Timestamp) -> String {
    format!(
        "{} was deleted on the server at {at}, and what was seen of it is not newer",
        safe_text(id.as_str())
    )
}

/// The title, with blanks at its ends made visible.
fn revealed_ends(title: &str) -> String {
    if title.trim() == title && !title.chars().any(is_odd_blank) { safe_text(title) } else { revealed(title) }
}

pub(super) fn listed_ids(ids: &[TemplateId]) -> String {
    ids.iter().map(|id| safe_text(id.as_str())).collect::<Vec<_>>().join(", ")
}

pub(super) fn push_listed(lines: &[String], style: Style, commands: &dyn Commands, text: &mut String) {
    let shown = if style.is_verbose() { lines.len() } else { LISTED.min(lines.len()) };
    text.push_str(&lines[..shown].concat());
    if shown < lines.len() {
        let verbose = commands.option(&RunOption::Verbose);
        text.push_str(&format!("  … and {} more ({verbose} shows all)\n", lines.len() - shown));
    }
}

/// Why contents that were seen do not count.
pub(super) fn stale(why: StaleContents) -> String {
    match why {
        StaleContents::NotDated => "the export does not say when it was last changed".to_owned(),
        StaleContents::AtIssue(at) => {
            format!("the certificate may show it as it was when it was issued, at {at}")
        }
        StaleContents::Older(at) => format!("it was last changed at {at}, before the state's own contents"),
        StaleContents::BeforeApply(at) => {
            format!(
                "it was last changed at {at}, about the time of the last apply, and shows what was there before"
            )
        }
    }
}
