//! What is to be told, built once: a plan, the result of an apply, or a failure as sections, items, notes and counts, with
//! the words and the advice. Each format of `report` prints these views, so a fact reads the same in all of them. `cli`
//! builds them. Views contain names and texts of others as they are: a view never escapes, shortens or colours a text,
//! and never knows how a command or an option is typed.

mod change;
pub mod doctor;
mod drift;
mod drift_words;
mod drifted_sides;
mod failure;
mod format;
mod group;
mod history;
mod item;
mod item_notes;
mod left_behind;
mod not_reverted;
mod notice;
mod plan;
mod run;
mod section;
mod summary_line;
mod words;

pub use change::{
    ChangeKind, ChangedPiece, ChangedValue, DescribedChange, DiffLine, Hunk, LabelChange, TextSize, Unseen,
};
pub use drift::{DriftContext, DriftEntry, DriftView, UncomparedRow};
pub use drift_words::{differing_paths, not_compared, stale_part};
pub use failure::{FailureView, NOTHING_SENT, problems};
pub use format::{FileChange, FormatView};
pub use history::{HistoryEntry, HistoryView};
pub use item::{DrawnItem, ItemContents, ItemSides, ReportItem};
pub use item_notes::{NOT_KNOWN, WAIT};
pub use not_reverted::{LeftAsItIs, left_as_it_is};
pub use notice::{ReportNotice, counted, templates_are};
pub use plan::{PlanView, ProtectionChange};
pub use run::RunView;
pub use section::{IN_DOUBT, PROTECTION, Section};
pub use summary_line::SectionCount;
pub use words::{Note, NoteLine, Words, WordsPart};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::{drift_specimen, specimens};
