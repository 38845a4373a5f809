//! Prints plans, results and findings for people and pipelines: terminal, Markdown, HTML, JSON, GitHub and GitLab.
//! `cli` calls it. Values in, text out: it never reads or writes files, the network or the clock, and it asks
//! [`crate::model::Commands`] for the text of commands.

mod attempts_text;
mod beside_changes;
mod by_hand;
mod change_text;
mod columns;
mod documents;
pub mod drawing;
mod failure;
pub mod findings;
pub mod github;
pub mod gitlab;
pub mod html;
mod in_doubt;
mod inventory_text;
pub mod json;
mod left_behind;
pub mod markdown;
mod names;
mod orphan;
mod plan_text;
pub mod preview;
mod recover_text;
mod resolution_text;
pub mod review;
mod run_text;
mod safe_text;
mod same_warnings;
mod sentence;
mod shared_warning;
mod state_text;
mod style;
mod summary_line;
mod truncation;
mod value_text;
mod wrap;

pub use failure::Failed;
pub use inventory_text::{adopted, export_head, recovered};
pub use plan_text::plan_text;
pub use recover_text::recover_list;
pub use resolution_text::{InYaml, Recorded};
pub use run_text::run_text;
pub use safe_text::{safe_lines, safe_text};
pub use state_text::{state_list, state_row};
pub use style::Style;
pub use summary_line::summary_line;

#[cfg(test)]
mod specimens;
