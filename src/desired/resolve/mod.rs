//! From what files say to what is sent: gives variables their values, and lays each template over its layout and the
//! defaults of its file.
//!
//! `load` calls it in two steps. [`Layouts::collect`] takes the layouts of all files first, because a template can use
//! one of another file; [`resolve_file`] then resolves the templates of each file, in parallel. Places are paths here,
//! findings are added to what the caller passes in. No file is read here: texts from files come from what `load` passes in.
//!
//! | file | holds |
//! |---|---|
//! | `group` | one group of attributes with variables substituted and each value checked |
//! | `from_file` | a text that is taken from a file |
//! | `layouts` | the layouts of all files, by name |
//! | `defaults` | the defaults of one file |
//! | `adjust` | changes to single labels of an inherited list |
//! | `layers` | template over layout over defaults |
//! | `settings` | what a template says beside its attributes: layout, protect, extra |
//! | `template` | one template |
//! | `file` | all templates of a file |

mod adjust;
mod defaults;
mod file;
mod from_file;
mod group;
mod layers;
mod layouts;
mod settings;
mod template;

pub(super) use adjust::{AdjustedSize, ListBudget};
pub(super) use file::{ResolvedFile, resolve_file};
pub(super) use group::ValueSources;
pub(super) use layers::ResolvedTemplate;
pub(super) use layouts::Layouts;
