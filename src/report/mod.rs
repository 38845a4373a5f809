//! Prints the views of plans, results and failures, and findings, states and drawings, for people and pipelines: terminal,
//! Markdown, HTML, JSON, GitHub and GitLab. `cli` calls it. Values in, text out: it never reads or writes files, the
//! network or the clock, and it asks [`crate::model::Commands`] for the text of commands and options.

mod adoption_text;
mod around;
mod attempts_text;
mod certify_text;
mod columns;
mod doctor;
mod documents;
pub mod drawing;
mod environment_runs;
pub mod findings;
mod format_text;
pub mod github;
pub mod gitlab;
mod history_document;
pub mod html;
pub mod json;
pub mod markdown;
mod observation_text;
mod observer_text;
pub mod preview;
mod prose;
mod recover_text;
mod refresh_text;
mod resolution_text;
mod results;
mod revert_text;
mod safe_text;
mod settlement_text;
mod state_document;
mod state_text;
mod style;
pub mod terminal;
mod value_text;
mod wrap;

pub use adoption_text::{adopted, adopted_beside_written, adoption_results};
pub use certify_text::{certifiable_text, issued_text};
pub use doctor::{PrintedPart, doctor_json, doctor_text};
pub use environment_runs::{EnvironmentRun, environment_heading, environment_runs};
pub use format_text::format_text;
pub use observation_text::observation_head;
pub use observer_text::{ObserverReport, contradicted_text, observer_json, observer_text};
pub use prose::note_text;
pub use recover_text::recover_list;
pub use refresh_text::{YamlLine, learned, refresh_results, refreshed, yaml_diff, yaml_lines};
pub use resolution_text::{InYaml, Recorded};
pub use results::{KeyResult, Results};
pub use revert_text::not_reverted;
pub use safe_text::{safe_lines, safe_text};
pub use settlement_text::{PENDING, listed_results, recorded_result, recovered, settlement_results};
pub use state_text::{state_list, state_row};
pub use style::Style;

#[cfg(test)]
pub(crate) use prose::words_text;
#[cfg(test)]
mod drift_tests;
#[cfg(test)]
mod tests;
