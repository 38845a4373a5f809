//! The vendor's reporting export of certificate templates: the only way to see what a server has.
//!
//! [`read`] reads the table `certificatetemplates` from CSV, one line per template (vendor-api.md section 6.1).
//! [`settlements`] settles rows in doubt for `recover`; [`adoptions`] finds existing templates for `import`. All three
//! are pure and never guess: whatever an export does not show (a template, a column, a readable cell) stays unknown and
//! is listed with its reason.

mod adopt;
mod baseline;
mod cell;
mod clock;
mod contents;
mod csv_file;
mod drift;
mod file_kind;
mod index;
mod labels;
mod layout;
mod line;
mod reader;
mod settle;
mod table;
mod template;
pub mod write;

#[cfg(test)]
mod tests;

pub use adopt::{Adoptions, Obstacle, adoptions};
pub use baseline::{StaleContents, baseline};
pub use contents::Difference;
pub use drift::{Drift, Drifted, Gone, NotCompared, drift};
pub use labels::{LabelTable, read_labels};
pub use reader::read;
pub use settle::{InventoryFinding, StaysInDoubt, Unsure, settlements};
pub use table::{Exported, Foreign, Table};
