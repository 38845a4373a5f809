//! Prints reports as one comment on a pull request: verdict and numbers first, details collapsed, never longer than
//! the limit.
//!
//! Nothing in a template can mention a user, add a link or break the layout: texts of others are always code.

mod budget;
mod change;
mod code;
mod failure;
mod note;
mod plan;
mod run;
mod steps;

#[cfg(test)]
mod tests;

pub use failure::failure;
pub use plan::plan;
pub use run::run;

use crate::report::shared_warning::counted;

/// The longest comment that GitHub accepts, in characters; counted in bytes here, which is never more.
pub const MAX_BYTES: usize = 65_536;
/// The smallest limit that fits everything that is never left out.
pub const MIN_BYTES: usize = 2_048;

/// The opening and the closing of a collapsed section.
fn collapsible(title: &str) -> (String, &'static str) {
    (format!("<details>\n<summary>{title}</summary>\n\n"), "\n</details>\n\n")
}
